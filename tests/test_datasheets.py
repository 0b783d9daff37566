"""Datasheets: counts against a brute-force twin, no places of this machine, the same bytes twice."""

import importlib
import json
import re
import warnings
from argparse import Namespace
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from pkgutil import iter_modules

import layouts
import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from published_layouts import sound

from mirbench.commands.datasheet import datasheet as command
from mirbench.corpora import load_corpus
from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.datasheets import datasheet
from mirbench.datasheets.composition import composition
from mirbench.datasheets.every import every_corpus, measured, short, stored_counts
from mirbench.datasheets.getting import in_bytes, total
from mirbench.datasheets.markdown import table, to_markdown
from mirbench.datasheets.page import to_html
from mirbench.datasheets.sheet import our_names
from mirbench.datasheets.uses import use
from mirbench.errors import DataError, MirbenchError, ProtocolError
from mirbench.protocols import published_names
from mirbench.protocols.published_splits import PUBLISHED
from mirbench.tasks import TASKS

DOCS = Path(__file__).parents[1] / "docs"
VOID = {"meta", "br", "wbr", "hr", "img", "link", "input"}


class Tags(HTMLParser):
    """Open elements, as a browser must find them closed."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def clips(tmp_path):
    """Three files of 1, 2 and 4 s, one of them at another rate and in stereo."""

    def make(**columns):
        rng = np.random.default_rng(0)
        for name, seconds, sr, channels in (
            ("a", 1, 8000, 1),
            ("b", 2, 8000, 1),
            ("c", 4, 16000, 2),
        ):
            sf.write(tmp_path / f"{name}.wav", 0.1 * rng.normal(size=(seconds * sr, channels)), sr)
        index = pd.DataFrame(
            {"path": ["a.wav", "b.wav", "c.wav"], "group": ["x", "x", "y"], **columns}
        )
        return Corpus("tiny", item_table(index, tmp_path, "tiny"))

    return make


def test_lengths_groups_and_formats_are_counted(clips, tmp_path):
    made = composition(clips(genre=["rock", "pop", "rock"]), ["genre"])
    assert (made.n_items, made.n_files, made.n_groups) == (3, 3, 2)
    assert made.n_bytes == sum(path.stat().st_size for path in tmp_path.glob("*.wav"))
    assert made.hours == pytest.approx(7 / 3600)
    assert dict(made.lengths)[50] == 2
    assert (made.lengths[0][1], made.lengths[-1][1]) == (1, 4)
    assert made.group_sizes == (1, 1, 2)
    assert made.largest == (("x", 2), ("y", 1))
    assert [n for _, n in made.formats] == [2, 1]
    assert re.search(r"WAV.*8,000 Hz, mono", made.formats[0][0])
    assert re.search(r"16,000 Hz, stereo", made.formats[1][0])
    [labels] = made.labels
    assert [(c.label, c.n, c.n_groups) for c in labels.counts] == [("rock", 2, 2), ("pop", 1, 1)]
    assert labels.counts[0].hours == pytest.approx(5 / 3600)
    assert measured(made)["classes"] == 2


def test_tags_values_and_segments_are_counted(clips, tmp_path):
    [tags] = composition(clips(tags=["fast|loud", "loud", ""]), ["tags"]).labels
    assert [(c.label, c.n) for c in tags.counts] == [("loud", 2), ("fast", 1)]
    [values] = composition(clips(valence=[1, 2, 6], arousal=[0, 0, 3]), ["emotion"]).labels
    assert [c.about for c in values.counts] == ["1 to 6, mean 3", "0 to 3, mean 1"]
    for name, end in (("a", 1), ("b", 2), ("c", 4)):
        (tmp_path / f"{name}.lab").write_text(f"0 0.5 vocal\n0.5 {end} instrumental\n")
    [segments] = composition(clips(labels=["a.lab", "b.lab", "c.lab"]), ["singing-voice"]).labels
    found = {c.label: (c.n, round(3600 * c.hours, 6)) for c in segments.counts}
    assert found == {"vocal": (3, 1.5), "instrumental": (3, 5.5)}
    assert segments.unit == "segments"


def test_labels_without_a_protocol_are_counted_all_the_same(clips):
    made = composition(clips(genre=["rock", "pop", "rock"]), [])
    assert [(labels.task, len(labels.counts)) for labels in made.labels] == [("genre", 2)]


def test_a_corpus_that_is_not_here(monkeypatch):
    monkeypatch.delenv("MIRBENCH_DATA", raising=False)
    sheet = datasheet("gtzan", audit=True)
    assert sheet.composition is None
    assert sheet.report is None
    assert "set MIRBENCH_DATA" in sheet.missing
    text = to_markdown(sheet)
    assert "aren't on the machine" in text
    assert "Sturm 2013" in text
    assert "@article{tzanetakis2002musical" in text
    assert json.loads(sheet.to_json())["composition"] is None


def test_an_unknown_corpus_is_named():
    for name in ("nothing", "corpus"):  # the latter is a module, and no corpus
        with pytest.raises(DataError, match=f"unknown corpus '{name}'"):
            datasheet(name)


def test_a_folder_of_ones_own(make_corpus):
    sheet = datasheet(str(make_corpus()))
    assert sheet.name == "tiny"
    assert (sheet.composition.n_items, sheet.composition.n_groups) == (24, 12)
    assert {c.label: c.n for c in sheet.composition.labels[0].counts} == {"music": 12, "speech": 12}
    assert "Not listened to: add --audit" in to_markdown(sheet)


def test_a_folder_with_a_sub_folder_a_class(tmp_path):
    for name in ("dog/a", "dog/b", "cat/c"):
        sound(tmp_path / f"mine/{name}.wav", 0.6)
    sheet = datasheet(str(tmp_path / "mine"))
    (labels,) = sheet.composition.labels
    assert (labels.task, labels.column, labels.without) == ("", "label", 0)
    assert [(c.label, c.n, c.n_groups) for c in labels.counts] == [("dog", 2, 2), ("cat", 1, 1)]
    text = to_markdown(sheet)
    assert "**Labels (column label)**" in text
    assert "3 groups of 1 item." in text
    assert "--task TASK --train DIR" in text
    assert "its loader gives" not in text


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """Sheet of a look-alike with a silent file and a copy, audit and all, made twice."""
    root = tmp_path_factory.mktemp("data")
    importlib.import_module("layouts.musan").make(root, seconds=0.6)
    sounds = sorted(root.rglob("*.wav"))
    sf.write(sounds[0], np.zeros(5000), 8000)
    sounds[1].write_bytes(sounds[2].read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIRBENCH_DATA", str(root))
        sheets = [datasheet("musan", audit=True) for _ in range(2)]
        items = load_corpus("musan").items
    return root, sheets, items


def test_counts_are_those_of_the_corpus(audited):
    _, (sheet, _), items = audited
    made = sheet.composition
    assert (made.n_items, made.n_groups) == (len(items), items["group"].nunique())
    assert made.hours == pytest.approx(items["duration_s"].sum() / 3600)
    labels = {c.label: c.n for c in made.labels[0].counts}
    assert labels == items["label"].value_counts().drop("noise").to_dict()
    assert made.labels[0].without == (items["label"] == "noise").sum()


def test_the_audit_is_in_every_view(audited):
    root, sheets, _ = audited
    found = {f.check for f in sheets[0].report.findings}
    assert {"silent", "duplicate"} <= found
    for view in (to_markdown, to_html, lambda sheet: sheet.to_json()):
        first, second = map(view, sheets)
        assert first == second
        assert "silent" in first
        assert str(root) not in first
        assert str(root.resolve()) not in first
        assert "$MIRBENCH_DATA" in first


def test_the_page_is_whole_and_loads_nothing(audited):
    _, (sheet, _), _ = audited
    page = to_html(sheet)
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "Content-Security-Policy" in page


def test_markdown_tables_keep_their_columns():
    lines = table(["a", "b"], [["x|y", "``code`` <b>"], ["two\nlines", ""]])
    assert lines == [
        "| a | b |",
        "| --- | --- |",
        r"| x\|y | `code` &lt;b> |",
        "| two lines |  |",
    ]


def test_the_command_writes_each_view_and_tells_errors(audited, tmp_path, monkeypatch, capsys):
    root, _, _ = audited
    monkeypatch.setenv("MIRBENCH_DATA", str(root))
    options = Namespace(name="musan", audit=False, format="markdown", output=None)
    assert command(options) == 0
    assert capsys.readouterr().out.startswith("# musan\n")
    for form, begin in (("html", "<!DOCTYPE html>"), ("json", "{")):
        options = Namespace(**vars(options) | {"format": form, "output": str(tmp_path / form)})
        assert command(options) == 0
        assert (tmp_path / form).read_text(encoding="utf-8").startswith(begin)
    options.audit = True
    assert command(options) == 1  # a silent file is an error


@pytest.mark.parametrize("name", published_names())
def test_task_and_metrics_of_a_published_protocol_are_told_without_making_it(name):
    told = use(name)
    assert told.task in TASKS
    assert told.metrics


@pytest.mark.slow
def test_told_tasks_and_metrics_are_those_of_the_protocols_that_look_alikes_make(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    for module in iter_modules(layouts.__path__):
        if not module.name.startswith("mtg_jamendo"):  # five of one folder
            importlib.import_module(f"layouts.{module.name}").make(tmp_path / "data")
    compared = []
    for name, make in PUBLISHED.items():
        with (
            suppress(MirbenchError, IndexError),
            warnings.catch_warnings(),
        ):  # too few for its folds
            warnings.simplefilter("ignore")
            made = make(partial=True)
            told = use(name)
            assert (told.task, told.metrics) == (made.task.name, tuple(made.headline)), name
            compared.append(name)
    assert len(compared) >= 6


def test_a_protocol_that_is_not_there_is_named():
    with pytest.raises(ProtocolError, match=r"nothing/at-all.*is no task"):
        use("nothing/at-all")


def test_sizes_in_words():
    assert [in_bytes(n) for n in (None, 12, 25_000_000, 1_240_000_000)] == [
        "",
        "12 B",
        "25 MB",
        "1.24 GB",
    ]
    remotes = (
        Remote("a", ("https://a.example/a",), n_bytes=1000),
        Remote("b", ("https://a.example/b",)),
    )
    assert total(remotes) == "2 files (1 of unstated size), 1 kB"
    assert short("file by file: CC0, CC BY") == "file by file"
    assert short("CC BY 4.0 (from memory); see there") == "CC BY 4.0"


def test_the_committed_table_is_what_the_constants_say():
    committed = (DOCS / "corpora.md").read_text(encoding="utf-8")
    assert committed == every_corpus(DOCS / "datasheets"), "run python -m mirbench.datasheets"
    for name in our_names():
        assert re.search(rf"^\| \[?{name}(\]|\b)", committed, re.M)


def test_committed_sheets_are_of_our_corpora_and_name_no_place():
    sheets = sorted((DOCS / "datasheets").glob("*.md"))
    assert sheets
    counts = stored_counts()
    for path in sheets:
        text = path.read_text(encoding="utf-8")
        assert path.stem in our_names()
        assert text.startswith(f"# {path.stem}\n")
        assert "## Audit" in text
        assert not re.search(r"(^|[\s`|(])/(home|root|work|tmp|Users)/", text)
        assert f"{counts[path.stem]['items']:,} items in" in text


@pytest.mark.slow
def test_a_committed_sheet_says_what_the_corpus_is():
    name = "embedded-booth"
    fresh = to_markdown(datasheet(name))
    committed = (DOCS / f"datasheets/{name}.md").read_text(encoding="utf-8")
    head, end = "\n## Audit\n", "\n## Distribution\n"
    before, _, rest = committed.partition(head)
    assert fresh.startswith(before)
    assert fresh.partition(end)[2].strip() == rest.partition(end)[2].strip()

"""The static site: content, escaping, links, the same bytes twice."""

import json
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_records import HOSTILE, matrix_protocol
from site_records import save_all

from mirbench.errors import RecordError
from mirbench.methods import installed
from mirbench.records import record_path
from mirbench.site import build_site
from mirbench.site.known import of_methods
from mirbench.site.names import address
from mirbench.site.protocol_page import Judged
from mirbench.site.scale import fitted, tenfold
from mirbench.site.tables import heat, levels
from mirbench.site.task_page import protocol_line


class Page(HTMLParser):
    """What tests ask of a page: links, sources, identifiers, text, tags."""

    def __init__(self, text):
        super().__init__()
        self.links, self.sources, self.ids, self.tags, self.words = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        self.links += [given["href"]] if tag == "a" else []
        self.sources += [given[k] for k in ("src", "data", "srcset", "action") if k in given]
        self.sources += [given["href"]] if tag == "link" else []
        self.ids += [given["id"]] if "id" in given else []

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("records")
    save_all(root)
    site = tmp_path_factory.mktemp("site")
    return root, site, build_site(root, site, jobs=1)


@pytest.fixture(scope="module")
def pages(built):
    _, site, written = built
    return {p.relative_to(site).as_posix(): Page(p.read_text("utf-8")) for p in written}


def test_there_is_a_page_for_everything(pages):
    assert "index.html" in pages
    for kind, name in (
        ("protocol", "speech-music/fake"),
        ("protocol", "similarity/made"),
        ("protocol", "instruments/matrix"),
        ("task", "speech-music"),
        ("method", "good"),
        ("method", HOSTILE),
        ("method", "scheirer-slaney-gmm"),
        ("corpus", "librispeech-ccmusic"),
        ("corpus", "A"),
    ):
        assert address(kind, name) in pages


def test_every_link_leads_somewhere(pages):
    for name, page in pages.items():
        for link in page.links:
            path, _, fragment = link.partition("#")
            target = (Path("/", name).parent / path).resolve().relative_to("/") if path else name
            assert str(target) in pages, (name, link)
            assert not fragment or fragment in pages[str(target)].ids, (name, link)


def test_nothing_is_loaded_from_elsewhere(pages):
    for name, page in pages.items():
        assert not page.sources, name
        assert not [link for link in page.links if ":" in link], name
        policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy


def test_hostile_names_stay_text(pages, built):
    _, site, _ = built
    for name, page in pages.items():
        assert "<script>alert" not in (site / name).read_text("utf-8"), name
        assert sum(tag == "script" for tag, _ in page.tags) == 1
        assert all(not re.match(r"[./\w-]*[<>\"' ]", a.get("href", "")) for _, a in page.tags)
    assert HOSTILE in pages[address("protocol", "speech-music/fake")].text
    assert HOSTILE in pages[address("method", HOSTILE)].text


def test_the_same_bytes_twice_and_in_two_processes(built, tmp_path):
    root, site, written = built
    again = build_site(root, tmp_path, jobs=2)
    assert [p.relative_to(tmp_path) for p in again] == [p.relative_to(site) for p in written]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(again, written))


def test_a_protocol_page_says_what_a_board_says(pages):
    page = pages[address("protocol", "speech-music/fake")]
    for words in ("frame error (%)", "2.4-s error (%)", "Made up.", matrix_protocol().hash[:16]):
        assert words in page.text
    assert "external" in page.text
    assert {"board", "cost", "corpora", "splits", "records", "board-table"} <= set(page.ids)
    assert "curve" in pages[address("protocol", "learning/made")].ids
    assert "confusions" in pages[address("protocol", "learning/made")].ids
    ranked = pages[address("protocol", "similarity/made")]
    assert "ranking" in ranked.ids
    assert "most often met" in ranked.text
    assert "album filter" in ranked.text


def test_ties_are_shown_as_ties(built):
    _, site, _ = built
    text = (site / address("protocol", "speech-music/fake")).read_text("utf-8")
    good, twin = (
        re.search(rf'<th scope="row"><a[^>]*>{name}</a></th><td[^>]*>([^<]*)</td>', text)
        for name in ("good", "good-twin")
    )
    assert good.group(1) == twin.group(1) == "1–2"


def test_only_a_rank_of_one_leads():
    ranks = ("1–2", "1", "14–20", "")
    rows = [{"rank": r, "spec": r, "method": r, "scores": ["s"]} for r in ranks]
    empty = pd.DataFrame()
    made = Judged("p", "t", "T", "", "real", "h", "1", 3, "", rows, empty, "m", [])
    assert [leader["spec"] for leader in protocol_line(made, "")["leaders"]] == ["1–2", "1"]


def test_a_method_page_is_its_card(pages):
    page = pages[address("method", "scheirer-slaney-gmm")]
    for words in ("@inproceedings{scheirer1997construction", "No row on a board yet", "features"):
        assert words in page.text
    own = pages[address("method", "good")]
    assert "frame error (%)" in own.text
    assert "Not a method of this installation" in own.text


def test_a_corpus_page_is_its_datasheet(pages):
    page = pages[address("corpus", "librispeech-ccmusic")]
    for words in ("CC BY 4.0", "energy above 8 kHz", "@inproceedings{panayotov", "MIRBENCH_DATA"):
        assert words in page.text
    assert "speech-music/matrix" in page.text


def test_tables_and_pictures_speak(pages):
    for name, page in pages.items():
        tags = [tag for tag, _ in page.tags]
        assert tags.count("table") == tags.count("caption"), name
        assert tags.count("h1") == 1
        assert all("scope" in a for tag, a in page.tags if tag == "th"), name
        for tag, given in page.tags:
            if tag == "svg":
                assert given.get("aria-label") or given.get("aria-hidden") == "true", name
        assert next(a for t, a in page.tags if t == "html")["lang"] == "en"


def test_damaged_records_are_left_out(built, tmp_path):
    root, _, _ = built
    protocol = matrix_protocol()
    for path in root.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    bad = next(p for p in tmp_path.rglob("*.parquet") if p.parent.name == "bad")
    bad.write_bytes(b"no parquet")
    twin = next(p for p in tmp_path.rglob("*.json") if p.parent.name == "good-twin")
    header = json.loads(twin.read_text("utf-8"))
    header["identity"]["params"] = "no mapping"
    twin.write_text(json.dumps(header), encoding="utf-8")
    with pytest.warns(UserWarning, match="left out") as said:
        build_site(tmp_path, tmp_path / "site", jobs=1)
    words = [str(warning.message) for warning in said]
    assert any(re.search(r"bad.*doesn't match the hash", w) for w in words)
    assert any(re.search(r"good-twin.*no record that can be read", w) for w in words)
    page = (tmp_path / "site" / address("protocol", protocol.name)).read_text("utf-8")
    assert ">good<" in page
    assert ">bad<" not in page
    assert ">good-twin<" not in page


def test_no_record_is_an_error(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RecordError, match="no usable record"):
            build_site(tmp_path, tmp_path / "site")


def test_a_file_that_a_record_names_is_not_imported(tmp_path):
    file = tmp_path / "evil.py"
    file.write_text("raise SystemExit('imported')\ndef method(): ...\n", encoding="utf-8")
    assert installed(f"{file}:method") is None
    assert installed(f"prior:{file}:method") is None
    who = {"method": "prior", "spec": f"{file}:method", "params": {}}
    assert of_methods([who])[0] == {}
    assert of_methods([who | {"spec": "cnn-5s", "method": "cnn-5s"}])[1]["cnn-5s"]


def test_addresses_are_safe():
    for name in (HOSTILE, "../../etc/passwd", "a b/c", "é"):
        assert re.fullmatch(r"methods/[A-Za-z0-9=,.+_-]+\.html", address("method", name))
    assert "/" not in record_path(Path(), identity("x/../y")).name


def identity(spec):
    keys = ("method", "params", "seed", "protocol_hash", "task", "protocol", "spec")
    return dict.fromkeys(keys, "x") | {"spec": spec}


def test_a_scale_holds_its_values():
    scale = fitted([2.0, float("nan"), 10.0], 0, 100)
    assert 0 < scale(2.0) < scale(10.0) < 100
    assert scale(-50) == 0
    assert [text for _, text in scale.ticks()] == ["2", "4", "6", "8", "10"]
    log = fitted([0.01, 100.0], 0, 100, log=True)
    assert log(1.0) == pytest.approx(50, abs=0.1)
    assert [text for _, text in log.ticks()] == ["0.01", "0.1", "1", "10", "100"]
    one = fitted([3.0], 0, 100)
    assert one(3.0) == 50


def test_small_errors_are_kept_apart_where_they_differ_tenfold():
    assert tenfold([1.0, 2.0, 30.0], better_high=False, unit="%")
    assert not tenfold([1.0, 2.0, 5.0], better_high=False, unit="%")
    assert tenfold([99.5, 98.0, 60.0], better_high=True, unit="%")
    assert not tenfold([99.5, 60.0, 50.0], better_high=True, unit="%"), "most errors are large"
    assert not tenfold([0.1, 5.0], better_high=True, unit=""), "no best value to measure from"


def test_tints_follow_what_is_better():
    values = np.array([[0.0, 50.0, np.nan, 100.0]])
    assert levels(values, True).tolist() == [[0, 5, 0, 9]]
    assert levels(values, False).tolist()[0][:2] == [9, 5]
    made = heat("c", pd.DataFrame(values, index=["m"]), better_high=True)
    assert [c["level"] for c in made["rows"][0]] == [None, 0, 5, None, 9]

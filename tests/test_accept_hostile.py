"""What a stranger can't do with a bundle: hostile names, mutations."""

import csv
import html.parser
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from bundle_helpers import (
    PROTOCOL,
    good_files,
    member,
    outputs_of,
    with_outputs,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trust_records import made

from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.boards.text import render
from mirbench.errors import MirbenchError
from mirbench.records import encode_outputs
from mirbench.trust.accept import accept, examine
from mirbench.trust.archive import pack, unpack
from mirbench.trust.bundle import LIMITS, figures_of
from mirbench.trust.outputs import read
from mirbench.trust.submit import bundle
from mirbench.trust.verify import verify


@pytest.fixture(scope="module")
def good():
    return good_files()


NASTY = [
    '=HYPERLINK("http://x","y")',
    "+1+cmd",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "</script><b>",
    "{{7*7}}${7*7}",
    "\\input{/etc/passwd}",
    "$\\write18{id}$",
    "a|b|c",
    "](javascript:alert(1))",
    "`x`",
    "%s%n",
    "a&b_c#d~e^f",
    "' OR 1=1 --",
]


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [name for name, _ in attrs]


@pytest.fixture(scope="module")
def plain_tags():
    return tags_of("plain", "plain")


def accepted(name, title):
    data = bundle([made(PROTOCOL, name, title=title)], PROTOCOL)
    return list(examine(data, "b.zip", None, read).records)


def tags_of(name, title):
    page = Tags(render(board(Judge(accepted(name, title), PROTOCOL), PROTOCOL), "html"))
    return page.seen, sorted(set(page.attributes))


@pytest.mark.parametrize("text", NASTY)
def test_hostile_names_are_inert_in_every_form(text, plain_tags):
    records = accepted(text, text)
    name = f"external:{text}"
    table = board(Judge(records, PROTOCOL), PROTOCOL)
    assert tags_of(text, text) == plain_tags  # no tag and no attribute of its own
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert rows[0]["method"] == name
    assert not any(cell[:1] in "=+-@\t\r" and cell for cell in rows[0].values())
    assert rows[0]["title"].lstrip("'") == text.lstrip("'")
    assert json.loads(render(table, "json"))["rows"][0]["method"] == name
    latex = render(table, "latex")
    body = latex[latex.index(r"\midrule") : latex.index(r"\bottomrule")]
    commands = set(re.findall(r"\\([A-Za-z]+)", body))
    assert commands <= {"midrule", "textbackslash", "textasciitilde", "textasciicircum"} | {
        "textless",
        "textgreater",
        "pm",
    }
    rest = re.sub(r"\\[&%$#_{}\\]", "", body.replace("$\\pm$", ""))
    assert "$" not in rest
    assert "%" not in rest
    markdown = render(table, "markdown")
    [head, _, line] = [row for row in markdown.splitlines() if row.startswith("| ")][:3]
    assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", head))
    assert not re.search(r"(?<!\\)`|<[A-Za-z/!]|(?<!\\)\]\(", line)
    assert render(table, "text").isprintable() or "\x1b" not in render(table, "text")


def test_hostile_names_stay_in_their_folder(tmp_path):
    for i, text in enumerate([*NASTY, "../../../x", "/etc/x", "..", "con", "a/../b"]):
        path = tmp_path / f"{i}.zip"
        path.write_bytes(bundle([made(PROTOCOL, text)], PROTOCOL))
        accept(path, tmp_path / "in" / "records", reader=read)
    inside = {p for p in (tmp_path / "in").rglob("*.json")}
    assert len(inside) == len(NASTY) + 5
    assert {p.parent.parent.name for p in inside} == {"speech-music.5s-mini"}
    assert verify(tmp_path / "in" / "records").faults == []


def mutated(files, draw):
    """A bundle with something changed, most hashes mended so that the change is looked at."""
    files = dict(files)
    what = draw(st.sampled_from(["bytes", "json", "outputs", "parquet", "member", "zip"]))
    name = draw(st.sampled_from(sorted(files)))
    if what == "json":
        name = draw(st.sampled_from([n for n in sorted(files) if n.endswith(".json")]))
        found = json.loads(files[name])
        place = found
        while True:
            key = draw(
                st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
            )
            inner = place[key]
            if not isinstance(inner, (dict, list)) or not inner or draw(st.booleans()):
                break
            place = inner
        place[key] = draw(JSON)
        return pack(files | {name: json.dumps(found).encode()})
    if what == "outputs":
        outputs = outputs_of(files)
        row = draw(st.integers(0, len(outputs) - 1))
        column = draw(st.sampled_from(["cell", "source", "test", "id", "scores"]))
        if column == "scores":
            values = draw(st.lists(st.floats(width=32), min_size=1, max_size=4))
            answers = outputs["scores"].tolist()
            answers[row] = np.array(values, np.float32)
            outputs = outputs.assign(scores=pd.Series(answers, dtype=object))
        else:
            outputs.at[row, column] = draw(st.text(max_size=20).filter(str.isprintable))
        return pack(with_outputs(files, encode_outputs(outputs, "classes", 1)))
    if what == "member":
        extra = draw(st.sampled_from(["records/x.json", "x", name + ".json"]))
        return pack({k: v for k, v in files.items() if k != name} | {extra: files[name]})
    data = bytearray(pack(files) if what == "zip" else files[member(files, "parquet")])
    if what == "bytes":
        data = bytearray(files[name])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data) - 1))
        data[at] = draw(st.integers(0, 255))
    if what == "zip":
        return bytes(data)
    if what == "parquet":
        return pack(with_outputs(files, bytes(data)))
    return pack(files | {name: bytes(data)})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_mutation_crashes_and_none_is_taken_whose_figures_differ(good, data):
    changed = mutated(good, data.draw)
    found = None
    said = "b.zip: "
    try:
        found = examine(changed, "b.zip", PROTOCOL, read)
    except MirbenchError as error:
        said = str(error)
    assert said.startswith("b.zip: ")
    assert said.isprintable()
    if found is None:
        return
    claimed = json.loads(unpack(changed, LIMITS, "x")["bundle.json"])["records"]
    for entry, values in zip(claimed, figures_of(found.records, PROTOCOL), strict=True):
        stated = {k: np.nan if v is None else v for k, v in entry["figures"].items()}
        assert stated == pytest.approx(values, rel=1e-6, nan_ok=True)
    assert all(r.identity["family"] == "external" for r in found.records)


def test_hostile_names_draw_as_any_other(tmp_path):
    """All tables, the page and the pictures: mathematics in a name is text there too."""
    from mirbench.boards.write import write_board

    records = [r for text in NASTY for r in accepted(text, text)]
    write_board(Judge(records, PROTOCOL), PROTOCOL, tmp_path)
    page = Tags((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert not {"script", "iframe", "object", "embed", "a"} & set(page.seen)
    assert not [name for name in page.attributes if name.startswith("on")]
    for picture in tmp_path.glob("*.svg"):
        text = picture.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "onload" not in re.sub(r">[^<]*<", "><", re.sub(r"<!--.*?-->", "", text, flags=re.S))
    for table in tmp_path.glob("*.csv"):
        for row in csv.reader(io.StringIO(table.read_text(encoding="utf-8"))):
            assert not [c for c in row if c[:1] in "=+@\t\r" and c]

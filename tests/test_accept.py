"""Bundles: what a good one gives, and what a stranger can't do with one."""

import csv
import hashlib
import html.parser
import io
import json
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trust_records import CLASSES, FRAMES, SEGMENTS, keep, made

from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.boards.text import render
from mirbench.errors import MethodError, MirbenchError, RecordError
from mirbench.protocols import load_protocol
from mirbench.records import decode_outputs, encode_outputs, load_record, record_path
from mirbench.trust.accept import accept, examine
from mirbench.trust.archive import pack, unpack
from mirbench.trust.bundle import LIMITS, figures_of, shape_of
from mirbench.trust.outputs import Shape, read, read_apart
from mirbench.trust.submit import bundle, plain_json, submit
from mirbench.trust.verify import verify

PROTOCOL = load_protocol(CLASSES)


@pytest.fixture(scope="module")
def good():
    """Files of a bundle of two seeds."""
    records = [made(PROTOCOL, "theirs", 0.2, seed) for seed in (0, 1)]
    return unpack(bundle(records, PROTOCOL), LIMITS, "good")


def taken(files, protocol=PROTOCOL):
    return examine(pack(files), "b.zip", protocol, read)


def refused(files, reason, protocol=PROTOCOL):
    with pytest.raises(RecordError, match=reason) as caught:
        taken(files, protocol)
    assert str(caught.value).startswith("b.zip: ")
    assert str(caught.value).isprintable()


def member(files, form):
    return min(name for name in files if name.endswith(f".{form}") and name != "bundle.json")


def with_json(files, name, change):
    """The same with a JSON member changed."""
    found = json.loads(files[name])
    change(found)
    return files | {name: plain_json(found)}


def with_outputs(files, data):
    """Other outputs under a hash that agrees."""
    digest = hashlib.sha256(data).hexdigest()
    changed = with_json(files, member(files, "json"), lambda h: h.update(outputs_sha256=digest))
    return changed | {member(files, "parquet"): data}


def outputs_of(files):
    return decode_outputs(files[member(files, "parquet")], "classes")


@pytest.mark.parametrize("name", [CLASSES, FRAMES, SEGMENTS])
def test_a_good_bundle_is_taken_as_external(name, tmp_path):
    protocol = load_protocol(name)
    path = tmp_path / "b.zip"
    path.write_bytes(
        bundle([made(protocol, "theirs:k=3", method="theirs", params={"k": 3})], protocol)
    )
    found = accept(path, tmp_path / "records")
    [record] = found.records
    assert record.identity["spec"] == "external:theirs:k=3"
    assert record.identity["family"] == "external"
    assert record.identity["claims"] == {"family": "hand-crafted", "spec": "theirs:k=3"}
    assert found.notes == []
    assert "external:theirs:k=3 seed 0: " in str(found)
    saved = load_record(record_path(tmp_path / "records", record.identity))
    assert saved.identity == record.identity
    assert verify(tmp_path / "records").faults == []
    flags = board([saved], protocol)["flags"].item()
    assert "external" in flags.split(", ")
    accept(path, tmp_path / "records")  # the same again changes nothing


def test_the_same_bundle_twice_is_the_same_bytes():
    records = [made(PROTOCOL, "theirs")]
    assert bundle(records, PROTOCOL) == bundle(records, PROTOCOL)


def test_another_record_in_its_place_stays(tmp_path):
    for error in (0.1, 0.3):
        (tmp_path / f"{error}.zip").write_bytes(bundle([made(PROTOCOL, "theirs", error)], PROTOCOL))
    accept(tmp_path / "0.1.zip", tmp_path / "records")
    with pytest.raises(RecordError, match="another record is there"):
        accept(tmp_path / "0.3.zip", tmp_path / "records")
    assert verify(tmp_path / "records").passed == 1


def test_it_never_takes_the_place_of_ours(tmp_path, good):
    [ours] = keep(tmp_path / "records", made(PROTOCOL, "theirs"))
    path = tmp_path / "b.zip"
    path.write_bytes(pack(good))
    accept(path, tmp_path / "records")
    assert load_record(ours.path).header == ours.header


def test_near_perfect_answers_are_flagged(tmp_path):
    path = tmp_path / "b.zip"
    path.write_bytes(bundle([made(PROTOCOL, "copy", 0.0)], PROTOCOL))
    found = accept(path, tmp_path / "records")
    assert "test labels are public" in str(found)
    assert found.records[0].header["provenance"]["flags"] == ["near-perfect"]
    assert verify(tmp_path / "records").faults == []


def test_what_it_claims_to_be_is_kept_apart(good):
    def lie(header):
        header["identity"] |= {"family": "deep", "leaks": False}
        header["provenance"]["flags"] = ["near-perfect"]

    files = good
    for name in [n for n in good if n.endswith(".json") and n != "bundle.json"]:
        files = with_json(files, name, lie)
    record = taken(files).records[0]
    assert record.identity["family"] == "external"
    assert "flags" not in record.header["provenance"]


HEADERS = {
    "unknown field": (lambda h: h.update(run="rm"), "a field 'run'"),
    "unknown identity": (lambda h: h["identity"].update(x=1), "a field 'x'"),
    "unknown cost": (lambda h: h["provenance"]["cells"].update(a={"b": 1}), "a field 'b'"),
    "unknown cell": (lambda h: h["provenance"]["cells"].update(a={}), "unknown cell 'a'"),
    "negative cost": (
        lambda h: next(iter(h["provenance"]["cells"].values())).update(fit_s=-1),
        "fit_s, which is -1",
    ),
    "word for a cost": (
        lambda h: next(iter(h["provenance"]["cells"].values())).update(fit_s="=cmd"),
        "not a number",
    ),
    "no identity": (lambda h: h.pop("identity"), "lacks identity"),
    "failed": (lambda h: h.update(status="failed"), "isn't 'complete'"),
    "schema": (lambda h: h.update(schema=2), "this version reads"),
    "seed": (lambda h: h["identity"].update(seed=-1), "outside 0"),
    "other seed": (lambda h: h["identity"].update(seed=5), "its key is"),
    "long name": (
        lambda h: h["identity"].update(spec="a" * 161, method="a" * 161),
        "161 characters",
    ),
    "no name": (lambda h: h["identity"].update(spec="", method=""), "isn't of the form"),
    "a name with a blank behind": (
        lambda h: h["identity"].update(spec="theirs ", method="theirs "),
        "isn't of the form",
    ),
    "long title": (lambda h: h["identity"].update(title="a" * 301), "301 characters"),
    "control": (lambda h: h["identity"].update(title="a\x1b[2Jb"), r"control character U\+001B"),
    "newline": (lambda h: h["identity"].update(title="a\nb"), r"U\+000A"),
    "right to left": (lambda h: h["identity"].update(title="a\u202eb"), r"U\+202E"),
    "surrogate": (lambda h: h["identity"].update(title="a\ud800b"), r"U\+D800"),
    "look-alike": (lambda h: h["identity"].update(spec="pаper", method="pаper"), "look-alike"),
    "params": (lambda h: h["identity"].update(params={"k": [1]}), "not a plain value"),
    "title is a list": (lambda h: h["identity"].update(title=["a"]), "not text"),
    "leaks is a word": (lambda h: h["identity"].update(leaks="no"), "not true or false"),
    "cite": (lambda h: h["identity"].update(cite="a}b"), "isn't of the form"),
    "task": (lambda h: h["identity"].update(task="instruments"), "its task is"),
    "kind": (lambda h: h["identity"].update(kind="frames"), "of kind 'frames'"),
    "evidence": (lambda h: h["identity"].update(evidence="real"), "its evidence is"),
    "protocol": (lambda h: h["identity"].update(protocol_hash="0" * 64), "its protocol_hash is"),
    "hash": (lambda h: h.update(outputs_sha256="0" * 64), "don't match the hash"),
    "title of its own": (lambda h: h["identity"].update(title="another"), "seeds of one method"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_checked_field_by_field(good, name):
    change, reason = HEADERS[name]
    header = json.loads(good[member(good, "json")])
    change(header)
    text = json.dumps(header).encode()  # surrogates escaped, as JSON may have them
    refused(good | {member(good, "json"): text}, reason)


MANIFESTS = {
    "schema": (lambda m: m.update(schema=9), "this version reads"),
    "unknown": (lambda m: m.update(x=9), "a field 'x'"),
    "protocol": (lambda m: m.update(protocol="../../secret.json"), "another version"),
    "hash": (lambda m: m.update(protocol_hash="0" * 64), "another version"),
    "no records": (lambda m: m.update(records=[]), "1 to 20 records"),
    "one key twice": (lambda m: m.update(records=m["records"][:1] * 2), "two of one key"),
    "one left out": (lambda m: m.update(records=m["records"][:1]), "isn't a part of"),
    "a key that is a path": (lambda m: m["records"][0].update(key="../../x"), "of the form"),
    "a figure": (
        lambda m: m["records"][0]["figures"].update({"balanced accuracy": 99.0}),
        "recomputed",
    ),
    "a figure left out": (lambda m: m["records"][0].update(figures={}), "is missing"),
    "a figure more": (lambda m: m["records"][0]["figures"].update(luck=1.0), "no headline figure"),
    "a figure beyond all": (
        lambda m: m["records"][0]["figures"].update({"balanced accuracy": 10**400}),
        "isn't a finite number",
    ),
    "a figure that is a word": (
        lambda m: m["records"][0]["figures"].update({"balanced accuracy": "1"}),
        "isn't a number",
    ),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_list_is_checked(good, name):
    change, reason = MANIFESTS[name]
    refused(with_json(good, "bundle.json", change), reason)


def test_unknown_protocols_are_not_looked_for_on_disk(good, tmp_path):
    files = with_json(good, "bundle.json", lambda m: m.update(protocol=str(tmp_path / "p.json")))
    refused(files, "isn't one of", protocol=None)


def test_missing_and_foreign_members_are_refused(good):
    for name in good:
        refused({k: v for k, v in good.items() if k != name}, "JSON|missing")
    refused(good | {"records/extra.json": b"{}"}, "'records/extra.json' is missing or isn't")


def test_one_seed_twice_is_refused():
    twice = [
        made(PROTOCOL, "theirs", 0.2),
        made(PROTOCOL, "theirs:k=1", 0.2, method="theirs", params={"k": 1}),
    ]
    files = unpack(bundle(twice, PROTOCOL), LIMITS, "x")
    refused(files, "seeds of one method")


def changed(outputs, row, scores):
    outputs = outputs.copy()
    outputs.at[row, "scores"] = scores
    return outputs


ANSWERS = {
    "dropped": (lambda o: o.drop(index=2), "rows"),
    "doubled": (lambda o: pd.concat([o, o]), "rows"),
    "foreign id": (lambda o: o.assign(id=["x", *o["id"][1:]]), "isn't in the protocol"),
    "swapped": (lambda o: o.assign(id=[o["id"][1], o["id"][0], *o["id"][2:]]), "ids are swapped"),
    "NaN": (lambda o: changed(o, 0, np.array([np.nan, 1], np.float32)), "NaN or infinite"),
    "infinite": (lambda o: changed(o, 0, np.array([np.inf, 1], np.float32)), "NaN or infinite"),
    "a class more": (lambda o: changed(o, 0, np.ones(3, np.float32)), "scores of shape"),
    "a figure": (lambda o: changed(o, 0, -o.at[0, "scores"]), "recomputed"),
    "a long id": (lambda o: o.assign(id=["x" * 5000, *o["id"][1:]]), "too long"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_outputs_are_checked_where_every_hash_agrees(good, name):
    change, reason = ANSWERS[name]
    data = encode_outputs(change(outputs_of(good)), "classes")
    refused(with_outputs(good, data), reason)


def parquet(columns, **options):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def columns_of(good):
    table = pq.read_table(io.BytesIO(good[member(good, "parquet")]))
    return {name: table[name] for name in table.column_names}


def one_word(n, word):
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([word]))


PARQUETS = {
    "no parquet": (lambda c, n: b"PAR1" + bytes(100) + b"PAR1", "can't be read"),
    "empty": (lambda c, n: b"", "can't be read"),
    "a column more": (lambda c, n: parquet(c | {"x": pa.array([1] * n)}), "columns"),
    "a column less": (lambda c, n: parquet({k: c[k] for k in c if k != "id"}), "columns"),
    "nested": (
        lambda c, n: parquet(c | {"scores": pa.array([[[[b"x"]]]] * n)}),
        "columns",
    ),
    "plain words": (lambda c, n: parquet(c | {"id": pa.array(["a"] * n)}), "columns"),
    "missing values": (
        lambda c, n: parquet(c | {"scores": pa.array([None] * n, pa.binary())}),
        "missing",
    ),
    "shape of nothing": (
        lambda c, n: parquet(c | {"n_classes": pa.array([0] * n, pa.int32())}),
        "can't be read",
    ),
    "negative shape": (
        lambda c, n: parquet(c | {"n_classes": pa.array([-7] * n, pa.int32())}),
        "can't be read|shape",
    ),
    "a large answer": (
        lambda c, n: parquet(
            c | {"scores": pa.array([bytes(1 << 20)] * n)}, use_dictionary=["scores"]
        ),
        "allowed|bytes",
    ),
    "a long word": (lambda c, n: parquet(c | {"id": one_word(n, "x" * 300_000)}), "too long"),
    "million rows": (
        lambda c, n: parquet(
            {k: pa.concat_arrays(v.chunks).take([0] * 100_000) for k, v in c.items()}
        ),
        "100000 rows",
    ),
}


@pytest.mark.parametrize("name", PARQUETS)
def test_parquet_is_read_with_limits(good, name):
    make, reason = PARQUETS[name]
    data = make(columns_of(good), shape_of(PROTOCOL).rows)
    refused(with_outputs(good, data), reason)


def test_a_child_process_reads_the_same(good):
    data = good[member(good, "parquet")]
    shape = shape_of(PROTOCOL)
    here, there = read(data, shape), read_apart(data, shape)
    assert encode_outputs(here, "classes") == encode_outputs(there, "classes")
    with pytest.raises(RecordError, match="rows, the protocol has"):
        read_apart(data, Shape("classes", shape.rows + 1, shape.size))


def test_a_child_process_imports_nothing_that_lies_around(good, tmp_path, monkeypatch):
    for name in ("numpy", "pandas", "pyarrow", "mirbench"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    read_apart(good[member(good, "parquet")], shape_of(PROTOCOL))
    assert not (tmp_path / "ran").exists()


def test_a_child_process_that_runs_out_of_memory_is_an_error():
    """A list of 60 million nulls packs into a few hundred bytes, and unpacks into a gigabyte."""
    n = 60_000_000
    values = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1, np.int32)), pa.array(["a"]))
    words = dict.fromkeys(("cell", "source", "test", "id"), values)
    lists = pa.ListArray.from_arrays(pa.array([0, n], pa.int32()), pa.nulls(n, pa.float64()))
    names = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["a"]))
    data = parquet(words | {"start_s": lists, "end_s": lists, "label": names}, compression="zstd")
    assert len(data) < 1 << 20
    with pytest.raises(RecordError, match=r"can't be read|the reader died"):
        read_apart(data, Shape("segments", 1, 1000))


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


def test_submit_checks_the_method_first(home, tmp_path, method_file, make_corpus):
    from conftest import FRAMES_BODY

    from mirbench.protocols import make_protocol
    from mirbench.running import run_protocol

    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    spec = method_file(FRAMES_BODY, "clips")
    run_protocol([spec], protocol, n_jobs=1, progress=False)
    path = tmp_path / "b.zip"
    [record] = submit(spec, path, protocol.name)
    found = accept(path, tmp_path / "records", protocol=protocol)
    assert found.records[0].spec == f"external:{record.spec}"
    with pytest.raises(RecordError, match="isn't one of"):
        accept(path)  # nobody else knows a protocol of one's own
    moody = (
        FRAMES_BODY
        + '''
class Moody(GaussianNB):
    """Other answers every time."""
    def predict_proba(self, X):
        import os
        share = np.frombuffer(os.urandom(len(X)), np.uint8)[:, None] / 255
        return np.concatenate([share, 1 - share], axis=1)

def moody():
    """Moody."""
    return make_pipeline(Extract(summary, sr=8000), Moody())
'''
    )
    spec = method_file(moody, "moody", "moody.py")
    run_protocol([spec], protocol, n_jobs=1, progress=False)
    with pytest.raises(MethodError, match="fails its contract"):
        submit(spec, tmp_path / "c.zip", protocol.name)
    assert not (tmp_path / "c.zip").exists()


def test_submit_refuses_a_record_that_is_not_sound(tmp_path):
    [record] = keep(tmp_path / "records", made(PROTOCOL, "m"))
    header = json.loads(record.path.read_text())
    header["identity"]["title"] = "a\x07"
    record.path.write_text(json.dumps(header))
    with pytest.raises(RecordError, match="control character"):
        submit(str(record.path), tmp_path / "b.zip")


def test_no_such_bundle(tmp_path):
    for path in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(RecordError, match="no such file"):
            accept(path)


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


def test_predictions_made_elsewhere_travel_too(tmp_path):
    from mirbench.predictions import record_of_predictions

    table = PROTOCOL.export().query("role == 'test'")[["cell", "test", "id", "label"]]
    table.loc[table.index[::3], "label"] = "music"
    record = record_of_predictions(table, PROTOCOL, "my-system")
    keep(tmp_path / "records", record)
    [sent] = submit("my-system", tmp_path / "b.zip", CLASSES, tmp_path / "records")
    found = accept(tmp_path / "b.zip", tmp_path / "theirs")
    assert found.records[0].spec == sent.spec == "external:my-system"
    assert verify(tmp_path / "theirs").faults == []


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


def test_what_reads_a_bundle_runs_no_method():
    from test_layers import files, offenders

    names = (
        "accept",
        "answers",
        "archive",
        "bundle",
        "figures",
        "headers",
        "outputs",
        "strict_json",
    )
    paths = [path for name in names for path in files("mirbench", "trust", f"{name}.py")]
    assert not offenders(paths, ["mirbench.running", "mirbench.methods", "mirbench.features"])

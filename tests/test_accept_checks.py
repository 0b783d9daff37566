"""Fields, figures and outputs of a stranger's bundle, one by one."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bundle_helpers import (
    PROTOCOL,
    changed,
    good_files,
    member,
    outputs_of,
    taken,
    with_json,
    with_outputs,
)
from trust_records import made

from mirbench.errors import RecordError
from mirbench.records import encode_outputs
from mirbench.trust.archive import unpack
from mirbench.trust.bundle import LIMITS, shape_of
from mirbench.trust.outputs import Shape, read, read_apart
from mirbench.trust.submit import bundle


@pytest.fixture(scope="module")
def good():
    return good_files()


def refused(files, reason, protocol=PROTOCOL):
    with pytest.raises(RecordError, match=reason) as caught:
        taken(files, protocol)
    assert str(caught.value).startswith("b.zip: ")
    assert str(caught.value).isprintable()


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

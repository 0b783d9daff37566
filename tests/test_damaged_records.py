"""A record that can't be used is named, left out and made again; the others stand."""

import dataclasses
import hashlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_records import matrix_protocol, noisy_frames, record

from mirbench.cli import main
from mirbench.commands.common import protocols_of
from mirbench.errors import RecordError
from mirbench.methods import current_code
from mirbench.protocols import load_protocol, make_protocol
from mirbench.records import Record, load_record, read_records, save_record
from mirbench.running import run_protocol


@pytest.fixture
def protocol(home, make_corpus):
    return make_protocol("speech-music", [make_corpus("a")], folds=3)


def run(protocol, *specs):
    records, failures = run_protocol(specs, protocol, n_jobs=1, progress=False)
    assert not failures
    return records


def rewrite(record, change):
    """The record with other outputs and a hash that agrees with them."""
    save_record(Record(record.header, change(record.outputs.copy())), record.path)


def one_class(outputs):
    outputs["scores"] = [scores[:, :1] for scores in outputs["scores"]]
    return outputs


def without(record, provenance):
    """The record with this for its provenance."""
    header = json.loads(record.path.read_text())
    record.path.write_text(json.dumps(header | {"provenance": provenance}))


DAMAGE = {
    "no provenance": lambda record: without(record, None),
    "a cost that is a word": lambda record: without(record, {"cells": {"a": "b"}}),
    "rows lost": lambda record: rewrite(record, lambda outputs: outputs.iloc[2:]),
    "a class lost": lambda record: rewrite(record, one_class),
    "other bytes": lambda record: record.path.with_suffix(".parquet").write_bytes(b"PAR1"),
    "half a header": lambda record: record.path.write_text('{"schema": 1, "iden'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_board_leaves_a_damaged_record_out_and_says_so(protocol, plain_method, capsys, damage):
    victim, _ = run(protocol, "prior-frames", plain_method)
    assert main(["board", "-p", protocol.name]) == 0
    capsys.readouterr()
    DAMAGE[damage](victim)
    for options in ((), ("-p", protocol.name)):
        assert main(["board", *options]) == 1
        out, error = capsys.readouterr()
        assert "mine.py:method" in out.replace("\n", "")
        assert "prior-frames" not in out
        [line] = error.splitlines()
        assert victim.path.stem in line
        assert "run the method again" in line


def test_board_goes_on_where_a_saved_protocol_is_damaged(protocol, make_corpus, capsys):
    [record] = run(protocol, "prior-frames")
    other = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    run(other, "prior")
    saved = record.path.parent.parent / "protocol.json"
    saved.write_text("{")
    assert main(["board"]) == 1
    out, error = capsys.readouterr()
    assert other.name in out
    assert str(saved) in error


def test_no_usable_record_is_no_board(protocol, capsys, tmp_path):
    [record] = run(protocol, "prior-frames")
    DAMAGE["rows lost"](record)
    page = tmp_path / "page.csv"
    assert main(["board", "-p", protocol.name, "--format", "csv", "-o", str(page)]) == 1
    assert "no record of protocol" in capsys.readouterr().err
    assert not page.exists()


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "a class lost"])
def test_running_again_makes_a_damaged_record_anew(protocol, plain_method, damage):
    [record] = run(protocol, plain_method)
    DAMAGE[damage](record)
    [again] = run(protocol, plain_method)
    assert again.header["outputs_sha256"] == record.header["outputs_sha256"]
    assert len(load_record(record.path).outputs) == len(record.outputs)
    json.loads(record.path.read_text())
    assert all(
        np.array_equal(*pair) for pair in zip(again.outputs["scores"], record.outputs["scores"])
    )


def test_a_file_that_a_record_names_is_never_imported(tmp_path):
    trap = tmp_path / "x.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\ndef f(): pass\n")
    protocol = matrix_protocol()
    for spec in (f"{trap}:f", f"prior:{trap}:f", "prior:k=1"):
        made = record(protocol, spec, noisy_frames(0.1, 0), method="prior")
        assert current_code([made]) == {}
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spec", 5),
        ("method", []),
        ("title", None),
        ("seed", 10**30),
        ("params", 9),
        ("trained_on", 7),
    ],
)
def test_a_malformed_header_costs_its_record_only(tmp_path, field, value):
    protocol = matrix_protocol()
    good = record(protocol, "good", noisy_frames(0.1, 0))
    bad = record(protocol, "bad", noisy_frames(0.2, 1))
    save_record(good, tmp_path / "good.json")
    save_record(bad, tmp_path / "bad.json")
    header = json.loads((tmp_path / "bad.json").read_text())
    header["identity"][field] = value
    (tmp_path / "bad.json").write_text(json.dumps(header))
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "deep.parquet").write_bytes(b"")
    records, faults = read_records(tmp_path)
    assert [r.spec for r in records] == ["good"]
    assert any(f"its {field}" in fault for fault in faults)
    assert any("deep.json: damaged" in fault for fault in faults)


def test_outputs_of_more_rows_than_any_protocol_has_are_not_unpacked(tmp_path):
    made = save_record(record(matrix_protocol(), "m", noisy_frames(0.1, 0)), tmp_path / "m.json")
    table = pa.table({"cell": pa.array(["x"]).take(pa.array(np.zeros(1_000_001, dtype=int)))})
    pq.write_table(table, tmp_path / "m.parquet", compression="zstd")
    data = (tmp_path / "m.parquet").read_bytes()
    header = json.loads(made.path.read_text())
    header["outputs_sha256"] = hashlib.sha256(data).hexdigest()
    made.path.write_text(json.dumps(header))
    with pytest.raises(RecordError, match="more than any protocol has"):
        load_record(made.path)
    assert len(data) < 100_000


def test_a_protocol_beside_records_never_stands_for_a_frozen_one(tmp_path):
    frozen = load_protocol("speech-music/mini")
    folder = tmp_path / "speech-music" / "speech-music.mini"
    save_record(record(frozen, "m", noisy_frames(0.1, 0)), folder / "m" / "x.json")
    dataclasses.replace(frozen, evidence="real").save(folder / "protocol.json")
    faults = []
    assert [p.evidence for p in protocols_of(tmp_path, faults)] == ["embedded"]
    assert faults == []
    changed = dataclasses.replace(frozen, seeds=(5,))
    changed.save(folder / "protocol.json")
    protocols_of(tmp_path, faults)
    assert "another protocol than the frozen one" in faults[0]

"""A record that can't be used is named, left out and made again; the others stand."""

import json

import numpy as np
import pytest
from made_records import matrix_protocol, noisy_frames, record

from mirbench.cli import main
from mirbench.methods import current_code
from mirbench.protocols import make_protocol
from mirbench.records import Record, load_record, save_record
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

"""The commands on trust, from the command line's options to what they print."""

import argparse
import json

import pytest
from trust_records import CLASSES, committed, keep, made

from mirbench.commands import trust
from mirbench.errors import MirbenchError
from mirbench.protocols import load_protocol
from mirbench.trust import options
from mirbench.trust.status import key_of, load_ledger


def run(*words):
    """One command; its exit status."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command")
    options.add(commands)
    board = commands.add_parser("board")
    board.add_argument("--records")
    board.add_argument("--dir")
    options.freezing(board)
    chosen = parser.parse_args([str(word) for word in words])
    name = getattr(chosen, "action", None) or chosen.command
    return getattr(trust, name)(chosen)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    root = tmp_path_factory.mktemp("sound")
    committed(root)
    return root


def test_verify_says_how_many_pass(sound, capsys, tmp_path):
    assert run("verify", "--records", sound / "records") == 0
    assert "4 of 4 records pass" in capsys.readouterr().out
    [path] = keep(tmp_path / "records", made(load_protocol(CLASSES), "m"))
    path.path.with_suffix(".parquet").write_bytes(b"x")
    assert run("verify", "--records", tmp_path / "records") == 1
    out, error = capsys.readouterr()
    assert "0 of 1 records pass" in out
    assert path.path.stem in error


def test_freeze_then_verify_the_archive(sound, capsys, tmp_path):
    words = ["board", "freeze", "--records", sound / "records", "--dir", tmp_path]
    with pytest.raises(MirbenchError, match="needs --version"):
        run(*words)
    assert run(*words, "--version", "1", "--date", "2026-01-31") == 0
    path = tmp_path / "mirbench-boards-1.zip"
    assert str(path) in capsys.readouterr().out
    assert run("verify", path) == 0
    assert "every record and figure checked" in capsys.readouterr().out


def test_cite_prints_or_writes(capsys, tmp_path):
    assert run("cite", "scheirer-slaney-gmm") == 0
    assert "scheirer1997construction" in capsys.readouterr().out
    assert run("cite", CLASSES, "--format", "cff", "-o", tmp_path / "c.cff") == 0
    assert (tmp_path / "c.cff").read_text().startswith("cff-version")


def test_submit_then_accept(capsys, tmp_path, sound):
    words = ["submit", "middling", "-p", CLASSES, "-o", tmp_path / "b.zip"]
    assert run(*words, "--records", sound / "records") == 0
    assert "1 record(s)" in capsys.readouterr().out
    assert run("accept", tmp_path / "b.zip") == 0
    assert "nothing was written" in capsys.readouterr().out
    assert run("accept", tmp_path / "b.zip", "--into", tmp_path / "records") == 0
    assert "external:middling seed 0" in capsys.readouterr().out
    assert run("verify", "--records", tmp_path / "records") == 0


def test_an_accepted_row_is_verified_by_running_its_code(
    home, tmp_path, capsys, plain_method, make_corpus
):
    from mirbench.protocols import make_protocol
    from mirbench.running import run_protocol
    from mirbench.trust.accept import accept

    protocol = make_protocol("speech-music", [make_corpus("a")], folds=3)
    [record], _ = run_protocol([plain_method], protocol, n_jobs=1, progress=False)
    assert run("submit", record.path, "-o", tmp_path / "b.zip") == 0
    found = accept(tmp_path / "b.zip", tmp_path / "records", protocol=protocol)
    protocol.save(
        tmp_path / "records" / "speech-music" / record.path.parent.parent.name / "protocol.json"
    )
    key = key_of(found.records[0].identity)
    where = ["--records", tmp_path / "records", "--ledger", tmp_path / "verified.json", "-j", "1"]
    with pytest.raises(MirbenchError, match="--method"):
        run("reproduce", key, *where)
    assert run("reproduce", key, "--method", plain_method, *where) == 0
    assert "identical" in capsys.readouterr().out
    assert load_ledger(tmp_path / "verified.json")[key]["outcome"] == "identical"
    assert json.loads((tmp_path / "verified.json").read_text())[key]["decisions_changed"] == 0.0

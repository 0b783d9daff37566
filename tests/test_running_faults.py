"""What goes wrong in a run costs no more than it must: edits, failures, full disks, kills."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_helpers import run
from threadpoolctl import threadpool_info, threadpool_limits

from mirbench.errors import MirbenchError, ProtocolError, RecordError
from mirbench.protocols import make_protocol
from mirbench.records import load_record, load_records


@pytest.fixture
def protocol(make_corpus):
    return make_protocol("speech-music", [make_corpus("a")], folds=3)


def cell_files(home):
    return {p: p.stat().st_mtime_ns for p in (home / "cells").rglob("*.json")}


def test_a_cell_runs_on_one_thread_and_charges_its_features(home, protocol, method_file):
    body = '''
from threadpoolctl import threadpool_info

class Counting(GaussianNB):
    def fit(self, X, y):
        counts = [pool["num_threads"] for pool in threadpool_info()]
        assert max(counts, default=1) == 1, counts
        return super().fit(X, y)

def method():
    """Looks at the threads it may use."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(Counting()))
'''
    with threadpool_limits(limits=2):  # whatever the environment says, there is something to limit
        assert max(pool["num_threads"] for pool in threadpool_info()) == 2
        [record], failures = run(method_file(body), protocol)
    assert not failures
    costs = record.header["provenance"]["cells"].values()
    assert all(cost["extract_s"] > 0 for cost in costs)


def test_an_edit_during_the_run_is_noticed(home, protocol, method_file):
    body = '''
class Editing(GaussianNB):
    def fit(self, X, y):
        from pathlib import Path
        file = Path(__file__)
        file.write_text(file.read_text() + "\\nEDITED = True\\n")
        return super().fit(X, y)

def method():
    """Edits its own file."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(Editing()))
'''
    _, failures = run(method_file(body), protocol)
    assert any("code changed during the run" in why for why in failures.values())


def test_a_failing_feature_costs_only_its_own_method(home, protocol, plain_method, method_file):
    body = '''
def broken(signal, sr):
    raise ZeroDivisionError("no such feature")

def method():
    """A feature that fails."""
    return make_pipeline(Extract(broken, sr=8000), PerFrame(GaussianNB()))
'''
    records, failures = run([method_file(body, name="other.py"), plain_method], protocol)
    assert [r.spec for r in records] == ["mine.py:method"]
    assert any("broken raised ZeroDivisionError" in why for why in failures.values())


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_parameter_that_fit_refuses_is_told_once(
    home, protocol, plain_method, method_file, n_jobs
):
    body = '''
from pathlib import Path
from mirbench.errors import MethodError

class Net(GaussianNB):
    def fit(self, X, y):
        with Path(__file__).with_suffix(".log").open("a") as log:
            log.write("fit\\n")
        raise MethodError("no net of 9 layers: use 3 to 7")

def method(random_state=0):
    """Refuses its parameters when it is fitted."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(Net()))
'''
    spec = method_file(body, name="other.py")
    records, failures = run([spec, plain_method], protocol, n_jobs=n_jobs, seeds=[0, 1])
    assert [r.spec for r in records] == ["mine.py:method"]
    [why] = failures.values()
    assert "no net of 9 layers" in why
    fits = Path(spec.partition(":")[0]).with_suffix(".log").read_text().count("fit")
    assert n_jobs > 1 or fits == 1  # two workers have other cells in hand


def test_the_same_method_or_seed_twice_is_run_once(home, protocol, plain_method):
    records, failures = run([plain_method, plain_method], protocol, seeds=[1, 1])
    assert len(records) == 1
    assert not failures


def test_finished_cells_are_not_run_again_but_an_edited_method_is(home, protocol, method_file):
    body = '''
def method():
    """Energy."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(GaussianNB(var_smoothing={})))
'''
    spec = method_file(body.format("1e-9"))
    run(spec, protocol)
    before = cell_files(home)
    run(spec, protocol)
    assert cell_files(home) == before
    run(method_file(body.format("1e-2")), protocol)
    assert len(cell_files(home)) == 2 * len(before)


def test_a_damaged_cell_is_run_again_and_a_damaged_record_is_named(home, protocol, plain_method):
    [record], _ = run(plain_method, protocol)
    cell = next((home / "cells").rglob("*.parquet"))
    cell.write_bytes(cell.read_bytes()[:-20])
    with pytest.warns(UserWarning, match="running that cell again"):
        [again], failures = run(plain_method, protocol)
    assert not failures
    assert again.header["outputs_sha256"] == record.header["outputs_sha256"]
    record.path.with_suffix(".parquet").write_bytes(b"PAR1 no")
    with pytest.raises(RecordError, match=r"doesn't match the hash.*run the method again"):
        load_record(record.path)
    record.path.write_text('{"schema": 1, "iden')
    with pytest.raises(RecordError, match="damaged record header"):
        load_record(record.path)
    [mended], _ = run(plain_method, protocol)
    assert mended.header["outputs_sha256"] == record.header["outputs_sha256"]


def test_a_full_disk_is_one_clear_error_and_keeps_what_was_there(
    home, protocol, plain_method, monkeypatch
):
    [record], _ = run(plain_method, protocol)
    before = record.path.read_bytes()

    def no_space(fd):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        for path in (home / "cells").rglob("*.json"):
            path.unlink()
        with pytest.raises(MirbenchError, match=r"disk is full.*free some space"):
            run(plain_method, protocol)
    assert record.path.read_bytes() == before
    assert not list(home.rglob("*.part"))
    [again], _ = run(plain_method, protocol)
    assert again.header["outputs_sha256"] == record.header["outputs_sha256"]


SLOW = '''
import time
from sklearn.base import BaseEstimator, ClassifierMixin

class Slow(GaussianNB):
    def fit(self, X, y):
        time.sleep(0.7)
        return super().fit(X, y)

def method():
    """Takes its time."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(Slow()))
'''


@pytest.mark.slow
def test_kill_dash_nine_loses_only_the_cells_in_flight(home, make_corpus, method_file):
    root = make_corpus("a", groups=8)
    command = [
        sys.executable,
        "-m",
        "mirbench.cli",
        "run",
        method_file(SLOW),
        "--task",
        "speech-music",
        "--train",
        str(root),
        "--folds",
        "8",
        "-j",
        "1",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        time.sleep(0.05)
        if len(cell_files(home)) >= 3:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = cell_files(home)
    assert 3 <= len(kept) < 8
    for part in home.rglob("*.part"):
        assert part.suffix == ".part", "a half-written file never has the name of a whole one"
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = cell_files(home)
    assert len(after) == 8
    assert all(after[path] == mtime for path, mtime in kept.items()), (
        "finished cells were run again"
    )
    assert len(load_records(home / "records")) == 1


def test_half_a_write_is_not_a_result(home, protocol, plain_method):
    run(plain_method, protocol)
    header = next((home / "cells").rglob("*.json"))
    header.with_suffix(".parquet").unlink()
    with pytest.warns(UserWarning, match="outputs of the record are missing"):
        _, failures = run(plain_method, protocol)
    assert not failures


def test_a_leaking_protocol_is_refused_or_marked(home, protocol, plain_method):
    table = protocol.items.copy()
    table["group"] = "one-artist"
    leaking = type(protocol)(
        "speech-music/leaking",
        "1",
        protocol.task,
        protocol.grid,
        table,
        protocol.cells,
        headline=protocol.headline,
        places=protocol.places,
    )
    with pytest.raises(ProtocolError, match="--allow-leaks"):
        run(plain_method, leaking)
    [record], _ = run(plain_method, leaking, allow_leaks=True)
    assert record.identity["leaks"] is True


def test_another_recording_under_the_same_name_is_refused(home, make_corpus, plain_method):
    from mirbench.corpora import load_folder

    root = make_corpus("a")
    protocol = make_protocol("speech-music", [root], folds=3)
    (root / "music" / "0-0.wav").write_bytes((root / "music" / "1-0.wav").read_bytes())
    with pytest.raises(ProtocolError, match=r"0-0\.wav: another recording"):
        run(plain_method, protocol, corpora={"a": load_folder(root)})

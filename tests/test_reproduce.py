"""`mirbench reproduce`: identical on the same machine, and what differs where something does."""

import dataclasses
import json

import numpy as np
import pytest
from trust_records import CLASSES, FRAMES, SEGMENTS, keep, made

from mirbench.errors import RecordError
from mirbench.home import home as home_folder
from mirbench.protocols import load_protocol, make_protocol
from mirbench.records import Record, load_record, save_record
from mirbench.running import run_protocol
from mirbench.trust.differences import decisions_changed, environment_changes, score_difference
from mirbench.trust.find import find_records, protocol_of
from mirbench.trust.reproduce import compare, reproduce
from mirbench.trust.status import enter, key_of, load_ledger, status

SLOPPY = '''
class Sloppy(GaussianNB):
    """Adds noise that nothing seeds."""
    def predict_proba(self, X):
        import os
        noise = np.frombuffer(os.urandom(2 * len(X)), np.uint16).reshape(len(X), 1) / 65535.0
        return np.concatenate([noise, 1 - noise], axis=1)

def method():
    """Noise."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(Sloppy()))
'''


@pytest.fixture
def protocol(home, make_corpus):
    return make_protocol("speech-music", [make_corpus("a")], folds=3)


def ran(protocol, spec):
    [record], failures = run_protocol([spec], protocol, n_jobs=1, progress=False)
    assert not failures
    return record


def test_a_frame_method_comes_out_identical(protocol, plain_method):
    record = ran(protocol, plain_method)
    before = sorted(p for p in (home_folder() / "cells").rglob("*.json"))
    outcome = reproduce(record, method=plain_method)
    assert outcome.verdict == "identical"
    assert (outcome.scores, outcome.decisions) == (0.0, 0.0)
    assert outcome.environment == []
    assert "identical" in str(outcome)
    assert sorted((home_folder() / "cells").rglob("*.json")) == before  # its own home
    anew = reproduce(record, method=plain_method, share_features=False)
    assert anew.verdict == "identical"


def test_a_method_nobody_seeded_comes_out_different(protocol, method_file):
    spec = method_file(SLOPPY)
    outcome = reproduce(ran(protocol, spec), method=spec)
    assert outcome.verdict == "different"
    assert outcome.decisions > 0.3
    assert "decisions changed" in str(outcome)


def test_changed_code_and_library_are_named(protocol, plain_method):
    record = ran(protocol, plain_method)
    header = json.loads(record.path.read_text())
    header["identity"] |= {"code": "0" * 64}
    header["identity"]["libraries"]["numpy"] = "1.0"
    older = dataclasses.replace(record, header=header)
    said = environment_changes(older, record)
    assert said[0].startswith("the method's code")
    assert any(phrase.startswith("numpy 1.0 -> ") for phrase in said)


def nudged(record, by, rows):
    outputs = record.outputs.copy()
    for i in rows:
        outputs.at[i, "scores"] = outputs.at[i, "scores"] + by * np.array([1, -1], np.float32)
    return Record(record.header, outputs)


@pytest.mark.parametrize(
    ("by", "rows", "verdict"),
    [(1e-6, range(9), "within tolerance"), (5.0, range(40), "different")],
)
def test_tolerance_is_of_decisions_and_figures(by, rows, verdict):
    protocol = load_protocol(CLASSES)
    record = made(protocol)
    record.header["outputs_sha256"] = ""
    outcome = compare(record, nudged(record, by, rows), protocol)
    assert outcome.verdict == verdict
    assert outcome.scores == pytest.approx(by, rel=0.1)


@pytest.mark.parametrize(
    ("identity", "verdict"),
    [
        ({}, "different"),
        ({"family": "deep"}, "within tolerance"),
        ({"family": "external", "claims": {"family": "deep", "spec": "m"}}, "within tolerance"),
    ],
)
def test_networks_are_allowed_more(identity, verdict):
    protocol = load_protocol(CLASSES)
    record = made(protocol, **identity)
    record.header["outputs_sha256"] = ""
    labels = [protocol.labels[i] for i in record.outputs["id"]]
    right = [
        i
        for i, scores in enumerate(record.outputs["scores"])
        if protocol.task.labels[int(np.argmax(scores))] == labels[i] == "speech"
    ]
    outcome = compare(record, nudged(record, 5.0, right[:2]), protocol)
    assert outcome.decisions == 2 / len(labels)
    assert outcome.verdict == verdict


def test_decisions_of_frames_are_counted_one_by_one():
    protocol = load_protocol(FRAMES)
    record = made(protocol)
    other = Record(record.header, record.outputs.copy())
    scores = other.outputs.at[0, "scores"].copy()
    scores[:3] = scores[:3, ::-1]
    other.outputs.at[0, "scores"] = scores
    total = sum(len(s) for s in record.outputs["scores"])
    assert decisions_changed(record, other, protocol) == 3 / total


def test_decisions_of_segments_are_shares_of_time():
    protocol = load_protocol(SEGMENTS)
    record, other = (made(protocol, error=0.0) for _ in range(2))
    first, *rest = other.outputs.at[0, "segments"]
    name = next(label for label in protocol.task.labels if label != first[2])
    other.outputs.at[0, "segments"] = [(first[0], first[1], name), *rest]
    tested = [i for cell in protocol.cells for ids in cell.tests.values() for i in ids]
    length = protocol.table.loc[tested, "duration_s"].sum()
    share = (first[1] - first[0]) / length
    assert decisions_changed(record, other, protocol) == pytest.approx(share, rel=0.01)
    assert np.isnan(score_difference(record, other))


def test_decisions_of_rankings_are_first_neighbours():
    protocol = load_protocol(CLASSES)
    ranked = dataclasses.replace(protocol, task=dataclasses.replace(protocol.task, kind="ranking"))
    ids, distances = np.arange(20, dtype=np.int32), np.arange(20, dtype=np.float32)
    import pandas as pd

    a, b = (
        Record({"identity": {"kind": "ranking"}}, pd.DataFrame({"ranked": [pair]}))
        for pair in ((ids, distances), (np.roll(ids, 0) + (ids == 3), distances + 0.5))
    )
    assert decisions_changed(a, b, ranked) == 1 / 10
    assert score_difference(a, b) == 0.5


def test_answers_made_elsewhere_need_a_method(tmp_path, plain_method):
    record = made(load_protocol(CLASSES), "external:x", family="external")
    with pytest.raises(RecordError, match="--method"):
        reproduce(record)


@pytest.mark.slow
def test_an_embedded_protocol_by_key():
    [record], _ = run_protocol(
        ["mfcc-svm"], load_protocol(CLASSES), n_jobs=1, seeds=[0], progress=False
    )
    [found] = find_records(key_of(record.identity)[:8])
    assert found.path == record.path
    assert reproduce(found).verdict == "identical"


def test_records_are_found_by_path_key_and_method(tmp_path):
    protocol = load_protocol(CLASSES)
    kept = keep(tmp_path, made(protocol, "m"), made(protocol, "m", seed=1), made(protocol, "n"))
    assert find_records(str(kept[0].path))[0].path == kept[0].path
    assert find_records(kept[1].path.stem, root=tmp_path)[0].path == kept[1].path
    assert len(find_records("m", CLASSES, tmp_path)) == 2
    assert protocol_of(kept[0]).hash == protocol.hash
    for what, name, reason in (
        ("none.json", "", "no such record"),
        ("abcdef12", "", "no record 'abcdef12'"),
        ("m", "", "with -p PROTOCOL"),
        ("o", CLASSES, "make one: mirbench run o"),
    ):
        with pytest.raises(RecordError, match=reason):
            find_records(what, name, tmp_path)


def test_the_words_of_status(tmp_path):
    protocol = load_protocol(CLASSES)
    ours, theirs = keep(
        tmp_path / "records", made(protocol, "m"), made(protocol, "external:t", family="external")
    )
    ledger = tmp_path / "verified.json"
    assert load_ledger(ledger) == {}
    assert [status(r, {}) for r in (ours, theirs)] == ["ours", "external"]
    enter(compare(theirs, theirs, protocol).entry(), key_of(theirs.identity), ledger)
    found = load_ledger(ledger)
    assert [status(r, found) for r in (ours, theirs)] == ["ours", "verified"]
    changed = save_record(nudged(theirs, 0.1, [0]), theirs.path)
    assert status(load_record(changed.path), found) == "external"  # other outputs: not those
    ledger.write_text("[]")
    with pytest.raises(RecordError, match="damaged"):
        load_ledger(ledger)

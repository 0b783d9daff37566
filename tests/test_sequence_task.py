"""Sequences as a task: truths, metrics, records, boards, the contract, the corpus of tunes."""

import hashlib
from itertools import product

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.corpora.synthetic.line_players import LinePlayer
from mirbench.corpora.synthetic.lines import SR
from mirbench.corpora.synthetic.signals import random_for
from mirbench.corpora.synthetic.tunes import NAMES, melody, perform
from mirbench.errors import MethodError, ProtocolError, RecordError
from mirbench.export.frame import to_frame
from mirbench.frames import Grid
from mirbench.metrics import metrics_for
from mirbench.metrics.sequences import edit_distance, sequence_counts
from mirbench.predictions import record_of_predictions
from mirbench.protocols import load_protocol, make_protocol
from mirbench.records import decode_outputs, encode_outputs
from mirbench.running import run_protocol
from mirbench.tasks import load_task
from mirbench.testing import check_method
from mirbench.testing.metrics import check_metric
from mirbench.token_lines import MOST, as_codes, as_truth, fault_of
from mirbench.trust.answers import answers_fault
from mirbench.trust.bundle import shape_of
from mirbench.trust.differences import decisions_changed
from mirbench.trust.outputs import read

TASK = load_task("note-line")
TOKENS = st.lists(st.integers(0, 2), max_size=5)


def by_name():
    return {metric.name: metric for metric in metrics_for(TASK, Grid())}


def test_a_truth_is_a_list_of_labels_in_order_and_may_repeat():
    label = TASK.named(" C E  E G# ")
    assert label == '["C", "E", "E", "G#"]'
    assert TASK.target(label) == [0, 4, 4, 8]
    assert TASK.named("C H") is None
    assert TASK.named("") is None
    assert as_truth("b a", ("a", "b")) == '["b", "a"]'
    with pytest.raises(ProtocolError, match="unknown label 'H'"):
        TASK.target('["H"]')


def by_search(a, b, most=5):
    """Edit distance by brute force: the fewest places that don't agree in any alignment with gaps."""
    best = len(a) + len(b)
    for length in range(max(len(a), len(b)), min(len(a) + len(b), most) + 1):
        for gaps_a, gaps_b in product(product((0, 1), repeat=length), repeat=2):
            if sum(gaps_a) != len(a) or sum(gaps_b) != len(b):
                continue
            one, other = iter(a), iter(b)
            pairs = [
                (next(one) if x else None, next(other) if y else None)
                for x, y in zip(gaps_a, gaps_b)
            ]
            best = min(best, sum(x != y for x, y in pairs))
    return best


@settings(max_examples=25, deadline=None)
@given(a=st.lists(st.integers(0, 2), max_size=3), b=st.lists(st.integers(0, 2), max_size=2))
def test_edit_distance_is_that_of_the_best_alignment(a, b):
    assert edit_distance(a, b) == by_search(a, b)


@settings(max_examples=50, deadline=None)
@given(a=TOKENS, b=TOKENS, c=TOKENS)
def test_edit_distance_is_a_distance(a, b, c):
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_errors_are_pooled_over_tokens_and_told_by_length():
    truth = [np.arange(3), np.arange(8), np.arange(12), np.arange(3)]
    said = [np.array([0, 9, 2]), np.arange(8), np.arange(6), np.array([], dtype=int)]
    values = {name: m.score(truth, said, TASK, Grid()) for name, m in by_name().items()}
    assert values["token error rate"] == pytest.approx(100 * (1 + 0 + 6 + 3) / 26)
    assert values["token error rate, short"] == pytest.approx(100 * 4 / 6)
    assert values["token error rate, middle"] == 0
    assert values["token error rate, long"] == 50
    assert values["token error rate, long minus short"] == pytest.approx(50 - 100 * 4 / 6)
    assert values["sequence accuracy"] == 25
    many = by_name()["token error rate"].score(truth[:1], [np.zeros(9, dtype=int)], TASK, Grid())
    assert many > 100
    with pytest.raises(MethodError, match="3 answers for 4 items"):
        sequence_counts(truth, said[:3], TASK, Grid())


@pytest.mark.parametrize("name", by_name())
def test_metrics_keep_the_contract(name):
    assert [str(c) for c in check_metric(by_name()[name], TASK) if not c.passed] == []


def test_lines_come_back_from_a_record_as_they_were():
    lines = [np.array([3, 3, 0]), np.array([], dtype=np.int64), np.arange(12)]
    rows = pd.DataFrame(
        {"cell": "a", "source": "s", "test": "t", "id": ["x", "y", "z"], "tokens": lines}
    )
    for some in (rows, rows[:0]):
        back = decode_outputs(encode_outputs(some, "sequence"), "sequence")["tokens"]
        assert [line.tolist() for line in back] == [line.tolist() for line in some["tokens"]]
        assert all(line.dtype == np.int64 for line in back)


def test_what_is_wrong_with_an_answer_is_said():
    assert fault_of(as_codes([]), 12) == ""
    assert fault_of(as_codes([0, 11, 11]), 12) == ""
    assert "outside the codes 0 to 11" in fault_of(as_codes([12]), 12)
    assert "are allowed" in fault_of(np.zeros(MOST + 1, dtype=int), 12)
    with pytest.raises(ValueError, match="float64"):
        as_codes([0.5])


def played(kind, n, seed=0):
    player = LinePlayer(kind, f"tunes/test/{kind}", seed, SR)
    rng = random_for(seed, f"{kind} {n}")
    notes = melody(player, n, rng)
    return notes, perform(player, notes, rng)


def test_tunes_are_the_same_bytes_everywhere_and_repeat_some_notes():
    notes, sound = played("clarinet", 7)
    assert len(notes) == 7
    assert sound.dtype == np.int16
    assert hashlib.sha256(sound.tobytes()).hexdigest()[:16] == "af318e08298de054"
    lines = [melody(LinePlayer("flute", "a", 0, SR), 40, random_for(i, "b")) for i in range(20)]
    same = np.concatenate([np.diff(line) == 0 for line in lines])
    assert 0.08 < same.mean() < 0.22
    steps = np.abs(np.concatenate([np.diff(line) for line in lines]))
    assert steps.max() < 9
    assert (np.concatenate(lines) >= 60).all()


@pytest.fixture(scope="module")
def tunes(tmp_path_factory):
    """A folder of eight short lines by four players."""
    root = tmp_path_factory.mktemp("tunes")
    rows = []
    for who, kind in enumerate(("flute", "brass", "plucked", "high voice")):
        for n in (3, 4):
            notes, sound = played(kind, n)
            path = f"{who}-{n}.wav"
            sf.write(root / path, sound, SR, subtype="PCM_16")
            names = " ".join(NAMES[note % 12] for note in notes)
            rows.append({"path": path, "notes": names, "group": f"player {who}"})
    pd.DataFrame(rows).to_csv(root / "index.csv", index=False)
    return root


ECHO = '''
import numpy as np
from sklearn.base import BaseEstimator

class Echo(BaseEstimator):
    def __init__(self, code=0):
        self.code = code
    def fit(self, X, y):
        assert all(line.dtype == np.int64 for line in y)
        self.line_ = y[0]
        return self
    def predict(self, X):
        return [[self.code, 3] for _ in X]

def method(code: int = 0):
    """Says two notes of everything."""
    return Echo(code)
'''


def test_a_folder_with_notes_is_a_protocol_that_runs_and_is_judged(tunes, home, method_file):
    protocol = make_protocol("note-line", [tunes], folds=2)
    spec = method_file(ECHO)
    records, failures = run_protocol(
        [spec, "prior-line", f"{spec}:code=12"], protocol, n_jobs=1, progress=False
    )
    assert len(failures) == 1
    assert all("outside the codes 0 to 11" in why for why in failures.values())
    assert {r.identity["kind"] for r in records} == {"sequence"}
    judge = Judge(records, protocol)
    [spec] = set(judge.methods) - {"prior-line"}
    table = board(judge, protocol)
    assert np.isfinite(table["token error rate"]).all()
    said = judge.outputs(judge.methods[spec][0])
    truth = [TASK.target(label) for label in judge.rows["label"]]
    wanted = 100 * sum(edit_distance(t, [0, 3]) for t in truth) / sum(map(len, truth))
    assert all(line.tolist() == [0, 3] for line in said)
    found = judge.interval(spec, judge.headline[0], judge.main)
    assert found.value == pytest.approx(wanted)
    alone = claims_table(judge, [Claim("it errs", spec, ""), Claim("who?", "nobody", "")])
    assert alone["difference"][0].startswith(f"{wanted:+.2f}")
    assert alone["blocks"].tolist() == ["1 of 1", "–"]
    assert alone["verdict"].tolist() == ["not separable", "no record of nobody"]  # of four players
    frame = to_frame(judge, protocol)
    assert frame[frame["method"] == spec]["tokens"].tolist() == [["C", "D#"]] * len(truth)

    record = judge.methods[spec][0]
    assert answers_fault(record.outputs, protocol) == ""
    data = encode_outputs(record.outputs, "sequence")
    assert len(read(data, shape_of(protocol))) == len(truth)
    other = judge.methods["prior-line"][0]
    assert decisions_changed(record, record, protocol) == 0
    assert decisions_changed(record, other, protocol) > 0

    rows = protocol_rows(protocol).assign(tokens="C D#")
    same = record_of_predictions(rows, protocol, "mine")
    assert [line.tolist() for line in same.outputs["tokens"]] == [[0, 3]] * len(truth)
    with pytest.raises(RecordError, match="unknown label 'H'"):
        record_of_predictions(rows.assign(tokens="C H"), protocol, "mine")
    with pytest.raises(RecordError, match="needs the column tokens"):
        record_of_predictions(rows.drop(columns="tokens"), protocol, "mine")


def protocol_rows(protocol):
    rows = [(c.name, test, i) for c in protocol.cells for test, ids in c.tests.items() for i in ids]
    return pd.DataFrame(rows, columns=["cell", "test", "id"])


@pytest.mark.parametrize(
    "spec", ["prior-line", "hmm-line:n_iter=1", "ctc-line:steps=1,width=0.125"]
)
def test_methods_keep_the_contract(spec, home):
    checks = check_method(spec, "note-line")
    assert [str(check) for check in checks if not check.passed] == []


@pytest.mark.parametrize("name", ["sequence/mini", "sequence/embedded"])
def test_frozen_protocols_keep_players_apart(name):
    protocol = load_protocol(name)
    groups = dict(zip(protocol.items["id"], protocol.items["group"]))
    for cell in protocol.cells:
        tested = {groups[i] for ids in cell.tests.values() for i in ids}
        assert tested.isdisjoint({groups[i] for i in cell.train})
    lengths = [len(TASK.target(label)) for label in protocol.items["label"]]
    assert (min(lengths), max(lengths)) == (3, 16)
    assert protocol.headline[0] == "token error rate"

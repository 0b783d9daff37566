"""Sequences as a task: truths, metrics, records, boards, the contract, the corpus of tunes."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.boards.judge import Judge
from mirbench.errors import MethodError, ProtocolError, RecordError
from mirbench.frames import Grid
from mirbench.metrics import metrics_for
from mirbench.metrics.sequences import edit_distance, sequence_counts
from mirbench.records import decode_outputs, encode_outputs
from mirbench.tasks import load_task
from mirbench.testing.metrics import check_metric
from mirbench.token_lines import MOST, as_codes, as_truth, fault_of

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

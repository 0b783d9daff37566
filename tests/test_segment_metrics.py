"""Segmentation metrics against mir_eval, scikit-learn and brute force."""

from __future__ import annotations

import itertools

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from mirbench.errors import DataError
from mirbench.frames import Grid
from mirbench.metrics import intervals as iv
from mirbench.metrics import metrics_for
from mirbench.metrics.segments import median_deviations
from mirbench.tasks import load_task

TASK = load_task("speech-music-segments")
GRID = Grid()


@st.composite
def segmentations(draw, end=20.0, labels=TASK.labels):
    """Contiguous segments from 0 to ``end`` with joins at multiples of 50 ms."""
    joins = draw(st.lists(st.integers(1, int(end * 20) - 1), max_size=8, unique=True))
    times = [0.0, *(k / 20 for k in sorted(joins)), end]
    return [
        (start, stop, draw(st.sampled_from(labels))) for start, stop in itertools.pairwise(times)
    ]


def split(segments):
    return np.array([row[:2] for row in segments]), [row[2] for row in segments]


def metric(name, task=TASK):
    (found,) = [m for m in metrics_for(task, GRID) if m.name == name]
    return found


def score(name, truth, outputs, task=TASK):
    return metric(name, task).score(truth, outputs, task, GRID)


def frames(segments, end=20.0):
    centres = (np.arange(round(end * 100)) + 0.5) / 100
    return np.array([next(v for s, e, v in segments if s <= t < e) for t in centres])


@settings(deadline=None)
@given(segmentations(), segmentations(), st.sampled_from([0.5, 3.0]), st.booleans())
def test_boundary_scores_equal_mir_eval(truth, estimate, window, trim):
    reference, estimated = split(truth)[0], split(estimate)[0]
    expected = mir_eval.segment.detection(reference, estimated, window=window, trim=trim)
    assert iv.boundary_scores(reference, estimated, window, trim) == pytest.approx(expected)


@settings(deadline=None)
@given(segmentations(), segmentations(), st.booleans())
def test_median_deviations_equal_mir_eval(truth, estimate, trim):
    expected = mir_eval.segment.deviation(split(truth)[0], split(estimate)[0], trim=trim)
    assert median_deviations([truth], [estimate], trim) == pytest.approx(expected, nan_ok=True)


@settings(deadline=None, max_examples=30)
@given(segmentations(), segmentations(), st.sampled_from(["music", "speech"]))
def test_frame_scores_equal_sklearn(truth, estimate, track):
    there = np.char.find(frames(truth), track) >= 0
    found = np.char.find(frames(estimate), track) >= 0
    expected = precision_recall_fscore_support(
        there, found, average="binary", zero_division=np.nan
    )[:3]
    given_scores = iv.frame_scores(*split(truth), *split(estimate), track)
    assert given_scores == pytest.approx(expected, nan_ok=True)
    pooled = score(f"{track} F (10 ms)", [truth], [estimate])
    assert pooled == pytest.approx(100 * expected[2], nan_ok=True)
    right = accuracy_score(frames(truth), frames(estimate))
    assert score("accuracy (10 ms)", [truth], [estimate]) == pytest.approx(100 * right)


def brute_force_matching(hits):
    rows, columns = hits.shape
    if rows > columns:
        return brute_force_matching(hits.T)
    orders = itertools.permutations(range(columns), rows)
    return max(sum(hits[i, j] for i, j in enumerate(order)) for order in orders)


@settings(deadline=None, max_examples=60)
@given(
    segmentations(end=6.0, labels=("a", "b")),
    segmentations(end=6.0, labels=("a", "b")),
    st.booleans(),
)
def test_event_matching_is_maximal(truth, estimate, offset):
    reference, estimated = (iv.events(*split(s), "a") for s in (truth, estimate))
    if len(reference) == 0 or len(estimated) == 0:
        assert iv.match_events(reference, estimated, 0.5, offset=offset) == 0
        return
    hits = np.zeros((len(reference), len(estimated)), dtype=bool)
    for (i, (on, off)), (j, (on_e, off_e)) in itertools.product(
        enumerate(reference), enumerate(estimated)
    ):
        hits[i, j] = abs(on - on_e) <= 0.5 + 1e-9
        if offset:
            hits[i, j] &= abs(off - off_e) <= max(0.5, 0.2 * (off - on)) + 1e-9
    assert iv.match_events(reference, estimated, 0.5 + 1e-9, offset=offset) == brute_force_matching(
        hits
    )


def test_events_are_runs_of_a_track():
    truth = [(0.0, 2.0, "speech"), (2.0, 5.0, "speech+music"), (5.0, 6.0, "music")]
    assert iv.tracks(TASK.labels) == ("music", "speech")
    np.testing.assert_array_equal(iv.events(*split(truth), "speech"), [[0, 5]])
    np.testing.assert_array_equal(iv.events(*split(truth), "music"), [[2, 6]])
    assert iv.events(*split(truth), "jingle").shape == (0, 2)


def test_speech_over_music_is_two_tracks():
    truth = [(0.0, 10.0, "speech+music"), (10.0, 20.0, "music")]
    two_classes = [(0.0, 10.0, "speech"), (10.0, 20.0, "music")]
    assert score("speech F (10 ms)", [truth], [two_classes]) == 100
    assert score("music recall (10 ms)", [truth], [two_classes]) == 50
    assert score("music precision (10 ms)", [truth], [two_classes]) == 100
    assert score("macro F (10 ms)", [truth], [two_classes]) == pytest.approx((100 + 200 / 3) / 2)
    assert score("accuracy (10 ms)", [truth], [two_classes]) == 50


def test_event_scores_by_hand():
    truth = [(0.0, 4.0, "speech"), (4.0, 10.0, "music"), (10.0, 20.0, "speech")]
    late = [(0.0, 4.4, "speech"), (4.4, 10.8, "music"), (10.8, 20.0, "speech")]
    assert score("event F (0.5 s)", [truth], [late]) == pytest.approx(100 * 2 / 3)
    assert score("event F (1 s)", [truth], [late]) == 100
    # speech 0-4.4 and music 4.4-10.8 (offset within 20 % of 6 s) are right
    assert score("event F (0.5 s, offset too)", [truth], [late]) == pytest.approx(100 * 2 / 3)
    assert score("boundary F (0.5 s)", [truth], [late]) == 50
    assert score("boundary F (3 s)", [truth], [late]) == 100


@settings(deadline=None, max_examples=30)
@given(st.lists(segmentations(), min_size=2, max_size=4), st.lists(segmentations(), min_size=4))
def test_counts_add_up_over_items(truth, outputs):
    outputs = outputs[: len(truth)]
    for one in metrics_for(TASK, GRID):
        rows = one.counts(truth, outputs, TASK, GRID)
        alone = [one.counts([t], [o], TASK, GRID)[0] for t, o in zip(truth, outputs, strict=True)]
        np.testing.assert_array_equal(rows, alone)
        values = one.value(np.stack([rows.sum(axis=0), rows[0]]))
        assert values.shape == (2,)
        assert values[0] == pytest.approx(one.score(truth, outputs, TASK, GRID), nan_ok=True)


@given(segmentations())
def test_the_truth_scores_full_marks(truth):
    for one in metrics_for(TASK, GRID):
        value = one.score([truth], [truth], TASK, GRID)
        empty = one.name.startswith("boundary") and len(truth) == 1
        assert np.isnan(value) or value == pytest.approx(0 if empty else 100)


def test_headlines_come_first_for_both_tasks():
    for name, first in (("speech-music-segments", "music"), ("singing-voice", "instrumental")):
        names = [m.name for m in metrics_for(load_task(name), GRID)]
        assert names[0] == f"{first} F (10 ms)"
        assert names[2:4] == ["macro F (10 ms)", "boundary F (0.5 s)"]
        assert len(set(names)) == len(names)


def test_ends_may_differ_by_50_ms_and_no_more():
    truth = [(0.0, 10.0, "speech")]
    assert score("speech F (10 ms)", [truth], [[(0.0, 9.96, "speech")]]) == 100
    assert score("speech F (10 ms)", [truth], [[(0.0, 10.04, "speech")]]) == 100
    with pytest.raises(DataError, match=r"item 1: .*0\.000 to 9\.900"):
        score("speech F (10 ms)", [truth, truth], [truth, [(0.0, 9.9, "speech")]])
    with pytest.raises(DataError, match="whole recording"):
        score("boundary F (0.5 s)", [truth], [[(0.2, 10.0, "speech")]])


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        ([], "shape"),
        ([(0.0, 4.0, "speech"), (5.0, 10.0, "music")], "gap or overlap at 4"),
        ([(0.0, 6.0, "speech"), (5.0, 10.0, "music")], "gap or overlap at 6"),
        ([(0.0, -1.0, "speech"), (-1.0, 10.0, "music")], "ends before"),
        ([(0.0, np.nan, "speech")], "finite"),
    ],
)
def test_bad_segments_are_one_clear_error(estimate, message):
    with pytest.raises(DataError, match=message):
        score("macro F (10 ms)", [[(0.0, 10.0, "speech")]], [estimate])


def test_every_item_needs_an_estimate():
    item = [(0.0, 10.0, "speech")]
    for name in ("macro F (10 ms)", "boundary F (0.5 s)", "event F (0.5 s)", "accuracy (10 ms)"):
        with pytest.raises(ValueError, match="shorter"):
            score(name, [item, item], [item])
    with pytest.raises(ValueError, match="shorter"):
        median_deviations([item, item], [item])


def test_labels_and_intervals_must_match():
    with pytest.raises(DataError, match="1 intervals, 2 labels"):
        iv.validate(np.array([[0, 1.0]]), ["a", "b"], np.array([[0, 1.0]]), ["a"])

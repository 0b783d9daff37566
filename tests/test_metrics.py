"""Metrics against scikit-learn, brute force and properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from mirbench.errors import MethodError
from mirbench.frames import Grid
from mirbench.metrics import metrics_for, ratio
from mirbench.metrics.classification import confusion_matrix
from mirbench.tasks import Task

CLIPS = Task("three", "classes", ("a", "b", "c"), positive="b")
FRAMES = Task("two", "frames", ("music", "speech"), positive="speech")
GRID = Grid()


def by_name(task, grid=GRID):
    return {metric.name: metric for metric in metrics_for(task, grid)}


def clips(seed, n=200):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, n), [*rng.random((n, 3)).astype(np.float32)]


def frames(seed, n=30):
    """Items of 0 to 3 windows and a part, with scores on a coarse grid so that ties happen."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 3 * GRID.window + 60, n)
    scores = [(rng.integers(0, 5, (length, 2)) / 4).astype(np.float16) for length in lengths]
    return rng.integers(0, 2, n), scores


@pytest.mark.parametrize("seed", range(3))
def test_classification_agrees_with_scikit_learn(seed):
    truth, outputs = clips(seed)
    decided = np.argmax(outputs, axis=1)
    p, r, f, _ = reference.precision_recall_fscore_support(truth, decided)
    expected = {
        "balanced accuracy": reference.balanced_accuracy_score(truth, decided),
        "balanced error": 1 - reference.balanced_accuracy_score(truth, decided),
        "accuracy": reference.accuracy_score(truth, decided),
        "macro F": reference.f1_score(truth, decided, average="macro"),
        "precision (b)": p[1],
        "F (b)": f[1],
        "recall (a)": r[0],
        "recall (b)": r[1],
        "recall (c)": r[2],
    }
    found = {m.name: m.score(truth, outputs, CLIPS, GRID) for m in metrics_for(CLIPS, GRID)}
    assert found == pytest.approx({name: 100 * value for name, value in expected.items()})
    matrix = confusion_matrix(truth, outputs, CLIPS)
    np.testing.assert_array_equal(matrix, reference.confusion_matrix(truth, decided))


def test_classes_absent_from_the_truth_stay_out_of_the_mean():
    outputs = [np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, 1.0])]
    metrics = by_name(CLIPS)
    assert metrics["balanced accuracy"].score([0, 1, 1], outputs, CLIPS, GRID) == pytest.approx(75)
    assert np.isnan(metrics["recall (c)"].score([0, 1, 1], outputs, CLIPS, GRID))


@pytest.mark.parametrize("seed", range(3))
def test_frames_agree_with_brute_force(seed):
    truth, outputs = frames(seed)
    wrong, windows, whole, of_class = [], [], [], {0: [], 1: []}
    for code, scores in zip(truth, outputs):
        scores = scores.astype(float)
        for row in scores:
            wrong.append((row[1] > row[0]) != code)
            of_class[code].append(wrong[-1])
        for start in range(0, len(scores) - GRID.window + 1, GRID.window):
            mean = scores[start : start + GRID.window].mean(axis=0)
            windows.append((mean[1] > mean[0]) != code)
        mean = scores.mean(axis=0)
        whole.append((mean[1] > mean[0]) != code)
    found = {m.name: m.score(truth, outputs, FRAMES, GRID) for m in metrics_for(FRAMES, GRID)}
    expected = {
        "frame error": wrong,
        "2.4-s error": windows,
        "clip error": whole,
        "frame error (music)": of_class[0],
        "frame error (speech)": of_class[1],
    }
    assert found == pytest.approx({k: 100 * np.mean(v) for k, v in expected.items()})


def test_ties_go_to_the_lowest_code():
    even = [np.full((GRID.window, 2), 0.5, np.float16)]
    for metric in metrics_for(FRAMES, GRID)[:3]:
        assert metric.score([0], even, FRAMES, GRID) == 0
        assert metric.score([1], even, FRAMES, GRID) == 100


def test_a_15_s_clip_holds_4_windows():
    n = GRID.n_frames(15.0) - GRID.first_scored
    counts = by_name(FRAMES)["2.4-s error"].counts([1], [np.zeros((n, 2))], FRAMES, GRID)
    assert counts.sum() == 4


def test_an_item_without_a_whole_window_counts_none():
    metric = by_name(FRAMES)["2.4-s error"]
    outputs = [np.zeros((GRID.window - 1, 2)), np.zeros((GRID.window, 2))]
    assert metric.counts([0, 0], outputs, FRAMES, GRID).sum(axis=1).tolist() == [0, 1]
    assert np.isnan(metric.score([0], outputs[:1], FRAMES, GRID))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(0, 30))
def test_counts_are_additive_and_values_are_vectorised(seed, cut):
    truth, outputs = frames(seed)
    for metric in metrics_for(FRAMES, GRID):
        counts = metric.counts(truth, outputs, FRAMES, GRID)
        parts = [metric.counts(truth[s], outputs[s], FRAMES, GRID) for s in halves(cut)]
        np.testing.assert_array_equal(counts, np.concatenate(parts))
        stacked = np.stack([counts, counts[::-1]])
        np.testing.assert_array_equal(metric.value(stacked)[0], metric.value(counts))


def halves(cut):
    return slice(0, cut), slice(cut, None)


@pytest.mark.parametrize("task", [CLIPS, FRAMES])
@pytest.mark.parametrize("fault", ["lengths", "nan", "classes", "code"])
def test_bad_input_gives_one_clear_error(task, fault):
    truth, outputs = clips(0, 5) if task is CLIPS else frames(0, 5)
    truth, outputs = truth.copy(), [o.copy() for o in outputs]
    words = {
        "lengths": "5 items in the truth but 4 outputs",
        "nan": "item 3 hold NaN",
        "classes": "item 2 have shape",
        "code": "truth codes",
    }
    if fault == "lengths":
        outputs = outputs[:4]
    elif fault == "nan":
        outputs[3][..., 0] = np.nan
    elif fault == "classes":
        outputs[2] = outputs[2][..., :1]
    else:
        truth[0] = 7
    for metric in metrics_for(task, GRID):
        with pytest.raises(MethodError, match=words[fault]):
            metric.counts(truth, outputs, task, GRID)


def test_an_item_without_scored_frames_is_an_error():
    with pytest.raises(MethodError, match="item 1 has no scored frame"):
        by_name(FRAMES)["frame error"].counts(
            [0, 1], [np.zeros((3, 2)), np.zeros((0, 2))], FRAMES, GRID
        )


def test_no_items_give_no_counts():
    for task in (CLIPS, FRAMES):
        for metric in metrics_for(task, GRID):
            assert metric.counts([], [], task, GRID).shape[0] == 0


def test_kinds():
    assert [m.name for m in metrics_for(FRAMES, GRID)][:2] == ["frame error", "2.4-s error"]
    with pytest.raises(ValueError, match="no metrics"):
        metrics_for(Task("t", "other", ("a",)), GRID)


def test_ratio_is_nan_where_nothing_is_counted():
    np.testing.assert_array_equal(ratio(np.array([1.0, 2]), np.array([2.0, 0])), [0.5, np.nan])

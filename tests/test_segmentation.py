"""Strategies A, B and C against brute force, hmmlearn and closed forms."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hmmlearn.hmm import GaussianHMM
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import median_filter
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from baselines.segmentation.bic import bic_boundaries, delta_bic
from baselines.segmentation.features import texture, timbre
from baselines.segmentation.joint import (
    JointViterbi,
    class_seconds,
    mean_durations,
    transitions,
    viterbi,
)
from baselines.segmentation.label_then_segment import LabelThenSegment
from baselines.segmentation.novelty import novelty, novelty_boundaries, taper
from baselines.segmentation.segment_then_label import SegmentThenLabel
from mirbench.apply.segments import decide, drop_short, join_runs, median_smooth, run_starts
from mirbench.errors import MethodError
from mirbench.estimators import PerFrame
from mirbench.features import Extract
from mirbench.items import Item, as_items, ragged

SR = 22_050


class Scores(ClassifierMixin, BaseEstimator):
    """Frame method that answers with the scores it was made with, one array an item."""

    def __init__(self, scores: Sequence[np.ndarray] = (), classes: Sequence[int] = (0, 1)) -> None:
        self.scores = scores
        self.classes = classes

    def fit(self, X, y):
        self.classes_ = np.array(self.classes)
        return self

    def predict_proba(self, X):
        return ragged(self.scores)


def silence(duration_s: float) -> Item:
    return Item.from_array(np.zeros(max(round(duration_s * SR), 1), dtype=np.float32), SR)


def noise_and_tone(rng: np.random.Generator, spans: Sequence[tuple[int, float]]) -> Item:
    """Noise where the code is 0, a tone with noise where it is 1."""
    parts = []
    for code, seconds in spans:
        n = round(seconds * SR)
        noise = rng.standard_normal(n)
        tone = np.sin(2 * np.pi * 440 * np.arange(n) / SR) + 0.05 * noise
        parts.append(0.1 * (tone if code else noise))
    return Item.from_array(np.concatenate(parts).astype(np.float32), SR)


def strategies(base, **kw_args):
    return (
        LabelThenSegment(base, **kw_args),
        SegmentThenLabel(base, **kw_args),
        SegmentThenLabel(base, detector="bic", **kw_args),
        JointViterbi(base, **kw_args),
    )


# Viterbi


@pytest.mark.parametrize("seed", range(5))
def test_viterbi_equals_hmmlearn(seed):
    rng = np.random.default_rng(seed)
    model = GaussianHMM(3, covariance_type="spherical")
    model.startprob_, model.transmat_ = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), 3)
    model.means_, model.covars_ = rng.normal(size=(3, 1)), np.ones(3)
    observed = rng.normal(size=(300, 1))
    score, expected = model.decode(observed)
    emission = -0.5 * ((observed - model.means_.T) ** 2 + np.log(2 * np.pi))
    start, transition = np.log(model.startprob_), np.log(model.transmat_)
    found = viterbi(emission, start, transition)
    np.testing.assert_array_equal(found, expected)
    path_score = start[found[0]] + emission[np.arange(300), found].sum()
    assert score == pytest.approx(path_score + transition[found[:-1], found[1:]].sum())


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 9),
    n_states=st.integers(1, 3),
    min_frames=st.integers(1, 4),
)
def test_viterbi_with_minimum_duration_equals_enumeration(seed, n, n_states, min_frames):
    rng = np.random.default_rng(seed)
    emission = rng.normal(size=(n, n_states))
    start = np.log(rng.dirichlet(np.ones(n_states)))
    transition = transitions(rng.uniform(min_frames + 1, 10, n_states), min_frames)
    m = min(min_frames, n)

    def score(path):
        # the self-transition is paid from the frame after the forced ones on
        total, run = start[path[0]] + emission[0, path[0]], 1
        for t in range(1, n):
            same = path[t] == path[t - 1]
            run = run + 1 if same else 1
            total += emission[t, path[t]]
            total += transition[path[t - 1], path[t]] if not same or run > m else 0.0
        return total

    def allowed(path):
        return np.diff(np.r_[run_starts(np.array(path)), n]).min() >= m

    paths = [p for p in itertools.product(range(n_states), repeat=n) if allowed(p)]
    found = tuple(viterbi(emission, start, transition, min_frames))
    assert found in paths
    assert score(found) == pytest.approx(max(map(score, paths)))


def test_transitions_keep_the_mean_duration():
    for min_frames in (1, 10):
        stay = np.exp(transitions(np.array([40.0, 25.0]), min_frames).diagonal())
        np.testing.assert_allclose(min_frames - 1 + 1 / (1 - stay), [40, 25])
    np.testing.assert_allclose(np.exp(transitions(np.array([5.0, 6.0, 7.0]))).sum(axis=1), 1)


def test_durations_and_prior_come_from_training():
    y = ragged([[(0.0, 4.0, 0), (4.0, 10.0, 1), (10.0, 12.0, 0)], [(0.0, 15.0, 1)], 0])
    classes = np.array([0, 1, 2])
    np.testing.assert_allclose(mean_durations(y, classes, 10.0), [3.0, 6.0, 10.0])
    np.testing.assert_allclose(class_seconds([12.0, 15.0, 5.0], y, classes), [11.0, 21.0, 0.0])


def test_joint_viterbi_bridges_a_dropout_and_keeps_a_change():
    scores = np.tile([0.9, 0.1], (1000, 1))
    scores[300:303] = [0.05, 0.95]
    scores[600:] = [0.1, 0.9]
    model = JointViterbi(Scores([scores])).fit(as_items([silence(1), silence(1)]), np.array([0, 1]))
    (segments,) = model.predict(as_items([silence(20.0)]))
    assert segments == [(0.0, 12.0, 0), (12.0, 20.0, 1)]


# A


def test_median_smooth_equals_scipy_per_column():
    scores = np.random.default_rng(0).random((300, 3))
    expected = median_filter(scores, size=(51, 1), mode="nearest")
    np.testing.assert_array_equal(median_smooth(scores, 50), expected)
    assert median_smooth(scores, 0) is scores


def test_hysteresis_needs_a_lead():
    rival = np.array([0.2, 0.55, 0.6, 0.9, 0.45, 0.3, 0.05])
    scores = np.stack([1 - rival, rival], axis=1)
    np.testing.assert_array_equal(decide(scores), [0, 1, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(decide(scores, 0.5), [0, 0, 0, 1, 1, 1, 0])


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.integers(0, 8))
def test_drop_short_leaves_no_short_run(codes, min_frames):
    kept = drop_short(np.array(codes), min_frames)
    lengths = np.diff(np.r_[run_starts(kept), len(kept)])
    assert len(kept) == len(codes)
    assert len(lengths) == 1 or lengths.min() >= min_frames
    assert set(kept) <= set(codes)
    if min_frames <= 1:
        np.testing.assert_array_equal(kept, codes)


def test_drop_short_prefers_the_longer_neighbour():
    np.testing.assert_array_equal(drop_short(np.array([0, 0, 0, 1, 2, 2]), 2), [0, 0, 0, 0, 2, 2])
    np.testing.assert_array_equal(drop_short(np.array([0, 0, 1, 2, 2, 2]), 2), [0, 0, 2, 2, 2, 2])


# B


def test_novelty_equals_the_checkerboard_on_the_self_similarity_matrix():
    rng = np.random.default_rng(0)
    features, half = rng.normal(size=(60, 5)), 6
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    similarity = unit @ unit.T
    kernel = np.outer(taper(half), taper(half))
    curve = novelty(features, half)
    for i in range(half, 60 - half):
        block = similarity[i - half : i + half, i - half : i + half]
        assert curve[i] == pytest.approx((block * kernel).sum() / np.abs(kernel).sum())


def test_novelty_peaks_at_the_change_of_two_states():
    states = np.repeat([1.0, -1.0], [70, 50])[:, None] * np.ones((1, 4))
    curve = novelty(states, 10)
    assert curve.argmax() == 70
    assert curve[70] == pytest.approx(1.0)
    assert curve[:50].max() < 1e-9
    np.testing.assert_array_equal(novelty_boundaries(states, 10, 5), [70])


def test_no_novelty_without_change():
    assert len(novelty_boundaries(np.ones((100, 3)), 10, 5)) == 0
    assert len(novelty_boundaries(np.ones((1, 3)), 10, 5)) == 0


def test_delta_bic_equals_the_formula():
    rng = np.random.default_rng(0)
    window = rng.normal(size=(80, 3)) @ rng.normal(size=(3, 3))

    def half_log_det(part):
        return len(part) / 2 * np.linalg.slogdet(np.cov(part.T, bias=True))[1]

    splits = np.array([20, 41, 60])
    penalty = 1.3 * 0.5 * (3 + 6) * np.log(80)
    expected = [
        half_log_det(window) - half_log_det(window[:k]) - half_log_det(window[k:]) - penalty
        for k in splits
    ]
    np.testing.assert_allclose(delta_bic(window, splits, 1.3), expected, atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_bic_finds_a_planted_change_and_none_in_a_homogeneous_gaussian(seed):
    rng = np.random.default_rng(seed)
    same = rng.normal(size=(3000, 6))
    assert len(bic_boundaries(same)) == 0
    changed = np.vstack([same[:700], 2.0 * rng.normal(size=(900, 6))])
    (found,) = bic_boundaries(changed)
    assert abs(found - 700) <= 10


def test_bic_survives_digital_silence():
    features = np.vstack([np.zeros((300, 4)), np.random.default_rng(0).normal(size=(300, 4))])
    assert any(abs(k - 300) <= 10 for k in bic_boundaries(features))


def test_texture_is_mean_and_deviation_of_blocks():
    frames = np.random.default_rng(0).normal(size=(203, 2))
    rows = texture(frames, 5)
    assert rows.shape == (40, 4)
    block = frames[100:105]
    np.testing.assert_allclose(rows[20], np.r_[block.mean(axis=0), block.std(axis=0)])


@pytest.mark.parametrize("detector", ["novelty", "bic"])
def test_boundaries_lie_where_the_sound_changes(detector):
    item = noise_and_tone(np.random.default_rng(0), [(0, 6.0), (1, 7.0), (0, 8.0)])
    found = 0.02 * SegmentThenLabel(Scores(), detector=detector).boundaries(item)
    assert all(np.abs(found - change).min() < 0.3 for change in (6.0, 13.0))


def test_timbre_is_on_the_grid_and_ignores_level():
    signal = np.random.default_rng(0).standard_normal(SR + 100).astype(np.float32) * 0.1
    rows = timbre(signal, SR)
    assert rows.shape == (50, 13)
    np.testing.assert_allclose(timbre(signal / 2, SR), rows, atol=1e-2)


# all of them


@settings(deadline=None, max_examples=25)
@given(
    duration_s=st.floats(0.0, 12.0),
    seed=st.integers(0, 1000),
    classes=st.sampled_from([(0, 1), (1, 2), (0, 1, 2), (2,)]),
)
def test_segments_cover_the_recording_without_overlap(duration_s, seed, classes):
    item = silence(duration_s)
    n = int(np.floor(item.duration_s / 0.02 + 1e-6))
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(np.full(len(classes), 0.3), n).reshape(n, len(classes))
    train, y = as_items([silence(1.0)] * len(classes)), np.array(classes)
    for model in strategies(Scores([scores], classes)):
        (segments,) = model.fit(train, y).predict(as_items([item]))
        assert segments[0][0] == 0.0
        assert segments[-1][1] == item.duration_s
        for (start, end, code), following in itertools.pairwise(segments):
            assert start < end == following[0]
            assert code != following[2]
        assert {code for *_, code in segments} <= set(classes)


def test_join_runs_ends_past_the_last_frame():
    assert join_runs(np.array([3, 3, 1]), 0.02, 0.0712) == [(0.0, 0.04, 3), (0.04, 0.0712, 1)]


def test_all_strategies_find_planted_segments():
    rng = np.random.default_rng(0)
    clips = as_items([noise_and_tone(rng, [(code, 7.0)]) for code in (0, 1, 0, 1)])
    y = ragged([[(0.0, 7.0, code)] for code in (0, 1, 0, 1)])
    base = make_pipeline(Extract(timbre), PerFrame(LinearDiscriminantAnalysis()))
    programme = noise_and_tone(rng, [(1, 6.0), (0, 9.0), (1, 5.0)])
    for model in strategies(base):
        fitted = clone(model).fit(clips, y)
        (segments,) = fitted.predict(as_items([programme]))
        assert [code for *_, code in segments] == [1, 0, 1]
        np.testing.assert_allclose([segments[0][1], segments[1][1]], [6.0, 15.0], atol=0.3)
        assert fitted.predict_proba(as_items([programme]))[0].shape == (1000, 2)


def test_a_wrong_option_is_one_clear_error():
    X, y = as_items([silence(1.0)]), np.array([0])
    with pytest.raises(MethodError, match="novelty"):
        SegmentThenLabel(Scores(), detector="foote").fit(X, y)
    with pytest.raises(MethodError, match="uniform"):
        JointViterbi(Scores(), prior="flat").fit(X, y)

"""Measures of recommendations against scikit-learn and by brute force; rows against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import LinearRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from mirbench.errors import MethodError
from mirbench.recommendation import rows
from mirbench.recommendation.evaluate import (
    METRICS,
    by_popularity,
    difference,
    interval,
    judge,
    value,
)

# --- measures --------------------------------------------------------------------------------


@st.composite
def judged_case(draw):
    n = draw(st.integers(3, 40))
    seed = draw(st.integers(0, 999))
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, draw(st.sampled_from([3, 1000])), (4, n)).astype(float)
    played, known = rng.random((4, n)) < 0.3, rng.random((4, n)) < 0.2
    played[0, :2], known[0, :2] = (True, False), False
    return scores, played & ~known, known


@settings(max_examples=40, deadline=None)
@given(judged_case())
def test_measures_agree_with_scikit_learn(case):
    scores, played, known = case
    found = judge(scores, played, known)
    auc, ap, recall = [], [], []
    for user in range(len(scores)):
        mask = ~known[user]
        y, s = played[user, mask], scores[user, mask]
        if not 0 < y.sum() < len(y):
            continue
        auc.append(roc_auc_score(y, s))
        ties = np.random.default_rng(0).random(scores.shape)[user, mask]
        place = np.lexsort((ties, -s))
        rank = np.empty(len(s))
        rank[place] = np.arange(len(s))
        ap.append(average_precision_score(y, -rank))
        recall.append(y[place[:20]].sum() / y.sum())
    assert found.left_out == len(scores) - len(auc)
    expected = [100 * np.mean(x) for x in (recall, auc, ap)]
    assert [value(found, m) for m in METRICS] == pytest.approx(expected)


def test_the_truth_is_perfect_and_a_constant_ranks_nothing():
    played = np.random.default_rng(5).random((300, 50)) < 0.1
    played[:, 0], played[:, 1] = True, False
    perfect, constant = judge(played.astype(float), played), judge(np.zeros(played.shape), played)
    assert [value(perfect, m) for m in METRICS] == pytest.approx([100, 100, 100])
    assert value(constant, "AUC") == pytest.approx(50)
    assert value(constant, METRICS[0]) == pytest.approx(40, abs=6)  # 20 of 50 by chance


def test_precision_stops_at_rank_500():
    played = np.zeros((1, 700), dtype=bool)
    played[0, [0, 600]] = True
    found = judge(-np.arange(700.0)[None], played)
    assert value(found, "mAP@500") == pytest.approx(50)


def test_coverage_counts_tracks_that_someone_is_shown():
    played = np.eye(2, 40, dtype=bool)
    scores = np.tile(np.arange(40.0), (2, 1))
    assert judge(scores, played).coverage == 50
    scores[1] = -scores[1]
    assert judge(scores, played).coverage == 100


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (np.zeros((2, 3)), "shape"),
        (np.full((2, 4), np.nan), "finite"),
        (np.zeros((2, 4)), "no user"),
    ],
)
def test_scores_that_cannot_be_judged_are_refused(scores, said):
    with pytest.raises(MethodError, match=said):
        judge(scores, np.zeros((2, 4), dtype=bool))


def test_intervals_know_users_from_artists():
    """All that differs is between artists: users agree, so the interval by artist is the wide one."""
    rng = np.random.default_rng(0)
    artists = np.repeat(np.arange(40), 3)
    quality = rng.standard_normal(40)[artists]
    played = rng.random((200, 120)) < 0.15
    found = judge(np.tile(quality, (200, 1)), played)
    by = {
        unit: interval(found, "AUC", [str(g) for g in groups], unit)
        for unit, groups in (("artist", artists), ("user", range(200)))
    }
    assert by["artist"].n_groups == 40
    assert by["user"].n_groups == 200
    assert [one.value for one in by.values()] == pytest.approx([value(found, "AUC")] * 2)
    assert by["artist"].hi - by["artist"].lo > 3 * (by["user"].hi - by["user"].lo)
    with pytest.raises(MethodError, match="by='album'"):
        interval(found, "AUC", ["a"], "album")


def test_a_difference_is_that_of_the_values():
    rng = np.random.default_rng(0)
    played = rng.random((50, 60)) < 0.2
    a, b = (judge(played + scale * rng.random(played.shape), played) for scale in (2, 5))
    users = [str(k) for k in range(50)]
    for metric in METRICS:
        found = difference(a, b, metric, users, "user")
        assert found.value == pytest.approx(value(a, metric) - value(b, metric))
        assert found.lo > 0
    other = judge(rng.random(played.shape), ~played)
    with pytest.raises(MethodError, match="different plays"):
        difference(a, other, "AUC", users, "user")


def test_deciles_tell_the_popular_tracks_from_the_others():
    rng = np.random.default_rng(0)
    played = rng.random((100, 50)) < np.linspace(0.02, 0.6, 50)
    listeners = played.sum(axis=0)
    found = by_popularity(judge(rows.popularity(sparse.csr_array(played)), played), listeners)
    assert list(found.index) == list(range(1, 11))
    assert found[10] == 100
    assert found[1] == 0


# --- rows ------------------------------------------------------------------------------------


def test_tags_of_what_was_played_come_first():
    train = sparse.csr_array(np.array([[3.0, 0, 0], [0, 1, 1]]))
    known = [{"rock", "fast"}, {"folk"}, {"folk", "slow"}]
    found = rows.by_tags(train, known, [{"rock"}, {"folk"}, {"unheard"}])
    assert found[0, 0] > found[0, 1] == found[0, 2] == 0
    assert found[1, 1] > found[1, 0] == 0
    assert found[0, 0] == pytest.approx(np.sqrt(0.5))  # both tags are as rare


@pytest.mark.parametrize("nearest", [False, True])
def test_distance_is_to_what_the_user_played(nearest):
    rng = np.random.default_rng(0)
    known, asked = rng.standard_normal((6, 4)), rng.standard_normal((5, 4))
    played = np.array([[1.0, 0, 2, 0, 0, 1], [0, 0, 0, 0, 3, 0]])
    found = rows.by_distance(sparse.csr_array(played), known, asked, nearest=nearest)
    for user in range(2):
        for track in range(5):
            away = [
                np.linalg.norm((known[k] - asked[track]) / known.std(axis=0))
                for k in np.flatnonzero(played[user])
            ]
            assert found[user, track] == pytest.approx(-(min(away) if nearest else np.mean(away)))


def test_popularity_counts_listeners():
    found = rows.popularity(sparse.csr_array(np.array([[9.0, 0, 1], [0, 0, 1]])))
    assert found.tolist() == [[1, 0, 2]] * 2


def test_regression_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    x, y, asked = rng.standard_normal((30, 4)), rng.standard_normal((30, 2)), np.eye(4)
    found = rows.regressed(x, y, asked)
    np.testing.assert_allclose(found, LinearRegression().fit(x, y).predict(asked))

"""Losses, mining and measures of metrics learned from triplets, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from triplet_helpers import tagged_items

from deep.similarity import objectives
from deep.similarity.miners import mine
from deep.similarity.objectives import Pairs, Proxies, Tags, Triplets
from deep.similarity.targets import hold_out_groups, mean_average_precision, truth_of
from mirbench.oracle import TOP


def unit_rows(seed, n, dim=5):
    rows = np.random.default_rng(seed).normal(size=(n, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def of_batches(objective, n):
    """Loss of the objective and outputs by position, batch by batch."""
    out = unit_rows(1, n)
    for tracks, loss in objective.batches(np.random.default_rng(0)):
        yield tracks, loss(torch.tensor(out[tracks])).item(), out


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 1.5))
def test_triplet_loss_is_its_formula(seed, margin):
    rng = np.random.default_rng(seed)
    out, places = unit_rows(seed, 9), rng.integers(0, 9, (3, 7))
    wanted = [
        max(0.0, np.sum((out[a] - out[p]) ** 2) - np.sum((out[a] - out[n]) ** 2) + margin)
        for a, p, n in places.T
    ]
    objective = Triplets(None, "random", margin, 3, 2, 4)
    loss = objective._of(torch.tensor(places))(torch.tensor(out))
    assert float(loss) == pytest.approx(np.mean(wanted), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 1.8))
def test_contrastive_loss_is_its_formula(seed, margin):
    rng = np.random.default_rng(seed)
    out = unit_rows(seed, 12)
    places = rng.permutation(12).reshape(3, 4)
    near = [np.linalg.norm(out[a] - out[p]) ** 2 / 2 for a, p, _ in places.T]
    far = [max(0, margin - np.linalg.norm(out[a] - out[n])) ** 2 / 2 for a, _, n in places.T]
    loss = Pairs(None, "random", margin, 3, 2, 4)._of(torch.tensor(places))(torch.tensor(out))
    assert float(loss) == pytest.approx(np.mean(near) + np.mean(far), abs=1e-9)


def test_proxy_loss_is_a_softmax_over_proxies():
    y = np.array([2, 5, 5, 2, 9, 9])
    torch.manual_seed(0)
    objective = Proxies(y, 5, 0.2, 4, 2)
    proxies = objective.loss.W.detach().numpy().astype(float)
    proxies /= np.linalg.norm(proxies, axis=0)
    for tracks, loss, out in of_batches(objective, 6):
        logits = out[tracks] @ proxies / 0.2
        own = np.searchsorted([2, 5, 9], y[tracks])
        wanted = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(own)), own]
        assert loss == pytest.approx(wanted.mean(), rel=1e-5)


def test_a_tag_of_a_track_is_drawn_by_its_weight():
    y = np.zeros((8, 3), dtype=int)
    y[0] = [1, 1, 0]
    y[1, 0] = y[2, 0] = y[3, 2] = 1
    objective = Proxies(y, 5, 0.1, 8, 1)
    assert objective.usable.tolist() == [0, 1, 2, 3]
    labels = []
    objective.loss.forward = lambda out, drawn: labels.append(drawn.numpy()) or out.sum()
    rng, first = np.random.default_rng(0), []
    for _ in range(2000):
        for tracks, loss in objective.batches(rng):
            loss(torch.zeros(len(tracks), 5))
            first.append(labels[-1][tracks == 0][0])
            assert y[tracks, labels[-1]].all()
    weights = np.log([8 / 3, 8])  # idf of the two tags
    np.testing.assert_allclose(np.bincount(first) / 2000, weights / weights.sum(), atol=0.04)


def test_tag_loss_is_binary_cross_entropy():
    y = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0]])
    for tracks, loss in Tags(y, 2, 1).batches(np.random.default_rng(0)):
        logits = unit_rows(3, len(tracks), 3)
        p = 1 / (1 + np.exp(-logits))
        wanted = -np.mean(y[tracks] * np.log(p) + (1 - y[tracks]) * np.log(1 - p))
        assert float(loss(torch.tensor(logits).float())) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("kind", [Triplets, Pairs])
def test_an_epoch_holds_every_anchor_once_and_all_mined_triplets_of_a_batch(kind, monkeypatch):
    _, tags = tagged_items()
    truth = truth_of(tags, [None] * 24, list(map(str, range(24))))
    objective = kind(truth, "distance", 0.5, 4, 2, 5)
    pool = []

    def spy(*args, **kw_args):
        pool.append(mine(*args, **kw_args))
        return pool[-1]

    monkeypatch.setattr(objectives, "mine", spy)
    objective._of = lambda places: places
    batches = list(objective.batches(np.random.default_rng(0)))
    mined = {tuple(row) for row in pool[0]}
    assert len(mined) == len(pool[0]) > 100
    for tracks, places in batches:
        assert len(np.unique(tracks)) == len(tracks) <= 15
        found = {tuple(row) for row in tracks[places.numpy()].T}
        assert found == {row for row in mined if set(row) <= set(tracks)}
        assert len(found) >= len(tracks) / 3
        for a, p, n in found:
            assert truth.lists[a].tolist().index(p) < 4
            assert kind is Triplets or truth.lists[a].tolist().index(n) >= 4
    anchors = {a for a, _, _ in mined}
    assert set(np.concatenate([tracks for tracks, _ in batches])) >= anchors
    assert len(batches) == -(-len(anchors) // 5)


def test_mean_average_precision_written_out():
    rng = np.random.default_rng(0)
    X, tags = tagged_items(40)
    groups = [item.group for item in X]
    truth = truth_of(tags, groups, [item.key for item in X])
    distances = rng.random((40, 40))
    scores = []
    for i, row in enumerate(distances):
        others = [j for j in np.argsort(row) if groups[j] != groups[i]][:20]
        hits, total = 0, 0.0
        for rank, j in enumerate(others, 1):
            if j in truth.relevant[i]:
                hits += 1
                total += hits / rank
        scores.append(total / TOP)
    assert mean_average_precision(distances, truth) == pytest.approx(np.mean(scores))
    assert mean_average_precision(-truth.similarity, truth) > 0.7  # but for ties, the oracle itself
    nothing = truth_of(np.arange(3), [None] * 3, list("abc"))
    assert np.isnan(mean_average_precision(np.zeros((3, 3)), nothing))


def test_labels_of_one_artist_each_need_no_artist_filter():
    artists = np.array([0, 0, 1, 1, 2])
    genres = np.array([0, 0, 0, 1, 1])
    names, keys = [f"artist {a}" for a in artists], list("abcde")
    assert [r.tolist() for r in truth_of(artists, names, keys).relevant] == [[1], [0], [3], [2], []]
    found = truth_of(genres, names, keys).relevant  # filtered: other artists' tracks only
    assert [sorted(r.tolist()) for r in found] == [[2], [2], [0, 1], [4], [3]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.integers(4, 30), st.floats(0.05, 0.5))
def test_a_share_of_the_artists_is_held_out_whole(seed, artists, share):
    groups = [f"a{k}" for k in np.random.default_rng(seed).integers(0, artists, 60)]
    held = hold_out_groups(groups, share, np.random.default_rng(seed))
    out = {g for g, h in zip(groups, held) if h}
    assert not out & {g for g, h in zip(groups, held) if not h}
    n = len(set(groups))
    assert len(out) == (max(2, round(share * n)) if n >= 4 else 0)
    assert not hold_out_groups(["a", "b", "c"] * 5, 0.5, np.random.default_rng(0)).any()

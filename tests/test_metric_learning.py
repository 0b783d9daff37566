"""Metrics learned from labels: losses of a batch against loops, what is ranked, what a fit may see."""

from itertools import permutations

import numpy as np
import pytest
import torch
from sklearn.base import clone

from deep.metric import methods, tasks
from deep.metric.tasks import (
    CLASSES,
    EACH,
    PAIR_MARGIN,
    TRIPLET_MARGIN,
    Contrastive,
    Triplets,
    active,
)
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import BATCH, STEPS
from mirbench.errors import MethodError
from mirbench.items import Item, as_items
from mirbench.methods import load_method
from mirbench.protocols import load_protocol
from mirbench.protocols.metric import one_a_group

SHAPE = (1, 64, 64)
NETS = [
    f"metric-{n}"
    for n in ("contrastive", *(f"triplet-{m}" for m in ("easy", "semihard", "hard", "all")))
]
CODES = np.array([0, 0, 0, 1, 1, 2, 2, 2])


def task_of(kind, codes=CODES, **arguments):
    task = kind(SmallEncoder(SHAPE, 6), SHAPE, **arguments)
    task.know(codes, ["a"] * len(codes))
    return task


def rows_of(seed=0):
    rows = torch.randn(len(CODES), 6, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(rows, dim=1)


def distances(rows):
    return np.linalg.norm(rows[:, None].numpy() - rows[None].numpy(), axis=2)


def triplets():
    return [
        (a, p, n)
        for a, p, n in permutations(range(len(CODES)), 3)
        if CODES[a] == CODES[p] != CODES[n]
    ]


@pytest.mark.parametrize("margin", [PAIR_MARGIN, 1.3])
def test_contrastive_against_a_loop(margin, monkeypatch):
    monkeypatch.setattr(tasks, "PAIR_MARGIN", margin)
    rows = rows_of()
    D, n = distances(rows), len(CODES)
    alike = [D[i, j] ** 2 / 2 for i, j in permutations(range(n), 2) if CODES[i] == CODES[j]]
    others = [
        max(0, margin - D[i, j]) ** 2 / 2
        for i, j in permutations(range(n), 2)
        if CODES[i] != CODES[j]
    ]
    found = float(task_of(Contrastive).of(rows, np.arange(n)))
    assert found == pytest.approx(np.mean(alike) + np.mean(others), rel=1e-4)


def test_margins_are_those_that_cards_name():
    assert f"margin {PAIR_MARGIN:g} between vectors" in methods.contrastive.__doc__
    assert f"the margin, {TRIPLET_MARGIN:g} between" in methods.triplet_semihard.__doc__


@pytest.mark.parametrize("mining", ["semihard", "hard", "all"])
@pytest.mark.parametrize("seed", [0, 1])
def test_triplets_against_a_loop(mining, seed):
    rows = rows_of(seed)
    D = distances(rows)
    gaps = np.array([D[a, n] - D[a, p] for a, p, n in triplets()])
    kinds = {
        "semihard": (gaps > 0) & (gaps <= TRIPLET_MARGIN),
        "hard": gaps <= 0,
        "all": gaps <= TRIPLET_MARGIN,
    }
    mined = gaps[kinds[mining]]
    assert len(mined)
    task = task_of(Triplets, mining=mining)
    found = float(task.of(rows, np.arange(len(CODES))))
    assert found == pytest.approx(np.mean(TRIPLET_MARGIN - mined), rel=1e-4)
    assert task.log == [pytest.approx(np.mean(gaps < TRIPLET_MARGIN))]


def test_easy_triplets_teach_nothing():
    task = task_of(Triplets, mining="easy")
    rows = rows_of().requires_grad_()
    loss = task.of(rows, np.arange(len(CODES)))
    loss.backward()
    assert loss.item() == 0
    assert rows.grad is None or not rows.grad.any()


def test_all_are_active_once_all_is_one_point():
    assert active(torch.zeros(8, 8), torch.as_tensor(CODES)) == 1
    apart = torch.as_tensor((CODES[:, None] != CODES) * 2.0)
    assert active(apart, torch.as_tensor(CODES)) == 0
    assert active(torch.zeros(2, 2), torch.zeros(2, dtype=torch.long)) == 0


def test_a_batch_is_classes_by_items():
    codes = np.repeat(np.arange(10), 7)
    places = task_of(Contrastive, codes).draw(np.random.default_rng(0))
    assert np.unique(codes[places], return_counts=True)[1].tolist() == [EACH] * CLASSES
    assert len(places) == len(set(places)) == BATCH


def notes(n=12, seed=0):
    """Tones of three classes."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(16_000 * 0.8)) / 16_000
    return as_items(
        Item.from_array(
            (
                0.1 * np.sin(2 * np.pi * 300 * 3 ** (i % 3) * t)
                + 0.01 * rng.standard_normal(len(t))
            ).astype(np.float32),
            16_000,
            group=f"g{i}",
        )
        for i in range(n)
    ), np.arange(n) % 3


@pytest.mark.parametrize("name", NETS)
def test_networks(name):
    assert load_method(name).build().steps == STEPS, "one budget for all"
    items, y = notes()
    method = load_method(name).build(0).set_params(steps=2).fit(items, y)
    rows = method.transform(items)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=0.05), "means of unit vectors"
    np.testing.assert_array_equal(clone(method).fit(items, y).transform(items), rows)
    logged = "triplet" in name
    assert all(("logged" in row) == logged for row in method.history_)
    with pytest.raises(MethodError, match="need a known class each"):
        clone(method).fit(items, np.full(len(items), -1))


@pytest.mark.slow
def test_semi_hard_triplets_become_fewer():
    items, y = notes(24)
    method = load_method("metric-triplet-semihard").build(0).set_params(steps=60).fit(items, y)
    shares = [row["logged"] for row in method.history_]
    assert shares[-1] < 0.5 * shares[0]


@pytest.mark.parametrize("name", ["metric-raw", "metric-pca"])
def test_plain_rows_look_at_no_label(name):
    items, y = notes()
    rows = load_method(name).build().fit(items, y).transform(items)
    again = load_method(name).build().fit(items, y[::-1].copy()).transform(items)
    np.testing.assert_array_equal(rows, again)
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("name", ["metric/mini", "metric/instruments"])
def test_ranked_classes_are_unseen_and_no_near_copy_is_a_candidate(name):
    protocol = load_protocol(name)
    unseen = []
    for cell in protocol.cells:
        assert not protocol.is_collection(cell), "labels of the base classes are shown"
        [ranked] = (protocol.table.loc[list(ids)] for ids in cell.tests.values())
        trained = protocol.table.loc[list(cell.train)]
        assert not set(ranked["label"]) & set(trained["label"])
        assert ranked["group"].is_unique
        assert (ranked.groupby("label")["corpus"].nunique() > 1).all()
        unseen += sorted(set(ranked["label"]))
    assert len(unseen) == len(set(unseen))
    shots = load_protocol(name.replace("metric", "few-shot"))
    for own, other in zip(protocol.cells, shots.cells, strict=True):
        assert own.train == other.train, "the divisions of the few-shot protocol"


def test_the_middle_item_of_a_group():
    items = load_protocol("metric/mini").items.head(40)
    kept = one_a_group(items)
    assert set(kept["group"]) == set(items["group"])
    assert kept["group"].is_unique

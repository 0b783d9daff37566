"""Every way of learning a representation: no labels, one budget, the same embedding for the same sound."""

from functools import lru_cache

import numpy as np
import pytest
import torch
from sklearn.base import clone

from deep.nets.small_decoder import SmallDecoder
from deep.nets.small_encoder import ARCHITECTURES, HOP
from deep.representation.budget import STEPS
from mirbench.errors import MethodError
from mirbench.items import Item, as_items
from mirbench.methods import load_method, method_names
from mirbench.running.few_labels import is_encoder

NAMES = [name for name in method_names() if name.startswith("encoder-")]
DEEP = [name for name in NAMES if load_method(name).budget == "matched"]
OTHERS = [name for name in NAMES if not load_method(name).budget]
SR = 16_000


def sounds(n=4, seconds=1.2, seed=0):
    """Noise of a band each, so that they differ."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(SR * seconds)) / SR
    return as_items(
        Item.from_array(
            (
                0.1 * np.sin(2 * np.pi * 200 * (1 + i) * t) + 0.01 * rng.standard_normal(len(t))
            ).astype(np.float32),
            SR,
            group=f"g{i}",
        )
        for i in range(n)
    )


@pytest.fixture(scope="module")
def items():
    return sounds()


def quick(name, seed=0):
    return load_method(name).build(seed).set_params(steps=3, batch_size=4)


@lru_cache
def fitted(name):
    return quick(name).fit(sounds())


def test_there_are_some():
    assert {"encoder-untrained", "encoder-autoencoder"} <= set(DEEP)
    assert {"encoder-pca", "encoder-mfcc", "encoder-peeters"} <= set(OTHERS)


@pytest.mark.parametrize("name", DEEP)
def test_contract(name, items):
    assert load_method(name).build().steps == STEPS, "one budget for all"
    one = fitted(name)
    rows = one.transform(items)
    assert rows.shape[0] == len(items)
    assert rows.ndim == 2
    assert np.isfinite(rows).all()
    assert np.ptp(rows, axis=0).max() > 0, "sounds differ, so do embeddings"
    state = torch.random.get_rng_state()
    again = clone(one).fit(items, np.arange(len(items)))  # labels aren't looked at
    assert torch.equal(state, torch.random.get_rng_state())
    np.testing.assert_array_equal(again.transform(items), rows)
    alone = np.concatenate([one.transform(items[i : i + 1]) for i in range(len(items))])
    np.testing.assert_allclose(alone, rows, atol=1e-5)
    assert np.abs(quick(name, seed=1).fit(items).transform(items) - rows).max() > 1e-6
    assert np.isfinite([h["train_loss"] for h in one.history_]).all()


@pytest.mark.parametrize("name", DEEP)
def test_a_short_item_and_one_item(name, items):
    with pytest.raises(MethodError, match="two or more"):
        quick(name).fit(items[:1])
    short = sounds(1, seconds=0.05)
    assert np.isfinite(fitted(name).transform(short)).all()


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n == "encoder-peeters" else ()) for n in OTHERS],
)
def test_contract_of_encoders_without_a_net(name):
    method, items = load_method(name), sounds(3, seconds=0.6)
    assert not method.seeded
    one = method.build().fit(items)
    assert is_encoder(one)
    rows = one.transform(items)
    assert rows.shape[0] == len(items)
    assert rows.ndim == 2
    assert np.ptp(rows, axis=0).max() > 0, "sounds differ, so do descriptions"
    again = clone(one).fit(items, np.arange(len(items)))  # labels aren't looked at
    np.testing.assert_array_equal(again.transform(items), rows)
    alone = np.concatenate([one.transform(items[i : i + 1]) for i in range(len(items))])
    np.testing.assert_allclose(alone, rows, atol=1e-4)
    assert np.isfinite(one.transform(sounds(1, seconds=0.05))).all()


def test_the_shared_encoder_gives_a_vector_every_four_frames():
    [arch] = ARCHITECTURES
    net = arch.build().eval()
    x = torch.randn(2, 1, 64, 64)
    assert net.frames(x).shape == (2, 128, 64 // HOP)
    torch.testing.assert_close(net(x), net.frames(x).mean(dim=2))
    later = x.clone()
    later[:, :, 40:] += 1.0
    same = net.frames(x)[:, :, :7] == net.frames(later)[:, :, :7]
    assert same.all(), "a vector hears 27 frames, none of them far ahead"


def test_the_decoder_draws_a_patch_of_the_same_shape():
    net = SmallDecoder((1, 64, 64), 128)
    assert net(torch.randn(2, 128, 16)).shape == (2, 1, 64, 64)


def test_the_auto_encoder_learns_to_draw(items):
    method = load_method("encoder-autoencoder").build().set_params(steps=60, batch_size=4)
    history = method.fit(items).history_
    assert history[-1]["train_loss"] < 0.7 * history[0]["train_loss"]

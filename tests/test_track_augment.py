"""Augmentations of batches: what each must keep, against slow twins."""

import numpy as np
import pytest
import torch

from deep.tracks import augment
from deep.tracks.augment import AUGMENTATIONS, augmentation
from mirbench.errors import MethodError

NAMES = sorted(AUGMENTATIONS)


def batch(n=6, channels=2, frames=37, bins=24, seed=0):
    rng = np.random.default_rng(seed)
    x = torch.as_tensor(rng.standard_normal((n, channels, frames, bins), dtype=np.float32))
    return x, torch.eye(n)[:, :4].contiguous(), np.random.default_rng(seed + 1)


@pytest.mark.parametrize("name", [*NAMES, "+".join(NAMES)])
@pytest.mark.parametrize("shape", [{}, {"frames": 1}, {"n": 1}, {"bins": 2}])
def test_shape_and_type_are_kept_and_all_is_finite(name, shape):
    x, targets, rng = batch(**shape)
    before = x.clone()
    moved, soft = augmentation(name)(x, targets, rng)
    assert moved.shape == x.shape
    assert moved.dtype == soft.dtype == torch.float32
    assert torch.isfinite(moved).all()
    assert torch.equal(x, before)
    assert ("mixup" in name) or torch.equal(soft, targets)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_draws_repeat(name):
    x, targets, _ = batch()
    results = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        results.append(augmentation(name)(x, targets, np.random.default_rng(seed))[0])
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_mixup_is_convex_in_the_same_proportion():
    x, targets, rng = batch(n=40)
    targets = torch.eye(40)
    mixed, soft = augment.mixup(x, targets, rng)
    assert soft.min() >= 0
    assert torch.allclose(soft.sum(dim=1), torch.ones(40))
    by_hand = torch.einsum("ij,jcfb->icfb", soft, x)
    assert torch.allclose(mixed, by_hand, atol=1e-5)
    assert ((soft > 0).sum(dim=1) <= 2).all()


def test_masks_are_spans_of_bounded_width_and_the_rest_is_untouched():
    x = torch.ones(200, 1, 60, 48)
    masked, _ = augment.specaugment(x, torch.zeros(200, 1), np.random.default_rng(0))
    assert set(masked.unique().tolist()) == {0.0, 1.0}
    for axis, size in ((1, 60), (2, 48)):
        hidden = (masked[:, 0] == 0).all(dim=3 - axis).numpy()
        assert hidden.sum(axis=1).max() <= augment.MASKS * int(size * augment.WIDEST)
        starts = np.diff(hidden.astype(int), axis=1, prepend=0) == 1
        assert starts.sum(axis=1).max() <= augment.MASKS
        assert hidden.any()
    kept = (masked[:, 0] != 0).any(dim=2)[:, :, None] & (masked[:, 0] != 0).any(dim=1)[:, None]
    assert torch.equal(kept, masked[:, 0] == 1)


def test_stretch_is_interpolation_around_the_middle(monkeypatch):
    x, targets, _ = batch(frames=41)
    monkeypatch.setattr(augment, "RATES", (0.8, 0.8))
    slow, _ = augment.stretch(x, targets, np.random.default_rng(0))
    places = 20 + (np.arange(41) - 20) * 0.8
    for band in (0, 5):
        twin = np.interp(places, np.arange(41), x[2, 1, :, band].numpy())
        assert np.allclose(slow[2, 1, :, band].numpy(), twin, atol=1e-5)
    monkeypatch.setattr(augment, "RATES", (1.25, 1.25))
    fast, _ = augment.stretch(x, targets, np.random.default_rng(0))
    assert torch.allclose(fast[:, :, 20], x[:, :, 20], atol=1e-5)
    assert torch.allclose(fast[:, :, 24], x[:, :, 25], atol=1e-5)
    monkeypatch.setattr(augment, "RATES", (1.0, 1.0))
    assert torch.allclose(augment.stretch(x, targets, np.random.default_rng(0))[0], x, atol=1e-5)


def test_pitch_moves_bands_alone():
    x, targets, _ = batch()
    rng = np.random.default_rng(5)
    shifts = np.random.default_rng(5).uniform(-augment.SHIFT, augment.SHIFT, len(x)) * 24
    moved, _ = augment.pitch(x, targets, rng)
    for i, shift in enumerate(shifts):
        places = np.clip(np.arange(24) - shift, 0, 23)
        for frame in (0, 36):
            twin = np.interp(places, np.arange(24), x[i, 0, frame].numpy())
            assert np.allclose(moved[i, 0, frame].numpy(), twin, atol=1e-5)


def test_noise_has_the_drawn_deviations():
    torch.manual_seed(0)
    x = torch.zeros(20, 1, 200, 96)
    levels = np.random.default_rng(2).uniform(0, augment.NOISE, 20)
    noisy, _ = augment.noise(x, torch.zeros(20, 1), np.random.default_rng(2))
    assert np.allclose(noisy.std(dim=(1, 2, 3)).numpy(), levels, rtol=0.03)


def test_waveforms_take_what_makes_sense_for_them():
    x, targets, rng = batch(bins=1, channels=1, frames=300)
    augmentation("mixup+specaugment+noise")(x, targets, rng)
    for name in ("stretch", "pitch"):
        with pytest.raises(MethodError, match="waveforms"):
            augmentation(name)(x, targets, rng)


def test_unknown_names_are_told():
    assert augmentation("") is None
    with pytest.raises(MethodError, match="mixup, specaugment, stretch"):
        augmentation("mixup+echo")

"""Parts of the estimator of nets over tracks: batches, losses, rates, costs."""

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss
from torch import nn

from deep.nets.vgg import VGG
from deep.tracks.batches import Patches, batch_slices
from deep.tracks.cost import multiply_adds
from deep.tracks.objective import objective_of
from deep.tracks.schedules import PONS_HALVE, PONS_STOP, halvings, pons_factor, rate_factor


def ragged(seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((2, n, 3)).astype(np.float32) for n in (5, 12, 30, 33)]


def patches_of(recordings, length=12):
    mean = np.arange(6, dtype=np.float32).reshape(2, 1, 3)
    return Patches(recordings, length, mean, mean + 2), mean


def test_a_patch_is_a_run_of_its_recording_standardised():
    recordings = ragged()
    patches, mean = patches_of(recordings)
    seen = set()
    for epoch in range(150):
        rng = np.random.default_rng(epoch)
        owners = []
        for owner, batch in patches.epoch(None, 4, rng):
            assert batch.shape[1:] == (2, 12, 3)
            for who, patch in zip(owner, batch.numpy()):
                whole = (recordings[who] - mean) / (mean + 2)
                n = whole.shape[1]
                fits = [
                    s
                    for s in range(max(1, n - 11))
                    if np.allclose(whole[:, (s + np.arange(12)) % n], patch, atol=1e-6)
                ]
                assert len(fits) == 1
                seen.add((who, fits[0]))
            owners.extend(owner)
        assert np.bincount(owners).tolist() == [1, 1, 2, 2]
    assert {s for who, s in seen if who == 2} == set(range(19))  # any start, the last one too
    assert (
        np.bincount([o for owner, _ in patches.epoch(3, 5, rng) for o in owner]).tolist() == [3] * 4
    )


def test_tiles_cover_every_recording():
    recordings = ragged()
    patches, mean = patches_of(recordings)
    assert np.bincount(patches.owner).tolist() == [1, 1, 3, 3]
    tiles = patches.at(patches.tiles).numpy()
    whole = (recordings[3] - mean) / (mean + 2)
    twin = np.stack([whole[:, s : s + 12] for s in (0, 12, 21)])
    assert np.allclose(tiles[patches.owner == 3], twin, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9])
@pytest.mark.parametrize("size", [1, 2, 4, 8, 100])
def test_slices_cover_all_and_none_is_of_one(n, size):
    slices = batch_slices(n, size)
    assert [i for s in slices for i in range(s.start, s.stop)] == list(range(n))
    assert all(s.stop - s.start >= min(n, 2) for s in slices)


def test_losses_against_their_formulas():
    rng = np.random.default_rng(0)
    logits = torch.as_tensor(rng.standard_normal((6, 3)), dtype=torch.float32)
    codes = np.array([0, 1, 2, 2, 2, 2])
    plain = objective_of(codes, 6, None)
    target = torch.as_tensor(plain.targets)
    probabilities = plain.outputs(logits).double().numpy()
    twin = log_loss(codes, probabilities / probabilities.sum(axis=1, keepdims=True))
    assert plain.loss(logits, target).mean() == pytest.approx(twin, rel=1e-5)
    balanced = objective_of(codes, 6)
    balanced.learn(np.arange(6))
    by_class = [plain.loss(logits, target)[codes == c].mean() for c in range(3)]
    assert balanced.loss(logits, target).mean() == pytest.approx(float(np.mean(by_class)), rel=1e-5)

    tags = objective_of((rng.random((6, 3)) > 0.5).astype(int), 6)
    twin = np.mean(
        [
            log_loss(t, p, labels=[0, 1])
            for t, p in zip(tags.targets.T, tags.outputs(logits).double().numpy().T)
        ]
    )
    assert tags.loss(logits, torch.as_tensor(tags.targets)).mean() == pytest.approx(twin, rel=1e-5)

    truth = rng.standard_normal((6, 3)) * [1, 10, 100] + 5
    values = objective_of(truth, 6)
    values.learn(np.arange(4))
    said = values.outputs(logits.double()).numpy()
    twin = np.mean(((said - truth) / truth[:4].std(axis=0)) ** 2)
    assert values.loss(logits, torch.as_tensor(values.targets)).mean() == pytest.approx(
        twin, rel=1e-4
    )
    assert np.allclose(values.outputs(torch.zeros(1, 3).double()), truth[:4].mean(axis=0))


def test_mixed_targets_give_mixed_losses():
    codes = np.array([0, 1, 1, 2])
    objective = objective_of(codes, 4)
    objective.learn(np.arange(4))
    logits = torch.randn(1, 3, generator=torch.Generator().manual_seed(0))
    eye = torch.eye(3)
    mixed = objective.loss(logits, 0.3 * eye[:1] + 0.7 * eye[2:])
    apart = 0.3 * objective.loss(logits, eye[:1]) + 0.7 * objective.loss(logits, eye[2:])
    assert torch.allclose(mixed, apart)


def test_rates():
    assert rate_factor("constant", [1, 2], [], 10, 3) == 1
    assert rate_factor("cosine", [1] * 5, [], 10, 3) == pytest.approx(0.5)
    assert halvings([3, 2, 2, 2, 1, 1, 1, 1, 1], wait=2) == 3
    assert rate_factor("halve", [9] * 3, [3, 2, 1], 10, 1) == 1
    assert pons_factor([1.0] + [2.0] * PONS_HALVE + [0.5]) == 1
    assert pons_factor([1.0] + [2.0] * (PONS_HALVE + 1)) == 1
    assert pons_factor([1.0] + [2.0] * (PONS_HALVE + 1) + [0.5]) == 0.5
    assert pons_factor([1.0] + [2.0] * PONS_STOP) == 1
    assert pons_factor([1.0] + [2.0] * (PONS_STOP + 1)) == 0


class Over(nn.Module):
    """A layer over (batch, frames, bins)."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        out = self.layer(x[:, 0])
        return out[0] if isinstance(out, tuple) else out


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (nn.Conv2d(1, 4, 3), 8 * 6 * 4 * 9),
        (Over(nn.Linear(8, 5)), 10 * 8 * 5),
        (Over(nn.GRU(8, 16, batch_first=True)), 10 * 3 * 16 * (8 + 16)),
        (Over(nn.LSTM(8, 16, batch_first=True, bidirectional=True)), 2 * 10 * 4 * 16 * (8 + 16)),
        (
            Over(nn.TransformerEncoderLayer(8, 2, 32, batch_first=True)),
            10 * 8 * (3 * 8 + 8 + 2 * 32) + 2 * 10 * 10 * 8,
        ),
    ],
)
def test_multiply_adds_in_closed_form(layer, wanted):
    layer.train()
    assert multiply_adds(layer, (1, 10, 8)) == wanted
    assert layer.training


def test_multiply_adds_of_a_net_grow_with_the_patch():
    net = VGG((1, 40, 16), 3, widths=(4, 4))
    assert multiply_adds(net, (1, 80, 16)) == pytest.approx(
        2 * multiply_adds(net, (1, 40, 16)), rel=0.02
    )

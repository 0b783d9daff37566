"""Contrastive and predictive ways of learning: their losses against twins, their targets, their causality."""

import math

import numpy as np
import pytest
import torch
from pytorch_metric_learning.losses import NTXentLoss
from scipy.fft import dct

from deep.nets.small_encoder import SmallEncoder
from deep.nets.wavenet import WaveNet, dequantise, mu_law, mu_law_inverse, quantise
from deep.representation.cpc import CPC, STEPS_AHEAD, info_nce
from deep.representation.pase import PASE, WORKERS, encoder_pase, told_apart
from deep.representation.past_future import PastFuture
from deep.representation.patch_order import PIECES, PatchOrder, pieces_of
from deep.representation.rotation import Rotation, turned
from deep.representation.simclr import SimCLR, nt_xent
from deep.representation.views import CHANCES, crop, delay, filtered, pitch, reverb, view
from deep.representation.wavenet import NextSample, peak_waveform
from deep.representation.word2vec import OFFSETS, SkipGram, blocks_of, sgns
from deep.representation.worker_targets import TARGETS, chroma, mfcc, prosody, tempogram
from deep.tracks.batches import Patches
from mirbench.errors import MethodError

SHAPE = (1, 64, 64)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def task(kind, **args):
    return kind(SmallEncoder(SHAPE, 128), SHAPE, **args)


def patches(n=8, frames=80, bins=64, length=64):
    rng = np.random.default_rng(0)
    rows = [rng.standard_normal((1, frames, bins)).astype(np.float32) for _ in range(n)]
    return Patches(rows, length, np.zeros((1, 1, bins)), np.ones((1, 1, bins)))


def logistic(x):
    return 1 / (1 + np.exp(-x))


# contrast


def test_nt_xent_is_what_loops_and_a_library_say():
    a, b = torch.randn(2, 5, 7)
    z = torch.cat([a, b]).double().numpy()
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    terms = []
    for i in range(10):
        j = (i + 5) % 10
        others = [np.exp(z[i] @ z[k] / 0.5) for k in range(10) if k != i]
        terms.append(-np.log(np.exp(z[i] @ z[j] / 0.5) / np.sum(others)))
    assert float(nt_xent(a, b)) == pytest.approx(np.mean(terms), rel=1e-5)
    library = NTXentLoss(temperature=0.5)(torch.cat([a, b]), torch.arange(5).repeat(2))
    torch.testing.assert_close(nt_xent(a, b), library)
    torch.testing.assert_close(nt_xent(3 * a, b / 2), nt_xent(a, b))


def test_info_nce_is_what_loops_say():
    scores = torch.randn(3, 4, 4)
    f = np.exp(scores.double().numpy())
    terms = [-np.log(f[t, i, i] / f[t, i].sum()) for t in range(3) for i in range(4)]
    assert float(info_nce(scores)) == pytest.approx(np.mean(terms), rel=1e-5)
    assert float(info_nce(torch.zeros(2, 6, 6))) == pytest.approx(math.log(6))


@pytest.mark.parametrize("kind", [CPC, PastFuture])
def test_info_nce_starts_at_log_n(kind):
    for n in (8, 32):
        loss = float(task(kind).loss(torch.randn(n, *SHAPE)).detach())
        assert loss == pytest.approx(math.log(n), abs=0.1)


def test_contexts_of_cpc_hear_no_future():
    cpc = task(CPC).eval()
    z = torch.randn(2, 128, 16)
    later = z.clone()
    later[:, :, 9:] += 1
    same = (cpc.contexts(z) == cpc.contexts(later)).all(dim=2).all(dim=0)
    assert same.tolist() == [True] * 9 + [False] * 7


def test_what_cpc_predicts_shares_no_frame_with_what_it_heard():
    encoder = SmallEncoder(SHAPE, 128).eval()
    x = torch.randn(1, 1, 128, 64, requires_grad=True)

    def heard(t):
        grad = torch.autograd.grad(encoder.frames(x)[0, :, t].sum(), x)[0]
        return set(grad.abs().sum(dim=(0, 1, 3)).nonzero().flatten().tolist())

    nearest = min(STEPS_AHEAD)
    assert not heard(12) & heard(12 + nearest)
    assert heard(12) & heard(12 + nearest - 1)
    token = set(range(4 * (12 + 4), 4 * (12 + 5)))
    assert min(map(abs, OFFSETS)) == 4
    assert not heard(12) & token
    assert not heard(12) & set(range(4 * (12 - 4), 4 * (12 - 3)))


@pytest.mark.parametrize("kind", [SimCLR, CPC, PastFuture])
def test_a_contrast_is_learned(kind):
    x = torch.randn(8, 1, 1, 64).expand(-1, -1, 64, -1) + 0.1 * torch.randn(8, *SHAPE)
    t = task(kind).train()
    optimisers = t.start(patches(), 1e-3)
    losses = [t.update(x, optimisers) for _ in range(12)]
    assert np.mean(losses[-3:]) < losses[0] - 0.5


# views


def test_views_are_crops_and_changes_keep_the_shape():
    x = torch.arange(64.0)[:, None].expand(6, 1, 64, 64).contiguous()
    cropped = crop(x, 48)
    assert cropped.shape == (6, 1, 48, 64)
    assert (cropped.diff(dim=2) == 1).all()
    assert len(cropped[:, 0, 0, 0].unique()) > 1
    assert view(torch.randn(6, *SHAPE)).shape == (6, 1, 48, 64)
    assert CHANCES == {
        "pitch": 0.6,
        "filter": 0.8,
        "delay": 0.3,
        "reverb": 0.6,
        "gain": 0.3,
        "noise": 0.01,
    }


def test_changes_do_what_they_say():
    x = torch.randn(32, *SHAPE)
    for one, moved in zip(x, pitch(x)):
        shifts = [
            by
            for by in (-2, -1, 1, 2)
            if torch.equal(moved.roll(-by, 2)[..., 2:-2], one[..., 2:-2])
        ]
        assert len(shifts) == 1
    gone = filtered(x) == 0
    assert (gone.all(dim=2) == gone.any(dim=2)).all(), "whole bands"
    assert (gone[..., 0] != gone[..., -1]).all(), "one end"
    assert gone.float().mean(dim=(1, 2, 3)).max() <= 1 / 3
    assert (delay(x) >= x).all()
    assert (delay(x)[:, :, 0] == x[:, :, 0]).all()
    fall = reverb(x).diff(dim=2).amin(dim=(1, 2, 3))
    assert (fall >= -0.5 - 1e-4).all()
    assert (fall <= -0.1 + 1e-4).all()


# order, rotation


def test_a_puzzle_is_named_by_its_permutation():
    t = task(PatchOrder)
    x = torch.randn(12, *SHAPE)
    pieces, number = t.puzzle(x)
    straight = pieces_of(x)
    assert straight.shape == (12, PIECES, 1, 12, 64)
    assert torch.equal(straight[:, 1, 0], x[:, 0, 16:28])
    assert len({tuple(order) for order in t.orders.tolist()}) == 24
    for row in range(12):
        for place, piece in enumerate(t.orders[number[row]]):
            assert torch.equal(pieces[row, place], straight[row, piece])
    assert len(number.unique()) > 1


def test_rotations_are_those_of_numpy():
    x = torch.randn(4, *SHAPE)
    found = turned(x, torch.arange(4))
    for k in range(4):
        np.testing.assert_array_equal(found[k, 0].numpy(), np.rot90(x[k, 0].numpy(), k))


def test_only_squares_can_be_turned():
    with pytest.raises(MethodError, match="give 64 frames"):
        Rotation(SmallEncoder((1, 48, 64), 128), (1, 48, 64))


def test_rotations_are_learned():
    ramp = torch.linspace(-2, 2, 64)
    x = (ramp + 0.3 * torch.randn(32, 1, 64, 64)).contiguous()
    t = task(Rotation).train()
    optimisers = t.start(patches(), 1e-3)
    losses = [t.update(x, optimisers) for _ in range(20)]
    assert losses[0] == pytest.approx(math.log(4), abs=0.4)
    assert np.mean(losses[-3:]) < 0.5 * losses[0]


# skip-gram


def test_sgns_is_what_loops_say():
    v, u = torch.randn(2, 6, 5)
    negatives = torch.randn(6, 3, 5)
    terms = [
        -np.log(logistic(v[i].numpy() @ u[i].numpy()))
        - sum(np.log(logistic(-v[i].numpy() @ negatives[i, j].numpy())) for j in range(3))
        for i in range(6)
    ]
    assert float(sgns(v, u, negatives)) == pytest.approx(np.mean(terms), rel=1e-5)


def test_tokens_are_the_nearest_means_and_the_loss_starts_at_log_2_a_word():
    t = task(SkipGram)
    train = patches()
    t.start(train, 1e-3)
    x = train.at(train.tiles)
    blocks = blocks_of(x)
    assert torch.equal(blocks[0, 2], x[0, :, 8:12].flatten())
    far = ((blocks[:, :, None] - t.means) ** 2).sum(dim=3)
    assert torch.equal(t.tokens(blocks), far.argmin(dim=2))
    counts = t.tokens(blocks).flatten().bincount(minlength=64)
    torch.testing.assert_close(t.chances, counts.float() ** 0.75)
    assert float(t.loss(x).detach()) == pytest.approx(6 * math.log(2), rel=1e-5)


def test_shuffled_tokens_are_the_batch_s_own_in_another_order():
    t = task(SkipGram, shuffled=True)
    train = patches()
    t.start(train, 1e-3)
    torch.nn.init.normal_(t.context.weight)
    x = train.at(train.tiles)
    seen = []
    t.context.register_forward_hook(lambda _, args, __: seen.append(args[0]))
    plain = t.tokens(blocks_of(x))
    torch.manual_seed(3)
    t.loss(x)
    torch.manual_seed(3)
    dealt = plain.flatten()[torch.randperm(plain.numel())].view_as(plain)
    n = plain.shape[1]
    context = [dealt[:, max(0, o) : n - max(0, -o)].flatten() for o in OFFSETS]
    assert torch.equal(seen[1], torch.cat(context))
    assert not torch.equal(dealt, plain)


# workers


def test_targets_of_workers():
    x = torch.randn(3, *SHAPE)
    steps = dct(x[:, 0].numpy(), axis=2, norm="ortho")[:, :, :20].reshape(3, 16, 4, 20).mean(axis=2)
    np.testing.assert_allclose(mfcc(x).numpy(), steps, atol=1e-4)
    pulses = torch.zeros(1, *SHAPE)
    pulses[:, :, ::8] = 1
    assert int(tempogram(pulses)[0].argmax()) + 1 == 8
    tone = torch.zeros(1, *SHAPE)
    tone[..., 20] = 3
    assert prosody(tone)[0, 0, 3] == pytest.approx(20 / 64)
    assert (chroma(tone)[0, 0] > 0).sum() == 1
    for target in TARGETS.values():
        assert torch.isfinite(target(torch.zeros(2, *SHAPE))).all(), "silence"


def test_workers_ask_for_standard_targets_and_judge_pairs():
    t = task(PASE)
    train = patches()
    t.start(train, 1e-3)
    x = train.at(train.tiles)
    losses = t.losses(x)
    assert set(losses) == {*TARGETS, "lim", "gim", "order"}
    assert all(float(losses[name].detach()) == pytest.approx(1, abs=0.2) for name in TARGETS)
    for name in ("lim", "gim", "order"):
        assert float(losses[name].detach()) == pytest.approx(math.log(2), abs=0.1)
    z = torch.randn(4, 16, 3)
    for (one, mate), (same, stranger) in t.pairs(z).values():
        assert torch.equal(one, same)
        assert (mate != stranger).any(dim=1).all()
    both = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor([0.3, -2.0, 1.5, 0.1]), torch.tensor([1.0, 1, 0, 0])
    )
    torch.testing.assert_close(told_apart(torch.tensor([0.3, -2]), torch.tensor([1.5, 0.1])), both)


@pytest.mark.parametrize("name", WORKERS)
def test_one_worker_alone_teaches_the_encoder(name):
    t = task(PASE, only=name)
    train = patches()
    t.start(train, 1e-3)
    x = train.at(train.tiles)
    torch.manual_seed(5)
    all_alike = t.losses(x)
    torch.manual_seed(5)
    loss = t.loss(x)
    assert float(loss.detach()) == float(all_alike[name].detach())
    loss.backward()
    heads = {**t.tell, **t.judge}
    assert {n for n, head in heads.items() if head[0].weight.grad is not None} == {name}


def test_a_worker_that_pase_lacks_is_refused():
    with pytest.raises(MethodError, match="PASE has no worker 'mfc'; it has spectrum, mfcc"):
        encoder_pase(worker="mfc")


# the waveform


def test_mu_law_is_its_formula_and_has_its_inverse():
    x = torch.linspace(-1, 1, 101, dtype=torch.float64)
    formula = np.sign(x.numpy()) * np.log(1 + 255 * np.abs(x.numpy())) / np.log(256)
    np.testing.assert_allclose(mu_law(x).numpy(), formula, atol=1e-12)
    np.testing.assert_allclose(mu_law_inverse(mu_law(x)).numpy(), x.numpy(), atol=1e-12)
    codes = quantise(x)
    assert codes[[0, -1]].tolist() == [0, 255]
    assert torch.equal(quantise(dequantise(torch.arange(256))), torch.arange(256))
    assert (dequantise(codes) - x).abs().max() < 0.025
    assert quantise(torch.tensor([-3.0, 3.0])).tolist() == [0, 255]


def test_wavenet_hears_no_future_and_as_much_past_as_it_says():
    net = WaveNet((1, 300, 1), 8, units=6, blocks=5).eval()
    assert net.context == 32
    codes = torch.randint(256, (1, 300))
    at = 150
    edited = codes.clone()
    edited[:, at] = (codes[:, at] + 99) % 256
    with torch.no_grad():
        same = (net.hidden(codes) == net.hidden(edited)).all(dim=1)[0]
    assert same[:at].all()
    changed = (~same).nonzero().flatten().tolist()
    assert changed[0] == at
    assert changed[-1] == at + net.context - 1


def test_wavenet_learns_a_tone_below_eight_bits():
    t = NextSample(WaveNet((1, 256, 1), 64, blocks=5), (1, 256, 1)).train()
    n = torch.arange(300)
    tone = torch.sin(2 * math.pi * n / 16).numpy().astype(np.float32)[None, :, None]
    train = Patches([tone, tone], 256, np.zeros((1, 1, 1)), np.ones((1, 1, 1)))
    optimisers = t.start(train, 5e-3)
    assert float(t.encoder.peak) == pytest.approx(1)
    x = train.at(np.array([0, 5, 9]))
    bits = [t.update(x, optimisers) / math.log(2) for _ in range(40)]
    assert bits[0] == pytest.approx(8, abs=0.3)
    assert bits[-1] < 5


def test_a_gain_of_the_waveform_is_not_heard():
    signal = np.random.default_rng(0).standard_normal(500).astype(np.float32)
    np.testing.assert_allclose(
        peak_waveform(signal, 8000), peak_waveform(0.1 * signal, 8000), atol=1e-6
    )
    assert peak_waveform(signal, 8000).shape == (500, 1)
    assert np.abs(peak_waveform(signal, 8000)).max() == 1
    assert peak_waveform(np.zeros(3, np.float32), 8000).max() == 0
    assert peak_waveform(np.zeros(0, np.float32), 8000).shape == (1, 1)

"""SPICE: its losses against formulas, shifts of the spectrum, the calibration, and what it learns."""

import numpy as np
import pytest
import torch
from sklearn.preprocessing import FunctionTransformer

from deep.pitch import spice as spice_module
from deep.pitch.cqt import BINS, PER_OCTAVE, SHIFTS, SLICE, SR, cqt, equalised, slices, tones
from deep.pitch.spice import MIDDLE, Spice, robust_line, spice
from deep.pitch.spice_net import SIGMA, TAU, SpiceNet, huber, losses, pitch_error
from mirbench.items import Item, as_items
from mirbench.testing.methods import check_method


def glides(n, seed=0, seconds=2.0):
    """Tones of several harmonics that slide over two octaves and more, 60 Hz to 1.5 kHz."""
    rng = np.random.default_rng(seed)
    items = []
    for _ in range(n):
        ends = rng.uniform(np.log2(60), np.log2(1500), 2)
        octaves = np.linspace(*ends, int(SR * seconds))
        cycles = np.cumsum(2**octaves) / SR
        k = np.arange(1, 1 + min(20, int(0.45 * SR / 2 ** octaves.max())))
        level = 10 ** (-rng.uniform(3, 12) * np.log2(k) / 20) * rng.uniform(0.5, 1, len(k))
        sound = np.sin(2 * np.pi * np.outer(cycles, k)) @ level
        items.append(Item.from_array(0.3 * sound / np.abs(sound).max(), SR))
    return as_items(items)


def test_the_error_and_its_loss_are_the_formulas():
    rng = np.random.default_rng(0)
    y = rng.random((2, 20))
    k = rng.integers(0, 9, (2, 20)).astype(float)
    e = (y[0] - y[1]) - SIGMA * (k[0] - k[1])
    given = [torch.as_tensor(v) for v in (*y, *k)]
    assert np.allclose(pitch_error(*given).numpy(), e)
    assert TAU == SIGMA / 4
    size = np.abs(e)
    wanted = np.where(size <= TAU, size**2 / 2, TAU * (size - TAU / 2))
    assert np.allclose(huber(torch.as_tensor(e)).numpy(), wanted)
    theirs = torch.nn.functional.huber_loss(
        torch.as_tensor(e), torch.zeros(20, dtype=torch.float64), delta=TAU, reduction="none"
    )
    assert np.allclose(theirs.numpy(), wanted)


def test_the_losses_of_a_batch_are_those_of_its_outputs():
    torch.manual_seed(0)
    net = SpiceNet(4).eval()
    x1, x2 = torch.rand(6, SLICE), torch.rand(6, SLICE)
    k1, k2 = torch.arange(6.0), torch.ones(6)
    pitch, again, sure = losses(net, x1, x2, k1, k2)
    (y1, c1), (y2, c2) = net(x1), net(x2)
    e = pitch_error(y1, y2, k1, k2)
    assert torch.allclose(pitch, huber(e).mean())
    rebuilt = [((net.rebuilt(y) - x) ** 2).mean() for y, x in ((y1, x1), (y2, x2))]
    assert torch.allclose(again, sum(rebuilt), atol=1e-6)
    off = (e.abs() / SIGMA).clamp(max=1)
    assert torch.allclose(sure, torch.cat([(1 - c1 - off) ** 2, (1 - c2 - off) ** 2]).mean())


def test_the_confidence_teaches_the_pitch_nothing():
    net = SpiceNet(4)
    x, k = torch.rand(4, SLICE), torch.zeros(4)
    losses(net, x, x.flip(0), k, k)[2].backward()
    assert all(p.grad is None for p in (*net.body.parameters(), *net.head.parameters()))
    assert all(p.grad is not None for p in net.sure.parameters())


def test_a_fit_weighs_the_losses_of_two_slices_through_two_equalisers(monkeypatch):
    seen = []

    def said(net, *given):
        seen.extend(given)
        return tuple(part + 0 * net.head[0].weight.sum() for part in (3.0, 5.0, 7.0))

    monkeypatch.setattr(spice_module, "losses", said)
    monkeypatch.setattr(Spice, "_calibrate", lambda self, rng: None)
    rows = np.full((128, BINS), -80.0, dtype=np.float32)
    rows[:, 58:63], rows[:, 60] = -10.0, 0.0  # the highest, whatever the equaliser
    frames = FunctionTransformer(lambda X: [rows])
    made = Spice(frames, width=1, steps=1, batch_size=128, random_state=0).fit(np.zeros(1))
    assert made.history_ == [{"epoch": 1, "train_loss": 1e4 * 3 + 5 + 7}]
    x1, x2, k1, k2 = seen
    for x, k in ((x1, k1), (x2, k2)):
        assert torch.equal(x.argmax(dim=1), 60 - k.long())
        assert set(k.tolist()) == set(range(SHIFTS + 1))
    same = k1 == k2
    assert 0 < same.sum() < 40
    assert (x1 != x2)[same].any(dim=1).all(), "of the same bins, one hears another timbre"


def test_slices_begin_at_their_shift_and_hang_from_their_maximum():
    rows = -20.0 * np.ones((2, BINS))
    rows[:, 10], rows[:, -1] = 0.0, -70.0
    first, last = slices(rows, np.array([0, 8]))
    assert (len(first), BINS) == (SLICE, SLICE + SHIFTS)
    assert (first[10], last[2], first[-1], last[-1]) == (1, 1, 0.5, 0)


def test_an_equaliser_leaves_partials_where_they_are_and_tells_frames_apart():
    rows = np.full((2, BINS), -60.0, dtype=np.float32)
    rows[:, [20, 44, 58]] = 0.0
    changed = equalised(rows, np.random.default_rng(0))
    bend = changed - rows
    assert np.abs(np.diff(bend, axis=1)).max() < 2
    assert np.abs(bend[0] - bend[1]).max() > 3
    assert set(np.argsort(changed[0])[-3:]) == {20, 44, 58}


def test_a_change_of_pitch_is_a_shift_of_the_spectrum():
    t = np.arange(SR) / SR
    low, high = (
        cqt(sum(np.sin(2 * np.pi * k * hz * t) / k for k in (1, 2, 3)), SR)[50]
        for hz in (200.0, 200.0 * 2 ** (6 / PER_OCTAVE))
    )
    gaps = [np.abs(low[: BINS - 12] - high[d : BINS - 12 + d]).mean() for d in range(12)]
    assert int(np.argmin(gaps)) == 6


@pytest.mark.parametrize("n", [80, 160, 4000])
def test_spectra_have_a_row_each_10_ms(n):

    assert cqt(np.zeros(n, dtype=np.float32), SR).shape == (n // 160, BINS)
    loud = cqt(np.random.default_rng(0).standard_normal(8000), SR)
    assert np.isfinite(loud).all()
    assert loud.max(axis=1) == pytest.approx(0)
    assert loud.min() >= -80


def test_tones_cover_their_range():
    hz, sounds = zip(*tones(20, np.random.RandomState(0)))
    assert 60 < min(hz) < 66
    assert 1350 < max(hz) < 1500
    assert all(len(sound) == SR // 2 and np.abs(sound).max() < 1.1 for sound in sounds)


def test_the_line_is_found_in_spite_of_octave_errors():
    x = np.linspace(-1, 0, 60)
    y = 9.0 - 5.3 * x
    y[::7] += 1
    slope, offset = robust_line(x, y)
    assert (slope, offset) == (pytest.approx(-5.3, abs=0.02), pytest.approx(9.0, abs=0.02))


@pytest.mark.slow
def test_shifted_slices_differ_by_their_shift_and_tones_have_their_pitch():
    items = glides(24)
    before = torch.random.get_rng_state()
    made = spice(random_state=0).set_params(width=4, steps=400).fit(items)
    assert torch.equal(before, torch.random.get_rng_state())
    assert made.history_[-1]["train_loss"] < made.history_[0]["train_loss"] / 2
    hz, sounds = zip(*tones(30, np.random.RandomState(5), 100, 1000))
    rows = np.stack([cqt(sound, SR)[25] for sound in sounds])
    outputs = np.stack([made.raw(rows, k)[:, 0] for k in range(SHIFTS + 1)])
    found = 12 * made.slope_ * (outputs - outputs[MIDDLE])
    wanted = -12 / PER_OCTAVE * (np.arange(SHIFTS + 1) - MIDDLE)[:, None]
    assert np.median(np.abs(found - wanted)) < 0.25
    assert made.slope_ == pytest.approx(-1 / (PER_OCTAVE * SIGMA), rel=0.2)
    off = 12 * (made.octaves(outputs[MIDDLE]) - np.log2(hz))
    assert np.median(np.abs(off)) < 1  # a net of a quarter of the filters, a third of the steps


@pytest.mark.slow
def test_spice_keeps_the_contract():
    def spice_short(random_state=0):
        """A few steps."""
        return spice(random_state).set_params(steps=4, batch_size=8, width=2)

    failed = [c for c in check_method(spice_short, "pitch") if not c.passed]
    assert not failed, failed

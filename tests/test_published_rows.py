"""Encoders as their papers have them: sizes, losses, views, a few steps of a narrow twin."""

import math
from functools import partial
from itertools import pairwise

import librosa
import numpy as np
import pytest
import torch
from scipy.fft import dct

from deep.nets.architecture import n_parameters
from deep.nets.sinc_waves import SincFilters, SincWaves
from deep.nets.strided_waves import StridedWaves
from deep.representation import clmr, cpc_published, wave_views, wave_workers
from deep.representation.clmr import CLMR, sample_encoder
from deep.representation.cpc_published import WaveCPC, one_of
from deep.representation.pase_published import WavePASE
from deep.tracks.batches import Patches
from mirbench.items import Item, as_items
from mirbench.methods import load_method

SR = 16_000


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture(scope="module")
def items():
    t = np.arange(SR) / SR
    tones = [0.3 * np.sin(2 * np.pi * 220 * (1 + i) * t) for i in range(3)]
    return as_items(Item.from_array(x.astype(np.float32), SR, group="g") for x in tones)


def narrow(name):
    """The method with a sixteenth of the channels, for three steps."""
    method = load_method(name).build()
    if name == "encoder-cpc-published":
        return method.set_params(
            encoder=partial(StridedWaves, width=1 / 16),
            n_outputs=32,
            task_args={"n_inputs": 32, "n_context": 8},
            patch_frames=4096,
            batch_size=3,
            steps=3,
        )
    if name == "encoder-pase-published":
        return method.set_params(
            encoder=partial(SincWaves, width=1 / 16),
            n_outputs=8,
            task_args={"n_inputs": 8},
            patch_frames=3200,
            batch_size=3,
            steps=3,
        )
    return method.set_params(
        encoder=partial(sample_encoder, width=1 / 16),
        n_outputs=32,
        task_args={"n_inputs": 32},
        batch_size=3,
        steps=3,
    )


STEPS = {
    "encoder-cpc-published": 300_000,
    "encoder-pase-published": 100_000,
    "encoder-simclr-published": 140_000,
}


@pytest.mark.parametrize(("name", "steps"), STEPS.items())
def test_a_narrow_twin_of_a_published_row_is_trained_without_labels(items, name, steps):
    method = load_method(name)
    assert method.budget == "published"
    assert method.build().steps == steps
    net = narrow(name).fit(items, np.arange(3))
    rows = net.transform(items)
    assert rows.shape == (3, 32 if "simclr" in name else 8)
    assert np.isfinite(rows).all()
    assert np.ptp(rows, axis=0).max() > 0
    untrained = narrow(name).set_params(steps=0).fit(items)
    assert not untrained.history_
    assert np.abs(untrained.transform(items) - rows).max() > 0
    optimiser = torch.optim.Adam(net.task_.parameters(), lr=0.5)
    net.anneal([optimiser], 0.9)
    assert optimiser.param_groups[0]["lr"] == 0.5, "the published rate stays"


def test_numbers_of_parameters_as_worked_out():
    with torch.device("meta"):
        cpc = WaveCPC(StridedWaves((1, 20_480, 1)), (1, 20_480, 1))
        speech = WavePASE(SincWaves((1, 16_000, 1)), (1, 16_000, 1))
        music = CLMR(sample_encoder((1, 118_098, 1)), (1, 118_098, 1))
        assert cpc.encoder(torch.empty(2, 1, 20_480, 1)).shape == (2, 512)
        assert speech.vectors(torch.empty(2, 1, 16_000, 1)).shape == (2, 100, 100)
        assert music.encoder(torch.empty(2, 1, 59_049, 1)).shape == (2, 512)
    convolutions = [512 * (n * k + 1) for n, k in ((1, 10), (512, 8), *[(512, 4)] * 3)]
    assert n_parameters(cpc.encoder) == sum(convolutions) == 5_250_560
    assert n_parameters(cpc.context) == 3 * 256 * (512 + 256 + 2) == 591_360
    assert n_parameters(cpc.ahead) == 12 * 256 * 512
    widths = (64, 64, 128, 128, 256, 256, 512, 512)
    sizes = zip(pairwise(widths), (20, *[11] * 6), strict=True)
    layers = [b * (a * k + 1) for (a, b), k in sizes]
    after = 3 * sum(widths)  # batch norm and PReLU
    assert n_parameters(speech.encoder) == 2 * 64 + sum(layers) + after + 100 * 513
    assert n_parameters(music.encoder) == 1_869_874 - 50 * 513
    assert n_parameters(music.projection) == 512 * (512 + 64)
    stride = math.prod(layer.stride[0] for layer in cpc.encoder.blocks if hasattr(layer, "stride"))
    assert stride == 160
    assert (cpc_published.SAMPLES, cpc_published.AHEAD, cpc_published.NEGATIVES) == (
        20_480,
        12,
        128,
    )
    assert (clmr.SAMPLES, clmr.BATCH, clmr.TAU, clmr.LR) == (3**10, 48, 0.5, 3e-4)


def test_one_of_is_what_loops_say():
    told, truth, negatives = torch.randn(5, 4), torch.randn(5, 4), torch.randn(7, 4)
    terms = []
    for row, right in zip(told.double(), truth.double()):
        scores = [float(torch.exp(row @ z)) for z in (right, *negatives.double())]
        terms.append(-math.log(scores[0] / sum(scores)))
    assert float(one_of(told, truth, negatives)) == pytest.approx(np.mean(terms), rel=1e-5)
    same = one_of(torch.zeros(3, 4), truth[:3], negatives)
    assert float(same) == pytest.approx(math.log(8))


def test_wave_cpc_starts_near_log_129_and_its_contexts_hear_no_future():
    cpc = WaveCPC(StridedWaves((1, 4096, 1), 16, 1 / 16), (1, 4096, 1), 16, 8)
    loss = float(cpc.loss(torch.randn(4, 1, 4096, 1)).detach())
    assert loss == pytest.approx(math.log(129), abs=0.2)
    z = torch.randn(2, 16, 20)
    later = z.clone()
    later[:, :, 9:] += 1
    same = (cpc.contexts(z) == cpc.contexts(later)).all(dim=2).all(dim=0)
    assert same.tolist() == [True] * 9 + [False] * 11


# workers of the waveform


def test_targets_are_those_of_librosa_and_of_a_tone():
    t = torch.arange(8000) / SR
    x = torch.stack([0.5 * torch.sin(2 * torch.pi * 200 * t), torch.randn(8000)])
    wave = x[1].numpy()
    settings = {"n_fft": 2048, "hop_length": 160, "win_length": 400, "pad_mode": "constant"}
    library = np.abs(librosa.stft(wave, **settings)).T[:50] ** 2
    np.testing.assert_allclose(wave_workers.power(x)[1].numpy(), library, rtol=1e-3, atol=1e-4)
    bands = librosa.feature.melspectrogram(y=wave, sr=SR, n_mels=40, **settings)[:, :50]
    found = wave_workers.mfcc(x)[1].numpy()
    np.testing.assert_allclose(
        found, dct(np.log(bands + 1e-7), axis=0, norm="ortho")[:20].T, atol=1e-2
    )
    tone, noise = wave_workers.prosody(x)[:, 5:-5]
    np.testing.assert_allclose(tone[:, 0].exp(), 200, rtol=0.01)
    assert (tone[:, 1] > 0.85).all()
    assert (noise[:, 1] < 0.5).all()
    np.testing.assert_allclose(tone[:, 2], 2 * 200 / SR, atol=0.003)
    assert (noise[:, 2] > 0.3).all()
    assert torch.equal(wave_workers.waveform(x), x.unflatten(1, (-1, 160)))


def test_sinc_filters_pass_what_lies_between_their_edges():
    bank = SincFilters(6)
    gains = np.abs(np.fft.rfft(bank.responses().detach().numpy(), n=SR))  # a number a hertz
    low, high = (edge.detach().numpy() for edge in bank.edges())
    for gain, a, b in zip(gains, low, high):
        assert gain[round((a + b) / 2)] == pytest.approx(1, abs=0.02)
        assert gain[round(a)] == pytest.approx(0.5, abs=0.05)
        assert (gain[: max(0, round(a) - 150)] < 0.02).all()
        assert (gain[round(b) + 150 :] < 0.02).all()
    x = torch.randn(1, 1, 4000)
    twin = [np.convolve(x[0, 0], r, mode="same") for r in bank.responses().detach().numpy()]
    np.testing.assert_allclose(bank(x)[0].detach().numpy(), np.stack(twin), atol=1e-4)


def test_workers_of_the_waveform_ask_for_standard_targets():
    pase = WavePASE(SincWaves((1, 3200, 1), 8, 1 / 16), (1, 3200, 1), 8)
    rows = [torch.randn(1, 6400, 1).numpy() for _ in range(4)]
    train = Patches(rows, 3200, np.zeros((1, 1, 1)), np.ones((1, 1, 1)))
    pase.start(train, 1e-3)
    losses = pase.losses(train.at(train.tiles))
    assert set(losses) == {*wave_workers.TARGETS, "lim", "gim", "order"}
    for name in ("spectrum", "mfcc", "prosody"):
        assert float(losses[name].detach()) == pytest.approx(1, abs=0.3)
    away = math.sqrt(2 / math.pi)  # mean size of a standard normal number
    assert float(losses["waveform"].detach()) == pytest.approx(away, abs=0.1)


# views of the waveform


def test_a_crop_at_twice_the_speed_is_every_other_sample():
    waves = torch.arange(1000.0).expand(3, -1)
    found = wave_views.crop(waves, 100, torch.tensor([[1.0], [2.0], [0.5]]))
    np.testing.assert_allclose(found.diff(dim=1).mean(dim=1), [1, 2, 0.5], rtol=1e-4)
    assert found.min() >= 0
    assert found.max() <= 999


def test_views_have_the_asked_length_and_differ():
    x = torch.randn(4, 1, 18_000, 1)
    one, other = wave_views.view(x, 12_000), wave_views.view(x, 12_000)
    assert one.shape == (4, 1, 12_000, 1)
    assert one.isfinite().all()
    assert (one != other).any(dim=2).all()
    assert wave_views.CHANCES == {
        "polarity": 0.8,
        "noise": 0.01,
        "gain": 0.3,
        "filtered": 0.8,
        "delay": 0.3,
        "pitch": 0.6,
        "reverb": 0.6,
    }


def test_changes_of_the_waveform_do_what_they_say():
    waves = torch.randn(16, 22_050)
    level = waves.std(dim=1)
    softer = 20 * torch.log10(wave_views.gain(waves).std(dim=1) / level)
    assert ((softer >= -20.001) & (softer <= -0.999)).all()
    added = (wave_views.noise(waves) - waves).std(dim=1) / level
    assert ((added > 0.9e-4) & (added < 1.1e-2)).all()
    late = wave_views.delay(waves) - waves
    first = (late != 0).float().argmax(dim=1)
    assert ((first >= 0.2 * 22_050 - 1) & (first <= 0.5 * 22_050)).all()
    for row, start, echo in zip(waves, first, late):
        torch.testing.assert_close(echo[start:], 0.5 * row[: len(row) - start], atol=1e-5, rtol=0)
    wet = (wave_views.reverb(waves) - waves).std(dim=1) / level
    torch.testing.assert_close(wet, torch.full((16,), 0.3), atol=0.01, rtol=0)


def test_a_filter_takes_three_decibels_at_an_edge_in_its_range():
    click = torch.zeros(20, 22_050)
    click[:, 0] = 1
    kinds = set()
    for row in wave_views.filtered(click):
        kept = np.abs(np.fft.rfft(row.numpy()))  # a number a hertz
        low_pass = kept[0] > 0.5
        kinds.add(low_pass)
        edge = int(np.abs(kept - 0.5**0.5).argmin())
        low, high = wave_views.LOW_PASS if low_pass else wave_views.HIGH_PASS
        assert low - 1 <= edge <= high + 1
        octave = kept[2 * edge] if low_pass else kept[edge // 2]
        assert octave == pytest.approx(17**-0.5, rel=0.02), "second order: 12 dB an octave"
    assert len(kinds) == 2, "either end, by chance"

"""Spectral, perceptual and waveform tracks of Peeters' descriptors, against twins and libraries."""

from __future__ import annotations

import itertools

import librosa
import numpy as np
import pytest
import scipy.signal
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal
from peeters_notes import SR, noise, note

from baselines.peeters import perceptual, spectral, temporal
from baselines.peeters.descriptors import spectral_tracks
from baselines.peeters.frames import frames_of, magnitude_of, normalised
from mirbench.features.spectral import mfcc

# Spectral shape -----------------------------------------------------------------------------------


def shape_twin(row: np.ndarray, before: np.ndarray, axis: np.ndarray) -> list[float]:
    """The definitions one bin at a time, for a spectrum and the one before."""
    total = float(sum(row))
    p = [float(a) / total for a in row]
    centre = sum(f * q for f, q in zip(axis, p, strict=True))
    second, third, fourth = (
        sum((f - centre) ** k * q for f, q in zip(axis, p, strict=True)) for k in (2, 3, 4)
    )
    slope = scipy.stats.linregress(axis, row.astype(float)).slope / total
    decrease = sum((float(row[k]) - float(row[0])) / k for k in range(1, len(row)))
    decrease /= float(sum(row[1:]))
    running, roll = 0.0, axis[-1]
    for f, q in zip(axis, p, strict=True):
        running += q
        if running >= 0.95:
            roll = f
            break
    cosine = np.dot(row, before) / np.linalg.norm(row) / np.linalg.norm(before)
    floored = np.maximum(row.astype(float), 1e-4 * row.max())
    return [
        centre,
        second**0.5,
        third / second**1.5,
        fourth / second**2,
        slope,
        decrease,
        roll,
        1 - cosine,
        scipy.stats.gmean(floored) / np.mean(row),
        max(row) / np.mean(row),
    ]


@pytest.mark.parametrize("power", [1, 2])
def test_shape_equals_a_twin(power: int) -> None:
    spectra = magnitude_of(frames_of(note(seconds=0.2), 1024, 1024), "hamming") ** power
    f = np.fft.rfftfreq(1024, 1 / SR)
    expected = [shape_twin(b, a, f) for a, b in itertools.pairwise(spectra)]
    assert_allclose(spectral.shape(spectra, f)[1:], expected, rtol=2e-3, atol=1e-6)


def test_shape_takes_an_axis_a_frame() -> None:
    rng = np.random.default_rng(0)
    rows, axes = rng.uniform(0.1, 1, (6, 20)), np.sort(rng.uniform(50, 9000, (6, 20)), axis=1)
    expected = [shape_twin(rows[k], rows[k - 1], axes[k]) for k in range(1, 6)]
    assert_allclose(spectral.shape(rows, axes)[1:], expected, rtol=1e-4)


def test_shape_equals_librosa() -> None:
    spectra = magnitude_of(frames_of(noise(), 1024, 256), "hamming")
    f, s = np.fft.rfftfreq(1024, 1 / SR), spectra.T
    columns = dict(zip(spectral.NAMES, spectral.shape(spectra, f).T, strict=True))
    assert_allclose(columns["centroid"], librosa.feature.spectral_centroid(S=s, sr=SR)[0], 1e-5)
    assert_allclose(columns["spread"], librosa.feature.spectral_bandwidth(S=s, sr=SR)[0], 1e-5)
    roll = librosa.feature.spectral_rolloff(S=s, sr=SR, roll_percent=0.95)[0]
    assert_allclose(columns["rolloff"], roll, rtol=1e-6)
    flat = librosa.feature.spectral_flatness(S=s, power=1.0)[0]
    assert_allclose(columns["flatness"], flat, rtol=1e-4)


def test_moments_are_about_the_centroid() -> None:
    """A Gaussian far from 0 has skewness 0 and kurtosis 3; moments about 0 would give 1 and 1."""
    f = np.linspace(0, 20_000, 4001)
    bump = np.exp(-0.5 * ((f - 9000) / 300) ** 2)[None].astype(np.float32)
    assert_allclose(spectral.moments(bump, f)[0], [9000, 300, 0, 3], rtol=1e-4, atol=1e-3)


def test_a_silent_spectrum_has_no_shape() -> None:
    assert_array_equal(spectral.shape(np.zeros((3, 50), np.float32), np.arange(50.0)), 0)


# Perceptual ---------------------------------------------------------------------------------------


def test_mfcc_are_librosas() -> None:
    samples = noise()
    power = magnitude_of(frames_of(samples, 1024, 256), "hamming") ** 2
    expected = mfcc(
        samples, SR, n_fft=1024, hop_length=256, window="hamming", framing="valid", n_mfcc=14,
        deltas=2,
    )  # fmt: skip
    kept = [*range(1, 14), *range(15, 28), *range(29, 42)]
    assert_allclose(perceptual.cepstra(power, SR), expected[:, kept], atol=5e-3)


def test_bark_bands_equal_a_twin() -> None:
    f = np.fft.rfftfreq(1024, 1 / SR)
    power = magnitude_of(frames_of(note(seconds=0.1), 1024, 512), "hamming") ** 2
    # Zwicker's band edges (Hz), which the formula follows within a bin
    edges = [0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700,
             3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 1e9]  # fmt: skip
    bands = perceptual.bark_bank(SR, 1024).argmax(axis=1)
    assert np.abs(bands - (np.searchsorted(edges, f, side="right") - 1)).max() <= 1
    relative, two, level = perceptual.loudness(power, SR)
    specific = np.array(
        [[row[bands == z].sum() ** 0.23 for z in range(24)] for row in power.astype(float)]
    )
    total = specific.sum(axis=1)
    assert_allclose(relative, specific / total[:, None], rtol=1e-4)
    g = [1.0 if z < 15 else 0.066 * np.exp(0.171 * z) for z in range(1, 25)]
    sharp = [0.11 * sum(z * g[z - 1] * n[z - 1] for z in range(1, 25)) / sum(n) for n in specific]
    assert_allclose(two[:, 0], sharp, rtol=1e-4)
    assert_allclose(two[:, 1], ((total - specific.max(axis=1)) / total) ** 2, rtol=1e-4)
    assert_allclose(level, 20 * np.log10(total / total.max()), atol=1e-4)


def test_erb_bank_is_gammatone() -> None:
    bank, rates = perceptual.erb_bank(SR, 1024)
    f = np.fft.rfftfreq(1024, 1 / SR)
    assert_allclose(np.diff(rates), np.diff(rates)[0])
    for band in (20, 40, 60):
        centre = (10 ** (rates[band] / 21.4) - 1) / 0.00437
        b, a = scipy.signal.gammatone(centre, "iir", fs=SR)
        _, response = scipy.signal.freqz(b, a, worN=f, fs=SR)
        near = np.abs(f - centre) < 24.7 * (1 + 0.00437 * centre)
        decibels = 20 * np.log10(np.abs(response[near]) / np.abs(response).max())
        ours = 10 * np.log10(bank[near, band])
        assert_allclose(ours - ours.max(), decibels - decibels.max(), atol=0.5)


def test_spectral_tracks_leave_level_relative() -> None:
    _, levels, _, _ = spectral_tracks(normalised(note()), SR)
    assert_allclose(levels.values.max(axis=0), 0, atol=1e-6)
    energy = magnitude_of(frames_of(normalised(note()), 1024, 256), "hamming") ** 2
    expected = 10 * np.log10(energy.sum(axis=1) / energy.sum(axis=1).max())
    assert_allclose(levels.values[:, 0], expected, atol=1e-3)


# Waveform -----------------------------------------------------------------------------------------


def test_autocorrelation_and_zero_crossings_equal_a_twin() -> None:
    samples = note(seconds=0.2)
    found = temporal.temporal(samples, SR)
    assert found.rate == pytest.approx(SR / 128)
    padded = np.pad(samples.astype(float), (0, 2000))
    for k in (0, 7, 40):
        frame = padded[128 * k : 128 * k + 1024]
        for lag in range(1, 13):
            shifted = padded[128 * k + lag : 128 * k + lag + 1024]
            cosine = frame @ shifted / np.linalg.norm(frame) / np.linalg.norm(shifted)
            assert found.values[k, lag - 1] == pytest.approx(cosine, abs=1e-5)
        crossings = librosa.zero_crossings(frame, pad=False, threshold=0, zero_pos=True).sum()
        # the crossing into a frame's first sample counts, librosa's doesn't
        assert abs(found.values[k, 12] * 1024 / SR - crossings) <= 1

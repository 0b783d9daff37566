"""Features of tracks against closed forms, brute-force twins and what they claim to ignore."""

from __future__ import annotations

from collections.abc import Callable

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad

from baselines.mfcc_svm import mfcc_statistics
from baselines.peeters.descriptors import ALL, FEW, SPECTRAL_NAMES, describe, descriptor_names
from baselines.peeters.temporal import NAMES as TEMPORAL_NAMES
from baselines.similarity.patterns import g1c_features
from baselines.tracks.codebook import Codebook, mfcc_frames
from baselines.tracks.modulation import modulation_pattern
from baselines.tracks.onsets import onset_strength
from baselines.tracks.peeters_track import track_descriptors
from baselines.tracks.periodicity import (
    TEMPI,
    autocorrelations,
    log_tempo,
    onset_autocorrelation,
    tempo,
    tempogram,
    tempogram_statistics,
    windows_of,
)
from baselines.tracks.scale import direct_scale_transform, scale_magnitudes, scales
from baselines.tracks.timbre import chroma_statistics

SR = 22_050
PATTERN = (1, 0, 0, 0.6, 0, 0, 0.8, 0, 1, 0, 0.6, 0, 0.8, 0, 0, 0)
TRIPLE = (1, 0, 0.6, 0, 0.9, 0, 0.6, 0, 0.9, 0, 0.6, 0)
VECTORS = (
    chroma_statistics,
    log_tempo,
    mfcc_statistics,
    modulation_pattern,
    onset_autocorrelation,
    scale_magnitudes,
    tempogram_statistics,
    track_descriptors,
)


def clicks(
    bpm: float, pattern: tuple[float, ...] = (1, 0, 0, 0), seconds: float = 20.0
) -> np.ndarray:
    """Noise bursts of 18 ms, four steps of the pattern a beat."""
    burst = 0.3 * np.random.default_rng(0).standard_normal(400) * np.exp(-np.arange(400) / 80)
    signal = np.zeros(int(seconds * SR))
    for i in range(int(seconds * bpm / 15) - 1):
        at = round(i * 15 / bpm * SR)
        signal[at : at + 400] += pattern[i % len(pattern)] * burst
    return signal.astype(np.float32)


def chord(semitones: float = 0.0, seconds: float = 3.0) -> np.ndarray:
    t = np.arange(int(seconds * SR)) / SR
    notes = sum(np.sin(2 * np.pi * f * 2 ** (semitones / 12) * t) for f in (261.6, 329.6, 392.0))
    return (0.1 * notes * (1 + 0.5 * np.sin(2 * np.pi * 2 * t))).astype(np.float32)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("c", [0.0, 0.7, 3.0])
def test_scale_transform_is_the_integral_of_its_definition(c: float) -> None:
    values = np.array([1.0, 0.2, -0.5, 0.8, 0.1])

    def part(wave: Callable[[float], float]) -> float:
        """Integral of x(t) t**(-1/2) wave(c ln t) over t = exp(u)."""
        edges = np.log([1e-30, 1, 2, 3, 4, 5])
        steps = [
            value * quad(lambda u: wave(c * u) * np.exp(u / 2), low, high, limit=200)[0]
            for value, low, high in zip(values, edges[:-1], edges[1:], strict=True)
        ]
        return sum(steps) / np.sqrt(2 * np.pi)

    found = direct_scale_transform(values, np.array([c]))[0]
    assert_allclose([found.real, found.imag], [part(np.cos), -part(np.sin)], atol=1e-7)


@pytest.mark.parametrize("factor", [2, 3])
def test_stretching_turns_the_phase_of_the_scale_transform_only(factor: int) -> None:
    values = np.random.default_rng(0).normal(size=50)
    c = scales(50)
    plain = direct_scale_transform(values, c)
    stretched = direct_scale_transform(np.repeat(values, factor), c)
    assert_allclose(np.abs(stretched), np.sqrt(factor) * np.abs(plain), rtol=1e-9)
    assert_allclose(stretched, plain * factor ** (0.5 - 1j * c), rtol=1e-9)


@pytest.mark.parametrize("n_bands", [1, 8])
def test_scale_magnitudes_know_the_rhythm_not_its_tempo(n_bands: int) -> None:
    slow, fast, other = (
        scale_magnitudes(clicks(bpm, pattern), SR, n_bands)
        for bpm, pattern in ((100, PATTERN), (125, PATTERN), (100, TRIPLE))
    )
    assert_allclose(slow.sum(), n_bands, rtol=1e-5)
    assert cosine(slow, fast) > 0.98
    assert np.linalg.norm(slow - fast) < 0.5 * np.linalg.norm(slow - other)


def test_tempogram_follows_the_tempo() -> None:
    slow, fast, other = (
        tempogram_statistics(clicks(bpm, pattern), SR)
        for bpm, pattern in ((100, PATTERN), (125, PATTERN), (100, TRIPLE))
    )
    assert cosine(slow, fast) < 0.5 < cosine(slow, other)


def test_tempogram_peaks_at_the_tempo() -> None:
    rows = tempogram(clicks(120), SR)
    octave = (TEMPI > 85) & (TEMPI < 170)
    for row in rows[:-3]:
        assert TEMPI[octave][np.argmax(row[octave])] == pytest.approx(120, rel=0.001)


@pytest.mark.parametrize("bpm", [60, 75, 92, 100, 128, 140, 173, 200])
def test_tempo_of_clicks_or_an_octave_off(bpm: float) -> None:
    found = tempo(clicks(bpm), SR)
    assert min(abs(found * k / bpm - 1) for k in (0.5, 1, 2)) < 0.01


def test_tempo_agrees_with_librosa() -> None:
    for bpm in (90, 120, 150):
        theirs = librosa.feature.tempo(y=clicks(bpm), sr=SR)[0]
        assert tempo(clicks(bpm), SR) == pytest.approx(theirs, rel=0.04)


def test_no_periodicity_is_120_beats_a_minute() -> None:
    assert tempo(np.zeros(3 * SR, dtype=np.float32), SR) == 120


def test_onsets_are_where_the_clicks_are() -> None:
    strength, rate = onset_strength(clicks(60, seconds=6), SR)
    for second in range(1, 5):
        peak = np.argmax(strength[int((second - 0.4) * rate) : int((second + 0.4) * rate), 0])
        assert abs(peak / rate - 0.4) < 0.04


def test_autocorrelation_is_that_of_each_window() -> None:
    strength = np.random.default_rng(1).uniform(size=(230, 2))
    rate = 20.0
    windows, found = windows_of(strength, rate), autocorrelations(strength, rate)
    assert found.shape == windows.shape == (8, 160, 2)
    assert_array_equal(windows[3], strength[30:190])
    for i, band in ((0, 0), (7, 1)):
        row = windows[i, :, band]
        wanted = np.correlate(row, row, "full")[159:] / (row @ row)
        assert_allclose(found[i, :, band], wanted, atol=1e-12)


def test_chroma_statistics_know_the_chord_not_its_key() -> None:
    major = chroma_statistics(chord(), SR)
    assert np.argmax(major[:12]) == 0
    assert cosine(major, chroma_statistics(chord(5), SR)) > 0.98
    t = np.arange(3 * SR) / SR
    single = (0.1 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    assert cosine(major, chroma_statistics(single, SR)) < 0.8


def test_modulation_pattern_is_that_of_the_similarity_baseline() -> None:
    signal = clicks(100)
    signal = (signal * 0.1 / np.sqrt(np.mean(signal.astype(float) ** 2))).astype(np.float32)
    assert_allclose(modulation_pattern(signal, SR), g1c_features(signal, SR)[-362:], rtol=1e-4)


def test_track_descriptors_are_those_of_a_note_without_its_head() -> None:
    rng = np.random.default_rng(2)
    signal = (0.1 * rng.standard_normal(44_100)).astype(np.float32)
    note = dict(zip(descriptor_names(), describe(signal, 44_100), strict=True))
    found = track_descriptors(signal, 44_100)
    names = [f"{name}, {row}" for row in FEW for name in TEMPORAL_NAMES]
    names += [f"{name}, {row}" for row in ALL for name in SPECTRAL_NAMES]
    assert_allclose(found[: len(names)], [note[name] for name in names], rtol=1e-6)


def test_codebook_counts_the_nearest_entries() -> None:
    rng = np.random.default_rng(3)
    frames = [rng.normal(size=(n, 3)).astype(np.float32) for n in (150, 40, 1)]
    book = Codebook(k=5, per_item=20).fit(frames)
    assert book.n_frames_ == 20 + 20 + 1
    rows = book.transform(frames)
    assert_allclose(np.square(rows).sum(axis=1), 1)
    centres = book.clusters_.cluster_centers_
    standard = (frames[0] - book.scaler_.mean_) / book.scaler_.scale_
    nearest = np.argmin(np.linalg.norm(standard[:, None] - centres, axis=2), axis=1)
    assert_allclose(np.square(rows[0]), np.bincount(nearest, minlength=5) / 150)


def test_codebook_of_few_frames_is_small() -> None:
    assert Codebook(k=100).fit([np.zeros((2, 3)), np.ones((1, 3))]).transform(
        [np.ones((4, 3))]
    ).shape == (1, 3)


@pytest.mark.parametrize("function", [*VECTORS, mfcc_frames])
def test_any_sound_has_features(function: Callable[..., np.ndarray]) -> None:
    sr = 44_100 if function is track_descriptors else SR
    rng = np.random.default_rng(4)
    odd = (
        np.zeros(2 * sr),
        np.full(sr, 0.5),
        rng.standard_normal(sr),
        rng.standard_normal(5),
        np.eye(1, sr)[0],
    )
    rows = [function(signal.astype(np.float32), sr) for signal in odd]
    assert all(np.isfinite(row).all() and len(row) for row in rows)
    assert len({row.shape[-1] for row in rows}) == 1


@pytest.mark.parametrize("function", VECTORS)
def test_gain_does_not_tell(function: Callable[..., np.ndarray]) -> None:
    sr = 44_100 if function is track_descriptors else SR
    rng = np.random.default_rng(5)
    noisy = clicks(110, PATTERN, 4.0) + 0.01 * rng.standard_normal(4 * SR)
    loud = noisy.astype(np.float32)
    assert_allclose(function(loud, sr), function(loud * np.float32(0.25), sr), atol=1e-3, rtol=1e-3)

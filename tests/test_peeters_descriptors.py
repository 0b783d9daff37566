"""The vector of Peeters' descriptors: names, gain, odd notes, rates; and its statistics."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from peeters_notes import NAMES, SR, noise, note, tone, value

from baselines.peeters import statistics
from baselines.peeters.descriptors import describe
from baselines.peeters.pitch import VOICED
from mirbench.errors import DataError

# The whole vector ---------------------------------------------------------------------------------


def test_names_match_values_and_are_unique() -> None:
    values = describe(note(), SR)
    assert values.shape == (len(NAMES),)
    assert values.dtype == np.float32
    assert len(set(NAMES)) == len(NAMES)
    assert {"f0 (log2 Hz)", "f0 strength", "spectral centroid (power), median"} <= set(NAMES)


def test_columns_bear_the_right_names() -> None:
    samples = tone(1000.0, np.array([1.0, 0.5]))
    values = describe(samples, SR)
    power = np.abs(
        librosa.stft(samples, n_fft=1024, hop_length=256, center=False, window="hamming")
    )
    centre = librosa.feature.spectral_centroid(S=power**2, sr=SR)[0]
    assert value(values, "spectral centroid (power), median") == pytest.approx(
        np.median(centre), rel=1e-4
    )
    assert value(values, "f0 (log2 Hz)") == pytest.approx(np.log2(1000), abs=1e-3)
    assert value(values, "odd to even (dB), mean") == pytest.approx(20 * np.log10(2), abs=0.05)
    assert value(values, "tristimulus 1, weighted mean, first 0.8 s") == pytest.approx(2 / 3, 1e-2)
    assert value(values, "effective duration") == pytest.approx(1.2, abs=0.1)
    assert value(values, "relative specific loudness 9, median") > 0.1
    assert value(values, "f0 deviation (cents)") < 0.1


@settings(max_examples=12, deadline=None)
@given(decibels=st.floats(-70, 70), seed=st.integers(0, 3))
def test_gain_changes_nothing(decibels: float, seed: int) -> None:
    samples = note(seed=seed, seconds=0.9)
    expected = describe(samples, SR)
    louder = describe(samples * np.float32(10 ** (decibels / 20)), SR)
    assert_allclose(louder, expected, rtol=2e-3, atol=2e-3)


def test_a_gain_of_two_to_the_k_changes_no_bit() -> None:
    assert_array_equal(describe(note() / 64, SR), describe(note(), SR))


ODD = {
    "silence": np.zeros(SR, np.float32),
    "one sample": np.ones(1, np.float32),
    "two samples": np.array([0.5, -0.5], np.float32),
    "shorter than a window": note(seconds=0.01),
    "constant": np.full(SR, 0.5, np.float32),
    "clipped": np.sign(note()),
    "far too loud": 1e6 * note(),
    "very soft": 1e-12 * note(),
    "one click": np.eye(1, SR, 700, dtype=np.float32)[0],
    "A0": note(27.5),
    "C8": note(4186.0),
    "under the range": note(10.0),
    "over the range": note(9000.0),
    "inharmonic": tone(220.0, stretch=3e-2),
    "no pitch": noise(),
    "silence after sound": np.concatenate([note(seconds=0.3), np.zeros(2 * SR, np.float32)]),
    "silence before sound": np.concatenate([np.zeros(SR, np.float32), note(seconds=0.3)]),
    "float64": note().astype(np.float64),
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.filterwarnings("error")
def test_odd_notes_are_finite(case: str) -> None:
    assert np.isfinite(describe(ODD[case], SR)).all()


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 5000), sr=st.sampled_from([16_000, 22_050, 44_100, 48_000]))
def test_any_length_and_rate_is_finite(n: int, sr: int) -> None:
    values = describe(note(seconds=0.2)[:n], sr)
    assert np.isfinite(values).all()
    assert values.shape == (len(NAMES),)


def test_no_samples_is_an_error() -> None:
    with pytest.raises(DataError, match="empty"):
        describe(np.zeros(0, np.float32), SR)
    with pytest.raises(DataError, match="NaN"):
        describe(np.array([np.nan, 1.0]), SR)


def test_silence_and_noise_are_neutral() -> None:
    silent, noisy = describe(np.zeros(SR, np.float32), SR), describe(noise(), SR)
    assert value(silent, "f0 (log2 Hz)") == pytest.approx(np.log2(440))
    for values in (silent, noisy):
        assert value(values, "f0 strength") < VOICED
        assert value(values, "noisiness, mean") == 1
        assert value(values, "tristimulus 1, mean") == 0
        assert value(values, "inharmonicity, median") == 0
        assert value(values, "odd to even (dB), mean") == 0


def test_what_is_told_of_the_head_does_not_depend_on_length() -> None:
    long, short = note(seconds=3.0), note(seconds=3.0)[:SR]
    whole, cut = describe(long, SR), describe(short, SR)
    fixed = [
        k
        for k, name in enumerate(NAMES)
        if "first 0.8 s" in name
        or "attack" in name
        or "level after" in name
        or name == "f0 (log2 Hz)"
    ]
    assert len(fixed) > 200
    tolerance = 2e-3 * np.maximum(np.abs(whole[fixed]), 1)
    assert (np.abs(whole[fixed] - cut[fixed]) < tolerance).all()


def test_rates_agree() -> None:
    values = [describe(tone(440.0, 0.6 ** np.arange(20), sr=sr), sr) for sr in (44_100, 22_050)]
    for name, rel in [
        ("f0 (log2 Hz)", 1e-4),
        ("spectral centroid (power), median", 0.02),
        ("zero-crossing rate, median", 0.02),
        ("log attack time (fast)", 0.05),
    ]:
        assert value(values[0], name) == pytest.approx(value(values[1], name), rel=rel, abs=0.1)


# Statistics ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 40), seed=st.integers(0, 1000))
def test_statistics_are_numpys(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tracks, energy = rng.normal(3, 1, (n, 4)), rng.uniform(0.1, 1, n)
    rows = dict(zip(statistics.NAMES, statistics.statistics(tracks, energy), strict=True))
    assert_allclose(rows["min"], tracks.min(0))
    assert_allclose(rows["max"], tracks.max(0))
    assert_allclose(rows["mean"], tracks.mean(0))
    assert_allclose(rows["sd"], tracks.std(0), atol=1e-12)
    assert_allclose(rows["median"], np.median(tracks, 0))
    assert_allclose(rows["iqr"], 0.7413 * scipy.stats.iqr(tracks, axis=0), atol=1e-12)
    bounded = np.abs(tracks.mean(0)) > 0.05
    assert_allclose(rows["crest"][bounded], (tracks.max(0) / tracks.mean(0))[bounded])
    mean = np.average(tracks, axis=0, weights=energy)
    assert_allclose(rows["weighted mean"], mean)
    square = np.average((tracks - mean) ** 2, axis=0, weights=energy)
    assert_allclose(rows["weighted sd"], np.sqrt(square), atol=1e-12)


def test_crest_is_bounded() -> None:
    crest = statistics.NAMES.index("crest")
    tracks = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert_allclose(statistics.statistics(tracks, np.ones(2))[crest], [100, 0])


def test_iqr_of_a_gaussian_is_its_sd() -> None:
    track = np.random.default_rng(0).normal(0, 2, (20_000, 1))
    iqr = statistics.statistics(track, np.ones(20_000))[statistics.NAMES.index("iqr"), 0]
    assert iqr == pytest.approx(2, rel=0.03)

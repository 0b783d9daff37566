"""The 13 descriptors of Scheirer & Slaney (1997)."""

from __future__ import annotations

import itertools

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scheirer_slaney_helpers import RECIPES, SR, noise

from baselines.scheirer_slaney.descriptors import (
    MEMORY_S,
    NAMES,
    SETS,
    VARIANCE_FLOORS,
    columns_of,
    descriptors,
)
from baselines.scheirer_slaney.energy import low_energy, rms, zero_crossings
from baselines.scheirer_slaney.modulation import modulation_robust
from baselines.scheirer_slaney.pulse import autocorrelations, pulse
from baselines.scheirer_slaney.spectral import (
    N_FFT,
    centroid,
    flux,
    power_spectra,
    residual,
    rolloff,
    unit_norm,
)
from baselines.scheirer_slaney.windows import frames_of, trailing_sum, trailing_variance

HOP = 441


def scene(seconds: float, seed: int = 0) -> np.ndarray:
    """Tones, bursts, noise and digital silence, each for half a second, in random order."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(int(2 * seconds)):
        t = np.arange(SR // 2) / SR
        tone = np.sin(2 * np.pi * rng.uniform(100, 4000) * t)
        kind = rng.integers(4)
        hiss = rng.standard_normal(len(t))
        parts.append((tone, hiss, tone * np.exp(-8 * t) + 0.01 * hiss, 0 * t)[kind] * 0.1)
    return np.concatenate(parts).astype(np.float32)


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, NAMES.index(name)]


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 8000), recipe=st.sampled_from(RECIPES), seed=st.integers(0, 5))
def test_one_row_a_whole_frame(n: int, recipe: str, seed: int) -> None:
    values = descriptors(noise(0.4, seed)[:n], SR, recipe=recipe)
    assert values.shape == (n // HOP, 13)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


ODD = {
    "silence": np.zeros(3 * SR, np.float32),
    "constant": np.full(3 * SR, 0.5, np.float32),
    "one frame": noise(0.02),
    "clipping": np.sign(noise(3)),
    "far too loud": 1e3 * noise(3),
    "one click": np.eye(1, 3 * SR, 700, dtype=np.float32)[0],
    "silence after sound": np.concatenate([noise(2), np.zeros(7 * SR, np.float32)]),
    "float64": noise(1).astype(np.float64),
}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("case", ODD)
def test_odd_signals_are_finite(case: str, recipe: str) -> None:
    assert np.isfinite(descriptors(ODD[case], SR, recipe=recipe)).all()


def test_unknown_recipe_and_features() -> None:
    with pytest.raises(ValueError, match="recipe is"):
        descriptors(noise(0.1), SR, recipe="other")
    with pytest.raises(ValueError, match="no feature set or feature 'tempo'"):
        columns_of("tempo")


@pytest.fixture(scope="module")
def power() -> np.ndarray:
    return power_spectra(frames_of(scene(10), SR))


@pytest.fixture(scope="module")
def sounding(power: np.ndarray) -> np.ndarray:
    return power.sum(axis=1) > 0


def test_power_sums_to_the_mean_square() -> None:
    frames = frames_of(noise(20), SR)
    assert_allclose(power_spectra(frames).sum(), np.mean(frames**2) * len(frames), rtol=0.01)


def test_centroid_is_librosas(power: np.ndarray, sounding: np.ndarray) -> None:
    expected = librosa.feature.spectral_centroid(S=power.T.astype(np.float64), sr=SR)[0]
    assert_allclose(centroid(power, SR)[sounding], expected[sounding], rtol=1e-4)
    assert_array_equal(centroid(power, SR)[~sounding], 0)


def test_rolloff_is_librosas(power: np.ndarray, sounding: np.ndarray) -> None:
    expected = librosa.feature.spectral_rolloff(S=power.T, sr=SR, roll_percent=0.95)[0]
    assert_allclose(rolloff(power, SR)[sounding], expected[sounding], rtol=1e-6)


def test_zero_crossings_are_librosas() -> None:
    frames = frames_of(scene(10), SR)
    expected = [
        librosa.zero_crossings(row, pad=False, threshold=0, zero_pos=True).sum() for row in frames
    ]
    assert_array_equal(zero_crossings(frames), expected)


def test_flux_is_the_distance_of_neighbours(power: np.ndarray) -> None:
    spectra = unit_norm(np.sqrt(power))
    expected = [np.linalg.norm(b - a) for a, b in itertools.pairwise(spectra)]
    values = flux(spectra, np.zeros(1, np.float32))
    assert_allclose(values[1:], expected, rtol=1e-4, atol=1e-6)
    assert_allclose(values[0], np.linalg.norm(spectra[0]), rtol=1e-6)


def test_residual_is_what_a_lifter_leaves(power: np.ndarray) -> None:
    for row in np.sqrt(power[:60]):
        log = np.log(row.astype(np.float64) + 1e-3)
        cepstrum = np.fft.irfft(log, N_FFT)
        cepstrum[30 : N_FFT - 29] = 0  # 30 coefficients and their mirror images stay
        expected = np.linalg.norm(log - np.fft.rfft(cepstrum).real)
        assert_allclose(residual(row[None], floor=1e-3)[0], expected, rtol=1e-3, atol=1e-3)


@settings(max_examples=50, deadline=None)
@given(n=st.integers(0, 130), length=st.integers(1, 60), seed=st.integers(0, 9))
def test_trailing_windows(n: int, length: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(3.0, 1.0, (n, 2))
    windows = [values[max(i + 1 - length, 0) : i + 1] for i in range(n)]
    expected = np.array([w.sum(axis=0) for w in windows]).reshape(n, 2)
    assert_allclose(trailing_sum(values, length), expected, rtol=1e-12)
    expected = np.array([w.var(axis=0) for w in windows]).reshape(n, 2)
    assert_allclose(trailing_variance(values, length), expected, atol=1e-12)


def test_low_energy_counts_quiet_frames() -> None:
    level = rms(frames_of(scene(6), SR))
    for i, share in enumerate(low_energy(level)):
        window = level[max(i - 49, 0) : i + 1]
        assert_allclose(share, np.mean(window < 0.5 * window.mean()))


def test_variances_are_logs_in_the_robust_recipe() -> None:
    values = descriptors(scene(4), SR).astype(np.float64)
    expected = np.log10(trailing_variance(values[:, 2:7]) + VARIANCE_FLOORS)
    assert_allclose(values[:, 8:], expected, atol=1e-4)


def test_modulation_prefers_syllabic_rates() -> None:
    t = np.arange(6 * SR) / SR
    plain = noise(6)

    def score(hz: float) -> float:
        varied = (plain * (1 + np.sin(2 * np.pi * hz * t))).astype(np.float32)
        return float(column(descriptors(varied, SR), "modulation")[100:].mean())

    assert score(4.0) > 2 * column(descriptors(plain, SR), "modulation")[100:].mean()
    assert score(4.0) > 2 * max(score(0.5), score(16.0))


def test_modulation_stays_bounded_where_the_letter_explodes() -> None:
    pause = np.concatenate([noise(3), np.zeros(2 * SR, np.float32)])
    robust, printed = (column(descriptors(pause, SR, recipe=r), "modulation") for r in RECIPES)
    assert robust.min() >= 0
    assert robust.max() <= 40
    assert printed.max() > 100 * printed[:150].max()


def test_modulation_ratio() -> None:
    """A raised cosine at 4 Hz: half its square over 1.5, and each channel alike."""
    t = np.arange(500) / 50
    energies = np.tile((1 + np.cos(2 * np.pi * 4 * t))[:, None] ** 2, (1, 40))
    assert_allclose(modulation_robust(energies)[200:].mean(), 40 / 3, rtol=0.02)


def test_autocorrelation_over_the_window_only() -> None:
    onsets = np.random.default_rng(0).random(500 + 2 * 7)
    lags = range(19, 202)
    values = autocorrelations(onsets, lags)
    assert values.shape == (183, 8)
    for k in range(8):
        window = onsets[2 * k : 2 * k + 500]
        expected = np.correlate(window, window, "full")[499 + np.array(lags)]
        assert_allclose(values[:, k], expected, rtol=1e-10)


def clicks(seconds: float, period_s: float) -> np.ndarray:
    signal = 1e-3 * noise(seconds)
    for start in np.arange(0, seconds - 0.05, period_s):
        i = int(start * SR)
        signal[i : i + 400] += noise(1, seed=1)[:400] * np.exp(-np.arange(400) / 80)
    return signal


def test_clicks_have_more_pulse_than_noise() -> None:
    beat, hiss, nothing = (
        pulse(x, SR)[250:].mean() for x in (clicks(9, 0.5), noise(9), np.zeros(9 * SR, np.float32))
    )
    assert beat > 1.3 * hiss
    assert nothing == 0


def test_pulse_changes_within_the_second() -> None:
    """Evaluated at every frame, not every so often."""
    values = pulse(noise(8), SR)[250:]
    assert np.mean(np.diff(values) != 0) > 0.5


@pytest.mark.parametrize("gain", [0.1, 0.5, 4.0])
def test_gain_does_not_matter(gain: float) -> None:
    signal = 0.1 * scene(8) + clicks(8, 0.37)
    values, scaled = descriptors(signal, SR), descriptors((gain * signal).astype(np.float32), SR)
    spread = values.std(axis=0)
    assert_array_equal(np.abs(scaled - values).max(axis=0) <= 1e-3 * spread + 1e-6, True)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_future_leaves_the_past_alone(recipe: str) -> None:
    a, b = scene(8), scene(8)
    b[5 * SR :] = noise(3, seed=3)
    n = 5 * SR // HOP
    before, after = descriptors(a, SR, recipe=recipe), descriptors(b, SR, recipe=recipe)
    assert_allclose(before[:n], after[:n], rtol=1e-5, atol=1e-6)
    assert not np.allclose(before[n:], after[n:])


@pytest.mark.parametrize("recipe", RECIPES)
def test_blocks_equal_the_whole(recipe: str) -> None:
    signal = scene(30, seed=2)
    whole = descriptors(signal, SR, recipe=recipe)
    step, context = 137, round(MEMORY_S * 50)
    parts = []
    for start in range(0, len(whole), step):
        first = max(start - context, 0)
        block = descriptors(signal[first * HOP : (start + step) * HOP], SR, recipe=recipe)
        parts.append(block[start - first :])
    joined = np.concatenate(parts)
    assert_allclose(joined, whole, rtol=1e-5, atol=1e-6)


def test_sets() -> None:
    assert [len(columns_of(name)) for name in SETS] == [13, 8, 3, 5]
    assert [NAMES[i] for i in columns_of("best3")] == ["modulation", "var-flux", "pulse"]
    assert columns_of("zcr") == [NAMES.index("zcr")]

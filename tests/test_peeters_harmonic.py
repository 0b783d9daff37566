"""Pitch and partials of Peeters' descriptors, against series with closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from numpy.testing import assert_allclose
from peeters_notes import SR, cents, hertz, noise, note, partials_of, tone, value

from baselines.peeters import harmonic
from baselines.peeters.descriptors import describe
from baselines.peeters.frames import frames_of, magnitude_of, normalised
from baselines.peeters.partials import peaks, string_fit
from baselines.peeters.pitch import VOICED, note_pitch

KEYS = range(21, 109)

# Pitch --------------------------------------------------------------------------------------------

SERIES = {
    "harmonic": {},
    "stiff": {"stretch": 4e-4},
    "very stiff": {"stretch": 2e-3},
    "equal amplitudes": {"amplitudes": np.ones(15)},
    "steep": {"amplitudes": np.arange(1.0, 20) ** -2},
    "sine": {"amplitudes": np.ones(1)},
    "odd partials": {"amplitudes": np.arange(1, 26) % 2 / np.arange(1.0, 26)},
    "no fundamental": {"amplitudes": np.r_[0.0, 1 / np.arange(2.0, 26)]},
}


@pytest.mark.parametrize("series", SERIES)
def test_f0_from_a0_to_c8_within_five_cents(series: str) -> None:
    step = 2 if series in ("harmonic", "stiff") else 7
    for midi in list(KEYS)[::step] + [108]:
        f0 = hertz(midi + 0.3)
        found = partials_of(tone(f0, **SERIES[series], seconds=1.0))
        assert cents(found.note_f0, f0) < 5, (series, midi)
        assert cents(float(np.median(found.f0)), f0) < 5, (series, midi)


def test_swipe_alone_is_within_twelve_cents() -> None:
    for midi in list(KEYS)[::5]:
        assert cents(note_pitch(normalised(tone(hertz(midi))), SR)[0], hertz(midi)) < 12, midi


def test_strength_tells_notes_from_noise() -> None:
    strengths = [note_pitch(normalised(tone(hertz(m))), SR)[1] for m in list(KEYS)[::6]]
    noises = [note_pitch(normalised(noise(seed=k)), SR)[1] for k in range(5)]
    assert min(strengths) > 4 * VOICED
    assert max(noises) < VOICED / 2


def test_where_no_pitch_is_strong_the_strongest_partial_counts() -> None:
    """A high key: one partial, and a knock whose loudness drowns it for SWIPE'."""
    t = np.arange(SR) / SR
    knock = scipy.signal.lfilter(*scipy.signal.butter(1, 200, fs=SR), noise()) * np.exp(-3 * t)
    samples = normalised(0.05 * np.sin(2 * np.pi * 3500 * t) * np.exp(-2 * t) + knock)
    f0, strength = note_pitch(samples, SR)
    assert strength < VOICED
    assert cents(f0, 3500) < 10


def test_string_fit_recovers_a_string() -> None:
    orders = np.arange(1, 21)
    frequencies = orders * 82.4 * np.sqrt(1 + 3e-4 * orders**2)
    f0, stretch = string_fit(frequencies, 1 / orders**2.0)
    assert f0 == pytest.approx(82.4, rel=1e-9)
    assert stretch == pytest.approx(3e-4, rel=1e-6)


def test_vibrato_is_found() -> None:
    t = np.arange(2 * SR) / SR
    deviation = 25 * np.sin(2 * np.pi * 5.5 * t)  # cents
    phase = 2 * np.pi * np.cumsum(440 * 2 ** (deviation / 1200)) / SR
    values = describe(sum(np.sin(h * phase) / h for h in range(1, 12)), SR)
    assert value(values, "vibrato frequency") == pytest.approx(5.5, abs=0.15)
    assert 18 < value(values, "vibrato amplitude (cents)") < 27  # windows of 0.1 s smear it
    assert value(values, "f0 (log2 Hz)") == pytest.approx(np.log2(440), abs=5 / 1200)


# Partials -----------------------------------------------------------------------------------------

ENVELOPES = {
    "reed": np.where(np.arange(1, 21) % 2, 1.0, 0.25) / np.arange(1, 21),
    "random": np.random.default_rng(5).uniform(0.1, 1, 20),
    "dark": 0.7 ** np.arange(20),
}


@pytest.mark.parametrize("stretch", [0.0, 2e-4, 1e-3])
@pytest.mark.parametrize("kind", ENVELOPES)
@pytest.mark.parametrize("f0", [60.0, 311.0])
def test_harmonic_descriptors_equal_closed_forms(kind: str, f0: float, stretch: float) -> None:
    a, orders = ENVELOPES[kind], np.arange(1, 21)
    samples = tone(f0, a, stretch, seconds=0.6)
    found = partials_of(samples)
    columns = dict(zip(harmonic.NAMES, np.median(harmonic.harmonic(found).values, 0), strict=True))
    f = orders * f0 * np.sqrt(1 + stretch * orders**2)
    expected = 2 / f0 * np.sum(np.abs(f - orders * f0) * a**2) / np.sum(a**2)
    assert columns["inharmonicity"] == pytest.approx(expected, rel=0.03, abs=5e-3)
    ratio = 10 * np.log10(np.sum(a[0::2] ** 2) / np.sum(a[1::2] ** 2))
    assert columns["odd to even (dB)"] == pytest.approx(ratio, abs=0.1)
    shares = np.array([a[0], a[1:4].sum(), a[4:].sum()]) / a.sum()
    found_shares = [columns[f"tristimulus {k}"] for k in (1, 2, 3)]
    assert_allclose(found_shares, shares, atol=5e-3)
    padded = [np.mean(a[max(h - 1, 0) : h + 2]) for h in range(20)]
    rough = np.sum(np.abs(a - padded)) / np.sum(a)
    assert columns["harmonic deviation"] == pytest.approx(rough, abs=0.01)
    assert columns["harmonic centroid"] == pytest.approx(np.sum(f * a) / np.sum(a), rel=5e-3)
    assert columns["noisiness"] < 0.02


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7])
def test_noisiness_is_the_share_of_noise(share: float) -> None:
    """Known noise within the partials' band, but for what lies under the partials themselves."""
    f0, a = 500.0, 1 / np.arange(1, 21)
    samples = tone(f0, a, seconds=2.0).astype(float)
    band = (0.5 * f0, 20.5 * f0)
    hiss = scipy.signal.sosfilt(
        scipy.signal.butter(8, band, "bandpass", fs=SR, output="sos"), noise(2.0)
    )
    hiss *= np.std(samples) * np.sqrt(share / (1 - share)) / np.std(hiss)
    found = partials_of(samples + hiss)
    noisiness = harmonic.noise_energy(found).sum() / found.total.sum()
    assert noisiness == pytest.approx(share, abs=0.12 * share + 0.02)


def test_absent_partials_have_no_amplitude() -> None:
    found = partials_of(tone(hertz(108)))
    count = int(SR / 2 // hertz(108))
    assert (found.amplitude[:, count:] == 0).all()
    assert (found.amplitude[:, :4] > 0).all()


def test_a_neighbours_flank_is_no_partial() -> None:
    """Where the second partial should be, a low note's spectrum only rises towards the first."""
    spectra = magnitude_of(frames_of(normalised(tone(45.0, np.ones(1))), 4410, 4410), "hann")
    frequency, amplitude = peaks(spectra, 10.0, np.array([45.0, 75.0]), 45.0)
    assert_allclose(frequency, [[45, 75]] * len(spectra), atol=0.5)
    assert_allclose(amplitude, [[1, 0]] * len(spectra), atol=0.02)


def test_loudest_frames_are_0_db() -> None:
    levels = harmonic.levels(partials_of(note())).values
    assert levels[:, 0].max() == pytest.approx(0, abs=0.1)
    assert levels.min() >= -60

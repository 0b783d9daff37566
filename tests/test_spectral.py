"""Generic front-ends against librosa and numpy, and the 20-ms grid."""

import warnings

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep.levelled import levelled_logmel, trailing_mean
from mirbench.errors import DataError
from mirbench.features import spectral
from mirbench.frames import Grid

SR = 22_050
FRONT_ENDS = [
    spectral.stft_magnitude,
    spectral.mel_power,
    spectral.logmel,
    spectral.mfcc,
    spectral.cqt,
    spectral.chroma,
]


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).standard_normal(SR).astype(np.float32)


def test_stft_equals_librosa_when_centred(noise):
    ours = spectral.stft_magnitude(noise, SR, n_fft=2048, hop_length=256, framing="center")
    theirs = np.abs(librosa.stft(noise, n_fft=2048, hop_length=256, pad_mode="constant")).T
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_hop_frames_are_windowed_slices_centred_on_the_hop(noise):
    ours = spectral.stft_magnitude(noise, SR, n_fft=1024, hop_length=440)
    window = np.hanning(1025)[:-1]
    for i in (3, 20, len(ours) - 4):
        middle = i * 440 + 220
        frame = noise[middle - 512 : middle + 512]
        np.testing.assert_allclose(ours[i], np.abs(np.fft.rfft(frame * window)), atol=1e-3)


def test_mel_mfcc_chroma_cqt_equal_librosa(noise):
    kw = {"n_fft": 1024, "hop_length": 512, "framing": "center"}
    common = {"y": noise, "sr": SR, "n_fft": 1024, "hop_length": 512, "pad_mode": "constant"}
    mel = librosa.feature.melspectrogram(**common, n_mels=40).T
    np.testing.assert_allclose(spectral.mel_power(noise, SR, **kw), mel, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(
        spectral.logmel(noise, SR, **kw), np.log10(1 + 1e4 * mel), rtol=1e-3, atol=1e-4
    )
    cepstrum = librosa.feature.mfcc(S=librosa.power_to_db(mel.T, top_db=None), n_mfcc=13, sr=SR).T
    ours = spectral.mfcc(noise, SR, n_mfcc=13, deltas=1, **kw)
    np.testing.assert_allclose(ours[:, :13], cepstrum, atol=1e-2)
    slope = librosa.feature.delta(cepstrum.T, width=9, mode="nearest").T
    np.testing.assert_allclose(ours[:, 13:], slope, atol=1e-2)
    np.testing.assert_allclose(
        spectral.chroma(noise, SR, **kw),
        librosa.feature.chroma_stft(**common, tuning=0).T,
        atol=1e-3,
    )
    np.testing.assert_allclose(
        spectral.cqt(noise, SR, framing="center"),
        np.abs(librosa.cqt(noise, sr=SR, fmin=32.703, tuning=0)).T,
        atol=1e-4,
    )


@pytest.mark.parametrize("function", [f for f in FRONT_ENDS if f is not spectral.chroma])
def test_an_impulse_peaks_in_its_own_frame(function):
    signal = np.zeros(SR, dtype=np.float32)
    signal[20 * 441 + 220] = 1
    rows = function(signal, SR, hop_length=441)
    rows = rows[:, -10:] if function is spectral.cqt else rows
    energy = rows[:, 0] if function is spectral.mfcc else np.abs(rows).sum(axis=1)
    assert energy.argmax() == 20


def test_a_tone_lies_in_its_bin_class_and_constant_q_bin():
    tone = np.sin(2 * np.pi * 440 * np.arange(SR) / SR).astype(np.float32)
    bins = spectral.stft_magnitude(tone, SR, n_fft=1024)
    assert bins[25].argmax() == round(440 * 1024 / SR)
    assert spectral.chroma(tone, SR)[25].argmax() == 9
    assert spectral.cqt(tone, SR, hop_length=441)[25].argmax() == 45


@given(n=st.integers(1, 3000), sr=st.sampled_from([8000, 16_000, 22_050]), silent=st.booleans())
@settings(max_examples=25, deadline=None)
def test_rows_are_those_of_the_grid_finite_and_float32(n, sr, silent):
    signal = np.zeros(n) if silent else np.random.default_rng(n).standard_normal(n)
    hop, n_fft = round(0.02 * sr), 1024
    for function in (spectral.stft_magnitude, spectral.mfcc, spectral.chroma, levelled_logmel):
        rows = function(signal, sr, n_fft=n_fft, hop_length=hop, **high(function, sr))
        assert len(rows) == Grid().n_frames(n / sr)
        assert rows.dtype == np.float32
        assert np.isfinite(rows).all()


@pytest.mark.parametrize("n", [1, 2, 441, 5000])
@pytest.mark.parametrize("framing", ["hop", "center"])
def test_cqt_of_short_and_silent_signals(n, framing):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for signal in (np.zeros(n), np.ones(n)):
            rows = spectral.cqt(signal, SR, hop_length=441, framing=framing)
            assert rows.shape == (n // 441 + (framing == "center"), 84)
            assert np.isfinite(rows).all()


def test_valid_framing_pads_a_short_signal_to_one_frame(noise):
    assert spectral.stft_magnitude(noise[:10], SR, framing="valid").shape == (1, 513)
    rows = spectral.stft_magnitude(noise, SR, framing="valid")
    assert len(rows) == 1 + (SR - 1024) // 441


@pytest.mark.parametrize("function", FRONT_ENDS)
@pytest.mark.parametrize(
    ("signal", "message"),
    [(np.zeros(0), "empty"), (np.full(500, np.nan), "NaN"), (np.zeros((2, 500)), "mono")],
)
def test_impossible_input_is_one_clear_error(function, signal, message):
    with pytest.raises(DataError, match=message):
        function(signal, SR)


def test_unknown_framing_and_a_hop_longer_than_the_frame_are_errors(noise):
    with pytest.raises(DataError, match="framing"):
        spectral.stft_magnitude(noise, SR, framing="left")
    with pytest.raises(DataError, match="framing"):
        spectral.cqt(noise, SR, framing="valid")
    with pytest.raises(DataError, match="shorter than hop_length"):
        spectral.stft_magnitude(noise, SR, n_fft=256, hop_length=441)


def test_levelled_logmel_ignores_gain(noise):
    loud, soft = levelled_logmel(noise, SR), levelled_logmel(noise * 1e-3, SR)
    np.testing.assert_allclose(loud, soft, atol=1e-4)


def test_levelled_logmel_forgets_what_is_older_than_its_memory(noise):
    signal = np.tile(noise, 5)
    whole = levelled_logmel(signal, SR, level_frames=50)
    start = 80
    later = levelled_logmel(signal[start * 441 :], SR, level_frames=50)
    skip = 50 + 2  # the level's memory and half a window
    np.testing.assert_allclose(whole[start + skip :], later[skip:], atol=1e-6)


def test_levelled_logmel_of_silence_is_its_floor():
    np.testing.assert_allclose(levelled_logmel(np.zeros(SR), SR, floor_db=-40), -4, atol=1e-6)


@given(st.lists(st.floats(0, 1e3), max_size=30), st.integers(1, 12))
def test_trailing_mean_against_a_loop(values, length):
    expected = [np.mean(values[max(0, i - length + 1) : i + 1]) for i in range(len(values))]
    np.testing.assert_allclose(trailing_mean(np.array(values), length), expected, atol=1e-9)


def high(function, sr):
    """A highest frequency that the rate allows."""
    return {"fmax": sr / 2} if function is levelled_logmel else {}

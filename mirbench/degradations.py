"""Degradations of an item's sound, by a short name: noise, filters, coding, a room, pitch, time.

Every one keeps the length and answers in float32; what is random is drawn from the item's own seed.
They act on (the used part of) the recording at its own sampling rate, before it is resampled for a
method: "white" noise is white up to half of that rate, a reverberant part starts out of silence, and
what a longer or delayed sound pushes over the end is lost. Samples of ``mp3`` and ``ogg`` depend on
the libsndfile that soundfile brings, those of ``pitch`` and ``time`` on librosa.

Values are in the name (`mirbench.degradation_names`); everything else is our choice and stands here.

References
----------
MP3's delay: 576 samples of the encoder and 529 of the decoder, Hydrogenaudio's and LAME's technical
FAQ (from memory); measured in the tests.
Schroeder (1965), New Method of Measuring Reverberation Time, JASA 37 (from memory): the tests
measure RT60 so.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import librosa
import numpy as np
import scipy
import soundfile as sf
import soxr

from mirbench.audio import RESAMPLER, fit_length, resample
from mirbench.degradation_names import parse
from mirbench.errors import DataError

FILTER_ORDER = 8  # Butterworth, 48 dB an octave
DIRECT_TO_REVERBERANT_DB = 0.0  # energy: a listener at the critical distance
VOCODER_S = 0.08  # window of the phase vocoder, taken to the nearest power of two
MP3_DELAY = 576 + 529  # samples, where the file has no header that tells the decoder
CODED_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz, MP3's
SHORTEST = 1024  # samples that are coded at least, padded by zeros
BLOCK = 1 << 16  # samples written at once: libvorbis takes its buffers from the stack

Step = Callable[[np.ndarray, float, int, np.random.Generator], np.ndarray]


def degrade(signal: np.ndarray, degradation: str, seed: int, sr: int) -> np.ndarray:
    """Apply a named degradation; the empty name leaves the signal alone.

    =============== ===============================================================================
    ``noise-45``    white Gaussian noise, RMS -45 dB re full scale
    ``gain-12``     level changed by -12 dB
    ``snr20``       white Gaussian noise 20 dB below the item's own RMS
    ``lowpass4000`` Butterworth of order 8, -3 dB at 4000 Hz; causal. Nothing happens from sr/2 on
    ``highpass200`` the same from 200 Hz up
    ``clip6``       hard clipping 6 dB below the item's own peak
    ``mp3-64``      MP3 at a constant 64 kbit/s, mono (LAME in libsndfile; below 320 kbit/s it takes
                    5 % off the level by itself); delay taken out
    ``ogg-2``       Ogg Vorbis of quality 2 (0 to 10, variable rate), mono
    ``reverb0.8``   exponentially decaying white noise of RT60 0.8 s at all frequencies behind the
                    direct sound, of equal energy (0 dB); unit energy in all, so that level stays
    ``pitch+1``     a semitone up, length kept: phase vocoder, then resampling
    ``time1.1``     1.1 times as long, pitch kept: phase vocoder; the end is cut off (below 1: zeros)
    ``speed1.03``   1.03 times as fast and higher, by resampling; zeros at the end (below 1: cut off)
    =============== ===============================================================================

    ``"reverb0.8|snr20"`` applies one after the other. The phase vocoder smears onsets, so ``pitch``
    and ``time`` test that too; ``speed`` doesn't.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        Full scale = 1.
    degradation : str
    seed : int
        Makes noise and room the item's own.
    sr : int
        Sampling rate of ``signal`` (Hz).

    Returns
    -------
    ndarray of float32, shape (n,)

    Raises
    ------
    DataError
        An unknown name, a bit rate that MP3 doesn't have at this rate, a high-pass from sr/2 on.
    """
    rng = np.random.default_rng(seed)
    for step in parse(degradation):
        changed = _STEPS[step.kind.name](signal, step.value, sr, rng)
        signal = fit_length(changed, len(signal)).astype(np.float32)
    return signal


def _noise(signal: np.ndarray, level_db: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    return signal + 10 ** (level_db / 20) * rng.standard_normal(len(signal))


def _gain(signal: np.ndarray, gain_db: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    return signal * 10 ** (gain_db / 20)


def _snr(signal: np.ndarray, snr_db: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    """The ratio is that of the noise drawn, not of its expectation; silence stays silent."""
    noise = rng.standard_normal(len(signal))
    return signal + noise * (_rms(signal) / _rms(noise) * 10 ** (-snr_db / 20))


def _rms(signal: np.ndarray) -> float:
    return float(np.sqrt(np.mean(signal.astype(np.float64) ** 2)))


def _lowpass(signal: np.ndarray, hz: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    if hz >= sr / 2:
        return signal
    sos = scipy.signal.butter(FILTER_ORDER, hz, "lowpass", fs=sr, output="sos")
    return scipy.signal.sosfilt(sos, signal.astype(np.float64))


def _highpass(signal: np.ndarray, hz: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    if hz >= sr / 2:
        raise DataError(
            f"degradation highpass{hz:g}: nothing is left of a signal of {sr} Hz; "
            f"stay below {sr / 2:g}"
        )
    sos = scipy.signal.butter(FILTER_ORDER, hz, "highpass", fs=sr, output="sos")
    return scipy.signal.sosfilt(sos, signal.astype(np.float64))


def _clip(signal: np.ndarray, depth_db: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    limit = np.abs(signal).max() * 10 ** (-depth_db / 20)
    return np.clip(signal, -limit, limit)


def _reverb(signal: np.ndarray, rt60_s: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    times = np.arange(1, int(rt60_s * sr) + 1) / sr
    tail = rng.standard_normal(len(times)) * 10 ** (-3 * times / rt60_s)
    tail *= 10 ** (-DIRECT_TO_REVERBERANT_DB / 20) / np.linalg.norm(tail)
    response = np.concatenate([[1.0], tail])
    response /= np.linalg.norm(response)
    return scipy.signal.oaconvolve(signal.astype(np.float64), response)[: len(signal)]


def _pitch(signal: np.ndarray, semitones: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    n_fft = _window(sr)
    return librosa.effects.pitch_shift(
        _at_least(signal, n_fft), sr=sr, n_steps=semitones, n_fft=n_fft
    )


def _time(signal: np.ndarray, factor: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    n_fft = _window(sr)
    return librosa.effects.time_stretch(_at_least(signal, n_fft), rate=1 / factor, n_fft=n_fft)


def _window(sr: int) -> int:
    return 1 << max(6, round(np.log2(VOCODER_S * sr)))


def _speed(signal: np.ndarray, factor: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    return soxr.resample(signal, sr * factor, sr, quality=RESAMPLER)


def _mp3(signal: np.ndarray, kbit_s: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    rate = _coded_rate(sr)
    # MPEG-1, 2 and 2.5 by sampling rate; libsndfile takes a place between their least and most
    least, most = (32, 320) if rate >= 32000 else (8, 160) if rate >= 16000 else (8, 64)
    if not least <= kbit_s <= most or (kbit_s == 144 and most == 320):
        raise DataError(
            f"degradation mp3-{kbit_s:g}: MP3 at {rate} Hz has {least} to {most} kbit/s"
            f"{', without 144' if most == 320 else ''}; choose another rate"
        )
    place = min((most - kbit_s) / (most - least), 0.999)
    return _coded(signal, sr, "MP3", "MPEG_LAYER_III", place, "CONSTANT")


def _ogg(signal: np.ndarray, quality: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    return _coded(signal, sr, "OGG", "VORBIS", min(1 - quality / 10, 0.999))


def _coded(
    signal: np.ndarray, sr: int, container: str, codec: str, level: float, mode: str | None = None
) -> np.ndarray:
    """Encode and decode in memory, at the next rate that MP3 knows, without the coder's delay."""
    rate = _coded_rate(sr)
    wave = resample(_at_least(signal, SHORTEST), sr, rate)
    full_scale = max(1.0, float(np.abs(wave).max()))
    wave = (wave / full_scale).astype(np.float32)
    memory = io.BytesIO()
    with sf.SoundFile(
        memory,
        "w",
        rate,
        channels=1,
        subtype=codec,
        format=container,
        compression_level=level,
        bitrate_mode=mode,
    ) as file:
        for start in range(0, len(wave), BLOCK):
            file.write(wave[start : start + BLOCK])
    memory.seek(0)
    decoded, _ = sf.read(memory, dtype="float32")
    if len(decoded) > len(wave):  # no header told the decoder of the delay
        decoded = decoded[MP3_DELAY:]
    return resample(fit_length(decoded, len(wave)) * full_scale, rate, sr)


def _coded_rate(sr: int) -> int:
    return next((rate for rate in CODED_RATES if rate >= sr), CODED_RATES[-1])


def _at_least(signal: np.ndarray, n: int) -> np.ndarray:
    return fit_length(signal, max(n, len(signal)))


_STEPS: dict[str, Step] = {
    "noise": _noise,
    "gain": _gain,
    "snr": _snr,
    "lowpass": _lowpass,
    "highpass": _highpass,
    "clip": _clip,
    "mp3": _mp3,
    "ogg": _ogg,
    "reverb": _reverb,
    "pitch": _pitch,
    "time": _time,
    "speed": _speed,
}

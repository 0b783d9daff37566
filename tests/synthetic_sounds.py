"""Rendered embedded corpora, and what is heard in a signal."""

import wave
from functools import lru_cache
from pathlib import Path

import numpy as np

from mirbench.corpora import load_corpus, synthetic

SR = 16000


def folder(name):
    """Folder of an embedded corpus, rendered and checked once a session."""
    return Path(load_corpus(f"embedded-{name}").source).parent


@lru_cache(maxsize=1)
def made(name):
    """(root, index, list of signals) of an embedded corpus; the last one is kept."""
    root = folder(name)
    index = getattr(synthetic, f"render_{name}")(root)
    return root, index, [read(root / path) for path in index["path"]]


def read(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SR)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def level_db(x):
    return 10 * np.log10(np.mean(x**2))


def rising(x, hop=160, size=1024):
    """Mean rise of the log spectrum from frame to frame of 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop] * np.hanning(size)
    spectra = np.log(np.abs(np.fft.rfft(frames))[:, ::4] + 1e-4)
    return np.maximum(np.diff(spectra, axis=0), 0).mean(axis=1)


def period_s(x):
    """Lag of the highest peak of the onsets' autocorrelation from 0.2 to 3 s."""
    onsets = rising(x) - rising(x).mean()
    r = np.correlate(onsets, onsets, "full")[len(onsets) - 1 :] / np.arange(len(onsets), 0, -1)
    return (20 + np.argmax(r[20:300])) / 100

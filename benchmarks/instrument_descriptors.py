"""Throughput of Peeters' descriptors of notes beside named peers, in one run on one core.

``python benchmarks/instrument_descriptors.py [--notes 20] [--seconds 3] [--rounds 5]``

Decaying and sustained notes of many pitches, 44.1 kHz, in memory; essentia's FreesoundExtractor reads
files, so it gets WAV files in a temporary folder, and reading them is in its time (a WAV file of 3 s
takes about a millisecond). The peers take turns within each round and the fastest round counts, so
that a busy machine slows all alike. Times are real time: 100 means that 100 s of audio take 1 s.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from baselines.peeters.descriptors import describe, descriptor_names

SR = 44_100

Extractor = Callable[[int], object]


def note(midi: float, seconds: float, sustained: bool, rng: np.random.Generator) -> np.ndarray:
    """Twenty partials over faint noise: float32, shape (n,)."""
    t = np.arange(int(seconds * SR)) / SR
    f0 = 440 * 2 ** ((midi - 69) / 12)
    orders = np.arange(1, 21)
    orders = orders[orders * f0 < 0.45 * SR]
    waves = [np.sin(2 * np.pi * h * f0 * t + rng.uniform(0, 2 * np.pi)) / h for h in orders]
    shape = np.minimum(t / 0.1, 1) if sustained else np.exp(-3 * t)
    return (0.2 * shape * np.sum(waves, axis=0) + 1e-3 * rng.standard_normal(len(t))).astype("f4")


def notes(count: int, seconds: float) -> list[np.ndarray]:
    """Notes from A0 to C8, sustained and decaying in turn."""
    rng = np.random.default_rng(0)
    return [
        note(midi, seconds, k % 2 == 0, rng) for k, midi in enumerate(np.linspace(21, 108, count))
    ]


def librosa_features(sounds: list[np.ndarray]) -> Extractor:
    """MFCC, centroid, bandwidth, rolloff, flatness, contrast, zero crossings and f0 by YIN."""

    def extract(k: int) -> object:
        y = sounds[k]
        spectra = np.abs(librosa.stft(y, n_fft=1024, hop_length=256, window="hamming"))
        return (
            librosa.feature.mfcc(S=librosa.power_to_db(spectra**2), n_mfcc=13),
            librosa.feature.spectral_centroid(S=spectra, sr=SR),
            librosa.feature.spectral_bandwidth(S=spectra, sr=SR),
            librosa.feature.spectral_rolloff(S=spectra, sr=SR, roll_percent=0.95),
            librosa.feature.spectral_flatness(S=spectra),
            librosa.feature.spectral_contrast(S=spectra, sr=SR),
            librosa.feature.zero_crossing_rate(y, frame_length=1024, hop_length=256),
            librosa.yin(y, fmin=27.5, fmax=4186, sr=SR, frame_length=4096),
        )

    return extract


def essentia_features(sounds: list[np.ndarray], folder: Path) -> Extractor:
    """essentia's FreesoundExtractor, its defaults."""
    import essentia
    import essentia.standard

    essentia.log.infoActive = False
    essentia.log.warningActive = False
    paths = [str(folder / f"{k}.wav") for k in range(len(sounds))]
    for path, sound in zip(paths, sounds, strict=True):
        soundfile.write(path, sound, SR, subtype="FLOAT")
    extractor = essentia.standard.FreesoundExtractor()
    return lambda k: extractor(paths[k])


def contenders(sounds: list[np.ndarray], folder: Path) -> dict[str, Extractor]:
    """Ours and the installed peers; says when essentia is missing."""
    ours = f"mirbench, {len(descriptor_names())} descriptors"
    found: dict[str, Extractor] = {
        ours: lambda k: describe(sounds[k], SR),
        "librosa, 7 features and YIN": librosa_features(sounds),
    }
    try:
        found["essentia, FreesoundExtractor"] = essentia_features(sounds, folder)
    except ImportError as error:
        print(f"FreesoundExtractor: not installed ({error.name}); pip install 'mirbench[bench]'")
    return found


def seconds_taken(extractors: dict[str, Extractor], count: int, rounds: int) -> dict[str, float]:
    """Fastest of ``rounds`` turns of each through all notes (s), after a warm-up on one."""
    for extract in extractors.values():
        extract(0)
    best = dict.fromkeys(extractors, np.inf)
    for _ in range(rounds):
        for name, extract in extractors.items():
            start = time.perf_counter()
            for k in range(count):
                extract(k)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--notes", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a note")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sounds = notes(options.notes, options.seconds)
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        best = seconds_taken(contenders(sounds, Path(folder)), len(sounds), options.rounds)
    ours = next(iter(best.values()))
    total = options.notes * options.seconds
    print(
        f"\n{options.notes} notes of {options.seconds:g} s, one thread, best of {options.rounds}\n"
    )
    print(f"{'':32}{'x real time':>12}{'ours is':>18}")
    for name, taken in best.items():
        print(f"{name:32}{total / taken:12,.0f}{f'{taken / ours:.1f} x as fast':>18}")


if __name__ == "__main__":
    main()

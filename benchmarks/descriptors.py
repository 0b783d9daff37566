"""Throughput of Scheirer & Slaney's descriptors beside named peers, in one run on one core.

``python benchmarks/descriptors.py [--seconds 120] [--rounds 5]``

The audio is in memory (tones, bursts and noise, 22,050 Hz), frames are 20 ms without overlap for
everyone. The peers take turns within each round and the fastest round counts, so that a busy
machine slows all alike. Times are real time: 1,000 means that 1,000 s of audio take 1 s.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from baselines.scheirer_slaney.descriptors import descriptors, without_pulse

SR = 22_050
HOP = 441
N_FFT = 512

Extractor = Callable[[np.ndarray], object]


def sound(seconds: float) -> np.ndarray:
    """Half-second tones with decaying bursts of noise: float32, shape (n,)."""
    rng = np.random.default_rng(0)
    t = np.arange(SR // 2) / SR
    parts = [
        0.1 * np.sin(2 * np.pi * rng.uniform(100, 4000) * t)
        + 0.1 * np.exp(-8 * t) * rng.standard_normal(len(t))
        for _ in range(int(2 * seconds))
    ]
    return np.concatenate(parts).astype(np.float32)


def librosa_features() -> Extractor:
    """The five that librosa has: centroid, rolloff, flux, zero crossings, RMS; one STFT."""
    import librosa

    def extract(signal: np.ndarray) -> object:
        spectra = np.abs(
            librosa.stft(signal, n_fft=N_FFT, hop_length=HOP, win_length=HOP, window="hamming")
        )
        return (
            librosa.feature.spectral_centroid(S=spectra, sr=SR),
            librosa.feature.spectral_rolloff(S=spectra, sr=SR, roll_percent=0.95),
            np.sqrt(np.sum(np.diff(spectra, axis=1) ** 2, axis=0)),
            librosa.feature.zero_crossing_rate(signal, frame_length=HOP, hop_length=HOP),
            librosa.feature.rms(y=signal, frame_length=HOP, hop_length=HOP),
        )

    return extract


def essentia_features() -> Extractor:
    """The same five by essentia's standard mode, frame by frame."""
    import essentia
    import essentia.standard as es

    essentia.log.infoActive = False
    window = es.Windowing(type="hamming", zeroPadding=N_FFT - HOP - 1, size=HOP + 1)
    spectrum = es.Spectrum(size=N_FFT)
    centroid, rolloff = es.Centroid(range=SR / 2), es.RollOff(cutoff=0.95, sampleRate=SR)
    flux, crossings, rms = es.Flux(), es.ZeroCrossingRate(), es.RMS()

    def extract(signal: np.ndarray) -> object:
        rows = []
        for frame in es.FrameGenerator(signal, frameSize=HOP + 1, hopSize=HOP, startFromZero=True):
            bins = spectrum(window(frame))
            rows.append((centroid(bins), rolloff(bins), flux(bins), crossings(frame), rms(frame)))
        return np.array(rows)

    return extract


def pyaudioanalysis_features() -> Extractor:
    """pyAudioAnalysis' 34 short-term features, its deltas left out."""
    from pyAudioAnalysis import ShortTermFeatures

    def extract(signal: np.ndarray) -> object:
        return ShortTermFeatures.feature_extraction(signal, SR, HOP, HOP, deltas=False)

    return extract


PEERS: dict[str, Callable[[], Extractor]] = {
    "librosa, 5 of them": librosa_features,
    "essentia, 5 of them": essentia_features,
    "pyAudioAnalysis, 34 short-term": pyaudioanalysis_features,
}


def contenders() -> dict[str, Extractor]:
    """Ours and the installed peers; says which ones are missing."""
    found: dict[str, Extractor] = {
        "mirbench, 12 without pulse": lambda x: without_pulse(x, SR),
        "mirbench, all 13": lambda x: descriptors(x, SR),
    }
    for name, make in PEERS.items():
        try:
            found[name] = make()
        except ImportError as error:
            print(f"{name}: not installed ({error.name}); pip install 'mirbench[bench]'")
    return found


def seconds_taken(
    extractors: dict[str, Extractor], signal: np.ndarray, rounds: int
) -> dict[str, float]:
    """Fastest of ``rounds`` turns of each (s), after a warm-up."""
    for extract in extractors.values():
        extract(signal[: 2 * SR])
    best = dict.fromkeys(extractors, np.inf)
    for _ in range(rounds):
        for name, extract in extractors.items():
            start = time.perf_counter()
            extract(signal)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="length of the audio")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    signal = sound(options.seconds)
    with threadpool_limits(1):
        best = seconds_taken(contenders(), signal, options.rounds)
    twelve = best["mirbench, 12 without pulse"]
    print(f"\n{len(signal) / SR:.0f} s of audio in memory, one thread, best of {options.rounds}\n")
    print(f"{'':32}{'x real time':>12}{'12 descriptors are':>22}")
    for name, taken in best.items():
        ratio = f"{taken / twelve:.1f} x as fast"
        print(f"{name:32}{len(signal) / SR / taken:12,.0f}{ratio:>22}")


if __name__ == "__main__":
    main()

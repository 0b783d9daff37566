"""Clips with planted copies for `audit_planted.py`: real recordings under MIRBENCH_DATA, and made ones.

A clip knows its source and where in it it lies, so that what two clips share is known: pairs that
share `OVERLAP_S` or more are copies; other pairs of one track are left out of the count (sequenced
music repeats itself to the sample, an instrumental version is the song less its voice); every other
pair is a negative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import soundfile as sf

from mirbench.audio import decode, resample
from mirbench.corpora.synthetic import instruments
from mirbench.corpora.synthetic.signals import midi_hz, random_for

SR = 22050
CLIP_S = 10.0
OVERLAP_S = 2.0
FOLDERS = {  # folder under MIRBENCH_DATA: clips at most of each of its recordings
    "similarity/cc_albums": 3,
    "genre/cc_styles": 3,
    "speech_music/librispeech_ccmusic": 1,
    "speech_music/gcompris_ccmusic": 1,
    "segmentation/singing_voice": 16,
}
NOTES = 160
LOOPS, TUNES, VERSIONS = 24, 24, 5  # loops and tunes, tracks over each
LOOP_S = 4.0
LOOP_DB = (-6.0, 3.0)  # of a loop re what is played over it
TIMBRES = ("pluck", "organ", "strings", "reed", "brass")


class Clip(NamedTuple):
    """A mono signal at ``SR`` Hz; ``source`` and ``start_s`` say where it comes from."""

    name: str
    track: str
    source: str
    start_s: float
    signal: np.ndarray


def real_clips(data: Path) -> Iterator[Clip]:
    """Clips of `CLIP_S` of the recordings there are, and `NOTES` instrument notes."""
    for folder, most in FOLDERS.items():
        for row in pd.read_csv(data / folder / "index.csv").to_dict("records"):
            signal, _ = decode(data / folder / row["path"], SR)
            title = re.sub(r"\s*[(\[].*", "", str(row["title"])).lower()
            known = isinstance(row["title"], str)
            track = f"{row['artist']}/{title}" if known else str(row["source_path"])
            source = f"{row['source_repo']}/{row['source_path']}"
            begin = float(row.get("start_s", 0.0) or 0.0)
            for k in range(min(most, int(len(signal) / SR / CLIP_S))):
                part = signal[int(k * CLIP_S * SR) : int((k + 1) * CLIP_S * SR)]
                name = f"{folder.rpartition('/')[2]}/{Path(row['path']).stem}-{k}"
                yield Clip(name, track, source, begin + k * CLIP_S, part)
    notes = pd.read_csv(data / "instruments" / "index.csv")["path"]
    for path in notes.sample(NOTES, random_state=0):
        yield Clip(f"notes/{path}", path, path, 0.0, decode(data / "instruments" / path, SR)[0])


def loop_clips() -> Iterator[Clip]:
    """Tracks of other music over one drum loop, the same to the sample: not copies."""
    for k in range(LOOPS):
        rng = random_for(0, f"loop {k}")
        loop = drum_loop(rng)
        over = np.tile(loop, int(np.ceil(CLIP_S / LOOP_S)))[: int(CLIP_S * SR)]
        for v in range(VERSIONS):
            dice = random_for(0, f"loop {k} version {v}")
            played = play(tune(dice), TIMBRES[dice.randint(len(TIMBRES))], dice)
            level = 10 ** (dice.uniform(*LOOP_DB) / 20)
            name = f"loop{k:02d}/{v}"
            yield Clip(name, name, name, 0.0, mixed(played, level * over / rms(over)))


def cover_clips() -> Iterator[Clip]:
    """Tunes with their chords in five timbres: three at the same times to the sample, one played
    freely, one at another tempo: not copies."""
    for k in range(TUNES):
        score = tune(random_for(0, f"tune {k}"))
        for v, timbre in enumerate(TIMBRES):
            rng = random_for(0, f"tune {k} {timbre}")
            times = [at + rng.normal(0, 0.02) * (v == 3) for at, *_ in score]
            pace = 1.08 if v == 4 else 1.0
            notes = [(max(0.0, at) * pace, d, m) for at, (_, d, m) in zip(times, score)]
            name = f"tune{k:02d}/{timbre}"
            yield Clip(name, name, name, 0.0, mixed(play(notes, timbre, rng), 0.0))


Note = tuple[float, float, int]  # onset and length (s), MIDI number


def tune(rng: np.random.RandomState) -> list[Note]:
    """A melody over chords, `CLIP_S` long."""
    beat, root = rng.uniform(0.4, 0.75), int(rng.randint(45, 57))
    scale = np.array([0, 2, 4, 5, 7, 9, 11] if rng.randint(2) else [0, 2, 3, 5, 7, 8, 10])
    notes: list[Note] = []
    at, degree = 0.0, 7
    while at < CLIP_S:
        length = beat * float(rng.choice([0.5, 1.0, 1.0, 2.0]))
        degree = int(np.clip(degree + rng.randint(-2, 3), 5, 13))
        notes.append((at, length, int(root + 12 + 12 * (degree // 7) + scale[degree % 7])))
        at += length
    for bar in range(int(CLIP_S / (4 * beat)) + 1):
        first = int(rng.randint(7))
        for third in (0, 2, 4):
            step = first + third
            pitch = int(root + 12 * (step // 7) + scale[step % 7])
            notes.append((4 * bar * beat, 4 * beat, pitch))
    return notes


def play(notes: list[Note], timbre: str, rng: np.random.RandomState) -> np.ndarray:
    """A tune in one timbre."""
    out = np.zeros(int(CLIP_S * SR))
    partials = np.arange(1, 21) ** -rng.uniform(0.6, 1.6) * rng.uniform(0.2, 1.0, 20)
    attack = {"organ": 0.01, "strings": 0.15, "reed": 0.04, "brass": 0.07}.get(timbre, 0.0)
    vibrato = {"strings": 0.006, "reed": 0.003}.get(timbre, 0.0)
    for at, length, pitch in notes:
        hz = midi_hz(pitch)
        if timbre == "pluck":
            sound = instruments.pluck(hz, length, SR, rng, 0.7)
        else:
            sound = instruments.tone(hz, length, SR, partials, attack, 0.05, vibrato)
        start = int(at * SR)
        sound = sound[: max(0, len(out) - start)]
        out[start : start + len(sound)] += sound
    return out


def drum_loop(rng: np.random.RandomState) -> np.ndarray:
    """Two bars of kick, snare and hat, `LOOP_S` long."""
    out = np.zeros(int(LOOP_S * SR))
    kit = (
        (instruments.kick(SR, rng.uniform(45, 70)), 0.25, 1.0),
        (instruments.snare(SR, rng, rng.uniform(160, 240)), 0.2, 0.7),
        (instruments.hat(SR, rng, 0.12), 0.6, 0.3),
    )
    for sound, chance, level in kit:
        for step in range(32):
            if step == 0 or rng.random_sample() < chance:
                start = int(step * LOOP_S / 32 * SR)
                part = sound[: len(out) - start]
                out[start : start + len(part)] += level * part
    return out


def mixed(played: np.ndarray, over: np.ndarray | float) -> np.ndarray:
    """Both at -20 dB."""
    out = played / rms(played) + over
    return np.asarray(0.1 * out / rms(out), dtype=np.float32)


def rms(signal: np.ndarray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(signal)))) + 1e-12


def copies() -> dict[str, Callable[[Clip, Path, np.random.RandomState], Clip]]:
    """Kinds of planted copies: each writes a file and returns the copy's clip."""
    return {
        "exact": lambda clip, path, rng: written(clip, clip.signal, path.with_suffix(".flac")),
        "MP3 at 64 kbit/s": lambda clip, path, rng: written(
            clip, clip.signal, path.with_suffix(".mp3")
        ),
        "trimmed by 1 s": _trimmed,
        "12 dB softer": lambda clip, path, rng: written(
            clip, 10 ** (-12 / 20) * clip.signal, path.with_suffix(".wav")
        ),
        "noise at 30 dB": lambda clip, path, rng: written(
            clip, noisy(clip.signal, rng), path.with_suffix(".wav")
        ),
        "resampled": _resampled,
        "all of it": _all_of_it,
    }


def _trimmed(clip: Clip, path: Path, rng: np.random.RandomState) -> Clip:
    n = round((1.0 + rng.uniform(0, 0.05)) * SR)
    moved = clip._replace(start_s=clip.start_s + n / SR)
    return written(moved, clip.signal[n:], path.with_suffix(".wav"))


def _resampled(clip: Clip, path: Path, rng: np.random.RandomState) -> Clip:
    sr = int(rng.choice([11025, 16000, 32000, 44100, 48000]))
    return written(clip, resample(clip.signal, SR, sr), path.with_suffix(".wav"), sr)


def _all_of_it(clip: Clip, path: Path, rng: np.random.RandomState) -> Clip:
    n = round((1.0 + rng.uniform(0, 0.05)) * SR)
    changed = 0.25 * noisy(clip.signal[n:], rng)
    moved = clip._replace(start_s=clip.start_s + n / SR)
    return written(moved, resample(changed, SR, 16000), path.with_suffix(".mp3"), 16000)


def noisy(signal: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """White noise 30 dB below the clip's level."""
    return signal + 10 ** (-30 / 20) * rms(signal) * rng.standard_normal(len(signal))


def written(clip: Clip, signal: np.ndarray, path: Path, sr: int = SR) -> Clip:
    """Write a copy; its name is the file's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".mp3":  # between 160 and 8 kbit/s at these rates
        level = (160 - 64) / (160 - 8)
        sf.write(path, signal, sr, compression_level=level, bitrate_mode="CONSTANT")
    else:
        sf.write(path, signal, sr, subtype="PCM_16")
    return clip._replace(name=f"{path.parent.name}/{path.name}", signal=np.zeros(0))

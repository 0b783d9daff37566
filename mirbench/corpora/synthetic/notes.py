"""Isolated notes of nine instruments in three databases: ``hall``, ``booth`` and ``attic``.

Synthesised, for a first run and tests: no substitute for recordings of instruments. Each database has
instruments of its own build (every setting of a note model from another third of its span), a room and
a microphone, notes of another length, level and reach; ``attic`` lacks two instruments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.note_table import (
    DATABASES,
    DYNAMICS,
    INSTRUMENTS,
    SR,
    Database,
    Instrument,
)
from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.signals import (
    band,
    db,
    highpass,
    lowpass,
    midi_hz,
    phase,
    random_for,
    rms,
    room,
    sine,
    steady,
    to_level,
    white,
)
from mirbench.errors import DataError

NOTES = 18  # an instrument
COLOURS = 4  # broad resonances of one instrument of one database
LEAD_S = 0.02  # before the note


@dataclass(frozen=True)
class Build:
    """One instrument of one database: its resonances (Hz, Q, gain) and its settings."""

    body: tuple[tuple[float, float, float], ...]
    settings: Mapping[str, float]


def render_notes(database: str, root: str | Path, seed: int = 0) -> pd.DataFrame:
    """Render one database's notes below ``root``, or return the index if they are there.

    Parameters
    ----------
    database : {'hall', 'booth', 'attic'}
        'hall': a long reverberation, dynamics kept. 'booth': dry and close, every note at one level.
        'attic': dull microphone, hiss and hum, neither trombone nor xylophone. All 22.05 kHz.
    root : path-like
        Folder of this database; receives one folder an instrument and, last, ``index.csv``.
    seed : int
        Another seed builds other instruments of the same kinds in the same rooms.

    Returns
    -------
    DataFrame
        Columns path, instrument, family, pitch (MIDI number), dynamics (p, mf, f), database,
        duration_s (s), note; 18 notes an instrument.

    Raises
    ------
    DataError
        Unknown database.
    """
    if database not in DATABASES:
        raise DataError(f"unknown note database {database!r}; use one of {', '.join(DATABASES)}")
    root = Path(root)
    index = store.finished(root, seed)
    if index is not None:
        return index
    here = DATABASES[database]
    rows = []
    for name, instrument in INSTRUMENTS.items():
        if name in here.lacks:
            continue
        made = build(name, database, seed)
        for pitch, dynamics in _score(name, database, seed):
            path = f"{name}/{database}-{name}-{pitch:03d}-{dynamics}.wav"
            rng = random_for(seed, path)
            samples = _record(
                _dry(instrument, made, here, pitch, dynamics, rng), here, dynamics, rng
            )
            store.write_wav(root / path, samples, SR)
            rows.append(
                {
                    "path": path,
                    "instrument": name,
                    "family": instrument.family,
                    "pitch": pitch,
                    "dynamics": dynamics,
                    "database": database,
                    "duration_s": len(samples) / SR,
                }
            )
    return store.write_index(root, rows, seed)


def build(instrument: str, database: str, seed: int) -> Build:
    """The instrument as this database has it.

    Each setting lies in a third of its span that no other database of the seed uses; the body is
    scaled in the same way by 0.8 to 1.25, and each resonance is up to 6 dB weaker or stronger. Some
    broad resonances (200 to 7000 Hz) are this instrument's alone: its make and its microphone's place.
    """
    spans = {"size": (0.8, 1.25), **INSTRUMENTS[instrument].spans}
    place = list(DATABASES).index(database)
    own = random_for(seed, f"{database}/{instrument}")
    drawn = {}
    for setting, (low, high) in spans.items():
        thirds = random_for(seed, f"{instrument}/{setting}").permutation(len(DATABASES))
        share = (thirds[place] + own.random_sample()) / len(DATABASES)
        drawn[setting] = float(steady(low + (high - low) * share))
    size = drawn.pop("size")
    body = tuple(
        (hz * size, q, gain * db(own.uniform(-6, 6)))
        for hz, q, gain in INSTRUMENTS[instrument].body
    )
    colours = tuple(
        (float(steady(200.0 * 35.0 ** own.random_sample())), 2.0, own.uniform(1.0, 4.0))
        for _ in range(COLOURS)
    )
    return Build(body + colours, drawn)


def _score(instrument: str, database: str, seed: int) -> list[tuple[int, str]]:
    """Pitches evenly over the database's reach, a little off, with dynamics in turn."""
    rng = random_for(seed, f"{database}/{instrument}/score")
    low, high = INSTRUMENTS[instrument].pitches
    bottom, top = (low + (high - low) * share for share in DATABASES[database].reach)
    step = (top - bottom) / NOTES
    first = rng.randint(len(DYNAMICS))
    at = [bottom + step * (i + 0.25 + 0.5 * rng.random_sample()) for i in range(NOTES)]
    return [(int(p), list(DYNAMICS)[(i + first) % len(DYNAMICS)]) for i, p in enumerate(at)]


def _dry(
    instrument: Instrument,
    made: Build,
    database: Database,
    pitch: int,
    dynamics: str,
    rng: np.random.RandomState,
) -> np.ndarray:
    """The note through the instrument's body, after ``LEAD_S`` of silence."""
    n, lead = int(rng.uniform(*database.length_s) * SR), int(LEAD_S * SR)
    hz = midi_hz(pitch + 0.05 * rng.uniform(-1, 1))
    force = DYNAMICS[dynamics] * rng.uniform(0.9, 1.0)
    note = instrument.play(hz, force, n - lead, SR, rng, **made.settings)
    sound = note
    for centre, q, gain in made.body:
        sound = sound + gain * band(note, centre, centre / q, SR)
    return np.concatenate([np.zeros(lead), sound])


def _record(
    dry: np.ndarray, database: Database, dynamics: str, rng: np.random.RandomState
) -> np.ndarray:
    """Room, microphone, level and noise: 16-bit samples, shape (n,)."""
    wet = room(dry, database.t60_s, SR)
    signal = dry + wet * float(steady(database.wet * rms(dry) / rms(wet)))
    signal = lowpass(highpass(signal, database.low_hz, SR), database.high_hz, SR)
    centre, q, gain = database.presence
    signal = signal + gain * band(signal, centre, centre / q, SR)
    softer = list(DYNAMICS)[::-1].index(dynamics) * database.step_db
    signal = to_level(signal, database.level_db - softer)
    hiss = to_level(white(rng, len(dry)), database.hiss_db)
    mains = np.zeros(len(dry))
    for k, level in ((1, 1.0), (2, 0.6), (3, 0.4)):
        cycles = phase(np.full(len(dry), 50.0 * k), SR) + rng.random_sample()
        mains += level * sine(cycles - np.floor(cycles))
    return pcm(signal + hiss + to_level(mains, database.hum_db))

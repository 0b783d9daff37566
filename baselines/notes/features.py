"""``first_second(signal, sr)``: 289 descriptors of the first second of a note."""

import numpy as np

from baselines.peeters.frames import normalised
from mirbench.features.framing import checked

from .bands import NAMES as BAND_NAMES
from .bands import describe_bands
from .harmonics import NAMES as HARMONIC_NAMES
from .harmonics import describe_harmonics

SPAN_S = 1.0
"""All that is looked at (s from the onset), so that a note may be of any length beyond."""

ONSET = 1e-4
BLOCK_S = 0.005
"""The onset is the first block of 5 ms within 40 dB of the note's strongest (mean taken off)."""

SHORTEST_S = 0.05
"""A shorter note is followed by silence."""

NAMES = (*HARMONIC_NAMES, *BAND_NAMES)
"""Names of the values; the first is f0."""


def head(signal: np.ndarray, sr: float) -> np.ndarray:
    """First second from the onset: mean 0, peak 1, at least 0.05 s long; silence stays zero."""
    samples = checked(signal)
    block = max(round(BLOCK_S * sr), 1)
    blocks = np.pad(samples, (0, -len(samples) % block), mode="edge").reshape(-1, block)
    strength = blocks.var(axis=1)
    start = int(np.argmax(strength >= ONSET * strength.max())) * block
    note = normalised(samples[start : start + int(SPAN_S * sr)])
    return np.pad(note, (0, max(int(SHORTEST_S * sr) - len(note), 0)))


def first_second(signal: np.ndarray, sr: float) -> np.ndarray:
    """Descriptors of a note's first second, none of which follows the gain.

    Spectrum in 40 ERB bands up to 10 kHz and their cepstra: in the attack, in the body, and how
    they move; rise, decay and modulation of the level and of eight broad bands; pitch, inharmonicity
    and vibrato; levels of twenty partials and the envelope they draw; their dynamics; the noise
    between them. The set is ours; pitch and partials are those of `baselines.peeters`.

    Parameters
    ----------
    signal : ndarray of shape (n,)
        One note, mono.
    sr : float
        In Hz; meant for 44,100.

    Returns
    -------
    ndarray of float32, shape (289,)
        As in ``NAMES``.

    Raises
    ------
    DataError
        If the signal is empty, not mono or not finite.
    """
    note = head(signal, sr)
    return np.concatenate([describe_harmonics(note, sr), describe_bands(note, sr)]).astype(
        np.float32
    )

"""What the partials tell: noisiness, inharmonicity, odd to even, tristimulus, their shape."""

import numpy as np

from .frames import TINY, Tracks
from .partials import ORDERS, Partials
from .spectral import NAMES as SHAPE_NAMES
from .spectral import shape

LEVEL_NAMES = ("harmonic energy (dB)", "noise energy (dB)")
NAMES = (
    "noisiness",
    "inharmonicity",
    "harmonic deviation",
    "odd to even (dB)",
    "tristimulus 1",
    "tristimulus 2",
    "tristimulus 3",
    *(f"harmonic {name}" for name in SHAPE_NAMES),
)


def noise_energy(partials: Partials) -> np.ndarray:
    """Mean square within the partials' band that the partials don't hold: shape (n_frames,)."""
    return np.maximum(partials.total - partials.energy, 0.0)


def levels(partials: Partials) -> Tracks:
    """Harmonic and noise energy, in dB of the note's loudest frame, not under -60: (n_frames, 2)."""
    both = np.stack([partials.energy, noise_energy(partials)], axis=1)
    both /= max(float(partials.total.max()), TINY)
    return Tracks(10 * np.log10(np.maximum(both, 1e-6)), partials.total, partials.rate)


def deviation(amplitude: np.ndarray) -> np.ndarray:
    """Roughness of the spectral envelope, sum |a_h - mean(a_{h-1}, a_h, a_{h+1})| / sum a_h.

    At either end the mean is of two. Peeters 2004 divides by the number of partials; the sum of
    amplitudes, which takes the gain out, is our choice.
    """
    a = amplitude
    inner = np.abs(a[:, 1:-1] - (a[:, :-2] + a[:, 1:-1] + a[:, 2:]) / 3).sum(axis=1)
    ends = (np.abs(a[:, 0] - a[:, 1]) + np.abs(a[:, -1] - a[:, -2])) / 2
    return (inner + ends) / np.maximum(a.sum(axis=1), TINY)


def odd_to_even(amplitude: np.ndarray) -> np.ndarray:
    """Energy of odd over that of even partials, in dB within +-60; 0 where there are none."""
    square = np.square(amplitude)
    odd, even = square[:, 0::2].sum(axis=1), square[:, 1::2].sum(axis=1)
    floor = np.maximum(1e-6 * (odd + even), TINY)
    return 10 * np.log10(np.maximum(odd, floor) / np.maximum(even, floor))


def harmonic(partials: Partials) -> Tracks:
    """Descriptors of each frame's partials (Peeters 2004).

    noisiness
        Noise over total energy, within the partials' band (our choice: else what lies above the
        20th partial would make every low note noisy). 1 where there is no partial.
    inharmonicity
        (2 / f0) sum |f_h - h f0| a_h^2 / sum a_h^2.
    harmonic deviation, odd to even
        See `deviation`, `odd_to_even`.
    tristimulus
        Shares of the first, of the second to fourth, and of the other partials in sum a_h.
    shape
        `spectral.shape` of the amplitudes over the partials' frequencies (Hz).

    Without partials all but the noisiness are 0.

    Returns
    -------
    Tracks
        Values of shape (n_frames, 17), columns as in ``NAMES``.
    """
    a, f = partials.amplitude, partials.frequency
    square = np.square(a)
    power, total = (np.maximum(x.sum(axis=1), TINY) for x in (square, a))
    gap = np.abs(f - partials.f0[:, None] * ORDERS)
    sounding = partials.total > TINY
    noisiness = noise_energy(partials) / np.maximum(partials.total, TINY)
    columns = [
        np.where(sounding, noisiness, 1.0),
        2 * (gap * square).sum(axis=1) / power / partials.f0,
        deviation(a),
        odd_to_even(a),
        a[:, 0] / total,
        a[:, 1:4].sum(axis=1) / total,
        a[:, 4:].sum(axis=1) / total,
        shape(a, f),
    ]
    return Tracks(np.column_stack(columns), partials.total, partials.rate)

"""Struck and plucked notes: an exciter drives modes that ring down (modal synthesis).

Synthesised, for a first run and tests: no substitute for recordings of instruments. Frequencies and
losses follow Fletcher & Rossing, *The Physics of Musical Instruments* (from memory); the numbers are
our choice.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from mirbench.corpora.synthetic.signals import fades, lowpass, phase, sine, steady, white

PARTIALS = 80  # of a string, at most
# uniform free bar, and bar undercut to 1 : 4 (marimba): ratios of the first four modes
UNIFORM, UNDERCUT = (1.0, 2.76, 5.40, 8.93), (1.0, 4.0, 9.9, 17.0)


def string(
    hz: float,
    force: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    *,
    stiffness: float,
    position: float,
    slope: float,
    contact_s: float,
    ring_s: float,
    damping: float,
    prompt: float,
    knock: float,
) -> np.ndarray:
    """A stiff string, struck (``slope`` 0) or plucked (``slope`` 1), heard at its bridge.

    Parameters
    ----------
    hz : float
        Fundamental of the flexible string (Hz).
    force : float
        How hard, in (0, 1]: a harder blow is a shorter contact.
    n, sr : int
        Samples, and sampling rate (Hz).
    rng : RandomState
    stiffness : float
        B at middle C in ``f_k = k f_1 sqrt(1 + B k^2)``; it doubles every 8 semitones.
    position : float
        Where the string is hit or plucked, as a share of its length: the comb ``sin(pi k position)``.
    slope : float
        Partials fall as ``k ** -slope``.
    contact_s : float
        Length (s) of the half-sine that drives the modes, at middle C and full force.
    ring_s : float
        T60 (s) of a low partial at middle C.
    damping : float
        T60 is halved at so many Hz, and falls as 1 / f^2 above.
    prompt : float
        Share of each partial in the polarisation that dies three times as fast.
    knock : float
        Level of the dull noise of the blow.

    Returns
    -------
    ndarray of shape (n,)
    """
    octaves = float(steady(np.log2(hz / 261.63)))
    k = np.arange(1.0, PARTIALS + 1)
    bend = stiffness * float(steady(2.0 ** (1.5 * octaves)))
    partials = k * hz * np.sqrt(1 + bend * k * k)
    k, partials = k[partials < 0.45 * sr], partials[partials < 0.45 * sr]
    levels = steady(np.sin(np.pi * k * position) * k**-slope)
    longest = ring_s * float(steady(2.0 ** (-0.6 * octaves)))
    t60 = longest / (1 + (partials / damping) ** 2)
    blow = _blow(contact_s * 2.0 ** (-0.5 * octaves), force, n, sr, rng, knock)
    # two polarisations, a fraction of a Hz apart: the early sound falls faster, then they beat
    apart = 0.0006 * rng.uniform(0.3, 1.0)
    out = ring(blow, partials, (1 - prompt) * levels, t60, sr)
    out += ring(blow, partials * (1 + apart), prompt * levels, t60 / 3, sr)
    return (out + 0.3 * blow) * fades(n, 1, sr // 20)


def bar(
    hz: float,
    force: float,
    n: int,
    sr: int,
    rng: np.random.RandomState,
    *,
    undercut: float,
    hardness: float,
    contact_s: float,
    ring_s: float,
    damping: float,
    knock: float,
) -> np.ndarray:
    """A struck wooden bar: four modes, the higher ones gone within a few hundredths of a second.

    Parameters
    ----------
    hz, force, n, sr, rng, contact_s, ring_s, damping, knock
        As in `string`; the T60 here falls as 1 / f^1.5 above ``damping`` (Hz).
    undercut : float
        From 0, a uniform bar (1 : 2.76 : 5.40 : 8.93), to 1, a deep arch (1 : 4 : 9.9 : 17).
    hardness : float
        Level of the second mode; the third and fourth have its square and cube.
    """
    octaves = float(steady(np.log2(hz / 261.63)))
    modes = hz * ((1 - undercut) * np.array(UNIFORM) + undercut * np.array(UNDERCUT))
    modes = modes * (1 + 0.01 * rng.uniform(-1, 1, 4) * (modes > modes[0]))  # wood is uneven
    levels = steady(hardness ** np.arange(4.0)) * (0.7 + 0.6 * rng.random_sample(4))
    levels, modes = levels[modes < 0.45 * sr], modes[modes < 0.45 * sr]
    longest = ring_s * float(steady(2.0 ** (-0.7 * octaves)))
    t60 = longest / steady((1 + modes / damping) ** 1.5)
    blow = _blow(contact_s * 2.0 ** (-0.3 * octaves), force, n, sr, rng, knock)
    return (ring(blow, modes, levels, t60, sr) + 0.5 * blow) * fades(n, 1, sr // 20)


def ring(
    exciter: np.ndarray, hz: np.ndarray, levels: np.ndarray, t60_s: np.ndarray, sr: int
) -> np.ndarray:
    """Sum of modes driven by ``exciter``: an impulse gives ``levels * sin``, down 60 dB in ``t60_s``.

    Shapes: exciter (n,), one value a mode in the others; frequencies in Hz, T60 in s.
    """
    radius = steady(10.0 ** (-3.0 / (t60_s * sr)))
    turn = steady(np.cos(2 * np.pi * hz / sr))
    gain = steady(np.sin(2 * np.pi * hz / sr) * radius * levels)
    out = np.zeros(len(exciter))
    for r, c, g in zip(radius.tolist(), turn.tolist(), gain.tolist()):
        out += lfilter([0.0, g], [1.0, -2 * r * c, r * r], exciter)
    return out


def _blow(
    contact_s: float, force: float, n: int, sr: int, rng: np.random.RandomState, knock: float
) -> np.ndarray:
    """Half-sine of unit area, shorter the harder the blow, with a dull noise of 10 ms beside it."""
    length = max(3, int(float(steady(contact_s * force**-0.5)) * sr))
    out = np.zeros(n)
    pulse = sine(phase(np.full(length, 0.5 / length), 1))
    out[:length] = pulse / float(steady(pulse.sum()))
    thud = min(n, sr // 100)
    hiss = lowpass(lowpass(white(rng, thud), 900.0, sr), 900.0, sr)
    out[:thud] += knock * force * hiss * fades(thud, 1, thud)
    return out

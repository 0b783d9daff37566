"""The 13 descriptors of Scheirer & Slaney (1997), put together at 50 frames a second.

``recipe="printed"`` follows the paper's definitions to the letter; ``recipe="robust"`` makes the
free choices that mend them on real recordings, and takes no more than that:

========================  ==============================  =========================================
descriptor                printed                         robust
========================  ==============================  =========================================
4-Hz modulation           channel energies, no bound      amplitude envelopes, each channel capped
flux, residual            raw amplitude spectra           spectra of unit norm
residual                  log of the bare amplitude       floor of 0.01 (-40 dB) inside the log
five variances            as they are                     log10, with a floor
========================  ==============================  =========================================

No robust descriptor depends on gain, so no clip has to be normalised: that would look ahead.
"""

from collections.abc import Sequence

import numpy as np

from .energy import low_energy, rms, zero_crossings
from .modulation import mel_channels, modulation_printed, modulation_robust
from .pulse import pulse
from .spectral import centroid, flux, power_spectra, residual, rolloff, unit_norm
from .windows import frames_of, trailing_variance

NAMES = (
    "modulation",
    "low-energy",
    "rolloff",
    "centroid",
    "flux",
    "zcr",
    "residual",
    "pulse",
    "var-rolloff",
    "var-centroid",
    "var-flux",
    "var-zcr",
    "var-residual",
)
"""Columns of :func:`descriptors`, in the paper's order."""

SETS = {
    "all": NAMES,
    "best8": ("modulation", "low-energy", "pulse", *NAMES[8:]),
    "best3": ("modulation", "var-flux", "pulse"),
    "fast5": NAMES[2:7],
}
"""The paper's sets of features (from memory)."""

VARIANCE_FLOORS = np.array([40.0**2, 40.0**2, 0.01**2, 1.0, 0.1**2])
"""Added to the variances (Hz², Hz², 1, crossings², nepers²) before the log: a step that means
nothing, such as one FFT bin, squared."""

MEMORY_S = 8.0
"""A stream that keeps this much past gets the same values as the whole file (to 1e-6)."""

BLOCK = 512
"""Frames whose spectra are held at once: they stay in the cache."""


def columns_of(features: str) -> Sequence[int]:
    """Columns of a set ("all", "best8", "best3", "fast5") or of one feature by its name.

    Raises
    ------
    ValueError
        When there is no such set or feature.
    """
    if features not in SETS and features not in NAMES:
        raise ValueError(
            f"no feature set or feature {features!r}; take one of {', '.join((*SETS, *NAMES))}"
        )
    return [NAMES.index(name) for name in SETS.get(features, (features,))]


def single_frame(
    frames: np.ndarray, sr: float, recipe: str, spectra_before: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rolloff, centroid, flux, ZCR and residual of each frame, (n_frames, 5); channel energies
    (n_frames, 40); and the last frame's spectrum (257,), from which the next flux starts."""
    power = power_spectra(frames)
    spectra = np.sqrt(power)
    if recipe == "robust":
        spectra = unit_norm(spectra)
    five = np.stack(
        [
            rolloff(power, sr),
            centroid(power, sr),
            flux(spectra, spectra_before),
            zero_crossings(frames),
            residual(spectra, floor=1e-2 if recipe == "robust" else 1e-10),
        ],
        axis=1,
    )
    return five, power @ mel_channels(sr), spectra[-1]


def without_pulse(signal: np.ndarray, sr: float, recipe: str = "robust") -> np.ndarray:
    """The 12 descriptors other than the pulse metric: float32, shape (n_frames, 12)."""
    if recipe not in ("robust", "printed"):
        raise ValueError(f"recipe is 'robust' or 'printed', not {recipe!r}")
    frames = frames_of(signal.astype(np.float32, copy=False), sr)
    if not len(frames):
        return np.empty((0, 12), dtype=np.float32)
    before = np.zeros(1, dtype=np.float32)
    blocks = []
    for start in range(0, len(frames), BLOCK):
        five, energies, before = single_frame(frames[start : start + BLOCK], sr, recipe, before)
        blocks.append((five, energies))
    five, energies = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    variances = trailing_variance(five)
    if recipe == "robust":
        variances = np.log10(variances + VARIANCE_FLOORS)
        modulation = modulation_robust(energies)
    else:
        modulation = modulation_printed(energies)
    memory = np.stack([modulation, low_energy(rms(frames))], axis=1)
    return np.concatenate([memory, five, variances], axis=1).astype(np.float32)


def descriptors(signal: np.ndarray, sr: float, recipe: str = "robust") -> np.ndarray:
    """The 13 descriptors of Scheirer & Slaney, every 20 ms.

    Causal: frame ``i`` covers samples ``[i * hop, (i + 1) * hop)`` and its row depends on nothing
    after it. Before 1 s (5 s for the pulse metric) the windows hold what past there is. All values
    are finite, for digital silence too.

    Parameters
    ----------
    signal : ndarray of shape (n,)
        Mono, full scale = 1.
    sr : float
        In Hz; the recipe is meant for 22,050 (frames of 441 samples).
    recipe : {"robust", "printed"}
        See the module's table.

    Returns
    -------
    ndarray of float32, shape (n // hop, 13)
        Columns as in ``NAMES``.

    References
    ----------
    E. Scheirer and M. Slaney, "Construction and evaluation of a robust multifeature speech/music
    discriminator", ICASSP 1997.
    """
    rest = without_pulse(signal, sr, recipe)
    score = pulse(signal, sr).astype(np.float32)
    return np.insert(rest, NAMES.index("pulse"), score, axis=1)

"""Which quantity is to be more than which, from the papers and the course; written before they were measured on these sets."""

from __future__ import annotations

from dataclasses import dataclass

from deep.representation.sparse import RHO


@dataclass(frozen=True)
class Criterion:
    """``more`` is above ``less``; with ``tie`` the two are within that much of each other.

    Attributes
    ----------
    words : str
    more, less : str or float
        Names of quantities of one set, or a number that holds for all.
    tie : float
    slack : float
        By so much ``more`` may be below ``less``.
    """

    words: str
    more: str | float
    less: str | float
    tie: float = 0.0
    slack: float = 0.0


TAKEN = "taken for their label (%)"
POINTS = 2.0
"""Of balanced accuracy, within which one isn't worse than another; our choice."""

CRITERIA = (
    Criterion("the auto-encoder draws unheard notes with less error than components of as many numbers", "squared error, components", "squared error, auto-encoder"),
    Criterion("sparse: the mean activity of the units is what is asked, by half of it", "mean activity, sparse", RHO, tie=RHO / 2),
    Criterion("contractive: a smaller slope than the plain auto-encoder's", "relative slope, auto-encoder", "relative slope, contractive"),
    Criterion("VAE: more than a tenth of the units leave the prior", "active units (%), VAE", 10.0),
    *(
        Criterion(f"{net}: fewer bits a sample than a linear predictor of order 16, {how}", f"bits, linear, {how}", f"bits, {net}")
        for net in ("WaveNet", "SampleRNN") for how in ("fitted to the training notes", "fitted to the 512 samples before")
    ),
    *(Criterion(f"{net}: fewer than the 8 bits of levels that are all alike", 8.0, f"bits, {net}") for net in ("WaveNet", "SampleRNN")),
    Criterion("WaveNet told the instrument: fewer bits under the right one", "bits, other instruments", "bits, right instrument"),
    Criterion("WaveNet told the instrument: fewest bits name the instrument better than chance", "named by fewest bits (%)", "named by chance (%)"),
    Criterion("GAN told the label: patches are taken for it above chance", f"{TAKEN}, GAN told the label", "taken for their label by chance (%)"),
    Criterion("GAN told the label: patches of a class differ at least half as much as notes do", "spread within a class, GAN told the label", "half the spread within a class of notes"),
    Criterion("VAE, codes of a class: patches are taken for it more often than from the prior", f"{TAKEN}, VAE, Gaussian of a class", f"{TAKEN}, VAE, prior"),
    Criterion("VAT: the worst step changes answers less than those of labels alone", "KL of the worst step, labels alone", "KL of the worst step, VAT"),
    Criterion("consistency: noise changes answers less than those of labels alone", "change by noise, labels alone", "change by noise, consistency"),
    Criterion("entropy minimisation: no collapse, answers spread over no fewer classes than labels alone's", "classes answered (%), entropy", "classes answered (%), labels alone"),
    Criterion("the mean teacher's student at least labels alone", "balanced accuracy, its student", "balanced accuracy, labels alone", slack=POINTS),
    Criterion("the mean teacher at least its student", "balanced accuracy, the mean teacher", "balanced accuracy, its student", slack=POINTS),
    Criterion("the noisy student above its first teacher", "balanced accuracy, the noisy student", "balanced accuracy, its first teacher"),
    Criterion("L3-Net: its frozen sound encoder names notes better than untrained", "probe (%), L3-Net's sound encoder", "probe (%), the same untrained"),
    Criterion("attention is monotone: it reads at least nine of ten notes behind the one before", "read forward (%)", 90.0),
)  # fmt: skip

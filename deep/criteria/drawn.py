"""What a classifier of (synthesised) notes makes of patches that nets draw by label."""

from __future__ import annotations

import numpy as np

from deep.criteria.notes import Notes
from deep.criteria.steps import given
from deep.generative.gan import STEPS, labelled_gan
from deep.generative.sample_check import agreement, real_patches
from deep.generative.vae import class_codes, vae_draws
from deep.representation.vae import encoder_vae
from deep.semisupervised.supervised import few_supervised

EACH = 40
"""Patches a class."""


def drawn(notes: Notes, seed: int, steps: int | None = None) -> dict[str, float]:
    """Share of patches taken for their label (mean over classes), and how different those of a class are."""
    judge = few_supervised(seed).set_params(**given(steps)).fit(notes.X, notes.y)
    wanted = np.repeat(np.unique(notes.y), EACH)
    gan, untrained = (
        labelled_gan(n, seed).fit(notes.X, notes.y) for n in (STEPS if steps is None else steps, 0)
    )
    vae = encoder_vae(random_state=seed).set_params(**given(steps)).fit(notes.X)
    own = class_codes(vae, notes.X, notes.y)
    patches = {
        "other notes": real_patches(judge, notes.T, notes.t),
        "GAN told the label": (gan.draw(wanted, seed), wanted),
        "untrained GAN": (untrained.draw(wanted, seed), wanted),
        "VAE, Gaussian of a class": (vae_draws(vae, wanted, own, seed), wanted),
        "VAE, prior": (vae_draws(vae, wanted, None, seed), wanted),
    }
    judged = {name: agreement(judge, *pair) for name, pair in patches.items()}
    return {
        **{f"taken for their label (%), {name}": 100 * one.recall for name, one in judged.items()},
        **{f"spread within a class, {name}": one.spread for name, one in judged.items()},
        "half the spread within a class of notes": judged["other notes"].spread / 2,
        "taken for their label by chance (%)": 100 / len(judge.classes_),
    }

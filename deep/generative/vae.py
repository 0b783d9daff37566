"""Draws of a variational auto-encoder by label: from a Gaussian of the codes of a class, or from the prior."""

from __future__ import annotations

import numpy as np
import torch

from deep.representation.budget import recordings_of
from deep.representation.encoder import Representation


def class_codes(vae: Representation, X: np.ndarray, y: np.ndarray) -> dict[int, torch.Tensor]:
    """Mean and deviation of the codes of each class over its patches, (2, d, vectors) each.

    A code's variance is that of the posterior means and what the posterior itself adds.

    Parameters
    ----------
    vae : Representation
        ``encoder-vae``, fitted.
    X : ndarray of Item, shape (n,)
    y : ndarray of int, shape (n,)
    """
    recordings = recordings_of(vae.extract, X)
    found = {}
    with torch.no_grad():
        for label in np.unique(y):
            tiles = [vae.tiled(r) for r, own in zip(recordings, y, strict=True) if own == label]
            mean = vae.task_.encoder.frames(torch.cat(tiles))
            inner = vae.task_.log_variance(mean).exp().mean(dim=0)
            deviation = (mean.var(dim=0, unbiased=False) + inner).sqrt()
            found[int(label)] = torch.stack([mean.mean(dim=0), deviation])
    return found


def vae_draws(
    vae: Representation, labels: np.ndarray, codes: dict[int, torch.Tensor] | None, seed: int = 0
) -> np.ndarray:
    """Patches (n, channels, frames, bins) of these classes, as features of items are.

    Parameters
    ----------
    vae : Representation
    labels : ndarray of int, shape (n,)
    codes : dict or None
        Of `class_codes`; None draws from the prior, whatever the labels.
    seed : int
    """
    generator = torch.Generator().manual_seed(seed)
    if codes is None:
        vectors = -(-vae.patch_frames // 4)
        z = torch.randn(len(labels), vae.n_outputs, vectors, generator=generator)
    else:
        mean, deviation = torch.stack([codes[int(c)] for c in labels], dim=1).cpu()
        z = mean + deviation * torch.randn(mean.shape, generator=generator)
    with torch.no_grad():
        drawn = vae.task_.decoder(z.to(next(vae.task_.parameters()).device))
    return drawn.cpu().numpy() * vae.scale_ + vae.mean_

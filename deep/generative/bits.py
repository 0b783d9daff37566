"""Bits a sample that nets of the waveform need for sounds they weren't trained on."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from deep.generative.linear_predictor import ORDER, fit_predictor
from deep.representation.budget import recordings_of
from deep.representation.encoder import Representation

HEARD = 512
"""Samples of a patch that are heard first and cost nothing, for nets and predictors alike: WaveNet's
context."""


def patch_codes(net: Representation, X: np.ndarray) -> torch.Tensor:
    """Levels of the patches that tile items, (n_patches, samples), as the net hears them."""
    tiles = [net.tiled(recording) for recording in recordings_of(net.extract, X)]
    return net.task_.encoder.codes(torch.cat(tiles))


def net_bits(net: Representation, X: np.ndarray, heard: int = HEARD) -> float:
    """Mean bits a sample of a fitted net of `deep.representation.wavenet.NextSample`.

    Parameters
    ----------
    net : Representation
        ``encoder-wavenet`` or ``encoder-samplernn``, fitted.
    X : ndarray of Item, shape (n,)
    heard : int
    """
    found = []
    with torch.no_grad():
        for codes in patch_codes(net, X).split(net.batch_size):
            logits = net.task_.head(net.task_.encoder.hidden(codes[:, :-1]))[:, :, heard - 1 :]
            found.append(functional.cross_entropy(logits, codes[:, heard:], reduction="none"))
    return float(torch.cat(found).double().mean() / np.log(2))


def linear_bits(
    net: Representation, X: np.ndarray, train: np.ndarray | None, heard: int = HEARD
) -> float:
    """Mean bits a sample of a linear predictor of order 16 over the same levels.

    Parameters
    ----------
    net : Representation
        Fitted; says what the levels are.
    X : ndarray of Item, shape (n,)
    train : ndarray of Item or None
        What the predictor is fitted on, once; None fits one anew to what is heard of each patch first.
    heard : int
    """
    patches = patch_codes(net, X).cpu().numpy()
    if train is None:
        rows = [fit_predictor([p[:heard]]).bits(p) for p in patches]
    else:
        predictor = fit_predictor(list(patch_codes(net, train).cpu().numpy()))
        rows = [predictor.bits(p) for p in patches]
    return float(np.mean([bits[heard - ORDER :] for bits in rows]))

"""What auto-encoders are for: little error, few active units, a small slope, units that leave the prior."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch.nn import functional

from deep.criteria.notes import PART, Notes, heard
from deep.criteria.steps import given
from deep.representation.autoencoder import encoder_autoencoder
from deep.representation.contractive import encoder_contractive, squared_slope
from deep.representation.encoder import Representation
from deep.representation.sparse import encoder_sparse
from deep.representation.vae import encoder_vae
from deep.representation.word2vec import blocks_of

ACTIVE = 0.01
"""Variance of a posterior mean over which a unit counts as active (Burda, Grosse and Salakhutdinov 2016)."""


def codes(notes: Notes, seed: int, steps: int | None = None) -> dict[str, float]:
    """Quantities of four auto-encoders and of principal components, on notes that weren't trained on."""
    plain, sparse, contractive, vae = (
        make(random_state=seed).set_params(**given(steps)).fit(notes.X)
        for make in (encoder_autoencoder, encoder_sparse, encoder_contractive, encoder_vae)
    )
    with torch.no_grad():
        x = heard(plain, notes.T)
        drawn = torch.cat(
            [plain.task_.decoder(plain.task_.encoder.frames(p)) for p in x.split(PART)]
        )
        active = torch.cat([sparse.task_.code(p) for p in heard(sparse, notes.T).split(PART)])
        alike = torch.cat([torch.sigmoid(plain.task_.encoder.frames(p)) for p in x.split(PART)])
        means = torch.cat([vae.task_.encoder.frames(p) for p in heard(vae, notes.T).split(PART)])
    return {
        "squared error, auto-encoder": float(functional.mse_loss(drawn, x)),
        "squared error, components": components_error(plain, notes),
        "mean activity, sparse": float(active.mean()),
        "mean activity, auto-encoder": float(alike.mean()),
        "relative slope, contractive": relative_slope(contractive, notes.T, seed),
        "relative slope, auto-encoder": relative_slope(plain, notes.T, seed),
        "active units (%), VAE": 100 * float((means.var(dim=(0, 2)) > ACTIVE).double().mean()),
    }


def components_error(net: Representation, notes: Notes) -> float:
    """Mean squared error of principal components with as many numbers as the code: of each step of
    the encoder (four frames) as many as a vector has; the same standardised patches."""
    train, test = (blocks_of(heard(net, X)).flatten(0, 1).cpu().numpy() for X in (notes.X, notes.T))
    pca = PCA(min(net.n_outputs, *train.shape), random_state=0).fit(train)
    return float(np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2))


def relative_slope(net: Representation, X: np.ndarray, seed: int) -> float:
    """``mean |de/dx|_F^2 / var e``, one random sign a number of the embedding (Hutchinson's trace)."""
    generator = torch.Generator().manual_seed(seed)
    slopes, rows = [], []
    for part in heard(net, X).split(PART):
        x = part.requires_grad_()
        e = net.task_.encoder(x)
        signs = 2.0 * torch.randint(2, e.shape, generator=generator).to(e) - 1.0
        slopes.append(squared_slope(e, x, signs).detach())
        rows.append(e.detach())
    return float(torch.cat(slopes).mean() / torch.cat(rows).var(dim=0, correction=0).sum())

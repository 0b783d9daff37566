"""Whether drawn patches sound like their labels, as a classifier that has heard real ones judges.

The classifier is the shared encoder and a linear layer, trained on the real training patches alone
(``few-supervised`` with all labels). A model that draws one and the same patch a class would please it:
the spread says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import recall_score

from deep.representation.budget import recordings_of
from deep.semisupervised.classifier import FewLabels


@dataclass(frozen=True)
class Agreement:
    """What the judge makes of patches.

    Attributes
    ----------
    recall : float
        Share of patches of a class that are taken for it, the mean over classes.
    spread : float
        Standard deviation within a class of what the judge has standardised, the root mean square
        over classes and numbers.
    n : int
        Patches.
    """

    recall: float
    spread: float
    n: int


def agreement(judge: FewLabels, patches: np.ndarray, labels: np.ndarray) -> Agreement:
    """How well patches agree with their labels.

    Parameters
    ----------
    judge : FewLabels
        Fitted on real items.
    patches : ndarray, shape (n, channels, frames, bins)
        As features of items are, not standardised.
    labels : ndarray of int, shape (n,)
        Of the judge's classes.
    """
    x = ((patches - judge.mean_) / judge.scale_).astype(np.float32)
    device = next(judge.task_.parameters()).device
    with torch.no_grad():
        rows = [judge.task_.logits(part.to(device)).cpu() for part in torch.as_tensor(x).split(64)]
    told = judge.classes_[torch.cat(rows).argmax(dim=1).numpy()]
    variances = [x[labels == c].var(axis=0).mean() for c in np.unique(labels)]
    recall = recall_score(labels, told, labels=np.unique(labels), average="macro")
    return Agreement(float(recall), float(np.sqrt(np.mean(variances))), len(labels))


def real_patches(judge: FewLabels, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first patch of each item, and its label."""
    standard = [judge.tiled(recording)[:1] for recording in recordings_of(judge.extract, X)]
    return torch.cat(standard).cpu().numpy() * judge.scale_ + judge.mean_, np.asarray(y)

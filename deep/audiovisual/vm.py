"""VM-Net: a music's own video ranks before others, and what was alike within a modality stays so.

Hong, Im and Yang 2018 (from memory): a triplet loss each way between the modalities, and a soft constraint
on the order of likeness within each, which is that of the features before the embedding. They pool
features of nets trained elsewhere over a whole video; here the shared encoders are trained on seconds, and
the likeness to keep is that of mean bands and of small thumbnails: our choice. The margin and the weight are ours.

Pretet, Richard and Peeters 2021 train the same nets with triplets and with a binary cross entropy, and find
the triplets better: ``loss`` chooses.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from deep.audiovisual.estimator import AudioVisual
from deep.audiovisual.pairing import Pairing, correspondence_loss
from deep.audiovisual.seconds import WINDOW
from deep.representation.budget import log_mel
from mirbench.errors import MethodError

MARGIN = 0.3
STRUCTURE = 0.1
"""Weight of the order within a modality."""
TEMPERATURE = 0.1
"""Cosines are divided by it to be log-odds, before training, for the binary cross entropy."""
THUMBNAIL = 8
"""Rows and columns of a thumbnail."""


class VM(Pairing):
    """Cosines of two embeddings, under triplets or a binary cross entropy.

    Parameters
    ----------
    loss : {"triplet", "bce"}
        Between the modalities; the order within each is kept in both cases.
    """

    def __init__(self, sound: nn.Module, picture: nn.Module, loss: str = "triplet") -> None:
        super().__init__(sound, picture)
        if loss not in ("triplet", "bce"):
            raise MethodError(f"loss {loss!r}: give triplet or bce")
        self.between = loss
        if loss == "bce":
            self.scale = nn.Parameter(torch.tensor(1 / TEMPERATURE))
            self.offset = nn.Parameter(torch.tensor(-0.5 / TEMPERATURE))

    def hear(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings of length 1."""
        return functional.normalize(self.sound(x), dim=1)

    def see(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings of length 1."""
        return functional.normalize(self.picture(x), dim=1)

    def scores(self, heard: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Cosine of each pair."""
        return heard @ seen.T

    def loss(self, sounds: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
        """Between the modalities, plus the order within each."""
        heard, seen = self.hear(sounds), self.see(pictures)
        scores = self.scores(heard, seen)
        if self.between == "bce":
            between = correspondence_loss(self.scale * scores + self.offset)
        else:
            between = triplet_loss(scores) + triplet_loss(scores.T)
        thumbnails = functional.adaptive_avg_pool2d(pictures[:, :3], THUMBNAIL).flatten(1)
        within = structure_loss(heard, sounds.mean(dim=2).flatten(1))
        within = within + structure_loss(seen, thumbnails)
        return between + STRUCTURE * within


def triplet_loss(scores: torch.Tensor, margin: float = MARGIN) -> torch.Tensor:
    """Mean of ``max(0, s_ij - s_ii + margin)`` over all j other than i.

    Parameters
    ----------
    scores : Tensor, shape (n, n)
        Similarities; anchors by row, the true partner on the diagonal, n of 2 or more.
    margin : float
    """
    false = ~torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    return functional.relu(scores - scores.diagonal()[:, None] + margin)[false].mean()


def structure_loss(embeddings: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """Mean over triples (i, j, k) of ``C_ijk (x_i x_j - x_i x_k)``: what lay nearer stays nearer.

    ``C_ijk = sign(x_i x_j - x_i x_k) - sign(f_i f_j - f_i f_k)`` is 0 where the order of j and k, seen from i,
    is kept.

    Parameters
    ----------
    embeddings : Tensor, shape (n, d)
        x, of length 1.
    before : Tensor, shape (n, e)
        f before it is centred on the batch and brought to length 1.
    """
    features = functional.normalize(before - before.mean(dim=0), dim=1)
    now, was = (x @ x.T for x in (embeddings, features))
    now, was = (s[:, :, None] - s[:, None, :] for s in (now, was))
    return ((now.sign() - was.sign()).detach() * now).mean()


def vm_net(loss: str = "triplet", random_state: int = 0) -> AudioVisual:
    """VM-Net: triplets between music and video, and the order of likeness within each is kept.

    Parameters
    ----------
    loss : {"triplet", "bce"}
        Between the modalities.
    random_state : int
    """
    return AudioVisual(
        log_mel(), VM, {"loss": loss}, patch_frames=WINDOW, random_state=random_state
    )


def vm_net_bce(random_state: int = 0) -> AudioVisual:
    """VM-Net with a binary cross entropy in place of the triplets, all else the same.

    Parameters
    ----------
    random_state : int
    """
    return vm_net("bce", random_state)


for _function in (vm_net, vm_net_bce):
    _function.family = "deep"  # type: ignore[union-attr]
    _function.cite = "hong2018cbvmr pretet2021crossmodal"  # type: ignore[union-attr]

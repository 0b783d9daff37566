"""Who belongs together: a second of sound and a picture, from one recording or from two."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional


class Pairing(nn.Module):
    """Two encoders and a score of their embeddings, trained on the pairs of a batch.

    A way of learning is a subclass with ``scores``; it may override the rest.

    Parameters
    ----------
    sound : nn.Module
        `deep.nets.small_encoder.SmallEncoder`.
    picture : nn.Module
        `deep.nets.small_picture.SmallPicture`.
    """

    def __init__(self, sound: nn.Module, picture: nn.Module) -> None:
        super().__init__()
        self.sound: Any = sound
        self.picture: Any = picture

    def hear(self, x: torch.Tensor) -> torch.Tensor:
        """Seconds of sound (n, 1, frames, bins) -> what ``scores`` takes, n rows."""
        return self.sound(x)

    def see(self, x: torch.Tensor) -> torch.Tensor:
        """Pictures (n, 3, rows, columns) -> what ``scores`` takes, n rows."""
        return self.picture(x)

    def scores(self, heard: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """How well each sound fits each picture, (n_sounds, n_pictures); greater is better."""
        raise NotImplementedError

    def loss(self, sounds: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
        """Loss of a batch of true pairs of different recordings: here of scores that are log-odds."""
        return correspondence_loss(self.scores(self.hear(sounds), self.see(pictures)))


class Localising(Pairing):
    """A pairing that says where in a picture a sound is."""

    def similarity(self, heard: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
        """Of each sound with the places of its own picture, (n, rows, columns); greater is likelier."""
        raise NotImplementedError


def correspondence_loss(scores: torch.Tensor) -> torch.Tensor:
    """Binary cross entropy of "they belong together", true and false pairs weighing the same.

    The papers draw a false pair for each true one. Here all false pairs of the batch are taken, which
    has the same expectation and less noise: our choice.

    Parameters
    ----------
    scores : Tensor, shape (n, n)
        Log-odds; true pairs are on the diagonal, n of 2 or more.
    """
    false = ~torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    missed = functional.softplus(-scores.diagonal()).mean()
    return (missed + functional.softplus(scores[false]).mean()) / 2

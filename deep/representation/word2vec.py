"""Skip-gram with negative sampling: a sound is known by the sounds that come a little before and after.

Mikolov et al. 2013, equation 4, on tokens: blocks of four frames, named by the nearest of `TOKENS` means
(k-means on the training patches). Where words have a table of input vectors the shared encoder stands, so
that it's the encoder that learns and is probed; output vectors are a table of tokens. A vector of the
encoder hears 23 frames, so the window starts 4 blocks away, where nothing of a token was heard (both our
choice, as all sizes).
"""

from __future__ import annotations

import torch
from sklearn.cluster import KMeans
from torch import nn
from torch.nn import functional

from deep.nets.small_encoder import HOP
from deep.representation.budget import EMBEDDING, log_mel
from deep.representation.encoder import Representation
from deep.representation.pretext import Pretext
from deep.tracks.batches import Patches

TOKENS = 64
OFFSETS = (-8, -7, -6, -5, -4, 4, 5, 6, 7, 8)
"""Blocks from the centre to its context: 0.38 to 0.77 s."""
NEGATIVES = 5
POWER = 0.75
"""Of the counts that negatives are drawn by."""
BLOCKS = 5000
"""Most blocks that k-means looks at."""


def sgns(centre: torch.Tensor, context: torch.Tensor, negatives: torch.Tensor) -> torch.Tensor:
    """``-log s(v u) - sum_j log s(-v u_j)``, s the logistic function, the mean over pairs.

    Parameters
    ----------
    centre, context : Tensor, shape (n, d)
        v and u.
    negatives : Tensor, shape (n, m, d)
        u_j.
    """
    near = functional.logsigmoid((centre * context).sum(dim=1))
    far = functional.logsigmoid(-(negatives @ centre[:, :, None]).squeeze(2))
    return -(near + far.sum(dim=1)).mean()


def blocks_of(x: torch.Tensor) -> torch.Tensor:
    """Blocks of as many frames as the encoder steps by: (batch, blocks, numbers of a block)."""
    n = x.shape[2] // HOP
    return x[:, :, : n * HOP].unflatten(2, (n, HOP)).transpose(1, 2).flatten(2)


class SkipGram(Pretext):
    """SGNS between the encoder's vectors and the tokens around them.

    ``shuffled`` deals the tokens of a batch out at random, so that what is around a vector tells nothing.
    """

    means: torch.Tensor
    chances: torch.Tensor

    def __init__(
        self, encoder: nn.Module, in_shape: tuple[int, int, int], shuffled: bool = False
    ) -> None:
        super().__init__(encoder, in_shape)
        self.shuffled = shuffled
        channels, _, bins = in_shape
        self.context = nn.Embedding(TOKENS, EMBEDDING)
        nn.init.zeros_(self.context.weight)  # as in the authors' code, from memory
        self.register_buffer("means", torch.zeros(1, channels * HOP * bins))
        self.register_buffer("chances", torch.ones(TOKENS))

    def start(self, patches: Patches, lr: float) -> list[torch.optim.Optimizer]:
        """K-means of the training blocks; fewer tokens where there are fewer blocks."""
        blocks = blocks_of(patches.at(patches.tiles)).flatten(0, 1)
        some = blocks[torch.randperm(len(blocks))[:BLOCKS].to(blocks.device)].cpu().numpy()
        seed = int(torch.randint(2**31 - 1, ()))
        found = KMeans(min(TOKENS, len(some)), n_init=1, random_state=seed).fit(some)
        self.means = torch.as_tensor(found.cluster_centers_).to(self.means)
        counts = self.tokens(blocks[None])[0].bincount(minlength=TOKENS)
        self.chances.copy_(counts.to(self.chances) ** POWER)
        return super().start(patches, lr)

    def tokens(self, blocks: torch.Tensor) -> torch.Tensor:
        """Number of the nearest mean, (batch, blocks)."""
        return torch.cdist(blocks, self.means.expand(len(blocks), -1, -1)).argmin(dim=2)

    def loss(self, x: torch.Tensor) -> torch.Tensor:
        """SGNS over all offsets."""
        z = self.encoder.frames(x).transpose(1, 2)
        tokens = self.tokens(blocks_of(x))
        if self.shuffled:
            tokens = tokens.flatten()[torch.randperm(tokens.numel())].view_as(tokens)
        n = tokens.shape[1]
        centres, contexts = [], []
        for offset in OFFSETS:
            here = slice(max(0, -offset), n - max(0, offset))
            there = slice(max(0, offset), n - max(0, -offset))
            centres.append(z[:, here].flatten(0, 1))
            contexts.append(tokens[:, there].flatten())
        context = torch.cat(contexts)
        drawn = torch.multinomial(self.chances, len(context) * NEGATIVES, replacement=True)
        negatives = self.context(drawn.unflatten(0, (-1, NEGATIVES)))
        return sgns(torch.cat(centres), self.context(context), negatives)


def encoder_word2vec(shuffled: bool = False, random_state: int = 0) -> Representation:
    """Skip-gram: a vector tells the tokens around it from others.

    Parameters
    ----------
    shuffled : bool
        Tokens are dealt out at random: a control, which learns nothing of what stands beside what.
    random_state : int
    """
    return Representation(log_mel(), SkipGram, {"shuffled": shuffled}, random_state=random_state)


encoder_word2vec.family = "deep"  # type: ignore[attr-defined]
encoder_word2vec.cite = "mikolov2013word2vec"  # type: ignore[attr-defined]

"""Training by episodes: each step is a small task of the kind that will be asked for (Vinyals et al. 2016)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from deep.fewshot.encoder import Supervised
from deep.fewshot.rules import Rule
from mirbench.errors import MethodError

WAYS = 5
SHOWN = ASKED = 3
"""Items a class in the support and among the queries of an episode: 30 patches, within the shared batch of
32. One encoder serves all numbers of shots; our choice."""
DRAWS = 20
"""Divisions of the databases that are tried."""


class Episodic(Supervised):
    """Negative log-likelihood of the queries of an episode drawn from the training items.

    As in the test episodes, databases are divided at random: what is shown comes from one part, what is
    asked for from the other. Where no division holds two classes on both sides (one database, say), each
    class's items are divided instead.

    Parameters
    ----------
    encoder, in_shape
        As of `Pretext`.
    rule : callable
        Of `deep.fewshot.rules`.
    """

    def __init__(self, encoder: nn.Module, in_shape: tuple[int, int, int], rule: Rule) -> None:
        super().__init__(encoder, in_shape)
        self.rule = rule

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Support and queries of an episode; how many of them are support is kept for `of`."""
        shown, asked = self._sides(rng)
        self._n_shown = len(shown)
        return np.concatenate([shown, asked])

    def of(self, rows: torch.Tensor, places: np.ndarray) -> torch.Tensor:
        """Mean over the queries of minus the log-probability of their class."""
        codes = self.codes[torch.as_tensor(places, device=rows.device)]
        codes = codes.unique(return_inverse=True)[1]
        n = self._n_shown
        return nn.functional.nll_loss(self.rule(rows[n:], rows[:n], codes[:n]), codes[n:])

    def adapt(self, rows: np.ndarray, codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """Keep the support; its rule answers."""
        support, wanted = torch.as_tensor(rows), torch.as_tensor(codes)

        def answer(queries: np.ndarray) -> np.ndarray:
            return self.rule(torch.as_tensor(queries), support, wanted).exp().numpy()

        return answer

    def _sides(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        codes = self.codes.cpu().numpy()
        databases = np.unique(self.databases)
        for _ in range(DRAWS if len(databases) > 1 else 0):
            first = rng.permutation(databases)[: rng.integers(1, len(databases))]
            found = _drawn(codes, np.isin(self.databases, first), rng)
            if found is not None:
                return found
        halves = np.zeros(len(codes), dtype=bool)
        for code in np.unique(codes):
            own = rng.permutation(np.flatnonzero(codes == code))
            halves[own[: len(own) // 2]] = True
        found = _drawn(codes, halves, rng)
        if found is None:
            raise MethodError("episodes need two classes of two items or more; give more items")
        return found


def _drawn(
    codes: np.ndarray, first: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray] | None:
    """Items of up to `WAYS` classes from each side of a division; None where under two are on both."""
    both = np.intersect1d(codes[first], codes[~first])
    if len(both) < 2:
        return None
    chosen = rng.permutation(both)[:WAYS]
    sides = []
    for side, n in ((first, SHOWN), (~first, ASKED)):
        own = [rng.permutation(np.flatnonzero(side & (codes == code)))[:n] for code in chosen]
        sides.append(np.concatenate(own))
    return sides[0], sides[1]

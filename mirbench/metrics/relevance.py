"""What is relevant to a query: the truth of ranking tasks, for all tracks of a test set at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mirbench.oracle import head, oracle_similarity, ranked_lists


class Catalogue:
    """The tracks of one test set, each a query and a candidate of the others.

    Parameters
    ----------
    ids : sequence of str, length n
    labels : sequence of str, length n
        Artist or genre; with an oracle the tags, as JSON.
    artists, albums : sequence of str, length n
        An album is one only together with its artist; ``""`` where there is none.
    oracle : str
        Name of the oracle, or ``""``: then tracks of one label are relevant to each other.
    """

    def __init__(
        self,
        ids: Sequence[str],
        labels: Sequence[str],
        artists: Sequence[str],
        albums: Sequence[str],
        oracle: str = "",
    ) -> None:
        self.ids, self.oracle = list(ids), oracle
        self.labels = list(labels)
        self._artists = _codes(artists)
        pairs = [
            f"{artist}\0{album}" if album else f"\0{i}"
            for i, (artist, album) in enumerate(zip(artists, albums, strict=True))
        ]
        self._albums = _codes(pairs)
        self.codes = _codes(self.labels)

    def __len__(self) -> int:
        return len(self.ids)

    def allowed(self, query: int, without: str) -> np.ndarray:
        """Mask of the candidates of a query; ``without`` is ``""``, ``"artist"`` or ``"album"``:
        what mustn't be the query's."""
        mask = np.ones(len(self), dtype=bool)
        if without:
            of = self._artists if without == "artist" else self._albums
            mask = of != of[query]
        mask[query] = False
        return mask

    def relevant(self, query: int, without: str) -> np.ndarray:
        """Mask of the candidates that are relevant to a query."""
        if self.oracle:
            mask = np.zeros(len(self), dtype=bool)
            ranked = self._lists[without == "artist"][query]
            mask[head(self.similarity[query], ranked)] = True
            return mask
        return (self.codes == self.codes[query]) & self.allowed(query, without)

    @cached_property
    def similarity(self) -> np.ndarray:
        """The oracle's similarity of all pairs, weighted within this test set alone."""
        tags = [set(json.loads(label)) for label in self.labels]
        every = sorted(set().union(*tags))
        return oracle_similarity(np.array([[t in own for t in every] for own in tags]), self.oracle)

    @cached_property
    def _lists(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The oracle's lists, of all tracks and of other artists' alone."""
        return (
            ranked_lists(self.similarity, None, self.ids),
            ranked_lists(self.similarity, self._artists.astype(str), self.ids),
        )


@dataclass(frozen=True)
class Query:
    """A track of a catalogue as a query: the truth of an item of a ranking task."""

    catalogue: Catalogue
    position: int


def _codes(words: Sequence[str]) -> np.ndarray:
    return np.unique(np.asarray(words, dtype=str), return_inverse=True)[1]

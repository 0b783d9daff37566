"""Nearest neighbours in large catalogues: a quick filter, then the exact distance (Schnitzer et al. 2009).

Divergences aren't metrics, so trees of balls can't search them. Rows are mapped to points whose
Euclidean distances go roughly with the divergence; a vector index (the optional library faiss)
finds candidates among the points, and the exact divergence ranks those. What the filter misses is
lost: `FilterRefine` has two numbers to trade speed for recall.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone

from mirbench.errors import MethodError
from mirbench.neighbours import Distance, euclidean, first

from .kernels import products

Forms = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
POINTS_A_CELL = 40
"""At least so many points per cell of the index, and as many to train it."""


class LandmarkEmbedding(TransformerMixin, BaseEstimator):
    """Points from distances to a few landmarks: landmark multidimensional scaling.

    The landmarks are drawn from the rows and laid out by classical scaling of ``log(1 + distance)``,
    which shrinks the long distances that divergences have; any other row is placed by its distances
    to them (de Silva & Tenenbaum 2004, from memory; Schnitzer et al. use FastMap).

    Parameters
    ----------
    metric : callable
        ``metric(A, B) -> (len(A), len(B))``, at least 0 but for rounding.
    n_landmarks, n_dims : int
        At most as many as there are rows; fewer dimensions where the scaling has fewer.
    random_state : int or None
        Seed of the landmarks.

    Attributes
    ----------
    landmarks_ : ndarray
        Rows.
    projection_ : ndarray, shape (n_landmarks, n_dims)
    origin_ : ndarray, shape (n_landmarks,)
    """

    def __init__(
        self,
        metric: Distance = euclidean,
        n_landmarks: int = 512,
        n_dims: int = 64,
        random_state: int | None = 0,
    ) -> None:
        self.metric = metric
        self.n_landmarks = n_landmarks
        self.n_dims = n_dims
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> LandmarkEmbedding:
        """Choose landmarks among the rows ``X`` and lay them out."""
        rng = np.random.default_rng(self.random_state)
        self.landmarks_ = X[np.sort(rng.permutation(len(X))[: self.n_landmarks])]
        squares = self._squares(self.landmarks_)
        squares = (squares + squares.T) / 2
        self.origin_ = squares.mean(axis=0)
        centred = squares - self.origin_ - self.origin_[:, None] + self.origin_.mean()
        values, vectors = np.linalg.eigh(-centred / 2)
        kept = np.argsort(-values)[: self.n_dims]
        kept = kept[values[kept] > 1e-9 * values.max()]
        if len(kept):
            self.projection_ = -vectors[:, kept] / (2 * np.sqrt(values[kept]))
        else:  # nothing but duplicates
            self.projection_ = np.zeros((len(squares), 1))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Points: float32, shape (len(X), at most n_dims)."""
        return ((self._squares(X) - self.origin_) @ self.projection_).astype(np.float32)

    def _squares(self, X: np.ndarray) -> np.ndarray:
        return np.log1p(np.maximum(self.metric(X, self.landmarks_), 0)) ** 2


class FilterRefine(BaseEstimator):
    """Nearest rows of a catalogue under a costly distance.

    Parameters
    ----------
    distance : callable
        ``distance(A, B) -> (len(A), len(B))``: what neighbours are ranked by.
    embedding : transformer, optional
        ``fit(rows)`` and ``transform(rows) -> points``; `LandmarkEmbedding` by default.
    forms : callable, optional
        Where the distance is a matrix product: ``forms(rows) -> (left, right)`` such that
        ``distance(A, B)`` is ``forms(A)[0] @ forms(B)[1].T`` but for rounding and a floor of 0.
        The catalogue's are then kept and a query costs a product with its candidates.
    n_candidates : int
        Rows that pass the filter, per query.
    probed : float
        Share of the index's cells that are searched, 0 to 1; at least 8 cells are.
    block : int
        Queries (and rows, when fitting) handled at a time.

    Attributes
    ----------
    rows_ : ndarray
        The catalogue.
    """

    def __init__(
        self,
        distance: Distance = euclidean,
        embedding: Any = None,
        forms: Forms | None = None,
        n_candidates: int = 120,
        probed: float = 0.02,
        block: int = 2048,
    ) -> None:
        self.distance = distance
        self.embedding = embedding
        self.forms = forms
        self.n_candidates = n_candidates
        self.probed = probed
        self.block = block

    def fit(self, X: np.ndarray, y: object = None) -> FilterRefine:
        """Embed and index a catalogue.

        Raises
        ------
        MethodError
            faiss isn't installed.
        """
        faiss = _faiss()
        self.rows_ = X
        plain = self.embedding is None
        embedding = LandmarkEmbedding(self.distance) if plain else clone(self.embedding)
        self.embedding_ = embedding.fit(X)
        points = np.concatenate([self.embedding_.transform(part) for part in self._blocks(X)])
        if self.forms is not None:
            self.right_ = np.concatenate([self.forms(part)[1] for part in self._blocks(X)])
        cells = int(np.clip(np.sqrt(len(X)) * 4, 1, max(1, len(X) // POINTS_A_CELL)))
        quantizer = faiss.IndexFlatL2(points.shape[1])
        self.index_ = faiss.IndexIVFFlat(quantizer, points.shape[1], cells)
        self.index_.train(points[:: max(1, len(X) // (POINTS_A_CELL * cells))])
        self.index_.add(points)
        self.index_.nprobe = int(np.clip(np.ceil(self.probed * cells), min(8, cells), cells))
        return self

    def query(self, X: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The ``k`` nearest rows of the catalogue found for each row of ``X``, nearest first.

        A row that is in the catalogue finds itself.

        Returns
        -------
        ids : ndarray of int64, shape (len(X), k)
            Positions in the catalogue; -1 where fewer than ``k`` candidates passed.
        distances : ndarray of float64, shape (len(X), k)
            infinite there.
        """
        k = min(k, len(self.rows_))
        ids = np.full((len(X), k), -1)
        distances = np.full((len(X), k), np.inf)
        done = 0
        for part in self._blocks(X):
            points = self.embedding_.transform(part)
            wanted = min(max(k, self.n_candidates), len(self.rows_))
            candidates = self.index_.search(points, wanted)[1]
            left = self.forms(part)[0] if self.forms is not None else None
            for i, found in enumerate(candidates):
                found = np.sort(found[found >= 0])
                if left is not None:
                    exact = np.empty(len(found))
                    products(self.right_, found, left[i], exact)
                    np.maximum(exact, 0, out=exact)
                else:
                    exact = self.distance(part[i : i + 1], self.rows_[found])[0]
                order = first(exact, k)
                ids[done + i, : len(order)] = found[order]
                distances[done + i, : len(order)] = exact[order]
            done += len(part)
        return ids, distances

    def _blocks(self, rows: np.ndarray) -> list[np.ndarray]:
        return [rows[i : i + self.block] for i in range(0, len(rows), self.block)]


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise MethodError(
            "searching a catalogue needs faiss: pip install 'mirbench[similarity]'; smaller ones "
            "are searched whole by mirbench.neighbours.nearest"
        ) from error
    return faiss

"""Principal components of patches, averaged over an item: what a net has to beat that draws again."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted

from deep.dataset import band_statistics, tile_starts
from deep.representation.budget import EMBEDDING, PATCH
from mirbench.errors import MethodError


class PatchPCA(TransformerMixin, BaseEstimator):
    """scikit-learn's PCA of the patches that tile the items; an item is the mean of its patches.

    Bands are standardised as for the nets. There are fewer components where there are fewer patches.

    Parameters
    ----------
    n_components : int
    patch_frames : int

    Attributes
    ----------
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
    pca_ : PCA
    """

    def __init__(self, n_components: int = EMBEDDING, patch_frames: int = PATCH) -> None:
        self.n_components = n_components
        self.patch_frames = patch_frames

    def fit(self, X: np.ndarray, y: Any = None) -> PatchPCA:
        """Fit on features of items; ``y`` isn't looked at.

        Parameters
        ----------
        X : array of ndarray, shape (n_frames, bins) each
            A frame or more.

        Raises
        ------
        MethodError
            Fewer than two items.
        """
        if len(X) < 2:
            raise MethodError(f"{len(X)} items to learn from; give two or more")
        self.mean_, self.scale_ = band_statistics([rows[None] for rows in X])
        patches = np.concatenate([self._patches(rows) for rows in X])
        self.pca_ = PCA(min(self.n_components, *patches.shape), random_state=0).fit(patches)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Mean components of each item, (n_items, n_components)."""
        check_is_fitted(self)
        return np.stack([self.pca_.transform(self._patches(rows)).mean(axis=0) for rows in X])

    def _patches(self, rows: np.ndarray) -> np.ndarray:
        """Patches that tile an item, (n_patches, patch_frames * bins)."""
        standard = ((rows - self.mean_[0]) / self.scale_[0]).astype(np.float32)
        starts = tile_starts(len(rows), self.patch_frames)
        where = starts[:, None] + np.arange(self.patch_frames)
        return standard[where % len(rows)].reshape(len(starts), -1)

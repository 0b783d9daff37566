"""Embeddings made elsewhere as the first step of a method."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from mirbench.errors import DataError
from mirbench.items import ragged
from mirbench.protocols import load_protocol


class Precomputed(TransformerMixin, BaseEstimator):
    """Embeddings made elsewhere, one ``.npy`` file an item, named after the item's id.

    A method that holds one is marked external on every board.

    Parameters
    ----------
    directory : str
        Holds ``<id>.npy`` for each id of the protocol (slashes are folders): shape (d,), or
        (n_frames, d) on the task's frame grid.
    protocol : str
        Protocol whose ids the files are named after.
    """

    def __init__(self, directory: str, protocol: str) -> None:
        self.directory = directory
        self.protocol = protocol

    def fit(self, X: np.ndarray, y: object = None) -> Precomputed:
        """Nothing to fit."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    @cached_property
    def _files(self) -> dict[str, Path]:
        items = load_protocol(self.protocol).items
        root = Path(self.directory).expanduser()
        return {key: root / f"{i}.npy" for i, key in zip(items["id"], items["key"], strict=True)}

    def digest(self) -> str:
        """Hash of the files: other embeddings are another method."""
        found = hashlib.sha256()
        for key in sorted(self._files):
            path = self._files[key]
            found.update(path.read_bytes() if path.is_file() else b"missing")
        return found.hexdigest()

    def verify(self) -> str:
        """Load every embedding, as `transform` would; returns what there is."""
        for key in self._files:
            self._load(key)
        return f"{len(self._files)} of protocol {self.protocol}; run the method there to try it"

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Embeddings of the items.

        Raises
        ------
        DataError
            A file is missing, isn't an array of numbers, or holds NaN; names it.
        """
        rows = [self._load(item.key) for item in X]
        if rows and all(row.ndim == 1 and row.shape == rows[0].shape for row in rows):
            return np.stack(rows)
        return ragged(rows)

    def _load(self, key: str) -> np.ndarray:
        path = self._files.get(key)
        if path is None:
            raise DataError(
                f"{self.directory}: made for protocol {self.protocol}, run under another"
            )
        if not path.is_file():
            missing = [str(p) for p in self._files.values() if not p.is_file()]
            raise DataError(
                f"{self.directory}: {len(missing)} of {len(self._files)} embeddings of protocol "
                f"{self.protocol} are missing, the first is {missing[0]}; save each with numpy.save"
            )
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DataError(
                f"{path}: no readable embedding ({error}); save it with numpy.save"
            ) from error
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise DataError(f"{path}: embedding holds NaN or isn't numeric; make it again")
        return array

"""``Extract``: from items to features, through the cache."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from mirbench.audio import RESAMPLER
from mirbench.canonical import digest, versions
from mirbench.errors import MethodError
from mirbench.features.cache import LEDGER, feature_cache
from mirbench.items import Item, ragged, whereabouts

Func = Callable[..., np.ndarray]

LIBRARIES = ("numpy", "scipy", "librosa", "soxr", "soundfile", "scikit-learn", "torch", "essentia")


class Extract(TransformerMixin, BaseEstimator):
    """Apply a pure function of the signal to each item.

    Parameters
    ----------
    func : callable or list of callables
        ``func(signal, sr, **kw_args) -> ndarray``, signal float32 of shape (n,), defined at module
        level, with no state and no imports inside. The outputs of several functions are joined
        along the last axis.
    sr : int
        Rate in Hz at which the functions get the signal.
    kw_args : dict, optional
        Keyword arguments for each function.

    Notes
    -----
    The result is kept under a key made of the audio's bytes, the part used, its degradation, the
    rate and resampler, the functions' code (with all first-party code it imports), ``kw_args`` and
    the versions of the libraries in `LIBRARIES`: change one and it is computed again. What a function
    reads besides (files, environment variables) is not in the key: pass it in ``kw_args``.
    """

    def __init__(
        self, func: Func | Sequence[Func], sr: int = 22_050, kw_args: dict[str, Any] | None = None
    ) -> None:
        self.func = func
        self.sr = sr
        self.kw_args = kw_args

    def fit(self, X: np.ndarray, y: object = None) -> Extract:
        """Nothing to fit: features are extracted one item at a time."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Features of each item.

        Returns
        -------
        ndarray
            Shape (n_items, d) where every item gives a vector of length d, otherwise an object
            array of n_items arrays.

        Raises
        ------
        DataError
            An item can't be decoded; names the file.
        MethodError
            A function fails on an item or gives features that aren't finite; names both.
        """
        part = self.key()
        rows = [self.one(item, part) for item in X]
        if rows and all(row.ndim == 1 and len(row) == len(rows[0]) for row in rows):
            return np.stack(rows)
        return ragged(rows)

    def key(self) -> str:
        """Digest of everything but the item."""
        return digest(
            [self._functions(), self.sr, RESAMPLER, self.kw_args or {}, versions(*LIBRARIES)]
        )

    def one(self, item: Item, part: str) -> np.ndarray:
        """Features of one item; ``part`` is :meth:`key`, computed once for many items."""
        if not isinstance(item, Item):
            raise MethodError(
                f"Extract takes items, got {type(item).__name__}; "
                "wrap signals with Item.from_array and mirbench.items.as_items"
            )
        key = entry_key(item, part)
        if item.cacheable and (found := feature_cache().get(key)) is not None:
            return found
        signal = item.signal(self.sr)  # decoding is common to all methods: not charged to one
        start = time.perf_counter()
        names = ", ".join(getattr(func, "__name__", "?") for func in self._functions())
        try:
            outputs = [
                np.asarray(func(signal, self.sr, **(self.kw_args or {})))
                for func in self._functions()
            ]
            array = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=-1)
            finite = np.isfinite(array).all()
        except Exception as error:
            raise MethodError(
                f"{whereabouts(item)}: {names} raised {type(error).__name__}: {error}"
            ) from error
        seconds = time.perf_counter() - start
        if not finite:
            raise MethodError(
                f"{whereabouts(item)}: {names} gave NaN or infinite features; make the function robust to "
                "silence and short input, or drop the item from the index"
            )
        if item.cacheable:
            return feature_cache().put(key, array, seconds)
        LEDGER[key] = seconds
        return array

    def _functions(self) -> list[Func]:
        return list(self.func) if isinstance(self.func, (list, tuple)) else [self.func]  # type: ignore[list-item]


def entry_key(item: Item, part: str) -> str:
    """Cache key of one item's features."""
    return hashlib.sha256(f"{item.key}|{part}".encode()).hexdigest()

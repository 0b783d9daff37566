"""What a method sees of a recording: its sound and its length, and in training its group.

Labels travel beside the items, paths and ids never: a path like ``iowa/flute/`` is a label.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mirbench.audio import decode, fit_length, resample
from mirbench.degradations import degrade
from mirbench.errors import DataError

_LAST_DECODED = 2  # signals kept per process: extractors that follow one another share a decode


@dataclass(frozen=True)
class AudioRef:
    """Where an item's sound is: a file (or part of it), and how it is degraded before use."""

    path: str
    start_s: float
    duration_s: float
    degradation: str = ""


_REFS: dict[str, AudioRef] = {}
_SIGNALS: OrderedDict[tuple[str, int], np.ndarray] = OrderedDict()


class Item:
    """A recording as a method sees it.

    Attributes
    ----------
    key : str
        Opaque content key: SHA-256 over the file's bytes, the part used and its degradation.
    duration_s : float
        Length in seconds.
    group : str or None
        Artist, speaker, ... while training; None in the call that predicts.
    corpus : str or None
        Name of the corpus while training, where a method may learn what differs between
        collections; None in the call that predicts.
    """

    __slots__ = ("_array", "corpus", "duration_s", "group", "key")

    def __init__(
        self, key: str, duration_s: float, group: str | None = None, corpus: str | None = None
    ) -> None:
        self.key = key
        self.duration_s = duration_s
        self.group = group
        self.corpus = corpus
        self._array: tuple[np.ndarray, int] | None = None

    @classmethod
    def from_file(
        cls, key: str, ref: AudioRef, group: str | None = None, corpus: str | None = None
    ) -> Item:
        """Item over (part of) a file; ``key`` is its :func:`content_key`."""
        _REFS[key] = ref
        return cls(key, ref.duration_s, group, corpus)

    @classmethod
    def from_array(
        cls, signal: np.ndarray, sr: int, group: str | None = None, corpus: str | None = None
    ) -> Item:
        """Item over a mono signal in memory, shape (n,), at ``sr`` Hz; never cached on disk."""
        signal = np.ascontiguousarray(signal, dtype=np.float32)
        if signal.ndim != 1 or len(signal) == 0:
            raise DataError(f"an item needs a mono signal with samples, got shape {signal.shape}")
        digest = hashlib.sha256(signal.tobytes()).hexdigest()
        item = cls(f"memory-{digest}-{sr}", len(signal) / sr, group, corpus)
        item._array = (signal, sr)
        return item

    @property
    def cacheable(self) -> bool:
        """Whether features of this item may be kept on disk."""
        return self._array is None

    def signal(self, sr: int) -> np.ndarray:
        """Mono float32 signal at ``sr`` Hz, exactly ``floor(duration_s * sr)`` samples, read-only:
        other methods hear the same array.

        Raises
        ------
        DataError
            The file can't be decoded; the message names it and the mend.
        """
        n = int(np.floor(self.duration_s * sr + 1e-6))
        if self._array is not None:
            samples, rate = self._array
            return _read_only(fit_length(resample(samples, rate, sr).astype(np.float32), n))
        token = (self.key, sr)
        if token not in _SIGNALS:
            ref = _REFS[self.key]
            samples, rate = decode(ref.path, start_s=ref.start_s, duration_s=ref.duration_s)
            samples = degrade(samples, ref.degradation, int(self.key[:8], 16), rate)
            sound = fit_length(resample(samples, rate, sr).astype(np.float32), n)
            _SIGNALS[token] = _read_only(sound)
            while len(_SIGNALS) > _LAST_DECODED:
                _SIGNALS.popitem(last=False)
        return _SIGNALS[token]

    def blind(self) -> Item:
        """The same item as the predicting call sees it: no group, no corpus."""
        item = Item(self.key, self.duration_s)
        item._array = self._array
        return item

    def __repr__(self) -> str:
        return f"Item({self.duration_s:.3f} s)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __reduce__(self) -> tuple[Any, ...]:
        who = (self.key, self.duration_s, self.group, self.corpus)
        return _restore, (who, self._array, _REFS.get(self.key))


def _read_only(samples: np.ndarray) -> np.ndarray:
    samples.flags.writeable = False
    return samples


def _restore(
    who: tuple[str, float, str | None, str | None],
    array: tuple[np.ndarray, int] | None,
    ref: AudioRef | None,
) -> Item:
    if ref is not None:
        _REFS[who[0]] = ref
    item = Item(*who)
    item._array = array
    return item


def content_key(parent: str, start_s: float, duration_s: float, degradation: str = "") -> str:
    """Key of a part of a sound: the same sound has the same key, whatever its name.

    ``parent`` is the SHA-256 of a file or the key of an item; times in seconds.
    """
    text = f"{parent}|{start_s:.6f}|{duration_s:.6f}|{degradation}"
    return hashlib.sha256(text.encode()).hexdigest()


def whereabouts(item: Item) -> str:
    """File of an item, for messages to the user only."""
    return _REFS[item.key].path if item.key in _REFS else "a signal in memory"


def as_items(items: Iterable[Item]) -> np.ndarray:
    """One-dimensional object array of items: the X that every method gets."""
    return ragged(items)


def ragged(rows: Iterable[Any]) -> np.ndarray:
    """One-dimensional object array of anything, one row an item."""
    rows = list(rows)
    out = np.empty(len(rows), dtype=object)
    for i, row in enumerate(rows):
        out[i] = row
    return out

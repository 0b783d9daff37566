"""Features on disk, by content: small vectors in SQLite, long ones as memory-mapped ``.npy``.

Every entry keeps the seconds its extraction took, so that the cost on a board is the cost of the
method and not of the cache.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from functools import cache
from pathlib import Path

import numpy as np

from mirbench.errors import DataError
from mirbench.home import disk_error, home, write_atomically

SMALL_BYTES = 16_384
LRU_BYTES = 1 << 30

LEDGER: dict[str, float] = {}
"""Extraction seconds of every entry used since the ledger was last cleared."""


class FeatureCache:
    """Arrays by key under ``root``; a damaged entry is a miss.

    Several processes may read and write at once.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._recent: OrderedDict[str, tuple[np.ndarray, float]] = OrderedDict()
        self._recent_bytes = 0
        self._lock = threading.Lock()
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._db = self._open()
        except sqlite3.OperationalError as error:
            raise disk_error(root, OSError(str(error))) from error
        except sqlite3.DatabaseError:  # not a database: begin again
            for suffix in ("", "-wal", "-shm"):
                (root / f"index.sqlite{suffix}").unlink(missing_ok=True)
            self._db = self._open()
        except OSError as error:
            raise disk_error(root, error) from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self.root / "index.sqlite", timeout=120, isolation_level=None, check_same_thread=False
        )
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        db.execute(
            "CREATE TABLE IF NOT EXISTS features "
            "(key TEXT PRIMARY KEY, dtype TEXT, shape TEXT, data BLOB, seconds REAL) WITHOUT ROWID"
        )
        return db

    def get(self, key: str) -> np.ndarray | None:
        """Array of that key, read-only, or None."""
        hit = self._recent.get(key)
        if hit is None:
            hit = self._read(key)
            if hit is None:
                return None
            self._remember(key, *hit)
        LEDGER[key] = hit[1]
        return hit[0]

    def has(self, key: str) -> bool:
        """Whether the key is there, without reading the array."""
        row = self._row("SELECT data IS NULL FROM features WHERE key=?", key)
        return row is not None and (not row[0] or self._path(key).is_file())

    def put(self, key: str, array: np.ndarray, seconds: float) -> np.ndarray:
        """Keep ``array`` (already finite) and the seconds it took; returns it read-only."""
        array = np.ascontiguousarray(array)
        data: bytes | None = array.tobytes()
        if array.nbytes > SMALL_BYTES:
            data = None
            write_atomically(self._path(key), lambda part: _save(part, array))
        row = (key, array.dtype.str, ",".join(map(str, array.shape)), data, seconds)
        try:
            with self._lock:
                self._db.execute("INSERT OR REPLACE INTO features VALUES (?,?,?,?,?)", row)
        except sqlite3.OperationalError as error:
            raise disk_error(self.root, OSError(str(error))) from error
        except sqlite3.DatabaseError as error:
            raise DataError(
                f"{self.root / 'index.sqlite'}: damaged ({error}); delete it, its features are "
                "computed again"
            ) from error
        array.flags.writeable = False
        self._remember(key, array, seconds)
        LEDGER[key] = seconds
        return array

    def _row(self, query: str, key: str) -> tuple | None:
        try:
            with self._lock:
                return self._db.execute(query, (key,)).fetchone()
        except sqlite3.OperationalError as error:
            raise disk_error(self.root, OSError(str(error))) from error
        except sqlite3.DatabaseError:
            return None  # a damaged page is a miss

    def _read(self, key: str) -> tuple[np.ndarray, float] | None:
        row = self._row("SELECT dtype, shape, data, seconds FROM features WHERE key=?", key)
        if row is None:
            return None
        dtype, shape, data, seconds = row
        try:
            dims = tuple(int(n) for n in shape.split(",") if n)
            if data is None:
                array = np.load(self._path(key), mmap_mode="r", allow_pickle=False)
            else:
                array = np.frombuffer(data, dtype=dtype).reshape(dims)
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return (array, seconds) if array.shape == dims else None

    def _remember(self, key: str, array: np.ndarray, seconds: float) -> None:
        if key in self._recent:
            return
        self._recent[key] = (array, seconds)
        self._recent_bytes += array.nbytes
        while self._recent_bytes > LRU_BYTES:
            _, (old, _) = self._recent.popitem(last=False)
            self._recent_bytes -= old.nbytes

    def _path(self, key: str) -> Path:
        return self.root / key[:2] / f"{key}.npy"


def feature_cache() -> FeatureCache:
    """The process's cache under ``MIRBENCH_HOME``."""
    return _cache_at(home() / "features")


@cache
def _cache_at(root: Path) -> FeatureCache:
    return FeatureCache(root)


def _save(part: Path, array: np.ndarray) -> None:
    with part.open("wb") as file:
        np.save(file, array, allow_pickle=False)

"""Work made elsewhere: embeddings as the first step of a method, and predictions as a record."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from mirbench.errors import DataError, RecordError
from mirbench.frames import segments_fault
from mirbench.items import ragged
from mirbench.protocols import Protocol, load_protocol
from mirbench.records import SCHEMA, Record


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


def record_of_predictions(
    predictions: str | Path | pd.DataFrame, protocol: Protocol, name: str = "external"
) -> Record:
    """Record out of a table of predictions made elsewhere.

    Parameters
    ----------
    predictions : path-like or DataFrame
        Columns ``cell``, ``test`` and ``id`` as ``mirbench protocol export`` writes them (``cell`` and
        ``test`` may be left out where an id is tested once). Then, for classes, ``label`` or one
        column of scores a class; for frames the same, one row a frame in time order, all frames of
        the item from 0 s on; for segments ``start_s``, ``end_s``, ``label``, one row a segment.
    protocol : Protocol
    name : str
        Label on the board, where it stands behind ``external:``.

    Raises
    ------
    RecordError
        Missing columns, unknown or missing ids, wrong numbers of frames, scores that aren't finite.
    """
    name = f"external:{name.removeprefix('external:')}"
    table, source = _read(predictions)
    expected = _expected(protocol)
    table = _place(table, expected, source)
    kind = protocol.task.kind
    groups = dict(iter(table.groupby(["cell", "test", "id"], sort=False)))
    keys = [(c, t, i) for c, _, t, i in expected]
    missing = [k for k in keys if k not in groups]
    extra = [k for k in groups if k not in set(keys)]
    if missing or extra:
        which = f"{missing[0]} is missing" if missing else f"{extra[0]} is not in the protocol"
        raise RecordError(
            f"{source}: {len(missing)} items without and {len(extra)} beyond the protocol "
            f"{protocol.name} ({which}); answer exactly the rows of 'mirbench protocol export'"
        )
    column = "segments" if kind == "segments" else "scores"
    read = {"classes": _classes, "frames": _frames, "segments": _segments}[kind]
    rows = [(*k, read(groups[(k[0], k[2], k[3])], protocol, source)) for k in expected]
    outputs = pd.DataFrame(rows, columns=["cell", "source", "test", "id", column])
    content = hashlib.sha256(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    identity = {
        "method": name,
        "params": {},
        "spec": name,
        "title": "predictions made elsewhere",
        "family": "external",
        "cite": "",
        "trained_on": [],
        "seed": 0,
        "code": content.hexdigest(),
        "libraries": {},
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "task": protocol.task.name,
        "kind": kind,
        "evidence": protocol.evidence,
        "leaks": False,
    }
    provenance: dict[str, Any] = {"environment": {}, "cells": {}}
    header = {
        "schema": SCHEMA,
        "identity": identity,
        "provenance": provenance,
        "status": "complete",
    }
    return Record(header, outputs)


def _read(predictions: str | Path | pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if isinstance(predictions, pd.DataFrame):
        return predictions.reset_index(drop=True), "predictions"
    try:
        return pd.read_csv(predictions), str(predictions)
    except (OSError, ValueError) as error:
        raise RecordError(f"{predictions}: can't be read as CSV ({error})") from error


def _expected(protocol: Protocol) -> list[tuple[str, str, str, str]]:
    return [
        (cell.name, cell.source, test, i)
        for cell in protocol.cells
        for test, ids in cell.tests.items()
        for i in ids
    ]


def _place(
    table: pd.DataFrame, expected: list[tuple[str, str, str, str]], source: str
) -> pd.DataFrame:
    if "id" not in table:
        raise RecordError(
            f"{source}: needs a column 'id', has {', '.join(map(str, table.columns))}"
        )
    if {"cell", "test"} <= set(table.columns):
        return table
    table = table.drop(columns=["cell", "test"], errors="ignore")
    where = pd.DataFrame(expected, columns=["cell", "source", "test", "id"])
    if where["id"].duplicated().any():
        raise RecordError(
            f"{source}: this protocol tests an item in several cells; give the columns 'cell' and "
            "'test' as 'mirbench protocol export' writes them"
        )
    return table.merge(where, on="id", how="left").fillna({"cell": "", "test": ""})


def _scores(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    labels = list(protocol.task.labels)
    if set(labels) <= set(rows.columns):
        scores = rows[labels].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    elif "label" in rows:
        codes = [labels.index(name) for name in _named(rows["label"], protocol, source)]
        scores = np.eye(len(labels))[codes]
    else:
        raise RecordError(f"{source}: needs a column 'label' or one a class: {', '.join(labels)}")
    if not (np.abs(scores) <= np.finfo(np.float32).max).all():
        raise RecordError(
            f"{source}: NaN, infinite or huge scores for {rows['id'].iloc[0]}; give probabilities"
        )
    return scores


def _named(words: pd.Series, protocol: Protocol, source: str) -> list[str]:
    """The task's labels behind a column of words, those that a folder's index may use too."""
    names = []
    for row, word in zip(words.index.tolist(), words, strict=True):
        name = protocol.task.named(str(word))
        if name is None:
            raise RecordError(
                f"{source}: row {row + 1} below the header: unknown label {word!r}; "
                f"task {protocol.task.name} has {', '.join(protocol.task.labels)}"
            )
        names.append(name)
    return names


def _classes(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    if len(rows) != 1:
        raise RecordError(f"{source}: {len(rows)} rows for {rows['id'].iloc[0]}; give one an item")
    return _scores(rows, protocol, source)[0].astype(np.float32)


def _frames(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    item = rows["id"].iloc[0]
    expected = protocol.grid.n_frames(protocol.table.loc[item, "duration_s"])
    if len(rows) != expected:
        raise RecordError(
            f"{source}: {len(rows)} frames for {item}, the grid has {expected} "
            f"of {protocol.grid.hop_s * 1000:g} ms from 0 s on; give them all"
        )
    scores = _scores(rows, protocol, source)[protocol.grid.first_scored :]
    if np.abs(scores).max(initial=0) > 65_504:
        raise RecordError(f"{source}: scores of {item} beyond 65504; give probabilities")
    return scores.astype(np.float16)


def _segments(
    rows: pd.DataFrame, protocol: Protocol, source: str
) -> list[tuple[float, float, str]]:
    needed = ["start_s", "end_s", "label"]
    if not set(needed) <= set(rows.columns):
        raise RecordError(f"{source}: needs the columns {', '.join(needed)}")
    names = _named(rows["label"], protocol, source)
    item = rows["id"].iloc[0]
    times = rows[["start_s", "end_s"]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    found = sorted((s, e, name) for (s, e), name in zip(times.tolist(), names, strict=True))
    fault = segments_fault(found, protocol.table.loc[item, "duration_s"])
    if fault:
        raise RecordError(f"{source}: {item}: {fault}")
    return found

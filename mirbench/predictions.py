"""Predictions made elsewhere as a record."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.errors import RecordError
from mirbench.frames import segments_fault
from mirbench.pitch import pitch_fault
from mirbench.protocols import Protocol
from mirbench.records import SCHEMA, Record, output_column


def record_of_predictions(
    predictions: str | Path | pd.DataFrame, protocol: Protocol, name: str = "external"
) -> Record:
    """Record out of a table of predictions made elsewhere.

    Parameters
    ----------
    predictions : path-like or DataFrame
        Columns ``cell``, ``test`` and ``id`` as ``mirbench protocol export`` writes them (``cell`` and
        ``test`` may be left out where an id is tested once). Then, for classes, ``label`` or one
        column of scores a class; for tags one column of probabilities a tag, 0.5 being the threshold;
        for values one column of numbers a dimension; for frames the same, one row a frame in time order, all frames of
        the item from 0 s on; for segments ``start_s``, ``end_s``, ``label``, one row a segment; for
        sequences ``tokens``, labels with spaces between; for pairs ``video`` (the id of the item it
        belongs to) and ``score``, one row a video of the test set; for
        rankings ``neighbour`` (an id of the same test set) and, if known, ``distance``, one row a
        neighbour, nearest first.
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
    column = output_column(kind)
    readers = {
        "classes": _classes,
        "tags": _tags,
        "values": _values,
        "frames": _frames,
        "segments": _segments,
        "f0": _pitch,
        "sequence": _tokens,
        "pairs": _matched,
        "ranking": _ranked,
    }
    read = readers[kind]
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
            f"{source}: NaN, infinite or huge scores for {rows['id'].iloc[0]}; give "
            + ("numbers" if protocol.task.kind == "values" else "probabilities")
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
    _check_one(rows, source)
    return _scores(rows, protocol, source)[0].astype(np.float32)


def _values(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    _check_one(rows, source)
    missing = [label for label in protocol.task.labels if label not in rows]
    if missing:
        raise RecordError(f"{source}: needs a column of numbers for each of {', '.join(missing)}")
    return _scores(rows, protocol, source)[0].astype(np.float32)


def _tags(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    scores = _values(rows, protocol, source)
    if scores.min() < 0 or scores.max() > 1:
        raise RecordError(
            f"{source}: scores of {rows['id'].iloc[0]} outside 0 to 1; give probabilities of tags"
        )
    return scores


def _check_one(rows: pd.DataFrame, source: str) -> None:
    if len(rows) != 1:
        raise RecordError(f"{source}: {len(rows)} rows for {rows['id'].iloc[0]}; give one an item")


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


def _pitch(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    item = rows["id"].iloc[0]
    expected = protocol.grid.n_frames(protocol.table.loc[item, "duration_s"])
    if len(rows) != expected or not {"f0", "voicing"} <= set(rows.columns):
        raise RecordError(
            f"{source}: {len(rows)} rows for {item}; give {expected}, one each "
            f"{protocol.grid.hop_s * 1000:g} ms from 0 s on, with the columns f0 (Hz) and voicing (0 to 1)"
        )
    answer = rows[["f0", "voicing"]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    fault = pitch_fault(answer)
    if fault:
        raise RecordError(f"{source}: {item}: {fault}")
    return answer.astype(np.float16)


def _tokens(rows: pd.DataFrame, protocol: Protocol, source: str) -> np.ndarray:
    _check_one(rows, source)
    if "tokens" not in rows:
        raise RecordError(f"{source}: needs the column tokens: labels with spaces between")
    text = rows["tokens"].iloc[0]
    labels = text.split() if isinstance(text, str) else []
    if unknown := [label for label in labels if label not in protocol.task.labels]:
        raise RecordError(
            f"{source}: {rows['id'].iloc[0]}: unknown label {unknown[0]!r}; "
            f"task {protocol.task.name} has {', '.join(protocol.task.labels)}"
        )
    return np.array([protocol.task.code(label) for label in labels], dtype=np.int64)


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


def _matched(rows: pd.DataFrame, protocol: Protocol, source: str) -> tuple[np.ndarray, np.ndarray]:
    sound = rows["id"].iloc[0]
    ids = protocol.cell(rows["cell"].iloc[0]).tests[rows["test"].iloc[0]]
    if not {"video", "score"} <= set(rows.columns):
        raise RecordError(f"{source}: needs the columns video (an id of the test set) and score")
    if sorted(map(str, rows["video"])) != sorted(ids):
        raise RecordError(f"{source}: {sound}: give each of its {len(ids)} videos one score")
    numbers = pd.to_numeric(rows["score"], errors="coerce").to_numpy(dtype=np.float32)
    if not np.isfinite(numbers).all():
        raise RecordError(f"{source}: {sound}: scores must be finite numbers")
    given = dict(zip(map(str, rows["video"]), numbers))
    return np.array([given[i] for i in ids], dtype=np.float32), np.zeros((0, 2), dtype=np.float32)


def _ranked(rows: pd.DataFrame, protocol: Protocol, source: str) -> tuple[np.ndarray, np.ndarray]:
    query = rows["id"].iloc[0]
    if "neighbour" not in rows:
        raise RecordError(f"{source}: needs a column 'neighbour': ids of the same test set")
    cell, test = rows["cell"].iloc[0], rows["test"].iloc[0]
    where = {name: i for i, name in enumerate(protocol.cell(cell).tests[test])}
    unknown = [n for n in rows["neighbour"] if n not in where]
    if unknown:
        raise RecordError(f"{source}: neighbour {unknown[0]!r} of {query} isn't in test set {test}")
    if rows["neighbour"].duplicated().any() or (rows["neighbour"] == query).any():
        raise RecordError(f"{source}: {query}: a neighbour twice, or the query itself; drop it")
    ids = np.array([where[n] for n in rows["neighbour"]], dtype=np.int32)
    if "distance" not in rows:
        return ids, np.arange(len(ids), dtype=np.float32)
    numbers = pd.to_numeric(rows["distance"], errors="coerce").to_numpy(dtype=np.float32)
    if not np.isfinite(numbers).all() or (np.diff(numbers) < 0).any():
        raise RecordError(
            f"{source}: {query}: distances must be numbers that ascend; list the nearest first"
        )
    return ids, numbers

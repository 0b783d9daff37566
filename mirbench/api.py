"""The same from Python: ``mirbench.run(...)``, ``mirbench.score(...)`` and boards as DataFrames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.boards import board as make_board
from mirbench.errors import MethodError
from mirbench.failures import sentences
from mirbench.home import home
from mirbench.predictions import record_of_predictions
from mirbench.protocols import Protocol, load_protocol
from mirbench.records import load_records, record_path, save_record
from mirbench.running import run_protocol
from mirbench.running.items import protocol_items, select, targets

Spec = str | Callable[..., Any]


def run(
    methods: Spec | Sequence[Spec],
    protocol: str | Path | Protocol,
    *,
    n_jobs: int = 2,
    seeds: Sequence[int] | None = None,
    records: Path | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Run methods under a protocol and return their board.

    Parameters
    ----------
    methods : str, callable or sequence of them
        Names, ``file.py:function`` or functions that return an estimator.
    protocol : str, path or Protocol
    n_jobs : int
        Worker processes.
    seeds : sequence of int, optional
        Instead of the protocol's.
    records : Path, optional
        Root of the records; ``MIRBENCH_HOME/records`` by default.
    progress : bool

    Returns
    -------
    DataFrame
        A row a method, see :func:`mirbench.boards.board`; ``.attrs["failures"]`` says which method
        failed and why.

    Raises
    ------
    MethodError
        No method gave a result.
    """
    specs = [methods] if isinstance(methods, str) or callable(methods) else list(methods)
    what = _protocol(protocol, records)
    done, failures = run_protocol(
        specs, what, n_jobs=n_jobs, seeds=seeds, records=records, progress=progress
    )
    if not done:
        why = "; ".join(sentences(failures, specs, what))
        raise MethodError(f"no method gave a result: {why}")
    table = make_board(done, what)
    table.attrs["failures"] = failures
    return table


def board(protocol: str | Path | Protocol, *, records: Path | None = None) -> pd.DataFrame:
    """Board of all finished records of a protocol; nothing is run."""
    what = _protocol(protocol, records)
    found = load_records(records or home() / "records", protocol_hash=what.hash)
    return make_board(found, what)


def score(
    predictions: str | Path | pd.DataFrame,
    protocol: str | Path | Protocol,
    *,
    name: str = "external",
    records: Path | None = None,
) -> pd.DataFrame:
    """Put predictions made elsewhere on a protocol's board, marked external.

    See :func:`mirbench.predictions.record_of_predictions` for the columns.
    """
    what = _protocol(protocol, records)
    record = record_of_predictions(predictions, what, name)
    root = records or home() / "records"
    save_record(record, record_path(root, record.identity))
    return board(what, records=root)


def load_items(protocol: str | Path | Protocol) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    """Items, targets and splits of a protocol, for scikit-learn by hand.

    Returns
    -------
    X : ndarray of Item
    y : ndarray
        Codes, or lists of segments.
    splits : list of (train, test)
        Positions into ``X``: pass it as ``cv`` to ``cross_val_predict`` and the like.
    """
    what = _protocol(protocol)
    ids = tuple(what.items["id"])
    return select(protocol_items(what), ids), targets(what, ids), what.splits()


def _protocol(protocol: str | Path | Protocol, records: Path | None = None) -> Protocol:
    return protocol if isinstance(protocol, Protocol) else load_protocol(protocol, records)

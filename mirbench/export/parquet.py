"""Parquet files that DuckDB, Polars or Spark read as they are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mirbench.boards.judge import Judge, usable
from mirbench.errors import RecordError
from mirbench.export.frame import scores_frame, to_frame
from mirbench.home import write_atomically
from mirbench.records import read_records

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol


def to_parquet(
    root: str | Path, directory: str | Path, protocols: Sequence[Protocol]
) -> tuple[list[Path], list[str]]:
    """Write the records of some protocols; the same records give the same bytes.

    ``items/PROTOCOL.parquet``, of `to_frame`, and ``scores.parquet``, of `scores_frame` over all of
    them. Columns of ``items`` differ by kind of task; DuckDB puts files of one kind together with
    ``read_parquet('items/*.parquet', union_by_name = true)``.

    Parameters
    ----------
    root : path-like
        Root of the records.
    directory : path-like
        Made where it isn't there.
    protocols : sequence of Protocol

    Returns
    -------
    paths : list of Path
    faults : list of str
        What is wrong with each record that was left out.

    Raises
    ------
    RecordError
        None of the protocols has a usable record.
    """
    every, faults = read_records(root)
    directory = Path(directory).expanduser()
    paths, scores = [], []
    for protocol in protocols:
        mine = [r for r in every if r.identity["protocol_hash"] == protocol.hash]
        records, unfit = usable(mine, protocol)
        faults += unfit
        if not records:
            continue
        judge = Judge(records, protocol)
        name = f"{protocol.name.replace('/', '.')}.parquet"
        paths.append(_write(directory / "items" / name, to_frame(judge, protocol)))
        scores.append(scores_frame(judge, protocol))
    if not paths:
        names = ", ".join(p.name for p in protocols)
        raise RecordError(f"{root}: no usable record of {names}; run a method first")
    paths.append(_write(directory / "scores.parquet", pd.concat(scores, ignore_index=True)))
    return paths, faults


def _write(path: Path, table: pd.DataFrame) -> Path:
    sink = io.BytesIO()
    columns = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(columns, sink, compression="zstd", compression_level=9)
    write_atomically(path, lambda part: part.write_bytes(sink.getvalue()))
    return path

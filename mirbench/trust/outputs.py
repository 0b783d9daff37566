"""Outputs of a stranger: parquet read with limits, in a process that may fail alone.

Parquet can claim, nest and repeat its way to any size, and its reader is a large library: what comes
from elsewhere is read by a child process with bounded memory and time, which hands back the same
table as this project writes it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mirbench.errors import RecordError
from mirbench.records import COLUMNS, decode_outputs, encode_outputs

WORD = pa.dictionary(pa.int32(), pa.string())
LONGEST = 400
"""Bytes of a cell, test set or id."""
TYPES: dict[str, dict[str, pa.DataType]] = {
    "scores": {"n_classes": pa.int32(), "scores": pa.binary()},
    "segments": {
        "start_s": pa.list_(pa.float64()),
        "end_s": pa.list_(pa.float64()),
        "label": pa.list_(pa.string()),
    },
    "pairs": {"scores": pa.binary(), "peaks": pa.binary()},
    "sequence": {"tokens": pa.list_(pa.int32())},
    "ranking": {"neighbours": pa.binary(), "distances": pa.binary()},
}
SECONDS = 30
SPARE_MB = 256
"""Memory of the child process beyond what its libraries take and the table may hold."""


@dataclass(frozen=True)
class Shape:
    """What a table may be: the task's kind, its rows, and the bytes of its answers."""

    kind: str
    rows: int
    size: int


Reader = Callable[[bytes, Shape], pd.DataFrame]


def read(data: bytes, shape: Shape) -> pd.DataFrame:
    """The outputs table in parquet bytes, in this process.

    Raises
    ------
    RecordError
        No parquet, other columns, types or numbers of rows than the protocol's records have, missing
        values, words or answers that are too long.
    """
    try:
        file = pq.ParquetFile(
            io.BytesIO(data),
            thrift_string_size_limit=1 << 20,
            thrift_container_size_limit=1 << 16,
        )
        _check_claims(file, shape)
        table = file.read(use_threads=False)
        _check_table(table, shape)
        return decode_outputs(data, shape.kind)
    except (pa.ArrowException, OSError, ValueError, TypeError, LookupError, MemoryError) as error:
        what = " ".join(str(error).split())[:200]
        raise RecordError(f"outputs can't be read ({type(error).__name__}: {what!r})") from error


def read_apart(data: bytes, shape: Shape) -> pd.DataFrame:
    """As `read`, in a child process with bounded memory and time; a crash there is an error here."""
    # -P: modules that lie in the working directory, beside a bundle, are never imported
    command = [sys.executable, "-P", "-m", "mirbench.trust.outputs"]
    command += [shape.kind, str(shape.rows), str(shape.size)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=2 * SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RecordError(f"outputs take more than {2 * SECONDS} s to read") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        why = (
            said
            if done.returncode == 3
            else f"the reader died with status {done.returncode}: {said}"
        )
        raise RecordError(why[:300])
    return decode_outputs(done.stdout, shape.kind)


def _check_claims(file: pq.ParquetFile, shape: Shape) -> None:
    """What the file says of itself, before any page is read."""
    facts = file.metadata
    if facts.num_rows != shape.rows:
        raise ValueError(f"{facts.num_rows} rows, the protocol has {shape.rows}")
    if facts.num_row_groups > 16:
        raise ValueError(f"{facts.num_row_groups} row groups, 16 are allowed")
    wanted = dict.fromkeys(COLUMNS, WORD) | TYPES.get(shape.kind, TYPES["scores"])
    found = {field.name: field.type for field in file.schema_arrow}
    if list(found.items()) != list(wanted.items()) or len(found) != len(file.schema_arrow):
        raise ValueError(f"columns {str(found)[:100]}, not {', '.join(wanted)} as records have")
    claimed = sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups))
    if claimed > _most(shape):
        raise ValueError(f"{claimed} bytes unpacked, {_most(shape)} are allowed")


def _check_table(table: pa.Table, shape: Shape) -> None:
    """What was read, before it is spread into Python objects."""
    table.validate(full=True)
    if table.num_rows != shape.rows or table.nbytes > _most(shape):
        raise ValueError(f"{table.num_rows} rows of {table.nbytes} bytes")
    for name in table.column_names:
        column = table[name]
        if column.null_count or (
            pa.types.is_list(column.type) and pc.list_flatten(column).null_count
        ):
            raise ValueError(f"column {name} has missing values")
    for name in COLUMNS:
        for chunk in table[name].chunks:
            longest = pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0
            if len(chunk.dictionary) > shape.rows or longest > LONGEST:
                raise ValueError(f"column {name}: too many words, or too long ones")


def _most(shape: Shape) -> int:
    """Bytes of a table of that shape at most: the answers, and generously for ids and offsets."""
    return 2 * shape.size + 2000 * shape.rows + (1 << 20)


def _bound(shape: Shape) -> None:
    """Limit this process; where the system knows no such limits, time alone is limited."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    import psutil

    held = psutil.Process().memory_info().vms
    memory = held + (SPARE_MB << 20) + 8 * _most(shape)
    for what, most in (
        (resource.RLIMIT_DATA, memory),  # not AS: threads reserve more than they use
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(arguments: list[str]) -> int:
    """The child process: parquet on standard input, the table as we write it on standard output."""
    kind, rows, size = arguments
    shape = Shape(kind, int(rows), int(size))
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    _bound(shape)
    try:
        table = read(sys.stdin.buffer.read(), shape)
    except RecordError as error:
        print(str(error).encode("ascii", "backslashreplace").decode(), file=sys.stderr)
        return 3
    sys.stdout.buffer.write(encode_outputs(table, kind, 1))
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the reader's threads may abort a process that winds itself up

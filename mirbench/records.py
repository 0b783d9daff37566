"""Records: what a method answered for every item of a protocol, and what made it answer so.

A record is two files: outputs as parquet, written first, and a JSON header with their SHA-256,
written last; it is finished only if both agree. Nothing in a record is ever executed: a stranger's
record is data to be checked.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mirbench.errors import RecordError
from mirbench.home import write_atomically

SCHEMA = 1
MEND = "delete both of its files and run the method again: other results are untouched"
COLUMNS = ("cell", "source", "test", "id")
MOST_ROWS, MOST_BYTES = 1_000_000, 1 << 31
"""Answers in one record at most, and what they may take when unpacked."""
TRAINING = ("choice", "search", "curve", "thresholds")
"""What a cell's costs say of its training: shown, and never reckoned with."""
TABLES = ("frames", "f0")
"""Kinds with a table of numbers an item, kept as float16."""
MATCHED = ("scores", "peaks")
RANKED = (("neighbours", "<i4"), ("distances", "<f4"))
IDENTITY = (
    "method",
    "params",
    "spec",
    "family",
    "title",
    "seed",
    "protocol",
    "protocol_hash",
    "task",
    "kind",
)


@dataclass(frozen=True)
class Record:
    """One method under one protocol with one seed (or one cell of that, in the local store).

    Attributes
    ----------
    header : dict
        ``schema``, ``identity`` (reproducible), ``provenance`` (times, memory, host), ``status``
        ("complete" or "failed") and ``outputs_sha256``.
    outputs : DataFrame
        ``cell``, ``source``, ``test``, ``id`` and, by kind, ``scores`` (classes: (n_classes,) float32;
        frames: (n_scored_frames, n_classes) float16; f0: (n_frames, 2) float16, a cent off at
        most) or ``segments`` (list of (start_s, end_s, label)), or ``ranked``: (neighbours, distances), int32 positions in the test set's ids and
        float32, nearest first, or ``tokens``: codes, int64; or ``matched``: (scores with all videos of the test set, peaks (n_frames, 2)), float32.
    path : Path or None
        Its header's file.
    """

    header: dict[str, Any]
    outputs: pd.DataFrame
    path: Path | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """What was run: equal identities must give equal outputs."""
        return self.header["identity"]

    @property
    def spec(self) -> str:
        """Method and parameters, as typed."""
        return self.identity["spec"]


def output_column(kind: str) -> str:
    """Column of a record's outputs that holds the answers to tasks of that kind."""
    return {
        "segments": "segments",
        "ranking": "ranked",
        "sequence": "tokens",
        "pairs": "matched",
    }.get(kind, "scores")


def record_path(root: Path, identity: Mapping[str, Any]) -> Path:
    """``root/<task>/<protocol>/<method>/<key>.json``.

    The key is a hash of what a board matches by: method, parameters, seed and protocol. A method run
    again with other code or libraries takes the place of its older row.
    """
    matched = [identity[k] for k in ("method", "params", "seed", "protocol_hash")]
    text = json.dumps(matched, sort_keys=True, separators=(",", ":"))
    key = hashlib.sha256(text.encode()).hexdigest()
    parts = (slug(identity["task"]), slug(identity["protocol"]), slug(identity["spec"]))
    return root.joinpath(*parts, f"{key[:16]}.json")


def merged_identity(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Identity of a whole run, from that of one of its cells."""
    return {k: v for k, v in cell.items() if k not in ("cell", "cell_hash")}


def slug(spec: str) -> str:
    """File name for a method's spec; long or unusual ones carry a hash."""
    spec = spec.replace("/", ".")
    clean = re.sub(r"[^A-Za-z0-9=,.+-]+", "_", spec)[-80:].strip("._")
    if clean == spec:
        return clean
    return f"{clean}-{hashlib.sha256(spec.encode()).hexdigest()[:8]}"


def save_record(record: Record, path: Path, *, small: bool = True) -> Record:
    """Write outputs, then header, each atomically; returns the record as it stands on disk.

    ``small`` takes the time to compress the outputs well: not for cells, which are merged soon.
    """
    data = encode_outputs(record.outputs, record.identity["kind"], 19 if small else 1)
    header = record.header | {
        "schema": SCHEMA,
        "outputs_sha256": hashlib.sha256(data).hexdigest(),
    }
    text = json.dumps(header, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_atomically(path.with_suffix(".parquet"), lambda part: part.write_bytes(data))
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
    return Record(header, record.outputs, path)


def load_record(path: Path) -> Record:
    """Read and check a record.

    Raises
    ------
    RecordError
        Missing half, damaged JSON or parquet, another schema, or outputs that don't match their
        hash; names the file and the mend.
    """
    header, data = _checked(path)
    try:
        return Record(header, decode_outputs(data, header["identity"]["kind"]), path)
    except (pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise RecordError(
            f"{path.with_suffix('.parquet')}: damaged outputs ({error}); {MEND}"
        ) from error


def load_header(path: Path) -> dict[str, Any]:
    """Header of a record whose outputs match their hash, without reading them into a table.

    Raises
    ------
    RecordError
        As :func:`load_record`.
    """
    return _checked(path)[0]


def _checked(path: Path) -> tuple[dict[str, Any], bytes]:
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecordError(f"{path}: damaged record header ({error}); {MEND}") from error
    if not isinstance(header, dict) or header.get("schema") != SCHEMA:
        found = header.get("schema") if isinstance(header, dict) else "none"
        raise RecordError(f"{path}: record schema {found}, this version reads {SCHEMA}; {MEND}")
    identity = header.get("identity")
    missing = [k for k in IDENTITY if not isinstance(identity, dict) or k not in identity]
    if missing or "outputs_sha256" not in header:
        raise RecordError(f"{path}: header lacks {', '.join(missing) or 'outputs_sha256'}; {MEND}")
    if fault := _identity_fault(header["identity"]):
        raise RecordError(f"{path}: {fault}; {MEND}")
    provenance = header.get("provenance")
    cells = provenance.get("cells", {}) if isinstance(provenance, dict) else None
    costs = cells.values() if isinstance(cells, dict) else [None]
    if not isinstance(header["identity"]["seed"], int) or not all(
        isinstance(cost, dict) and all(map(_is_cost, cost.items())) for cost in costs
    ):
        raise RecordError(f"{path}: its seed, provenance or cells' costs are malformed; {MEND}")
    outputs = path.with_suffix(".parquet")
    try:
        data = outputs.read_bytes()
    except OSError as error:
        raise RecordError(f"{outputs}: outputs of the record are missing; {MEND}") from error
    if hashlib.sha256(data).hexdigest() != header["outputs_sha256"]:
        raise RecordError(f"{outputs}: doesn't match the hash in its header; {MEND}")
    return header, data


def _identity_fault(identity: Mapping[str, Any]) -> str:
    """What is wrong with the types of a header's identity, or ``""``."""
    for name in IDENTITY:
        value = identity[name]
        if name == "params":
            fault = "" if isinstance(value, dict) else "isn't a mapping"
        elif name == "seed":
            fits = isinstance(value, int) and 0 <= value < 2**32
            fault = "" if fits else "isn't a number from 0 to 2**32 - 1"
        elif not isinstance(value, str):
            fault = "is not text"
        else:
            fault = "" if value.isprintable() else "holds a control character"
        if fault:
            return f"its {name} {fault}: {str(value)[:40]!r}"
    trained = identity.get("trained_on", [])
    if not isinstance(trained, list) or not all(isinstance(name, str) for name in trained):
        return "its trained_on isn't a list of names"
    if not isinstance(identity.get("cite", ""), str):
        return "its cite isn't text"
    return ""


def _is_cost(cost: tuple[str, Any]) -> bool:
    name, value = cost
    return name in TRAINING or value is None or isinstance(value, (int, float))


def load_records(root: str | Path, **where: Any) -> list[Record]:
    """All complete records under ``root`` whose identity has the given values, sorted by path.

    Damaged records and foreign files are left out with a warning that names them; outputs of records
    whose identity is another aren't read.

    ``load_records(root, protocol="speech-music/matrix")``.
    """
    records, faults = read_records(root, **where)
    for fault in faults:
        warnings.warn(f"{fault} (left out)", stacklevel=2)
    return records


def read_records(root: str | Path, **where: Any) -> tuple[list[Record], list[str]]:
    """All complete records under ``root`` whose identity has the given values, sorted by path, and what is
    wrong with each damaged one.

    Foreign files are left out with a warning that names them.
    """
    records, faults = [], []
    for path in sorted(Path(root).rglob("*.json")):
        if path.name == "protocol.json":
            continue
        try:
            header = json.loads(path.read_text(encoding="utf-8"))
            foreign = not isinstance(header, dict) or "outputs_sha256" not in header
        except (OSError, ValueError, RecursionError):
            header, foreign = None, not path.with_suffix(".parquet").is_file()
        if foreign:
            warnings.warn(f"{path}: no record of ours, left out", stacklevel=2)
            continue
        if header is not None and _is_another(header, where):
            continue
        try:
            record = load_record(path)
        except RecordError as error:
            faults.append(str(error))
            continue
        if record.header.get("status") == "complete":
            records.append(record)
    return records, faults


def _is_another(header: dict[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether a header's identity has other values than these; not where it can't be told."""
    identity = header.get("identity")
    return isinstance(identity, dict) and any(identity.get(k) != v for k, v in where.items())


def merge(cells: Sequence[Record]) -> Record:
    """One record out of the records of its cells, given in the protocol's order."""
    first = cells[0]
    identity = merged_identity(first.identity)
    provenance = {
        "environment": first.header["provenance"]["environment"],
        "cells": {c.identity["cell"]: c.header["provenance"]["cost"] for c in cells},
    }
    header = {"identity": identity, "provenance": provenance, "status": "complete"}
    outputs = pd.concat([c.outputs for c in cells], ignore_index=True)
    return Record(header | {"schema": SCHEMA}, outputs)


def encode_outputs(outputs: pd.DataFrame, kind: str, level: int = 19) -> bytes:
    """Parquet bytes of an outputs table, the same for the same table and level of compression."""
    columns: dict[str, Any] = {
        c: pa.array(outputs[c].astype(str).tolist(), pa.string()).dictionary_encode()
        for c in COLUMNS
    }
    if kind == "segments":
        rows = outputs["segments"].tolist() if len(outputs) else []
        for i, name in enumerate(("start_s", "end_s")):
            columns[name] = pa.array(
                [[float(s[i]) for s in r] for r in rows], pa.list_(pa.float64())
            )
        columns["label"] = pa.array([[str(s[2]) for s in r] for r in rows], pa.list_(pa.string()))
    elif kind == "sequence":
        lines = outputs["tokens"].tolist() if len(outputs) else []
        columns["tokens"] = pa.array([np.asarray(t).tolist() for t in lines], pa.list_(pa.int32()))
    elif kind == "pairs":
        answers = outputs["matched"].tolist() if len(outputs) else []
        for i, name in enumerate(MATCHED):
            columns[name] = pa.array(
                [np.ascontiguousarray(a[i], dtype="<f4").tobytes() for a in answers], pa.binary()
            )
    elif kind == "ranking":
        pairs = outputs["ranked"].tolist() if len(outputs) else []
        for i, (name, dtype) in enumerate(RANKED):
            columns[name] = pa.array(
                [np.asarray(p[i], dtype=dtype).tobytes() for p in pairs], pa.binary()
            )
    else:
        dtype = "<f2" if kind in TABLES else "<f4"
        arrays = [np.asarray(s, dtype=dtype) for s in outputs["scores"]]
        columns["n_classes"] = pa.array([a.shape[-1] for a in arrays], pa.int32())
        columns["scores"] = pa.array(
            [np.ascontiguousarray(a.T).tobytes() for a in arrays], pa.binary()
        )
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd", compression_level=level)
    return sink.getvalue()


def decode_outputs(data: bytes, kind: str) -> pd.DataFrame:
    """Inverse of :func:`encode_outputs`."""
    facts = pq.ParquetFile(io.BytesIO(data)).metadata
    size = sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups))
    if facts.num_rows > MOST_ROWS or size > MOST_BYTES:
        raise ValueError(f"{facts.num_rows} rows of {size} bytes, more than any protocol has")
    table = pq.read_table(io.BytesIO(data)).to_pydict()
    outputs = pd.DataFrame({c: pd.Series(table[c], dtype=object) for c in COLUMNS})
    if kind == "segments":
        rows = zip(table["start_s"], table["end_s"], table["label"], strict=True)
        outputs["segments"] = pd.Series([list(zip(*r, strict=True)) for r in rows], dtype=object)
        return outputs
    if kind == "sequence":
        codes = [np.array(line, dtype=np.int64) for line in table["tokens"]]
        outputs["tokens"] = pd.Series(codes, dtype=object, index=outputs.index)
        return outputs
    if kind == "pairs":
        parts = [[np.frombuffer(b, "<f4") for b in table[name]] for name in MATCHED]
        both = [(scores, peaks.reshape(-1, 2)) for scores, peaks in zip(*parts, strict=True)]
        outputs["matched"] = pd.Series(both, dtype=object, index=outputs.index)
        return outputs
    if kind == "ranking":
        sides = [[np.frombuffer(b, dtype) for b in table[name]] for name, dtype in RANKED]
        outputs["ranked"] = pd.Series(list(zip(*sides, strict=True)), dtype=object)
        return outputs
    dtype = "<f2" if kind in TABLES else "<f4"
    pairs = zip(table["scores"], table["n_classes"], strict=True)
    arrays: Iterable[np.ndarray] = (np.frombuffer(b, dtype).reshape(n, -1).T for b, n in pairs)
    if kind not in TABLES:
        arrays = (a[0] for a in arrays)
    outputs["scores"] = pd.Series(list(arrays), dtype=object, index=outputs.index)
    return outputs

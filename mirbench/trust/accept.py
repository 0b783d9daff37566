"""``mirbench accept``: a stranger's bundle, checked as data and taken in as external.

Nothing in it is executed, written or believed before it is checked: sizes, names and members of the
zip, every field of the JSON, every row and figure of the outputs. What it claims to be is kept apart
from what it is: its family becomes ``external``, its spec starts with ``external:``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirbench.boards.judge import Judge
from mirbench.errors import MirbenchError, RecordError
from mirbench.metrics import Metric
from mirbench.protocols import Protocol, load_protocol, protocol_names
from mirbench.records import Record, encode_outputs, load_record, record_path, save_record
from mirbench.trust.archive import unpack
from mirbench.trust.bundle import HEADER_BYTES, LIMITS, MANIFEST, figures_of, shape_of
from mirbench.trust.figures import figures_fault
from mirbench.trust.headers import header_fault, spell
from mirbench.trust.outputs import Reader, read_apart
from mirbench.trust.status import key_of
from mirbench.trust.strict_json import parse
from mirbench.trust.verify import check_record, leaks

PREFIX = "external:"
NEAR = {"%": 0.5, "": 0.005}
"""How near to a perfect score, in its unit, a first headline figure is flagged."""


@dataclass(frozen=True)
class Accepted:
    """Records as they go on a board, their recomputed figures, and what a reviewer should see."""

    records: Sequence[Record]
    figures: Sequence[Mapping[str, float]]
    protocol: Protocol
    notes: Sequence[str]

    def __str__(self) -> str:
        lines = []
        for record, values in zip(self.records, self.figures, strict=True):
            who = record.identity
            shown = [name for name in values if " @ " not in name]
            said = ", ".join(f"{name} {values[name]:.6g}" for name in shown)
            lines.append(f"{key_of(who)} {who['spec']} seed {who['seed']}: {said}")
        return "\n".join([*lines, *self.notes])


def accept(
    path: str | Path,
    into: str | Path | None = None,
    *,
    protocol: Protocol | None = None,
    reader: Reader = read_apart,
) -> Accepted:
    """Check a bundle and, with ``into``, put its records under that root.

    Parameters
    ----------
    path : path-like
    into : path-like, optional
        Root of the records to add to; nothing is written without it.
    protocol : Protocol, optional
        What the records must have been made under; by default the frozen one that they name.
    reader : callable
        Reads the outputs: in a child process by default.

    Raises
    ------
    RecordError
        The bundle, a record or a figure isn't as it must be; or another record is in its place.
    """
    file = Path(path)
    try:
        size = file.stat().st_size if file.is_file() else -1
    except (OSError, ValueError) as error:
        raise RecordError(f"{file}: can't be read ({error})") from error
    if size < 0:
        raise RecordError(f"{file}: no such file; give the bundle that mirbench submit wrote")
    if size > LIMITS.total:
        raise RecordError(f"{file}: {size} bytes, {LIMITS.total} are allowed")
    found = examine(file.read_bytes(), str(file), protocol, reader)
    if into is not None:
        _place(found.records, Path(into))
    return found


def examine(data: bytes, source: str, protocol: Protocol | None, reader: Reader) -> Accepted:
    """Everything that `accept` checks, from the bytes of a bundle."""
    files = unpack(data, LIMITS, source)
    manifest = parse(files.pop("bundle.json", b""), f"{source}: bundle.json", HEADER_BYTES)
    if fault := MANIFEST(manifest):
        raise RecordError(f"{source}: bundle.json {fault}")
    what = _protocol(manifest, protocol, source)
    keys = [entry["key"] for entry in manifest["records"]]
    wanted = {f"records/{key}.{form}" for key in keys for form in ("json", "parquet")}
    if set(files) != wanted:
        odd = min(set(files) ^ wanted)
        raise RecordError(f"{source}: {odd!r} is missing or isn't a part of what it lists")
    records = []
    for key in keys:
        where = f"{source}: records/{key}"
        try:
            records.append(_record(key, files, where, what, reader))
        except MirbenchError as error:
            text = str(error)
            raise RecordError(text if text.startswith(source) else f"{where}: {text}") from error
    _one_method(records, source)
    figures = figures_of(records, what)
    for entry, values in zip(manifest["records"], figures, strict=True):
        fault = figures_fault(entry["figures"], values)
        extra = set(entry["figures"]) - set(values)
        if fault or extra:
            why = fault or f"{min(extra)[:80]!r} is no headline figure of {what.name}"
            raise RecordError(f"{source}: records/{entry['key']}: {why}")
    taken = [_external(record, what) for record in records]
    notes = []
    metric = Judge(taken[:1], what).headline[0]
    if any(near_perfect(values[metric.name], metric) for values in figures):
        for record in taken:
            record.header["provenance"]["flags"] = ["near-perfect"]
        notes.append(
            f"near-perfect {metric.name}: test labels are public; run its code before believing it"
        )
    return Accepted(taken, figures_of(taken, what), what, notes)


def near_perfect(value: float, metric: Metric) -> bool:
    """Whether a figure is within half a point of the best there can be."""
    best = (100.0 if metric.unit == "%" else 1.0) if metric.greater_is_better else 0.0
    return abs(value - best) <= NEAR["%" if metric.unit == "%" else ""]


def _protocol(manifest: Mapping[str, Any], given: Protocol | None, source: str) -> Protocol:
    name = manifest["protocol"]
    if given is None and name not in protocol_names():
        raise RecordError(f"{source}: protocol {name!r} isn't one of {', '.join(protocol_names())}")
    protocol = load_protocol(name) if given is None else given
    if protocol.name != name or protocol.hash != manifest["protocol_hash"]:
        raise RecordError(f"{source}: made under another version of protocol {protocol.name}")
    return protocol


def _record(
    key: str, files: Mapping[str, bytes], where: str, protocol: Protocol, reader: Reader
) -> Record:
    header = parse(files[f"records/{key}.json"], f"{where}.json", HEADER_BYTES)
    if fault := header_fault(header):
        raise RecordError(fault)
    outputs = files[f"records/{key}.parquet"]
    if hashlib.sha256(outputs).hexdigest() != header["outputs_sha256"]:
        raise RecordError("the outputs don't match the hash in their header")
    if header["identity"]["kind"] != protocol.task.kind:
        raise RecordError(f"of kind {header['identity']['kind']!r}, not {protocol.task.kind}")
    record = Record(header, reader(outputs, shape_of(protocol)), Path(f"{key}.json"))
    check_record(record, protocol)
    if key_of(record.identity) != key:
        raise RecordError(f"its key is {key_of(record.identity)}")
    return record


def _one_method(records: Sequence[Record], source: str) -> None:
    who = [(r.identity["method"], r.identity["spec"], r.identity["title"]) for r in records]
    seeds = [r.identity["seed"] for r in records]
    if len(set(who)) > 1 or len(set(seeds)) < len(seeds):
        raise RecordError(f"{source}: its records aren't seeds of one method; bundle one at a time")


def _external(record: Record, protocol: Protocol) -> Record:
    """The record under a name of its own, and as external whatever it claims."""
    said = record.identity
    method = said["method"]
    method = method if method.startswith(PREFIX) else PREFIX + method
    claims = {"family": said["family"], "spec": said["spec"]}
    identity = said | {
        "method": method,
        "spec": spell(method, said["params"]),
        "family": "external",
        "evidence": protocol.evidence,
        "leaks": leaks(protocol),
        "claims": said.get("claims", claims),
    }
    provenance = {k: v for k, v in record.header["provenance"].items() if k != "flags"}
    header = record.header | {"identity": identity, "provenance": provenance}
    if fault := header_fault(header):
        raise RecordError(fault)
    return Record(header, record.outputs)


def _place(records: Sequence[Record], root: Path) -> None:
    """Write all or, where another record is in the place of one, none."""
    places = [record_path(root, record.identity) for record in records]
    for record, place in zip(records, places, strict=True):
        if place.exists() and not _same(record, place):
            raise RecordError(f"{place}: another record is there; rename the method, or remove it")
    for record, place in zip(records, places, strict=True):
        save_record(record, place)


def _same(record: Record, place: Path) -> bool:
    there = load_record(place)
    answers = [encode_outputs(r.outputs, record.identity["kind"], 1) for r in (there, record)]
    return there.identity == record.identity and answers[0] == answers[1]

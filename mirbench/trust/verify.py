"""``mirbench verify``: every committed record against its protocol, its place and its board."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.audit import audit_cells
from mirbench.boards import text
from mirbench.boards.judge import Judge
from mirbench.boards.table import about
from mirbench.errors import MirbenchError, ProtocolError, RecordError
from mirbench.protocols import Protocol, load_protocol
from mirbench.records import Record, load_record, record_path
from mirbench.trust.answers import answers_fault
from mirbench.trust.figures import figures, figures_fault
from mirbench.trust.headers import header_fault
from mirbench.trust.status import key_of, load_ledger

RENDERED = {
    "board.json": text.to_json,
    "board.csv": text.to_csv,
    "board.md": text.to_markdown,
    "board.tex": text.to_latex,
}
NOT_RECORDS = ("protocol.json",)


@dataclass
class Report:
    """What was checked and what is wrong.

    Attributes
    ----------
    records : int
        Records seen.
    passed : int
        Records with nothing wrong, each of its board's figures recomputed.
    compared : int
        Figures of boards that were recomputed.
    faults : list of str
        Each names the file and the reason.
    notes : list of str
        What couldn't be compared.
    """

    records: int = 0
    passed: int = 0
    compared: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """In one sentence."""
        return (
            f"{self.passed} of {self.records} records pass; "
            f"{self.compared} figures of boards recomputed"
            + (f"; {len(self.faults)} faults" if self.faults else "")
        )

    def __str__(self) -> str:
        return "\n".join([*self.faults, *self.notes, self.summary])


def verify(records: str | Path, boards: str | Path | None = None) -> Report:
    """Check every record under ``records``, and the boards made of them.

    Header fields, hashes, the file's place, the protocol's hash, every row of the outputs; then each
    headline figure of ``board.json`` recomputed with its interval, what the board says of its protocol, titles
    and families, and the board's CSV, Markdown and LaTeX as renderings of it. Ranks, flags, costs and
    the figures of single blocks aren't recomputed: ``mirbench board --dir`` does that.

    Parameters
    ----------
    records : path-like
        Root of the records.
    boards : path-like, optional
        Folder of the generated boards; ``boards`` beside ``records`` by default.

    Raises
    ------
    RecordError
        No such folder, or no record in it.
    """
    root = Path(records)
    if not root.is_dir():
        raise RecordError(f"{root}: no such folder; give the root of the records")
    folder = root.parent / "boards" if boards is None else Path(boards)
    report = Report()
    sound: dict[str, list[Record]] = {}
    protocols: dict[str, Protocol] = {}
    for path in _files(root, report):
        report.records += 1
        try:
            record = load_record(path)
            protocol = _protocol(record, root, protocols)
            check_record(record, protocol, root)
        except MirbenchError as error:
            report.faults.append(str(error))
            continue
        sound.setdefault(protocol.name, []).append(record)
    if not report.records and not report.faults:
        raise RecordError(f"{root}: no records; run a method first")
    for name in sorted(sound):
        compare(sound[name], protocols[name], folder, report)
    for path in sorted(folder.glob("*/board.json")):
        if path.parent.name not in {name.replace("/", ".") for name in sound}:
            report.faults.append(f"{path}: a board without sound records; draw the boards again")
    _check_ledger(root.parent / "verified.json", [r for rs in sound.values() for r in rs], report)
    return report


def check_record(record: Record, protocol: Protocol, root: Path | None = None) -> None:
    """Check one record by itself.

    Parameters
    ----------
    record : Record
    protocol : Protocol
    root : Path, optional
        Root that the record's place is relative to; without it the place isn't checked.

    Raises
    ------
    RecordError
        Names the file and what is wrong.
    """
    where = record.path or record.spec
    if fault := header_fault(record.header):
        raise RecordError(f"{where}: {fault}")
    who = record.identity
    facts = {
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "task": protocol.task.name,
        "kind": protocol.task.kind,
        "evidence": protocol.evidence,
    }
    for name, value in facts.items():
        if who.get(name, value) != value:
            raise RecordError(f"{where}: its {name} is {who[name]}, the protocol's is {value}")
    if root is not None and record.path is not None:
        place = record_path(root, who)
        if place.resolve() != record.path.resolve():
            raise RecordError(
                f"{where}: not where a record of that method, seed and protocol belongs; "
                f"its place is {place}"
            )
    unknown = set(record.header["provenance"].get("cells", {})) - {c.name for c in protocol.cells}
    if unknown:
        raise RecordError(f"{where}: costs of an unknown cell {min(unknown)!r}")
    if fault := answers_fault(record.outputs, protocol):
        raise RecordError(f"{where}: outputs: {fault}")


def _check_ledger(path: Path, records: list[Record], report: Report) -> None:
    """Entries of verified rows must be of records that are there, with those outputs."""
    hashes = {key_of(r.identity): r.header["outputs_sha256"] for r in records}
    try:
        ledger = load_ledger(path)
    except RecordError as error:
        report.faults.append(str(error))
        return
    for key, entry in ledger.items():
        if hashes.get(key) != entry.get("outputs_sha256"):
            report.faults.append(f"{path}: {key}: no sound record with those outputs; reproduce it")


def _files(root: Path, report: Report) -> Iterator[Path]:
    """Headers of records; what else lies there is a fault."""
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            report.faults.append(f"{path}: a link; records are files")
        elif path.is_dir() or path.name in NOT_RECORDS:
            continue
        elif path.suffix == ".json":
            yield path
        elif path.suffix != ".parquet" or not path.with_suffix(".json").is_file():
            report.faults.append(f"{path}: no part of a record; move it elsewhere")


def _protocol(record: Record, root: Path, known: dict[str, Protocol]) -> Protocol:
    """The record's protocol, by the name and the hash that it states."""
    name = str(record.identity["protocol"])
    if name not in known:
        try:
            known[name] = load_protocol(name, root)
        except ProtocolError as error:
            raise RecordError(f"{record.path}: {error}") from error
        if known[name].name != name:
            raise RecordError(f"{record.path}: {name!r} is no protocol's name")
    if known[name].hash != record.identity["protocol_hash"]:
        raise RecordError(
            f"{record.path}: made under another version of protocol {name}; run the method again"
        )
    leaking = record.identity.get("leaks") or not leaks(known[name])
    if not leaking:
        raise RecordError(f"{record.path}: doesn't say that protocol {name} leaks")
    return known[name]


_LEAKS: dict[str, bool] = {}


def leaks(protocol: Protocol) -> bool:
    """Whether the protocol's cells share items, recordings or groups; looked at once."""
    if protocol.hash not in _LEAKS:
        _LEAKS[protocol.hash] = bool(audit_cells(protocol))
    return _LEAKS[protocol.hash]


def compare(records: list[Record], protocol: Protocol, folder: Path, report: Report) -> None:
    """Recompute the figures of a protocol's board in ``folder``; what is found goes to the report."""
    path = folder / protocol.name.replace("/", ".") / "board.json"
    judge = Judge(records, protocol)
    values = figures(judge)
    if not path.is_file():
        report.notes.append(f"{protocol.name}: no board at {path} to compare with")
        report.passed += len(records)
        return
    try:
        rows = _board_rows(path)
    except RecordError as error:
        report.faults.append(str(error))
        return
    said = json.loads(path.read_text(encoding="utf-8"))
    for name, value in json.loads(json.dumps(about(judge))).items():
        if name != "blocks" and said.get(name) != value:  # a sweep's board leaves copies out
            report.faults.append(f"{path}: says another {name}; draw the boards again")
    for spec, seeds in judge.methods.items():
        fault = _row_fault(rows.get(spec), len(seeds), values[spec])
        fault = fault or _beside_fault(judge, spec, rows[spec])
        if fault:
            files = ", ".join(str(r.path) for r in seeds)
            report.faults.append(f"{path}: {spec}: {fault} ({files})")
        else:
            report.passed += len(seeds)
            report.compared += len(values[spec])
    for spec in sorted(set(rows) - set(judge.methods)):
        report.faults.append(f"{path}: row {spec} has no sound record; draw the boards again")


def _row_fault(row: dict[str, object] | None, seeds: int, values: dict[str, float]) -> str:
    if row is None:
        return "has records and no row; draw the boards again"
    if row.get("seeds") != seeds:
        return f"{row.get('seeds')} seeds on the board, {seeds} sound records"
    return figures_fault(row, values)


def _beside_fault(judge: Judge, spec: str, row: dict[str, object]) -> str:
    """What else of a row isn't what the records give: names, evidence, intervals."""
    who = judge.methods[spec][0].identity
    evidence = who.get("evidence", judge.protocol.evidence)
    for name, value in (("title", who["title"]), ("family", who["family"]), ("evidence", evidence)):
        if row.get(name) != value:
            return f"its {name} on the board isn't the record's"
    for metric in judge.headline:
        found = judge.interval(spec, metric, judge.main)
        for end, value in (("lo", found.lo), ("hi", found.hi)):
            shown = row.get(f"{metric.name} {end}")
            number = float(shown) if isinstance(shown, (int, float)) else math.nan
            if not np.isclose(number, value, rtol=1e-4, atol=1e-6, equal_nan=True):
                return f"the interval of {metric.name} isn't what its outputs give"
    return ""


def _board_rows(path: Path) -> dict[str, dict[str, object]]:
    """Rows of a board by method; RecordError where another form of it says something else."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        rows = about.pop("rows")
        found = {row["method"]: row for row in rows}
        table = pd.DataFrame(rows)
        for column in table:
            if table[column].isna().all():
                table[column] = table[column].astype(float)
        table.attrs = about
        for name, render in RENDERED.items():
            file = path.with_name(name)
            if file.is_file() and render(table) != file.read_text(encoding="utf-8"):
                raise RecordError(f"{file}: isn't what {path.name} says; draw the boards again")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: damaged board ({error!r}); draw the boards again") from error
    if len(found) != len(rows):
        raise RecordError(f"{path}: two rows of one method; draw the boards again")
    return found

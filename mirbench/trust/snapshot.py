"""A frozen archive, checked: every file, every record, every figure."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mirbench.errors import MirbenchError, RecordError
from mirbench.protocols import Protocol
from mirbench.records import Record, load_record
from mirbench.trust.archive import Limits, unpack
from mirbench.trust.strict_json import parse
from mirbench.trust.verify import Report, check_record, compare

SCHEMA = 1
LIMITS = Limits(total=1 << 30, member=256 << 20, members=60_000)
CONTENT = ("records/", "protocols/", "boards/", "published.csv", "verified.json")


def verify_snapshot(path: str | Path, *, scores: bool = True) -> dict[str, Any]:
    """Check an archive: every file against the manifest, the manifest against the content hash.

    Parameters
    ----------
    path : path-like
    scores : bool
        Check every record too, with the protocols and the boards of the archive.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    RecordError
        Names the file and what is wrong.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= LIMITS.total else b""
    except OSError as error:
        raise RecordError(f"{file}: can't be read ({error})") from error
    files = unpack(data, LIMITS, str(file))
    manifest = parse(files.get("MANIFEST.json", b""), f"{file}: MANIFEST.json", 64 << 20)
    listed = manifest.get("files")
    if manifest.get("schema") != SCHEMA or not isinstance(listed, dict):
        raise RecordError(f"{file}: MANIFEST.json isn't of schema {SCHEMA}")
    found = {name: hashlib.sha256(d).hexdigest() for name, d in files.items()}
    found.pop("MANIFEST.json")
    if odd := sorted(set(found.items()) ^ {(k, str(v)) for k, v in listed.items()}):
        raise RecordError(f"{file}: {odd[0][0]!r} is missing, added or changed since it was frozen")
    if content_hash(files) != manifest.get("content_sha256"):
        raise RecordError(f"{file}: the content hash isn't that of its files")
    if scores:
        _verify_inside(file, files)
    return manifest


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and hashes of records, protocols and boards, in the order of names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        if name.startswith(CONTENT):
            digest.update(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()


def _verify_inside(file: Path, files: Mapping[str, bytes]) -> None:
    """Every record of a snapshot against the protocol and the board that lie beside it."""
    protocols: dict[str, Protocol] = {}
    for name in (n for n in files if n.startswith("protocols/")):
        where = f"{file}: {name}"
        protocol = Protocol.from_dict(parse(files[name], where, LIMITS.member), where)
        protocols[protocol.name] = protocol
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in (n for n in files if n.startswith(("records/", "boards/"))):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[name])
        records = []
        for path in sorted((root / "records").rglob("*.json")):
            try:
                record = load_record(path)
                protocol = protocols[record.identity["protocol"]]
                check_record(record, protocol, root / "records")
            except (MirbenchError, KeyError) as error:
                raise RecordError(f"{file}: {str(error).replace(folder + os.sep, '')}") from error
            records.append(record)
        _verify_boards(file, root / "boards", records, protocols)


def _verify_boards(
    file: Path, boards: Path, records: Sequence[Record], protocols: Mapping[str, Protocol]
) -> None:
    report = Report()
    for name, protocol in protocols.items():
        mine = [r for r in records if r.identity["protocol"] == name]
        compare(mine, protocol, boards, report)
    if report.faults or report.notes:
        said = [*report.faults, *report.notes][0].replace(f"{boards.parent}{os.sep}", "")
        raise RecordError(f"{file}: {said}")

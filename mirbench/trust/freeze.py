"""``mirbench board freeze``: records, protocols and boards as one archive that can't move.

A snapshot is a zip with the same bytes every time. ``MANIFEST.json`` has the SHA-256 of every file,
and the content hash: over the records, protocols and boards alone, so that a DOI given afterwards
doesn't change it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from datetime import date as Date
from pathlib import Path
from typing import Any

from mirbench import __version__
from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.boards.text import to_csv, to_json
from mirbench.errors import RecordError
from mirbench.home import write_atomically
from mirbench.methods import current_code
from mirbench.protocols import Protocol
from mirbench.records import Record, load_record
from mirbench.trust.archive import pack
from mirbench.trust.bibtex import quoted
from mirbench.trust.cite import AUTHOR, MESSAGE, TITLE
from mirbench.trust.find import protocol_of
from mirbench.trust.snapshot import SCHEMA, content_hash, verify_snapshot
from mirbench.trust.submit import plain_json
from mirbench.trust.verify import verify

VERSION = r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}"
DOI = r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]{2,200}"
NO_DOI = r"10\.(1234|5072|5555|0000)/|x{3,}|placeholder|todo|example"
"""Prefixes that registries keep for tests, and words that stand where a DOI should."""


def freeze(
    records: str | Path,
    directory: str | Path,
    version: str,
    doi: str = "",
    date: str = "",
) -> Path:
    """Write a snapshot of all records under a root, and its citation beside it.

    Parameters
    ----------
    records : path-like
        Root of the records; all of them must pass `mirbench.trust.verify.verify`.
    directory : path-like
        Gets ``mirbench-boards-VERSION.zip``, and ``CITATION.cff`` and ``zenodo.json`` (the fields of
        a deposit) as they stand in it.
    version : str
        Of the snapshot, e.g. ``2026.1``.
    doi : str
        Of the archive, where one was reserved.
    date : str
        ``YYYY-MM-DD``; by default ``SOURCE_DATE_EPOCH``'s. The clock is never read.

    Returns
    -------
    Path
        The archive.

    Raises
    ------
    RecordError
        A record that isn't sound, a version, date or DOI that can't be one, or a snapshot of that
        version with other content.
    """
    when = _date(date)
    if not re.fullmatch(VERSION, version):
        raise RecordError(f"version {version!r}: letters, digits, dots and dashes, e.g. 2026.1")
    if doi and (not re.fullmatch(DOI, doi) or re.search(NO_DOI, doi, re.IGNORECASE)):
        raise RecordError(f"{doi!r} is no DOI that was registered; leave it out until there is one")
    root = Path(records)
    report = verify(root)
    if report.faults:
        raise RecordError(f"{report.faults[0]} ({len(report.faults)} such faults); mend them first")
    files = _contents(root)
    content = content_hash(files)
    facts = {"version": version, "date": when, "doi": doi, "content_sha256": content}
    files["CITATION.cff"] = _citation(facts).encode()
    files["zenodo.json"] = plain_json(_deposit(facts, files))
    files["README.md"] = _readme(facts, files).encode()
    files["MANIFEST.json"] = plain_json(_manifest(facts, files))
    folder = Path(directory)
    path = folder / f"mirbench-boards-{version}.zip"
    if path.exists() and verify_snapshot(path, scores=False)["content_sha256"] != content:
        raise RecordError(
            f"{path}: is there with other content; a new snapshot needs a new version"
        )
    data = pack(files)
    write_atomically(path, lambda part: part.write_bytes(data))
    for name in ("CITATION.cff", "zenodo.json"):
        (folder / name).write_bytes(files[name])
    return path


def _contents(root: Path) -> dict[str, bytes]:
    """Records as they lie, and made of them: protocols and boards."""
    files: dict[str, bytes] = {}
    by: dict[str, list[Record]] = {}
    protocols: dict[str, Protocol] = {}
    for path in sorted(root.rglob("*.json")):
        if path.name == "protocol.json":
            continue
        record = load_record(path)
        name = record.identity["protocol"]
        protocols[name] = protocols.get(name) or protocol_of(record)
        by.setdefault(name, []).append(record)
        for part in (path, path.with_suffix(".parquet")):
            files[f"records/{part.relative_to(root).as_posix()}"] = part.read_bytes()
    for name, protocol in sorted(protocols.items()):
        slug = name.replace("/", ".")
        judge = Judge(by[name], protocol, current_code(by[name]))
        table = board(judge, protocol)
        files[f"boards/{slug}/board.json"] = to_json(table).encode()
        files[f"boards/{slug}/board.csv"] = to_csv(table).encode()
        files[f"protocols/{slug}.json"] = _protocol_text(protocol)
    for name in ("published.csv", "verified.json"):
        if (root.parent / name).is_file():
            files[name] = (root.parent / name).read_bytes()
    return files


def _protocol_text(protocol: Protocol) -> bytes:
    text = json.dumps(protocol.to_dict(), ensure_ascii=False, separators=(",", ":"))
    return (text + "\n").encode()


def _date(given: str) -> str:
    """The date given, or that of SOURCE_DATE_EPOCH."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given and epoch.isdigit():
        given = time.strftime("%Y-%m-%d", time.gmtime(int(epoch)))
    try:
        return Date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise RecordError(
            f"{given!r} is no date; give --date YYYY-MM-DD or set SOURCE_DATE_EPOCH"
        ) from error


def _manifest(facts: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, Any]:
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    return {"schema": SCHEMA, "name": "mirbench boards", "mirbench": __version__, **facts} | {
        "files": hashes
    }


def _title(facts: Mapping[str, str]) -> str:
    return f"Leaderboards of mirbench, {facts['version']}"


def _citation(facts: Mapping[str, str]) -> str:
    lines = ["cff-version: 1.2.0", f"message: {quoted(MESSAGE)}"]
    lines += [f"title: {quoted(_title(facts))}", "type: dataset", "authors:"]
    lines += [f"- name: {quoted(AUTHOR)}", f"version: {quoted(facts['version'])}"]
    lines += [f"date-released: {facts['date']}"]
    lines += [f"doi: {quoted(facts['doi'])}"] if facts["doi"] else []
    lines += ["identifiers:", "- type: other", f"  value: {quoted(facts['content_sha256'])}"]
    lines += ['  description: "SHA-256 of records, protocols and boards, see MANIFEST.json"']
    lines += ["references:", "- type: software", f"  title: {quoted(TITLE)}"]
    lines += ["  authors:", f"  - name: {quoted(AUTHOR)}", f"  version: {quoted(__version__)}"]
    return "\n".join(lines) + "\n"


def _deposit(facts: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, Any]:
    """The fields that an archive asks for, as Zenodo names them."""
    found: dict[str, Any] = {
        "title": _title(facts),
        "upload_type": "dataset",
        "description": f"{_counts(files)} Made with mirbench {__version__}. Content SHA-256 "
        f"{facts['content_sha256']}.",
        "creators": [{"name": AUTHOR}],
        "version": facts["version"],
        "publication_date": facts["date"],
        "license": "mit",
        "keywords": ["music information retrieval", "benchmark", "reproducibility"],
    }
    return found | ({"doi": facts["doi"]} if facts["doi"] else {})


def _counts(files: Mapping[str, bytes]) -> str:
    records = sum(n.startswith("records/") and n.endswith(".json") for n in files)
    protocols = sum(n.startswith("protocols/") for n in files)
    return f"{records} records under {protocols} protocols, every answer kept, and their boards."


def _readme(facts: Mapping[str, str], files: Mapping[str, bytes]) -> str:
    doi = f"\nDOI: {facts['doi']}\n" if facts["doi"] else ""
    return f"""# {_title(facts)}

{_counts(files)} Frozen on {facts["date"]} with mirbench {__version__}.
{doi}
Content SHA-256: `{facts["content_sha256"]}` (records, protocols, boards; `MANIFEST.json` has every file).

- `records/`: what each method said of each item (parquet), and what made it say so (JSON).
- `protocols/`: items, cells, truth.
- `boards/`: figures with 95 % intervals by group.
- `published.csv`: figures of papers.

Check it: `mirbench verify mirbench-boards-{facts["version"]}.zip`.
"""

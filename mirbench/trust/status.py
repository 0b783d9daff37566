"""Where a row's figures come from, in one word.

========== ==================================================================================
reported   a paper's figure: a line of ``leaderboards/published.csv``, never a record
ours       a record that this project's harness made
external   a record from elsewhere, or predictions made elsewhere: its identity says the family
           ``external``, which `mirbench.trust.accept` writes whatever the sender claims
verified   a record whose outputs came out again when its method was run here: its key and the
           hash of those outputs stand in ``leaderboards/verified.json``
========== ==================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirbench.errors import RecordError
from mirbench.home import write_atomically
from mirbench.records import Record, record_path

REPOSITORY = Path(__file__).parents[2]
LEDGER = REPOSITORY / "leaderboards" / "verified.json"
WORDS = ("reported", "ours", "external", "verified")


def key_of(identity: Mapping[str, Any]) -> str:
    """Key of a record: the name of its file."""
    return record_path(Path(), identity).stem


def status(record: Record, ledger: Mapping[str, Mapping[str, Any]]) -> str:
    """``"ours"``, ``"external"`` or ``"verified"``; a record with other outputs than those that came
    out again isn't verified any more."""
    entry = ledger.get(key_of(record.identity), {})
    came_out = entry.get("outcome") in ("identical", "within tolerance")
    if came_out and entry.get("outputs_sha256") == record.header["outputs_sha256"]:
        return "verified"
    return "external" if record.identity["family"] == "external" else "ours"


def load_ledger(path: Path | None = None) -> dict[str, dict[str, Any]]:
    """Entries by key; none where the repository has no such file.

    Raises
    ------
    RecordError
        The file is damaged.
    """
    file = LEDGER if path is None else path
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not all(isinstance(entry, dict) for entry in found.values()):
            raise ValueError("entries must be mappings")
    except (OSError, ValueError, AttributeError) as error:
        raise RecordError(f"{file}: damaged ({error}); restore it") from error
    return found


def enter(entry: Mapping[str, Any], key: str, path: Path | None = None) -> None:
    """Write an entry, in the order of keys."""
    file = LEDGER if path is None else path
    ledger = load_ledger(file) | {key: dict(entry)}
    text = json.dumps(ledger, indent=1, sort_keys=True) + "\n"
    write_atomically(file, lambda part: part.write_text(text, encoding="utf-8"))

"""Records by key, by path, or by method and protocol."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from mirbench.errors import MirbenchError, RecordError
from mirbench.home import home
from mirbench.methods import load_method
from mirbench.protocols import Protocol, load_protocol
from mirbench.records import Record, load_record, load_records
from mirbench.trust.status import REPOSITORY

COMMITTED = REPOSITORY / "leaderboards" / "records"


def find_records(what: str, protocol: str = "", root: Path | None = None) -> list[Record]:
    """Records that ``what`` names.

    Parameters
    ----------
    what : str
        Path of a record, its key (or the first letters of it), or a method as one types it.
    protocol : str
        Needed for a method; all of its seeds are found.
    root : Path, optional
        Root of the records; by default ``MIRBENCH_HOME/records``, then the repository's.

    Raises
    ------
    RecordError
        None, or a key that several begin with.
    """
    if what.endswith(".json"):
        if not Path(what).is_file():
            raise RecordError(f"{what}: no such record; give the path of its .json file")
        return [load_record(Path(what))]
    roots = [root] if root else [home() / "records", COMMITTED]
    if is_key(what):
        found = sorted({p for r in roots for p in r.glob(f"*/*/*/{what}*.json")})
        if len({p.stem for p in found}) > 1:
            raise RecordError(
                f"{what}: several records begin so ({', '.join(p.stem for p in found[:4])}); "
                "give more letters"
            )
        if found:
            return [load_record(found[0])]
    if not protocol:
        raise RecordError(
            f"no record {what!r} under {' or '.join(map(str, roots))}; "
            "give its path, or a method with -p PROTOCOL"
        )
    wanted = load_protocol(protocol, root)
    specs = {what, f"external:{what}"}
    with suppress(MirbenchError):
        specs.add(load_method(what).spec)
    for where in roots:
        records = load_records(where, protocol_hash=wanted.hash)
        mine = [r for r in records if r.spec in specs]
        if mine:
            return mine
    raise RecordError(
        f"no record of {what!r} under {wanted.name}; make one: mirbench run {what} -p {wanted.name}"
    )


def is_key(what: str) -> bool:
    """Whether it can be a record's key: 6 to 16 hexadecimal digits."""
    return bool(re.fullmatch("[0-9a-f]{6,16}", what))


def protocol_of(record: Record) -> Protocol:
    """The record's protocol, frozen or saved beside it.

    Raises
    ------
    RecordError
        It has another hash than the record was made under.
    """
    root = record.path.parents[3] if record.path and len(record.path.parents) > 3 else None
    protocol = load_protocol(str(record.identity["protocol"]), root)
    if protocol.hash != record.identity["protocol_hash"]:
        raise RecordError(
            f"{record.path or record.spec}: made under another version of protocol {protocol.name}"
        )
    return protocol

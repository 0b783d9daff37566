"""``mirbench submit``: records of a method as a bundle for somebody else's board."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mirbench import __version__
from mirbench.errors import MethodError, MirbenchError, RecordError
from mirbench.home import write_atomically
from mirbench.methods import current_code, load_method
from mirbench.protocols import Protocol
from mirbench.records import Record, encode_outputs
from mirbench.testing import check_method, report
from mirbench.trust.accept import examine
from mirbench.trust.archive import pack
from mirbench.trust.bundle import SCHEMA, SEEDS, figures_of
from mirbench.trust.find import find_records, protocol_of
from mirbench.trust.outputs import read
from mirbench.trust.status import key_of
from mirbench.trust.verify import check_record


def submit(
    what: str, output: str | Path, protocol: str = "", root: Path | None = None
) -> list[Record]:
    """Check a method and its records, and write them as a bundle.

    Parameters
    ----------
    what : str
        Method (with ``protocol``), key or path of a record; of a method all seeds are bundled.
    output : path-like
        The bundle, a ``.zip``.
    protocol : str
    root : Path, optional
        Root of the records, see `mirbench.trust.find.find_records`.

    Returns
    -------
    list of Record
        What the bundle holds.

    Raises
    ------
    MethodError
        The method fails its contract tests.
    RecordError
        A record isn't sound, or there is none.
    """
    records = find_records(what, protocol, root)
    task = protocol_of(records[0])
    for record in records:
        check_record(record, task)
    _check_method(what, records[0], task)
    data = bundle(records, task)
    examine(data, str(output), task, read)
    write_atomically(Path(output), lambda part: part.write_bytes(data))
    return records


def bundle(records: Sequence[Record], protocol: Protocol) -> bytes:
    """Bytes of a bundle, the same every time; RecordError for more seeds than one may hold."""
    if len(records) > SEEDS:
        raise RecordError(f"{len(records)} records, a bundle holds {SEEDS}; name fewer")
    files, filed = {}, []
    for record, values in zip(records, figures_of(records, protocol), strict=True):
        key = key_of(record.identity)
        data = encode_outputs(record.outputs, protocol.task.kind)
        header = record.header | {"outputs_sha256": hashlib.sha256(data).hexdigest()}
        files[f"records/{key}.parquet"] = data
        files[f"records/{key}.json"] = plain_json(header)
        claimed = {k: None if math.isnan(v) else v for k, v in values.items()}
        filed.append({"key": key, "figures": claimed})
    manifest = {
        "schema": SCHEMA,
        "mirbench": __version__,
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "records": filed,
    }
    return pack(files | {"bundle.json": plain_json(manifest)})


def plain_json(value: object) -> bytes:
    """JSON as records have it: sorted, indented, a line at the end."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode()


def _check_method(what: str, record: Record, protocol: Protocol) -> None:
    """The contract tests, of a method that can be loaded; answers made elsewhere have none."""
    method = None
    # a file of methods is loaded where the user names it, never where a record does
    for spec in (what, *(record.spec for _ in current_code([record]))):
        with suppress(MirbenchError):
            method = method or load_method(spec)
    if method is None or record.identity["family"] == "external":
        return
    checks = check_method(method.reference, protocol.task)
    if not all(check.passed for check in checks):
        failed = report([check for check in checks if not check.passed])
        raise MethodError(f"{method.spec}: fails its contract; mend it, then submit:\n{failed}")

"""What the commands on trust do."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from mirbench.commands.common import write
from mirbench.errors import RecordError
from mirbench.home import home


def verify(options: Namespace) -> int:
    """Check records, a corpus or a frozen archive; 1 if anything is wrong."""
    from mirbench.commands import corpora
    from mirbench.trust.find import COMMITTED
    from mirbench.trust.snapshot import verify_snapshot
    from mirbench.trust.verify import verify as verify_records

    if options.snapshot and corpora.is_corpus(options.snapshot):
        return corpora.verify(options.snapshot)
    if options.snapshot:
        corpora.frozen_archive(options.snapshot)
        found = verify_snapshot(Path(options.snapshot).expanduser())
        print(
            f"{options.snapshot}: version {found.get('version')}, {len(found['files'])} files as "
            f"frozen, every record and figure checked; content sha256 {found['content_sha256']}"
        )
        return 0
    usual = COMMITTED if COMMITTED.is_dir() else home() / "records"
    report = verify_records(_root(options) or usual, options.boards)
    for fault in report.faults:
        print(f"mirbench: {fault}", file=sys.stderr)
    print("\n".join([*report.notes, report.summary]))
    return 1 if report.faults else 0


def reproduce(options: Namespace) -> int:
    """Run records again; 1 if one comes out different."""
    from mirbench.trust.find import find_records
    from mirbench.trust.reproduce import reproduce as run_again
    from mirbench.trust.status import enter

    different = False
    for record in find_records(options.what, options.protocol, _root(options)):
        outcome = run_again(
            record,
            method=options.method,
            n_jobs=max(1, options.jobs),
            share_features=not options.fresh_features,
            progress=True,
        )
        print(outcome)
        different |= outcome.verdict == "different"
        if options.ledger:
            enter(outcome.entry(), outcome.key, Path(options.ledger))
    return 1 if different else 0


def cite(options: Namespace) -> int:
    """Print what a row, a board or a method rests on."""
    from mirbench.trust.cite import cite as citation

    text = citation(options.what, options.protocol, _root(options)).render(options.format)
    write(text, options.output)
    return 0


def submit(options: Namespace) -> int:
    """Bundle a method's records, after its contract tests."""
    from mirbench.trust.submit import submit as bundle

    records = bundle(options.what, options.output, options.protocol, _root(options))
    who = records[0].identity
    print(f"{options.output}: {who['spec']} under {who['protocol']}, {len(records)} record(s)")
    print("of " + ", ".join(sorted({str(r.path.parent) for r in records if r.path})))
    print(f"try it as its receiver will: mirbench accept {options.output}")
    return 0


def accept(options: Namespace) -> int:
    """Check a stranger's bundle, and add its records where a root is named."""
    from mirbench.trust.accept import accept as check

    found = check(options.bundle, options.into)
    print(found)
    print(f"added to {options.into}, as external" if options.into else "sound; nothing was written")
    return 0


def freeze(options: Namespace) -> int:
    """All boards as one archive."""
    from mirbench.trust.find import COMMITTED
    from mirbench.trust.freeze import freeze as archive

    if not options.version or not options.dir:
        raise RecordError("board freeze needs --version VERSION and --dir FOLDER")
    root = _root(options) or COMMITTED
    print(archive(root, options.dir, options.version, options.doi, options.date))
    return 0


def _root(options: Namespace) -> Path | None:
    return Path(options.records).expanduser() if options.records else None

"""Results elsewhere: a page to listen to, tables for other tools."""

from __future__ import annotations

import sys
from argparse import Namespace

from mirbench.commands.common import chosen_protocol, protocols_of, records_root
from mirbench.protocols import load_protocol


def report(options: Namespace) -> int:
    """A page of a method's worst mistakes, with players."""
    from mirbench.mistakes import write_report

    protocol, root = chosen_protocol(options), records_root(options)
    print(write_report(options.method, protocol, options.output, records=root, n=options.n))
    return 0


def export(options: Namespace) -> int:
    """Records as parquet; 1 if a record can't be used."""
    from mirbench.export import to_parquet

    root = records_root(options)
    faults: list[str] = []
    chosen = (
        [load_protocol(options.protocol, root)] if options.protocol else protocols_of(root, faults)
    )
    paths, unfit = to_parquet(root, options.output, chosen)
    print("\n".join(map(str, paths)))
    for fault in [*faults, *unfit]:
        print(f"mirbench: {fault}", file=sys.stderr)
    return 1 if faults or unfit else 0

"""Claims on sequences, from records: ``python -m deep.sequences [RECORDS]``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from deep.sequences.claims import CLAIMS
from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.boards.text import folded, markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records


def without_record(claims: Iterable[Claim], specs: Collection[str]) -> list[str]:
    """The methods of claims, each once, that aren't among those with records."""
    named = (spec for claim in claims for spec in (claim.better, claim.worse))
    return list(dict.fromkeys(spec for spec in named if spec and spec not in specs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each protocol's board and claims."""
    parser = argparse.ArgumentParser(prog="python -m deep.sequences", description=__doc__)
    parser.add_argument("records", nargs="?", default="leaderboards/records", type=Path)
    options = parser.parse_args(arguments)
    for name, claims in CLAIMS.items():
        protocol = load_protocol(name)
        judge = Judge(load_records(options.records, protocol=protocol.name), protocol)
        print(f"\n{name}\n")
        if judge.methods:
            print(markdown_table(folded(board(judge, protocol))))
            print()
        print(markdown_table(claims_table(judge, claims)))
        if missing := without_record(claims, judge.methods):
            print(
                f"\nRecords are made by `mirbench run {' '.join(missing)} --protocol {name} "
                f"--records {options.records}`."
            )


if __name__ == "__main__":
    main()

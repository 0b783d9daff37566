"""Measure what no board shows, and judge it: ``python -m deep.criteria``.

Reconstruction, activity, slopes (``codes``), bits a sample (``waveforms``, ``told``), drawn patches (``drawn``), answers of
semi-supervised nets (``answers``), what pictures taught (``transfer``), where attention looks (``alignment``): five sets of
embedded sound each, about an hour of one core in all. A set that is measured is kept, so that a run goes on where it stopped; what
is being done goes to standard error. ``--steps 5`` shows on one set that it runs, and keeps nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deep.criteria.judged import judged
from deep.criteria.measured import MEASURES, measure, measure_missing, protocol_of
from mirbench.boards.cells import p_value
from mirbench.boards.text import markdown_table
from mirbench.cli import status_of
from mirbench.running.items import protocol_items

FEWEST = 3
"""Steps: the noisy student's rounds have one each."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m deep.criteria",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"of {', '.join(MEASURES)}; all if none"
    )
    parser.add_argument(
        "--folder", default="leaderboards/criteria", type=Path, help="where tables are kept"
    )
    parser.add_argument("--steps", type=int, help="of every optimiser, instead of each model's own")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.measures if name not in MEASURES]:
        parser.error(f"no measure {unknown[0]!r}; choose from {', '.join(MEASURES)}")
    if asked.steps is not None and asked.steps < FEWEST:
        parser.error(f"--steps {asked.steps}: give {FEWEST} or more")
    names = asked.measures or list(MEASURES)
    return status_of(lambda: _measured(names, asked.folder, asked.steps))


def _measured(names: Sequence[str], folder: Path, steps: int | None) -> int:
    for name in names:
        if steps is not None:
            print(f"{name}: the first set (rendered on first use)", file=sys.stderr, flush=True)
            table = measure(name, protocol_items(protocol_of(name)), 0, steps)
            print(markdown_table(table[["set", "quantity", "value"]]))
            continue
        for place in measure_missing(name, folder):
            print(f"{name}: {place}", file=sys.stderr, flush=True)
    if steps is None:
        table = judged(folder)
        print(markdown_table(table.assign(p=table["p"].map(p_value))), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Our protocols of sequences; frozen like all others, see `mirbench.protocols.ours`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mirbench.frames import Grid
from mirbench.protocols.headlines import headline
from mirbench.protocols.parts import items_of_parts, leave_a_part_out
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

BUDGET = "one CPU core a cell; nets: one size, one number of steps, a minute and a half a fit"
SCORED = (
    "One answer a line: its notes by name, in order, repeated ones as often as they are played. Token "
    "error: edits over the truth's notes; short lines have up to 6, long ones 12 or more."
)


def sequence_mini() -> Protocol:
    """One small corpus of tunes: 3 folds by player, a first run and no result."""
    items = items_of_parts("embedded-tunes", load_task("note-line"), "0")
    cells = fold_cells(items, 3, load_task("note-line"))
    return _sequences("sequence/mini", items, cells, "96 lines, 3 folds by player.")


def sequence_embedded() -> Protocol:
    """Five embedded corpora of tunes, each a corpus seed: each is tested, the others train."""
    items = items_of_parts("embedded-tunes", load_task("note-line"))
    cells = leave_a_part_out(items, "tunes")
    words = (
        "Five corpora of one generator, no player in two of them, frozen before any method had been "
        "tried on it. Each is tested by what the other four train: folds by player."
    )
    return _sequences("sequence/embedded", items, cells, words)


def _sequences(name: str, items: pd.DataFrame, cells: Sequence[Cell], words: str) -> Protocol:
    task = load_task("note-line")
    return Protocol(
        name,
        "1",
        task,
        Grid(scored_from_s=0.0),
        items.drop(columns="part").reset_index(drop=True),
        tuple(cells),
        budget=BUDGET,
        headline=headline(task),
        evidence="embedded",
        description=f"{words} {SCORED}",
    )


OUR_SEQUENCES = {"sequence/mini": sequence_mini, "sequence/embedded": sequence_embedded}

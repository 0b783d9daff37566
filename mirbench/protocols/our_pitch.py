"""Our protocols of pitch; frozen like all others, see `mirbench.protocols.ours`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mirbench.frames import Grid
from mirbench.pitch import HOP_S
from mirbench.protocols.headlines import headline
from mirbench.protocols.parts import items_of_parts, leave_a_part_out
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

BUDGET = "one CPU core a cell; nets: about two minutes a fit"
SCORED = (
    "One answer each 10 ms: frequency and voicing (voiced from 0.5 on). RPA: voiced frames less than 50 "
    "cents off, found voiced or not."
)


def pitch_mini() -> Protocol:
    """One small corpus of lines: 3 folds by player, a first run and no result."""
    items = items_of_parts("embedded-lines", load_task("pitch"), "0")
    cells = fold_cells(items, 3, load_task("pitch"))
    return pitch_protocol("pitch/mini", items, cells, "embedded", "24 lines, 3 folds by player.")


def pitch_embedded() -> Protocol:
    """Five embedded corpora of lines, each a corpus seed: each is tested, the others train."""
    items = items_of_parts("embedded-lines", load_task("pitch"))
    cells = leave_a_part_out(items, "lines")
    words = (
        "Five corpora of one generator, no player in two of them, frozen before any method had been "
        "tried on it. Each is tested by what the other four train: folds by player."
    )
    return pitch_protocol("pitch/embedded", items, cells, "embedded", words)


def pitch_protocol(
    name: str,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    evidence: str,
    words: str,
    *,
    seeds: Sequence[int] = (0,),
) -> Protocol:
    """Protocol of pitch over these cells, on the grid of 10 ms."""
    task = load_task("pitch")
    return Protocol(
        name,
        "1",
        task,
        Grid(HOP_S, scored_from_s=0.0),
        items.drop(columns="part", errors="ignore").reset_index(drop=True),
        tuple(cells),
        tuple(seeds),
        BUDGET,
        headline(task),
        evidence,
        f"{words} {SCORED}",
    )


OUR_PITCH = {"pitch/mini": pitch_mini, "pitch/embedded": pitch_embedded}

"""Few labels, episodes and metrics on five sets of embedded notes, each a seed of the generator.

Claims of how methods learn are judged here: a method is fitted anew in each set, so that an interval over
sets (`mirbench.boards.claims.over_cells`) holds what another draw of instruments, labels and weights would
have changed. A board's intervals are over groups of the sets at hand, and don't.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.protocols.episodes import class_splits, episode_cell, episodes_protocol
from mirbench.protocols.few_labels import few_label_cell, few_labels
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.metric import ranking_cell, ranking_protocol
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import load_task

TESTED = "hall"
"""Database of a set that few labels are tested on; the two others train."""
WAYS = 4
EPISODES = 40
SEEDS = (0,)
SETS = (
    " Five sets, each with instruments of its own builds, frozen before any method was fitted to them; a "
    "set is a division, a draw and a fit of its own."
)


def few() -> Protocol:
    """Embedded notes, five sets: two databases of a set train, the third is tested."""

    def cell(number: str, items: pd.DataFrame) -> Cell:
        tested = items["database"] == TESTED
        train, test = items[~tested], items[tested]
        return few_label_cell(f"set {number}", train, test, draws=1, seed=int(number))

    items, cells = _over_sets(cell)
    return few_labels(
        "few-labels/embedded",
        load_task("instruments"),
        cells,
        items,
        "embedded",
        f"Two rooms of a set train, a third is tested.{SETS}",
        drawn="one draw a set",
        seeds=SEEDS,
    )


def shots() -> Protocol:
    """Embedded notes, five sets: 5 classes are fitted, 4 others come in episodes."""

    def cell(number: str, items: pd.DataFrame) -> Cell:
        return episode_cell(
            f"set {number}",
            items,
            _novel(number, items),
            episodes=EPISODES,
            seed=int(number),
            by="database",
        )

    items, cells = _over_sets(cell)
    return episodes_protocol(
        "few-shot/embedded",
        items,
        cells,
        ways=WAYS,
        splits=len(cells),
        episodes=EPISODES,
        evidence="embedded",
        seeds=SEEDS,
        more=SETS,
    )


def metric() -> Protocol:
    """Embedded notes, five sets: a metric of 5 classes ranks notes of 4 others."""

    def cell(number: str, items: pd.DataFrame) -> Cell:
        return ranking_cell(f"set {number}", items, _novel(number, items))

    items, cells = _over_sets(cell)
    return ranking_protocol(
        "metric/embedded", items, cells, ways=WAYS, evidence="embedded", seeds=SEEDS, more=SETS
    )


NOTE_SETS = {"few-labels/embedded": few, "few-shot/embedded": shots, "metric/embedded": metric}


def _over_sets(
    cell: Callable[[str, pd.DataFrame], Cell],
) -> tuple[pd.DataFrame, list[Cell]]:
    """All items, and ``cell(number, items)`` of each set, whose items know their database."""
    loaded = load_corpus("embedded-notes")
    items = protocol_items(loaded, load_task("instruments"))
    known = loaded.items.set_index("id").loc[items["id"]]
    items = items.assign(database=known["database"].to_numpy(dtype=str))
    sets = items.groupby(known["catalogue"].astype(str).to_numpy())
    cells = [cell(str(number), part.reset_index(drop=True)) for number, part in sets]
    return items.drop(columns="database"), cells


def _novel(number: str, items: pd.DataFrame) -> tuple[str, ...]:
    """The classes of a set that aren't fitted."""
    [novel] = class_splits(items["label"].tolist(), WAYS, 1, int(number))
    return novel

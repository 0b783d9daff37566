"""Few labels on published corpora of thousands of notes: shares of the labels, on their published splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial as bound

from mirbench.protocols.few_labels import BUDGET, DRAWN, HOW, SEEDS, few_label_cell
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.published_instruments import medley_solos, nsynth_families

SHARES = (0.01, 0.1)
"""Of each class's labels, as papers print them; all of them come last."""
WORDS = "Here n is the mean number of labels a class: 1 % and 10 % of each class's, and all. {how} {split}"


def shares_of(split: Callable[..., Protocol], name: str, *, partial: bool = False) -> Protocol:
    """The one cell of a published split, with few labels.

    Raises
    ------
    DataError
        As of the split's maker.
    """
    made = split(partial=partial)
    [cell] = made.cells
    [tested] = cell.tests.values()
    train, test = (made.items[made.items["id"].isin(ids)] for ids in (cell.train, tested))
    few = few_label_cell(cell.name, train, test, shares=SHARES)
    return replace(
        made,
        name=f"{name}-partial" if partial else name,
        cells=(few,),
        seeds=SEEDS,
        budget=BUDGET,
        description=WORDS.format(how=HOW.format(drawn=DRAWN), split=made.description),
    )


MAKERS: dict[str, Callable[..., Protocol]] = {
    name: bound(shares_of, split, name)
    for name, split in (
        ("few-labels/nsynth", nsynth_families),
        ("few-labels/medley-solos-db", medley_solos),
    )
}
"""Makers by name of their protocol; each takes ``partial``."""

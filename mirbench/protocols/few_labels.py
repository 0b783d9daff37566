"""Protocols of few labels: all training items are heard, of a few a class the label is shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.errors import ProtocolError
from mirbench.protocols.budgets import PUBLISHED_ROWS
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.makers import protocol_over
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import Task, load_task

PER_CLASS = (1, 2, 5, 10)
DRAWS = 5
SEEDS = tuple(range(DRAWS))
"""A seed takes the draw of its number, so that intervals hold the luck of both."""
CLIPS = ("librispeech-ccmusic", "gcompris-ccmusic")
BUDGET = "one CPU core a cell; a deep method says its epochs in its card"
DRAWN = f"{DRAWS} draws, one a seed"
HOW = (
    "All training items are heard, of n a class the label is shown; {drawn}, the smaller "
    "within the larger. An encoder is fitted without labels and probed: logistic regression on its "
    "standardised embeddings, C of three values by three folds over the labelled items (1 where a class "
    "has under three). Others are fitted on the labelled items, or on all where they learn from "
    "unlabelled ones too. The last column shows all labels."
)


def few_label_cell(
    name: str,
    train: pd.DataFrame,
    test: pd.DataFrame,
    *,
    per_class: Sequence[int] = PER_CLASS,
    shares: Sequence[float] = (),
    draws: int = DRAWS,
    seed: int = 0,
) -> Cell:
    """A cell with a test set for each number of labels a class, the last with all labels.

    Parameters
    ----------
    name : str
        Of the cell and of what is tested.
    train, test : DataFrame
        A protocol's items, with ``id`` and ``label``; items of a class that isn't trained on are no
        test items.
    per_class : sequence of int
        Labels a class, from few to many; all are drawn from one order a draw, so that fewer labels are
        part of more. The last test set is named by the mean number of items a class.
    shares : sequence of float
        In place of ``per_class``: the shares of each class's items whose label is shown (one at the
        least), for corpora of thousands. A test set is named by its mean number a class, too, and shares
        that come to one number are one.
    draws : int
    seed : int

    Raises
    ------
    ProtocolError
        One training class, a class of fewer items than labels asked for, as many labels as there are items on average, a
        share outside 0 to 1, or no test item.
    """
    counts = train["label"].value_counts()
    if len(counts) < 2:
        raise ProtocolError(
            f"{name}: the training items are of {len(counts)} classes; give items of two or more"
        )
    if not all(0 < share < 1 for share in shares):
        raise ProtocolError(
            f"{name}: shares of labels are {tuple(shares)}; give numbers between 0 and 1"
        )
    if not shares and counts.min() < max(per_class):
        raise ProtocolError(
            f"{name}: class {counts.idxmin()} has {counts.min()} training items, {max(per_class)} labels "
            "a class are asked for; ask for fewer or leave the class out"
        )
    test = test[test["label"].isin(counts.index)]
    if test.empty:
        raise ProtocolError(f"{name}: no test item is of a class that is trained on")
    every = tuple(train["id"])
    orders = [_order(train, np.random.default_rng([seed, draw])) for draw in range(draws)]
    sizes: list[dict[str, int]] = [dict.fromkeys(counts.index, n) for n in sorted(per_class)]
    if shares:
        sizes = [{str(c): max(1, round(s * n)) for c, n in counts.items()} for s in sorted(shares)]
    labelled = {
        f"n={round(np.mean(list(size.values())))}": tuple(
            tuple(i for label, ids in order.items() for i in ids[: size[label]]) for order in orders
        )
        for size in sizes
    }
    whole = f"n={round(counts.mean())}"
    if whole in labelled and not shares:
        raise ProtocolError(
            f"{name}: {whole[2:]} labels a class are all that there are on average; ask for fewer"
        )
    labelled[whole] = (every,)
    return Cell(name, name, every, dict.fromkeys(labelled, tuple(test["id"])), labelled)


def few_labels(
    name: str,
    task: Task,
    cells: Sequence[Cell],
    items: pd.DataFrame,
    evidence: str,
    said: str,
    *,
    drawn: str = DRAWN,
    seeds: Sequence[int] = SEEDS,
) -> Protocol:
    """Protocol of such cells; ``items`` may hold more than the cells use."""
    return protocol_over(
        name,
        task,
        items,
        cells,
        seeds=seeds,
        budget=BUDGET,
        evidence=evidence,
        words=f"{HOW.format(drawn=drawn)} {said}",
    )


def instruments() -> Protocol:
    """Real notes: four sample libraries train, two databases of other players are tested."""
    return _instruments(
        "few-labels/instruments",
        ("fluidr3", "generaluser", "sgm", "freepats"),
        ("iowa", "sfzcommunity"),
        "real",
        "Four sample libraries train, two databases recorded note by note are tested; groups are "
        "blocks of neighbouring pitches.",
    )


def speech_music() -> Protocol:
    """Real clips: each of the two corpora trains and the other is tested."""
    task = load_task("speech-music-clip")
    a, b = (protocol_items(load_corpus(name), task) for name in CLIPS)
    cells = [few_label_cell(CLIPS[1], a, b), few_label_cell(CLIPS[0], b, a)]
    every = pd.concat([a, b], ignore_index=True)
    said = "Each corpus is tested by what the other trains."
    return few_labels("few-labels/speech-music", task, cells, every, "real", said)


def mini() -> Protocol:
    """Embedded notes: two corpora train, the third is tested; a first run and no result."""
    return _instruments(
        "few-labels/mini", ("embedded-booth", "embedded-attic"), ("embedded-hall",), "embedded", ""
    )


FEW_LABELS = {
    "few-labels/instruments": instruments,
    "few-labels/speech-music": speech_music,
    "few-labels/mini": mini,
    **PUBLISHED_ROWS,
}


def _instruments(
    name: str, train: Sequence[str], test: Sequence[str], evidence: str, said: str
) -> Protocol:
    task = load_task("instruments")
    pool, tested = (
        pd.concat([protocol_items(load_corpus(c), task) for c in part], ignore_index=True)
        for part in (train, test)
    )
    enough = pool["label"].map(pool["label"].value_counts()) >= max(PER_CLASS)
    pool = pool[enough & pool["label"].isin(tested["label"])]
    cell = few_label_cell("other recordings", pool, tested)
    return few_labels(name, task, [cell], pd.concat([pool, tested]), evidence, said)


def _order(train: pd.DataFrame, rng: np.random.Generator) -> dict[str, list[str]]:
    """Ids of each class in a random order."""
    return {
        str(label): rng.permutation(part["id"].to_numpy(dtype=str)).tolist()
        for label, part in train.groupby("label")
    }

"""Makers of ranking protocols: every track of a test set is a query, the others its candidates."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mirbench.errors import ProtocolError
from mirbench.frames import Grid
from mirbench.oracle import TOP, head, oracle_similarity, ranked_lists
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import with_labels
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import Task

COLLECTION = (
    "One collection: every track is a query and all others are its candidates. A method is given the "
    "tracks without labels or artists."
)
HOLD_OUT = (
    "60/20/20 by artist: a method is given the first two parts (for its own validation it holds out a "
    "quarter of the artists), and ranks the third, where each track is a query and the others its "
    "candidates; the oracle is made of the tags of that part alone."
)
CROSSED = "Trained on one collection, ranking within another."


def ranking_protocol(
    name: str,
    task: Task,
    train: Sequence[pd.DataFrame],
    test: Sequence[pd.DataFrame] = (),
    *,
    evidence: str,
    seeds: Sequence[int] = (),
    seed: int = 0,
    budget: str = "",
    description: str = "",
) -> Protocol:
    """Protocol of a ranking task.

    Without ``test`` each of ``train`` is a cell of its own: one unlabelled collection, or for a task
    with an oracle a hold-out of a fifth of the artists. With ``test`` each of ``train`` is trained on
    and ranks within each of ``test``.

    Parameters
    ----------
    name : str
    task : Task
        Its labels are completed by those of the items.
    train, test : sequence of DataFrame
        Items, see `protocol_items`.
    evidence : str
    seeds : sequence of int
        Of methods that have a ``random_state``; ``(seed,)`` by default.
    seed : int
        Of the hold-out.
    budget, description : str
        ``description`` precedes what is said of the cells.

    Raises
    ------
    ProtocolError
        A test set holds nothing relevant to any query, or too few artists to hold some out.
    """
    tables = {table["corpus"].iloc[0]: table for table in (*train, *test)}
    items = pd.concat(list(tables.values()), ignore_index=True)
    full = with_labels(task, items)
    cells = []
    for table in train:
        source = table["corpus"].iloc[0]
        ids = tuple(table["id"])
        others = {t["corpus"].iloc[0]: tuple(t["id"]) for t in test}
        if test:
            cells.append(Cell(source, source, ids, others))
        elif task.oracle:
            cells += hold_out(table, seed)
        else:
            cells.append(Cell(source, source, ids, {source: ids}))
    for cell in cells:
        for where, ids in cell.tests.items():
            tested = tables[where].set_index("id").loc[list(ids)]
            if task.oracle:
                _check_oracle(tested, where, task.oracle)
            elif tested["label"].nunique() == len(ids):
                raise ProtocolError(
                    f"{where}: no two tracks have one {task.column}: nothing is relevant to any "
                    f"query; fill in the column {task.column!r} or add tracks"
                )
    said = CROSSED if test else HOLD_OUT if task.oracle else COLLECTION
    return Protocol(
        name,
        "1",
        full,
        Grid(),
        items,
        tuple(cells),
        tuple(seeds) or (seed,),
        budget,
        headline(task),
        evidence,
        f"{description} {said}".strip(),
    )


def _check_oracle(tested: pd.DataFrame, where: str, oracle: str) -> None:
    """ProtocolError where the oracle says nothing of a test set, or any list would be right."""
    tags = [set(json.loads(label)) for label in tested["label"]]
    every = sorted(set().union(*tags))
    similarity = oracle_similarity(np.array([[t in own for t in every] for own in tags]), oracle)
    lists = ranked_lists(similarity, tested["group"].to_numpy(dtype=str))
    longest = max(map(len, lists))
    if longest <= TOP:
        raise ProtocolError(
            f"{where}: {len(tested)} tracks are ranked, at most {longest} of other artists than a "
            f"query's; more than {TOP} are needed: add recordings"
        )
    if not any(len(head(row, ranked)) for row, ranked in zip(similarity, lists)):
        raise ProtocolError(
            f"{where}: no two artists' tracks share a tag that others lack: the oracle can't rank "
            "them; give tracks more tags in the column 'tags'"
        )


def hold_out(items: pd.DataFrame, seed: int = 0, share: float = 0.2) -> list[Cell]:
    """One cell: a share of the groups is ranked, the others are trained on.

    Raises
    ------
    ProtocolError
        Under five groups.
    """
    name = items["corpus"].iloc[0]
    groups = sorted(items["group"].unique())
    if len(groups) < 5:
        raise ProtocolError(
            f"{name}: {len(groups)} artists; a fifth of them is held out, so at least 5 are needed: "
            "add recordings, or fill in the column 'artist'"
        )
    order = np.random.default_rng(seed).permutation(groups)
    held = set(order[: max(1, round(share * len(groups)))])
    inside = items["group"].isin(held)
    return [Cell(name, name, tuple(items["id"][~inside]), {name: tuple(items["id"][inside])})]

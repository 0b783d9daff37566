"""Protocols of few-shot episodes: classes never trained on, of which a few notes are shown.

Base classes are fitted once, with labels. An episode is a test set: its support items are shown with
their labels, and its queries are answered among the classes of the support alone (Vinyals et al. 2016).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.errors import ProtocolError
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.makers import protocol_over
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import load_task

SHOTS = (1, 5)
WAYS = 5
SPLITS = 3
EPISODES = 100
QUERIES = 3
"""Of a class in an episode."""
SEEDS = (0, 1, 2)
DATABASES = ("iowa", "sfzcommunity", "fluidr3", "generaluser", "sgm", "freepats")
EMBEDDED = ("embedded-hall", "embedded-booth", "embedded-attic")
BUDGET = "one CPU core a cell; a deep method says its steps in its card"
TESTED = "unseen classes"
DRAWS = 1000
"""Divisions of the databases that are tried before a class counts as too rare."""
HOW = (
    "Classes are divided into those fitted, with labels, and those of the episodes, {ways} of {of}, in "
    "{splits} fixed ways. An episode shows n notes a class and asks for {queries} a class among its classes; "
    "{episodes} episodes a split and n, the smaller n within the larger with the same queries. In each "
    "episode the databases are divided at random: the support comes from one part, the queries from the "
    "other. A method that can adapts to the support; of one that only transforms the nearest mean of the "
    "support's rows answers; others are fitted on the support alone. The first column is the largest n. "
    "Intervals are over groups of the notes asked for, pooled over episodes: episodes share notes and are "
    "never resampled. They say nothing of other classes: {splits} divisions can't tell how a method fares "
    "with the next {ways} instruments."
)


def class_splits(labels: Sequence[str], ways: int, n: int, seed: int = 0) -> list[tuple[str, ...]]:
    """``n`` sets of ``ways`` classes that share none, at random.

    Raises
    ------
    ProtocolError
        Fewer classes than the sets need, or fewer than two left to train on.
    """
    names = sorted(set(labels))
    if len(names) < max(n * ways, ways + 2):
        raise ProtocolError(
            f"{n} sets of {ways} classes, with two or more to train on, need more than the {len(names)} "
            "there are; ask for fewer sets or ways"
        )
    order = np.random.default_rng(seed).permutation(names).tolist()
    return [tuple(sorted(order[i * ways : (i + 1) * ways])) for i in range(n)]


def episode_cell(
    name: str,
    items: pd.DataFrame,
    novel: Sequence[str],
    *,
    shots: Sequence[int] = SHOTS,
    queries: int = QUERIES,
    episodes: int = EPISODES,
    seed: int | Sequence[int] = 0,
    by: str = "corpus",
) -> Cell:
    """A cell that trains on all other classes and tests by episodes of the novel ones.

    Parameters
    ----------
    name : str
    items : DataFrame
        A protocol's items.
    novel : sequence of str
        Classes of every episode.
    shots : sequence of int
        Support items a class; fewer are part of more.
    queries : int
        Of a class in an episode.
    episodes : int
        Of each number of shots.
    seed : int or sequence of int
    by : str
        Column of the databases.

    Raises
    ------
    ProtocolError
        Fewer than two novel classes, or a number of shots under 1; no division of the databases leaves
        each class enough notes on both sides.
    """
    if len(set(novel)) < 2 or min(shots, default=0) < 1:
        raise ProtocolError(
            f"{name}: {len(set(novel))} novel classes, shots {tuple(shots)}; an episode shows two classes or "
            "more, one item or more of each"
        )
    inside = items["label"].isin(novel)
    if sorted(set(items["label"][inside])) != sorted(novel):
        lost = sorted(set(novel) - set(items["label"]))
        raise ProtocolError(f"{name}: no item is of class {lost[0]}; name classes that are there")
    pool = items[inside]
    rng = np.random.default_rng(seed)
    drawn = [
        _episode(name, pool.assign(database=pool[by]), max(shots), queries, rng)
        for _ in range(episodes)
    ]
    tests, support = {}, {}
    for n in sorted(shots):
        for i, (shown, asked) in enumerate(drawn):
            test = f"n={n}/{i:0{len(str(episodes - 1))}d}"
            tests[test] = tuple(x for own in asked for x in own)
            support[test] = tuple(x for own in shown for x in own[:n])
    return Cell(name, TESTED, tuple(items["id"][~inside]), tests, {}, support)


def instruments() -> Protocol:
    """Real notes: 12 classes are fitted, 5 others come in episodes, in three ways."""
    return _instruments("few-shot/instruments", DATABASES, WAYS, SPLITS, EPISODES, "real")


def mini() -> Protocol:
    """Embedded notes, 4 ways and few episodes: a first run and no result."""
    return _instruments("few-shot/mini", EMBEDDED, 4, 2, 10, "embedded")


EPISODIC = {"few-shot/instruments": instruments, "few-shot/mini": mini}


def note_table(names: Sequence[str]) -> pd.DataFrame:
    """Items of all databases, of the classes that two or more of them hold."""
    task = load_task("instruments")
    items = pd.concat([protocol_items(load_corpus(n), task) for n in names], ignore_index=True)
    held = items.groupby("label")["corpus"].nunique()
    return items[items["label"].map(held) > 1].reset_index(drop=True)


def episodes_protocol(
    name: str,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    *,
    ways: int,
    splits: int,
    episodes: int,
    evidence: str,
    seeds: Sequence[int] = SEEDS,
    more: str = "",
) -> Protocol:
    """Protocol of such cells, ``splits`` divisions of the classes; ``more`` ends its words."""
    of = items["label"].nunique()
    words = HOW.format(ways=ways, of=of, splits=splits, queries=QUERIES, episodes=episodes)
    return protocol_over(
        name,
        load_task("instruments"),
        items,
        cells,
        seeds=seeds,
        budget=BUDGET,
        evidence=evidence,
        words=words + more,
    )


def _instruments(
    name: str, databases: Sequence[str], ways: int, splits: int, episodes: int, evidence: str
) -> Protocol:
    items = note_table(databases)
    cells = [
        episode_cell(f"split {i}", items, novel, episodes=episodes, seed=i)
        for i, novel in enumerate(class_splits(items["label"].tolist(), ways, splits))
    ]
    return episodes_protocol(
        name, items, cells, ways=ways, splits=splits, episodes=episodes, evidence=evidence
    )


def _episode(
    name: str, pool: pd.DataFrame, shots: int, queries: int, rng: np.random.Generator
) -> tuple[list[list[str]], list[list[str]]]:
    """Ids of the support and of the queries, class by class."""
    held = pd.crosstab(pool["label"], pool["database"])
    databases = held.columns.to_numpy(dtype=str)
    counts = held.to_numpy()
    for _ in range(DRAWS):
        order = rng.permutation(databases)
        first = order[: rng.integers(1, max(2, len(databases)))]
        inside = np.isin(databases, first)
        enough = (counts[:, inside].sum(axis=1) >= shots) & (
            counts[:, ~inside].sum(axis=1) >= queries
        )
        if enough.all():
            shown = pool["database"].isin(first)
            return list(_drawn(pool[shown], shots, rng)), list(_drawn(pool[~shown], queries, rng))
    raise ProtocolError(
        f"{name}: no division of {', '.join(databases)} gives each class {shots} notes to show and "
        f"{queries} to ask for; leave the rarest class out or ask for fewer"
    )


def _drawn(pool: pd.DataFrame, n: int, rng: np.random.Generator) -> Iterator[list[str]]:
    """``n`` ids of each class."""
    for _, part in pool.groupby("label"):
        yield rng.choice(part["id"].to_numpy(dtype=str), n, replace=False).tolist()

"""Makers of protocols: from items to cells, always by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from mirbench.errors import ProtocolError
from mirbench.frames import Grid
from mirbench.items import content_key
from mirbench.protocols.headlines import headline
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import Task


def protocol_over(
    name: str,
    task: Task,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    *,
    seeds: Sequence[int],
    budget: str,
    evidence: str,
    words: str,
) -> Protocol:
    """Protocol of these cells, version 1, with the task's headline; of ``items`` those that cells use."""
    used = {i for cell in cells for ids in (cell.train, *cell.tests.values()) for i in ids}
    used |= {i for cell in cells for ids in cell.support.values() for i in ids}
    kept = items[items["id"].isin(used)].reset_index(drop=True)
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        kept,
        tuple(cells),
        tuple(seeds),
        budget,
        headline(task),
        evidence,
        words,
    )


def grouped_folds(items: pd.DataFrame, k: int, seed: int = 0) -> list[np.ndarray]:
    """Test positions of ``k`` folds, stratified by label, no group on both sides.

    Raises
    ------
    ProtocolError
        A class has fewer groups than folds.
    """
    groups = items.groupby("label")["group"].nunique()
    if len(groups) < 2 or groups.min() < k:
        counts = ", ".join(f"{label}: {n}" for label, n in groups.items())
        raise ProtocolError(
            f"{items['corpus'].iloc[0]}: {k} folds by group need {k} groups in each of at least two "
            f"classes, found {counts}; lower the number of folds or add recordings"
        )
    folds = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    y, g = items["label"].to_numpy(dtype=str), items["group"].to_numpy(dtype=str)
    return [test for _, test in folds.split(np.zeros((len(items), 1)), y, g)]


def matched(items: pd.DataFrame, size: int, seed: int = 0) -> pd.DataFrame:
    """At most ``size`` items: whole groups are left out, class by class in proportion, at random."""
    surplus = len(items) - size
    if surplus <= 0:
        return items
    order = np.random.default_rng(seed).permutation(sorted(items["group"].unique()))
    excess = (items["label"].value_counts() * surplus / len(items)).round().to_dict()
    drop: list[str] = []
    for group in order:
        counts = items.loc[items["group"] == group, "label"].value_counts().to_dict()
        if all(n <= excess[label] for label, n in counts.items()):
            drop.append(group)
            for label, n in counts.items():
                excess[label] -= n
    return items[~items["group"].isin(drop)]


def per_class(items: pd.DataFrame, most: int, seed: int = 0) -> pd.DataFrame:
    """At most ``most`` items of each class, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(items))
    drawn = items.iloc[order].groupby("label", sort=False).head(most)
    return items.loc[items.index.isin(drawn.index)]


def matrix_cells(
    train: Sequence[pd.DataFrame],
    test: Sequence[pd.DataFrame],
    k: int,
    *,
    seed: int = 0,
    degradations: Sequence[str] = (),
    most: int | None = None,
) -> tuple[pd.DataFrame, list[Cell]]:
    """Train on each of ``train``, test on each of ``test``: the full matrix in one pass.

    Where a corpus is on both sides its figure comes from ``k`` grouped folds (the diagonal). Across
    corpora the training set is cut, by group, to the size of the folds' training sets, so that a
    drop compares equal amounts of training; with ``most``, where corpora differ in their classes,
    every training set is cut to at most that many items a class instead. With ``degradations`` the diagonal is tested on degraded
    copies of the same items too.

    Returns
    -------
    items : DataFrame
        All items used, degraded copies included.
    cells : list of Cell
    """
    names = [t["corpus"].iloc[0] for t in test]
    size = int(min(len(t) for t in train) * (k - 1) / k)

    for table in train:
        if table["label"].nunique() < 2:
            raise ProtocolError(
                f"{table['corpus'].iloc[0]}: all {len(table)} items are labelled "
                f"{table['label'].iloc[0]!r}; training needs two classes or more: add recordings"
            )

    def cut(pool: pd.DataFrame) -> pd.DataFrame:
        return matched(pool, size, seed) if most is None else per_class(pool, most, seed)

    cells: list[Cell] = []
    extra: list[pd.DataFrame] = []
    for table in train:
        source = table["corpus"].iloc[0]
        if source in names:
            for copy_name in degradations:
                extra.append(degraded(table, copy_name))
            for i, fold in enumerate(grouped_folds(table, k, seed)):
                held = set(table["group"].iloc[fold])
                pool = cut(table[~table["group"].isin(held)])
                ids = table["id"].iloc[fold].tolist()
                tests = {source: tuple(ids)}
                for name in degradations:
                    tests[f"{source} + {name} dB"] = tuple(f"{i}@{name}" for i in ids)
                cells.append(Cell(f"{source}/{i}", source, tuple(pool["id"]), tests))
        others = {n: tuple(t["id"]) for n, t in zip(names, test, strict=True) if n != source}
        if others:
            pool = cut(table)
            cells.append(Cell(source, source, tuple(pool["id"]), others))
    tables = {t["corpus"].iloc[0]: t for t in [*train, *test]}
    return pd.concat([*tables.values(), *extra], ignore_index=True), cells


def with_known_labels(
    items: pd.DataFrame, cells: Sequence[Cell]
) -> tuple[list[Cell], dict[tuple[str, str], pd.Series]]:
    """Cells whose tests across corpora hold only labels that their training set holds.

    Returns
    -------
    cells : list of Cell
    left_out : dict of (source, test) to Series
        Labels of the items left out, where there are any.

    Raises
    ------
    ProtocolError
        A training and a test set share fewer than two labels.
    """
    labels = items.set_index("id")["label"]
    kept, left_out = [], {}
    for cell in cells:
        known = set(labels[list(cell.train)])
        tests = dict(cell.tests)
        for test in [name for name in tests if name != cell.source]:
            said = labels[list(tests[test])]
            here = said.isin(known)
            if said[here].nunique() < 2:
                raise ProtocolError(
                    f"trained on {cell.source}, tested on {test}: two classes or more must be in both, "
                    f"but training has {', '.join(sorted(known))}, the test {', '.join(sorted(set(said)))}; "
                    "mend the labels or leave this pair out"
                )
            tests[test] = tuple(said.index[here])
            if not here.all():
                left_out[cell.source, test] = said[~here]
        kept.append(Cell(cell.name, cell.source, cell.train, tests))
    return kept, left_out


def degraded(items: pd.DataFrame, degradation: str) -> pd.DataFrame:
    """Copies of the items under new ids, heard through ``degradation``."""
    copy = items.copy()
    copy["id"] = items["id"] + f"@{degradation}"
    copy["degradation"] = degradation
    copy["key"] = [
        content_key(key, 0.0, d, degradation)
        for key, d in zip(items["key"], items["duration_s"], strict=True)
    ]
    return copy


def excerpts(items: pd.DataFrame, length_s: float) -> pd.DataFrame:
    """Cut items into consecutive excerpts of ``length_s`` seconds; what is left over is dropped."""
    rows = []
    for row in items.to_dict("records"):
        for j in range(int((row["duration_s"] + 1e-6) // length_s)):
            start = j * length_s
            rows.append(
                row
                | {
                    "id": f"{row['id']}#{start:g}",
                    "start_s": start,
                    "duration_s": length_s,
                    "key": content_key(row["key"], start, length_s),
                }
            )
    if not rows:
        raise ProtocolError(f"no item lasts {length_s:g} s; use longer recordings")
    return pd.DataFrame(rows)


def learning_curve_cells(items: pd.DataFrame, sizes: Sequence[int], seed: int = 0) -> list[Cell]:
    """One grouped hold-out (a third of the groups) and nested training sets of growing size."""
    test = items.iloc[grouped_folds(items, 3, seed)[0]]
    pool = items[~items["group"].isin(set(test["group"]))]
    order = np.random.default_rng(seed).permutation(len(pool))
    cells = []
    for size in [*[s for s in sizes if s < len(pool)], len(pool)]:
        train = _balanced(pool.iloc[order], size)
        name = f"n={len(train)}"
        cells.append(Cell(name, name, tuple(train["id"]), {"held out": tuple(test["id"])}))
    return cells


def _balanced(pool: pd.DataFrame, size: int) -> pd.DataFrame:
    """First ``size`` items in the pool's order, classes in the pool's proportion: nested by size."""
    share = size / len(pool)
    return pool[
        pool.groupby("label").cumcount() < pool.groupby("label")["id"].transform("size") * share
    ]


def leave_one_group_out(items: pd.DataFrame, name: str) -> list[Cell]:
    """One cell a group: train on the others, test on it."""
    return [
        Cell(
            f"{name}/{group}",
            name,
            tuple(items.loc[items["group"] != group, "id"]),
            {name: tuple(items.loc[items["group"] == group, "id"])},
        )
        for group in dict.fromkeys(items["group"])
    ]

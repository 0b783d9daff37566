"""Cells over many databases of short items: leave one out, random splits, items cut short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

from mirbench.items import content_key
from mirbench.protocols.protocol import Cell
from mirbench.tasks import REST


def leave_one_corpus_out(
    tables: Sequence[pd.DataFrame], first_s: float | None = None
) -> tuple[pd.DataFrame, list[Cell]]:
    """A cell a corpus: trained on all the others, tested on it.

    Parameters
    ----------
    tables : sequence of DataFrame
        From `protocol_items`, a corpus each.
    first_s : float, optional
        Test on the same items cut to their first ``first_s`` seconds too, by the same fit.

    Returns
    -------
    items : DataFrame
        All items, cut copies included.
    cells : list of Cell
        Items whose label no other corpus holds are left out of the test.
    """
    whole = pd.concat(tables, ignore_index=True)
    extra, cells = [], []
    for table in tables:
        name = table["corpus"].iloc[0]
        others = whole[whole["corpus"] != name]
        known = table[table["label"].isin(set(others["label"]))]
        tests = {name: tuple(known["id"])}
        if first_s is not None:
            cut = beginnings(known, first_s)
            extra.append(cut)
            tests[f"{name} + first {first_s:.1f} s"] = tuple(cut["id"])
        cells.append(Cell(name, REST, tuple(others["id"]), tests))
    return pd.concat([whole, *extra], ignore_index=True), cells


def beginnings(items: pd.DataFrame, first_s: float) -> pd.DataFrame:
    """Copies of the items under new ids, cut to their first ``first_s`` seconds; shorter ones stay."""
    copy = items.copy()
    copy["id"] = items["id"] + f"@{first_s:.1f}s"
    longer = items["duration_s"] > first_s
    copy["duration_s"] = items["duration_s"].where(~longer, first_s)
    copy["key"] = [
        content_key(key, 0.0, first_s) if cut else key for key, cut in zip(items["key"], longer)
    ]
    return copy


def random_cells(items: pd.DataFrame, k: int, seed: int = 0) -> list[Cell]:
    """``k`` stratified folds that ignore groups, to show what ignoring them does."""
    folds = StratifiedKFold(k, shuffle=True, random_state=seed)
    return _cells(items, folds.split(np.zeros((len(items), 1)), items["label"].to_numpy(dtype=str)))


def hold_out_cells(items: pd.DataFrame, repeats: int, test: float, seed: int = 0) -> list[Cell]:
    """Repeated stratified hold-outs of a share ``test`` of the items, groups ignored."""
    draws = StratifiedShuffleSplit(repeats, test_size=test, random_state=seed)
    return _cells(items, draws.split(np.zeros((len(items), 1)), items["label"].to_numpy(dtype=str)))


def _cells(items: pd.DataFrame, splits: Iterable[tuple[np.ndarray, np.ndarray]]) -> list[Cell]:
    name, ids = items["corpus"].iloc[0], items["id"].to_numpy(dtype=object)
    return [
        Cell(f"{name}/{i}", name, tuple(ids[train]), {name: tuple(ids[test])})
        for i, (train, test) in enumerate(splits)
    ]

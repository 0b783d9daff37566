"""Robustness: every metric against kind and strength of degradation, beside the clean items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mirbench.boards.cross import SAME_ITEM, paired_interval
from mirbench.boards.judge import Judge, as_judge
from mirbench.boards.text import folded
from mirbench.degradation_names import parse
from mirbench.records import Record

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol

COLUMNS = (
    ["method", "family", "kind", "degradation", "strength", "value", "lo", "hi"]
    + ["clean", "clean_lo", "clean_hi", "drop", "drop_lo", "drop_hi"]
    + ["n_items", "n_groups", "interval"]
)


def robustness(
    records: Sequence[Record] | Judge, protocol: Protocol, metric: str | None = None
) -> pd.DataFrame:
    """Score of every method on degraded copies, and what they lose against the clean items.

    Each degraded copy is compared with its original in the same cell, so by the same fit. Pooled are
    the blocks that the board pools (within a corpus, where there are such blocks), or all where
    those hold no copies.

    Parameters
    ----------
    records : sequence of Record, or Judge
    protocol : Protocol
    metric : str, optional
        The protocol's first headline metric by default.

    Returns
    -------
    DataFrame
        A row for each degradation and method, best methods first; empty where the protocol has no
        degraded copies. ``method``, ``family``, ``kind`` (``snr``; of a chain ``reverb|snr``),
        ``degradation``, ``strength`` (number; NaN of a chain), ``value``, ``lo``, ``hi``, the same
        of the originals as ``clean``, and of the difference as ``drop`` (paired, by group; positive
        is worse), ``n_items``, ``n_groups``, ``interval`` (how ``value``'s was made). From mild to
        severe within a kind, kinds in the protocol's order. ``attrs`` hold metric and unit.
    """
    judge = as_judge(records, protocol)
    chosen = judge.metric(metric)
    sign = 1 if chosen.greater_is_better else -1
    copies, originals = _pairs(judge)
    names = judge.rows["degradation"].to_numpy(dtype=str)[copies]
    rows = []
    for name in _ordered(names):
        ours, clean = copies[names == name], originals[names == name]
        for spec in judge.ranked(chosen):
            counts = judge.counts(spec, chosen)
            scored = judge.interval(spec, chosen, ours)
            before = judge.interval(spec, chosen, clean)
            lost = paired_interval(
                counts[:, clean], counts[:, ours], judge.grouping(ours), chosen, sign
            )
            steps = parse(name)
            row = {
                "method": spec,
                "family": judge.methods[spec][0].identity["family"],
                "kind": "|".join(step.kind.name for step in steps),
                "degradation": name,
                "strength": steps[0].value if len(steps) == 1 else np.nan,
            }
            for column, found in (("value", scored), ("clean", before), ("drop", lost)):
                start = "" if column == "value" else f"{column}_"
                row |= {column: found.value, f"{start}lo": found.lo, f"{start}hi": found.hi}
            counted = {"n_items": scored.n_items, "n_groups": scored.n_groups}
            rows.append(row | counted | {"interval": scored.method})
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.attrs = judge.about(chosen)
    return table


def by_degradation(swept: pd.DataFrame, column: str = "value") -> pd.DataFrame:
    """``value`` or ``drop`` with its interval as text: a row a degradation, a column a method."""
    order, methods = (list(dict.fromkeys(swept[c])) for c in ("degradation", "method"))
    cells = folded(swept).pivot(index="degradation", columns="method", values=column)
    return cells.loc[order, methods].reset_index().rename_axis(columns=None)


def _pairs(judge: Judge) -> tuple[np.ndarray, np.ndarray]:
    """Positions of degraded rows and of their originals; rows without one are left out."""
    rows = judge.rows
    tests = [test.partition(" + ")[0] for test in rows["test"]]
    same = list(zip(rows["cell"], tests, *(rows[column] for column in SAME_ITEM)))
    is_copy = (rows["degradation"] != "").to_numpy()
    plain = ~is_copy & (rows["test"] == tests).to_numpy()
    where = {same[i]: i for i in np.flatnonzero(plain)}
    found = [(i, where[same[i]]) for i in np.flatnonzero(is_copy) if same[i] in where]
    copies, originals = np.array(found, dtype=np.int64).reshape(-1, 2).T
    pooled = judge.main[originals]
    return (copies[pooled], originals[pooled]) if pooled.any() else (copies, originals)


def _ordered(names: np.ndarray) -> list[str]:
    """Names without repetition: kinds as they come, within a kind from mild to severe.

    Where a value in between changes nothing (level, pitch, length), from low to high.
    """
    order = list(dict.fromkeys(names.tolist()))
    kinds = [tuple(step.kind.name for step in parse(name)) for name in order]

    def place(name: str) -> tuple[int, list[float]]:
        steps = parse(name)
        signs = [-1 if s.kind.neutral is None and s.kind.mild_is_high else 1 for s in steps]
        return (
            kinds.index(tuple(step.kind.name for step in steps)),
            [sign * step.value for sign, step in zip(signs, steps)],
        )

    return sorted(order, key=place)

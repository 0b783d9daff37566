"""Two methods on the same items: difference, interval, test, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mirbench.boards.cross import paired_interval
from mirbench.boards.judge import DIGITS, Judge
from mirbench.boards.labels import parts
from mirbench.errors import RecordError
from mirbench.metrics import Metric
from mirbench.records import Record
from mirbench.stats import MIN_FLIP_GROUPS, Interval, mcnemar_exact, sign_flip_test
from mirbench.tasks import Task

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Protocol


@dataclass(frozen=True)
class Comparison:
    """Method A against method B.

    Attributes
    ----------
    a, b : str
        Specs.
    metric, unit : str
    value_a, value_b : float
    difference : Interval
        ``value_a - value_b``, paired by group.
    p : float
        Of this pair alone, where a board corrects for all its pairs; NaN under 6 groups.
    test : str
        Which test, in words.
    winner : str
        Spec of the better method, empty where the two aren't separable.
    per_class : DataFrame
        ``label``, ``n_items``, ``n_groups``, the values ``a`` and ``b``, and on how many items each
        is better (``a_wins``, ``b_wins``, ``ties``). A row a tag, whose items are its positives, and a
        dimension of values; one row, ``all``, for segments and rankings by tags. ``attrs`` say what a
        row is (``part``: class, tag, dimension, artist, ...) and its decimals (``digits``).
    sentence : str
    """

    a: str
    b: str
    metric: str
    unit: str
    value_a: float
    value_b: float
    difference: Interval
    p: float
    test: str
    winner: str
    per_class: pd.DataFrame
    sentence: str


def compare(
    record_a: Record | Sequence[Record],
    record_b: Record | Sequence[Record],
    protocol: Protocol,
    metric: str | None = None,
    *,
    alpha: float = 0.05,
) -> Comparison:
    """Compare two methods over the rows that the board pools.

    Parameters
    ----------
    record_a, record_b : Record or sequence of Record
        One method each; several records are its seeds.
    protocol : Protocol
    metric : str, optional
        The protocol's first headline metric by default.
    alpha : float
        Level at which the test separates.

    Raises
    ------
    RecordError
        The records aren't of two methods under this protocol.
    """
    first, second = ([r] if isinstance(r, Record) else list(r) for r in (record_a, record_b))
    if not first or not second or first[0].spec == second[0].spec:
        raise RecordError("compare needs records of two methods; name two that were run")
    judge = Judge([*first, *second], protocol)
    chosen = judge.metric(metric)
    a, b = first[0].spec, second[0].spec
    main = judge.counted(a, chosen, judge.main)
    rows = judge.rows[main]
    counts_a, counts_b = (judge.counts(spec, chosen)[:, main] for spec in (a, b))
    difference = paired_interval(counts_a, counts_b, rows, chosen)
    p, test = _test(counts_a, counts_b, rows, chosen)
    value_a, value_b = (float(chosen.value(c.mean(0).sum(0))) for c in (counts_a, counts_b))
    winner = ""
    if p <= alpha and value_a != value_b:
        winner = a if (value_a > value_b) == chosen.greater_is_better else b
    digits = max(2, DIGITS.get(protocol.task.kind, 2))
    per_class = _per_class(judge, a, b, chosen, main)
    per_class.attrs = {"part": part_of(protocol.task), "digits": digits}
    return Comparison(
        a,
        b,
        chosen.name,
        chosen.unit,
        value_a,
        value_b,
        difference,
        p,
        test,
        winner,
        per_class,
        _sentence(a, b, chosen, value_a, value_b, difference, p, test, winner, digits),
    )


def part_of(task: Task) -> str:
    """What one line of a comparison is: a class, a tag, a dimension, or what a ranking goes by."""
    words = {"tags": "tag", "values": "dimension", "ranking": task.column}
    return words.get(task.kind, "class")


def _test(a: np.ndarray, b: np.ndarray, rows: pd.DataFrame, metric: Metric) -> tuple[float, str]:
    groups = rows["group"].to_numpy(dtype=str)
    n = len(set(groups))
    if n < MIN_FLIP_GROUPS:
        return np.nan, f"no test: {n} groups are fewer than {MIN_FLIP_GROUPS}"
    if n == len(groups) and len(a) == len(b) == 1 and metric.name in ("accuracy", "clip error"):
        best = 100.0 if metric.greater_is_better else 0.0
        right_a, right_b = metric.value(a[0]) == best, metric.value(b[0]) == best
        return mcnemar_exact(right_a, right_b, groups.tolist())[0], "exact McNemar test"
    return sign_flip_test(a, b, groups, metric.value), "paired sign-flip test by group"


def _per_class(judge: Judge, a: str, b: str, metric: Metric, main: np.ndarray) -> pd.DataFrame:
    table = []
    for part in parts(judge, metric, main):
        values = [
            float(part.metric.value(judge.counts(spec, part.metric)[:, part.scored].mean(0).sum(0)))
            for spec in (a, b)
        ]
        single = [
            part.gain.value(judge.counts(spec, part.gain)[:, part.items].mean(0)) for spec in (a, b)
        ]
        gain = (single[0] - single[1]) * (1 if part.gain.greater_is_better else -1)
        table.append(
            {
                "label": part.label,
                "n_items": int(part.items.sum()),
                "n_groups": int(judge.rows.loc[part.items, "group"].nunique()),
                "a": values[0],
                "b": values[1],
                "a_wins": int((gain > 1e-9).sum()),
                "b_wins": int((gain < -1e-9).sum()),
                "ties": int((np.abs(gain) <= 1e-9).sum()),
            }
        )
    return pd.DataFrame(table)


def _sentence(
    a: str,
    b: str,
    metric: Metric,
    value_a: float,
    value_b: float,
    difference: Interval,
    p: float,
    test: str,
    winner: str,
    digits: int,
) -> str:
    unit = f" {metric.unit}" if metric.unit else ""
    points = " points" if metric.unit == "%" else ""
    interval = (
        f" [{difference.lo:+.{digits}f}, {difference.hi:+.{digits}f}]"
        if np.isfinite(difference.lo)
        else ""
    )
    measured = (
        f"{metric.name}: {a} {value_a:.{digits}f}{unit}, {b} {value_b:.{digits}f}{unit}, difference "
        f"{round(difference.value, digits) + 0.0:+.{digits}f}{interval}{points} over {difference.n_groups} groups."
    )
    if not np.isfinite(p):
        return f"{measured} Not separable ({test})."
    tested = f"{test}, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"
    if not winner:
        apart = difference.lo > 0 or difference.hi < 0
        why = (
            " Each is better on other groups, so that swapping the two group by group makes such a "
            "difference often."
            if apart
            else ""
        )
        return f"{measured} The two are not separable ({tested}).{why}"
    beside = difference.lo <= 0 <= difference.hi
    more = " The interval, made from few groups, still holds 0." if beside else ""
    return f"{measured} {winner} is better ({tested}).{more}"

"""Methods over several protocols of one kind: their ranks, and whether these differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from mirbench.boards.judge import Judge
from mirbench.errors import RecordError
from mirbench.stats.critical import MIN_BLOCKS, MIN_METHODS

MOST_PROTOCOLS = 16


def across(judges: Sequence[Judge]) -> pd.DataFrame:
    """Scores of the methods that ran under several protocols, fit for `critical_difference`.

    Taken are the protocols and methods, three or more of each, that give the largest table without
    a gap; of tables of one size, the one with most protocols.

    Parameters
    ----------
    judges : sequence of Judge
        Protocols of one kind of task and one evidence, at most 16.

    Returns
    -------
    DataFrame
        A row a protocol, a column a method (its spec): the protocol's first headline metric over
        the rows that its board pools, negative where less is better. ``attrs`` say ``kind``,
        ``evidence``, ``protocol`` (all of them, for pictures), the ``metrics``, and in a ``note``
        which protocols test the same recordings: such blocks aren't independent, so that p-values
        come out too small.

    Raises
    ------
    RecordError
        The judges differ in kind or evidence, are too many, or no three protocols share three methods.
    """
    kinds = {(j.protocol.task.kind, j.protocol.evidence) for j in judges}
    if len(kinds) > 1 or len(judges) > MOST_PROTOCOLS:
        raise RecordError(
            "methods are ranked over protocols of one kind of task and one evidence, at most "
            f"{MOST_PROTOCOLS} of them; got {len(judges)} of {sorted(kinds)}: name fewer"
        )
    chosen, methods = _largest([(j.protocol.name, set(j.methods)) for j in judges])
    if not chosen:
        raise RecordError(
            f"no {MIN_BLOCKS} of the {len(judges)} protocols share {MIN_METHODS} methods; "
            "run the same methods under more protocols, or compare them pair by pair"
        )
    rows, metrics, keys = {}, [], {}
    for judge in judges:
        if judge.protocol.name not in chosen:
            continue
        metric = judge.headline[0]
        sign = 1 if metric.greater_is_better else -1
        rows[judge.protocol.name] = {
            spec: sign
            * float(metric.value(judge.counts(spec, metric)[:, judge.main].mean(0).sum(0)))
            for spec in methods
        }
        metrics.append(metric.name)
        keys[judge.protocol.name] = set(judge.rows.loc[judge.main, "key"])
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("protocol")
    kind, evidence = next(iter(kinds))
    table.attrs = {
        "kind": kind,
        "evidence": evidence,
        "protocol": ", ".join(table.index),
        "metrics": tuple(metrics),
        "note": _note(keys),
    }
    return table


def _note(keys: dict[str, set[str]]) -> str:
    alike = [
        name
        for name, own in keys.items()
        if any(not own.isdisjoint(other) for n, other in keys.items() if n != name)
    ]
    if not alike:
        return ""
    return f"{', '.join(alike)} test some of the same recordings: p-values are too small."


def _largest(ran: Sequence[tuple[str, set[str]]]) -> tuple[set[str], list[str]]:
    best: tuple[int, int, set[str], list[str]] = (0, 0, set(), [])
    for n in range(MIN_BLOCKS, len(ran) + 1):
        for some in combinations(ran, n):
            shared = set.intersection(*(methods for _, methods in some))
            if len(shared) >= MIN_METHODS and (n * len(shared), n) > best[:2]:
                best = (n * len(shared), n, {name for name, _ in some}, sorted(shared))
    return best[2:]

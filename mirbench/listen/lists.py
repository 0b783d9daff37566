"""The first tracks of each method's list for every query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from mirbench.errors import ProtocolError
from mirbench.protocols import Protocol
from mirbench.records import Record

Query = tuple[str, str, str]
"""Cell, test set and id of a query."""

Answers = Sequence[Record] | Mapping[str, pd.DataFrame]
"""Records, or by name of a method a table like :attr:`Record.outputs` of kind ``ranking``."""


def by_name(answers: Answers) -> dict[str, pd.DataFrame]:
    """Outputs by name of the method; of several seeds of one method the lowest."""
    if isinstance(answers, Mapping):
        return dict(answers)
    seeds = sorted(answers, key=lambda record: record.identity["seed"], reverse=True)
    lowest = {record.spec: record.outputs for record in seeds}
    return {record.spec: lowest[record.spec] for record in answers}


def ranked_queries(answers: Mapping[str, pd.DataFrame], protocol: Protocol) -> list[Query]:
    """Queries that every method answered, in the protocol's order."""
    asked = [
        set(zip(table["cell"], table["test"], table["id"], strict=True))
        for table in answers.values()
    ]
    return [
        query
        for cell in protocol.cells
        for test, ids in cell.tests.items()
        for query in ((cell.name, test, i) for i in ids)
        if all(query in each for each in asked)
    ]


def top_lists(
    outputs: pd.DataFrame,
    protocol: Protocol,
    queries: Sequence[Query],
    k: int,
    *,
    other_groups: bool = False,
) -> dict[Query, list[str]]:
    """Ids of the first ``k`` tracks of each query's list, nearest first.

    A recording that is the query's own, or one further up the list, is passed over; of a recording
    that stands twice in the test set the first id is given, so that methods' lists can be merged.

    Parameters
    ----------
    outputs : DataFrame
        ``cell``, ``test``, ``id`` and ``ranked``: (neighbours, distances), the neighbours as positions
        in the test set's ids in the protocol's order.
    protocol : Protocol
    queries : sequence of (cell, test, id)
    k : int
    other_groups : bool
        Pass over tracks of the query's group, its artist: two tracks of one artist tend to sound
        alike, so that a method is liked for recognising artists.

    Raises
    ------
    ProtocolError
        A list ends before ``k``.
    """
    keys = dict(zip(protocol.items["id"], protocol.items["key"], strict=True))
    groups = dict(zip(protocol.items["id"], protocol.items["group"], strict=True))
    tests = {(cell.name, test): ids for cell in protocol.cells for test, ids in cell.tests.items()}
    wanted = set(queries)
    found: dict[Query, list[str]] = {}
    for cell, test, who, (neighbours, _) in zip(
        outputs["cell"], outputs["test"], outputs["id"], outputs["ranked"], strict=True
    ):
        query = (cell, test, who)
        if query not in wanted:
            continue
        ids = tests[cell, test]
        first = {keys[i]: i for i in reversed(ids)}
        heard, chosen = {keys[who]}, []
        for other in _ids(neighbours, ids):
            if keys[other] in heard or (other_groups and groups[other] == groups[who]):
                continue
            heard.add(keys[other])
            chosen.append(first[keys[other]])
            if len(chosen) == k:
                break
        if len(chosen) < k:
            raise ProtocolError(
                f"query {who}: its list has {len(chosen)} other recordings"
                f"{' of other groups' if other_groups else ''}, {k} are asked for; lower k"
            )
        found[query] = chosen
    return found


def draw(queries: Sequence[Query], n: int, protocol: Protocol, seed: int) -> list[Query]:
    """``n`` queries at random: of each group one, then of each a second, and so on.

    Raises
    ------
    ProtocolError
        Fewer queries than ``n``, or ``n`` under 1.
    """
    if not 1 <= n <= len(queries):
        raise ProtocolError(
            f"{n} queries asked for, {protocol.name} has {len(queries)} that every method answered"
        )
    groups = dict(zip(protocol.items["id"], protocol.items["group"], strict=True))
    rng = np.random.default_rng(seed)
    turn: dict[str, int] = {}
    turns = []
    for i in rng.permutation(len(queries)):
        group = groups[queries[i][2]]
        turn[group] = turn.get(group, 0) + 1
        turns.append((turn[group], i))
    return [queries[i] for _, i in sorted(turns, key=lambda pair: pair[0])[:n]]


def _ids(neighbours: np.ndarray, ids: tuple[str, ...]) -> Iterator[str]:
    return (ids[int(position)] for position in neighbours)

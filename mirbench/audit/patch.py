"""A patch from an audit: what to drop, what to join into one group, which labels disagree.

As data (JSON): ``{"schema": 1, "of": [names], "drop": [{"id", "reason"}], "join": [{"ids", "groups",
"reason"}], "conflicts": [{"ids", "labels", "reason"}]}``. It can be read and edited before it is
applied; a protocol without what it drops is another protocol, with a hash of its own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.audit.copies import disagreement, joined, segments
from mirbench.audit.report import Pair, Report
from mirbench.audit.trim import trimmed
from mirbench.errors import DataError, ProtocolError
from mirbench.protocols.protocol import Cell, Protocol

SCHEMA = 1
UNUSABLE = ("missing", "unreadable", "truncated", "silent")
SUFFIX = "-audited"
SHOWN = 3  # joined groups that a name holds
LISTS = {
    "drop": 0,
    "join": 2,
}  # parts that are applied: ids of a row at least; 0: one id, with a reason

Patch = dict[str, Any]


def make_patch(report: Report, items: pd.DataFrame, of: Sequence[str] = ()) -> Patch:
    """What to do about a report, as plain data.

    Items that can't be used are dropped. Of exact copies the first is kept, or none where their labels
    disagree, as nothing tells which is right. Near copies stay, since they may be two recordings after
    all, and their groups are joined where they differ; where their labels disagree a listener has
    to decide. Pairs that are only alike (another take, a shared part) change nothing.

    Parameters
    ----------
    report : Report
    items : DataFrame
        The audited items: ``id``, and ``label`` and ``group`` where there are any.
    of : sequence of str
        Names of what was audited.
    """
    labels: dict[str, str] = {}
    disagree: Callable[[str, str], bool] = lambda a, b: False  # noqa: E731
    if "label" in items and not segments(items):
        known = items[items["label"].notna()]
        labels = dict(zip(known["id"], known["label"].astype(str)))
        disagree = disagreement(items)
    group_of = dict(zip(items["id"], items["group"] if "group" in items else items["id"]))
    drop: dict[str, str] = {}
    for finding in report.findings:
        if finding.check in UNUSABLE:
            drop |= dict.fromkeys(finding.ids, finding.detail)
    conflicts = []
    for ids in joined(pair.ids for pair in report.pairs if pair.exact):
        said = sorted({labels[i] for i in ids if i in labels})
        if any(disagree(a, b) for a, b in combinations(ids, 2)):
            reason = f"the same samples under the labels {', '.join(said)}"
            conflicts.append({"ids": ids, "labels": [labels.get(i) for i in ids], "reason": reason})
            drop |= dict.fromkeys(ids, reason)
        else:
            drop |= {i: f"the same samples as {ids[0]}" for i in ids[1:]}
    near = [
        pair
        for pair in report.pairs
        if not (pair.exact or pair.alike) and not {*pair.ids} & drop.keys()
    ]
    for pair in near:
        if disagree(*pair.ids):
            said = [labels[i] for i in pair.ids]
            conflicts.append({"ids": list(pair.ids), "labels": said, "reason": pair.said})
    pairs_of: dict[str, list[Pair]] = defaultdict(list)
    for pair in near:
        pairs_of[pair.first].append(pair)
    return {
        "schema": SCHEMA,
        "of": list(of),
        "drop": [{"id": i, "reason": reason} for i, reason in drop.items()],
        "join": [
            {"ids": ids, "groups": groups, "reason": _reason(ids, pairs_of)}
            for ids in joined(pair.ids for pair in near)
            if len(groups := sorted({group_of[i] for i in ids})) > 1
        ],
        "conflicts": conflicts,
    }


def _reason(ids: Sequence[str], pairs_of: Mapping[str, Sequence[Pair]]) -> str:
    inside = [pair for i in ids for pair in pairs_of.get(i, ())]
    first = f"{inside[0].first} and {inside[0].second} {inside[0].said}"
    return first + (f"; {len(inside) - 1} more pairs" if len(inside) > 1 else "")


def load_patch(path: str | Path) -> Patch:
    """Read a patch.

    Raises
    ------
    DataError
        It isn't there or isn't a patch.
    """
    mend = "write one with mirbench audit NAME --patch FILE"
    try:
        patch = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: not a patch ({type(error).__name__}: {error}); {mend}") from error
    if not isinstance(patch, dict):
        raise DataError(f"{path}: not a patch (it holds no JSON object); {mend}")
    if patch.get("schema") != SCHEMA:
        raise DataError(
            f"{path}: not a patch of schema {SCHEMA} (it says {patch.get('schema')!r}); {mend}"
        )
    for part, least in LISTS.items():
        rows = patch.get(part)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise DataError(f"{path}: not a patch ({part} must be a list of objects); {mend}")
        for row in rows:
            if fault := _fault(row, least):
                raise DataError(f"{path}: not a patch (a row of {part}: {fault}); {mend}")
    return patch


def _fault(row: Mapping[str, Any], least: int) -> str:
    """What is wrong with a row of a patch, in words; "" if nothing is."""
    if not least:
        if not _name(row.get("id")):
            return "id must be a text"
        return "" if isinstance(row.get("reason"), str) else "reason must be a text"
    ids = row.get("ids")
    if not isinstance(ids, list) or len(ids) < least or not all(map(_name, ids)):
        return f"ids must be a list of {least} texts or more"
    return ""


def _name(value: object) -> bool:
    return isinstance(value, str) and value != ""


def audited(protocol: Protocol, patch: Mapping[str, Any]) -> Protocol:
    """The protocol without what a patch drops, groups of its joined items being one: ``NAME-audited``.

    Ids of the patch are the protocol's own or its corpora's. Where a joined group is tested, its
    other items leave the training side of that cell: test sets lose dropped items only. Cells
    of which a method is shown no group (collections), and those that share groups on purpose, lose
    dropped items only. Draws of few labels and few-shot episodes in which a class is shown no more are
    left out.

    Raises
    ------
    ProtocolError
        The patch names nothing of the protocol, or leaves a training or test set, or all draws, empty.
    """
    items = protocol.items
    dropped = {row["id"] for row in patch["drop"]}
    gone = items["id"].isin(dropped) | items["item"].isin(dropped)
    kept = items[~gone].reset_index(drop=True)
    one_of = _merged(kept, patch)
    if len(kept) == len(items) and not one_of:
        raise ProtocolError(
            f"protocol {protocol.name}: the patch names none of its items, or nothing that it doesn't "
            "keep together already; audit its corpora or itself"
        )
    kept["group"] = [one_of.get(g, g) for g in kept["group"]]
    merged = set(one_of.values())
    joined_group = {i: g for i, g in zip(kept["id"], kept["group"]) if g in merged}
    alive = set(kept["id"])
    cells = tuple(
        trimmed(cell, alive, joined_group, protocol.labels, _apart(protocol, cell), protocol.name)
        for cell in protocol.cells
    )
    lost = sum(len(c.train) for c in protocol.cells) - sum(len(c.train) for c in cells)
    told = (
        f"Audited: {int(gone.sum())} of {len(items)} items dropped ({_reasons(items[gone], patch)}), "
        f"{len(one_of)} groups joined into {len(merged)}, {lost} places in training sets given up."
    )
    return replace(
        protocol,
        name=protocol.name + SUFFIX,
        items=kept,
        cells=cells,
        description=f"{protocol.description} {told}".strip(),
    )


def _merged(items: pd.DataFrame, patch: Mapping[str, Any]) -> dict[str, str]:
    """New name of each group that a patch joins with another."""
    groups: dict[str, set[str]] = defaultdict(set)
    for column in ("id", "item"):
        for name, group in zip(items[column], items["group"]):
            groups[name].add(group)
    links = []
    for row in patch["join"]:
        first, *others = sorted(set().union(*(groups.get(i, set()) for i in row["ids"]))) or [""]
        links += [(first, other) for other in others]
    names: dict[str, str] = {}
    for together in joined(links):
        more = f" + {len(together) - SHOWN} more" if len(together) > SHOWN else ""
        names |= dict.fromkeys(together, " + ".join(together[:SHOWN]) + more)
    return names


def _apart(protocol: Protocol, cell: Cell) -> bool:
    """Whether the two sides of a cell must share no group."""
    return not protocol.is_collection(cell) and cell.source not in protocol.shares


def _reasons(gone: pd.DataFrame, patch: Mapping[str, Any]) -> str:
    said = {row["id"]: row["reason"] for row in patch["drop"]}
    names = [i if i in said else item for i, item in zip(gone["id"], gone["item"])]
    copies = sum("the same samples" in said[i] for i in names)
    parts = [(copies, "copies"), (len(names) - copies, "unusable or by hand")]
    return ", ".join(f"{n} {what}" for n, what in parts if n) or "none"

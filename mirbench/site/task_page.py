"""Page of a task: its protocols, and how much the choice among them changes a method's score."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from mirbench.boards.cells import with_interval
from mirbench.site.draw import dots, key
from mirbench.site.names import address
from mirbench.site.protocol_page import Judged
from mirbench.site.render import render
from mirbench.site.tables import cell, table


def task_page(judged: Sequence[Judged]) -> str:
    """Page of a task, from all of its protocols that have records."""
    first = judged[0]
    return render(
        "task.html",
        root="../",
        name=first.task,
        title=first.title,
        protocols=[protocol_line(p, "../") for p in judged],
        sensitivity=sensitivity(judged),
    )


def protocol_line(p: Judged, root: str) -> dict[str, Any]:
    """A protocol's line in a list: where it is, what it is, who leads."""
    leaders = [row for row in p.rows if re.match(r"1(?!\d)", row["rank"])]
    # where all tie, nobody leads
    told = leaders if 0 < len(leaders) < len(p.rows) else []
    return {
        "name": p.name,
        "href": root + address("protocol", p.name),
        "description": p.description,
        "evidence": p.evidence,
        "n_rows": len(p.rows),
        "n_items": p.n_items,
        "leaders": [
            {"spec": row["spec"], "href": root + address("method", row["method"])}
            for row in told[:3]
        ],
        "more": max(0, len(told) - 3),
        "leading_score": told[0]["scores"][0] if told else "",
        "ranked": any(row["rank"] for row in p.rows),
    }


def sensitivity(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Of each method with one corpus under several protocols: a picture and a table.

    Protocols are compared where their first headline metric is the same.
    """
    views = []
    for metric in dict.fromkeys(p.metric for p in judged):
        same = [p for p in judged if p.metric == metric and len(p.blocks)]
        for method in dict.fromkeys(m for p in same for m in p.blocks["method"]):
            own = [(p.name, p.blocks[p.blocks["method"] == method]) for p in same]
            own = [(name, blocks) for name, blocks in own if len(blocks)]
            if len(own) > 1:
                views.append(_of_method(method, metric, own))
    return views


def _of_method(method: str, metric: str, own: Sequence[tuple[str, pd.DataFrame]]) -> dict[str, Any]:
    names = [name for name, _ in own]
    corpora = list(dict.fromkeys(c for _, blocks in own for c in blocks["corpus"]))
    rows, body = [], []
    for corpus in corpora:
        found = [_found(blocks, corpus) for _, blocks in own]
        rows.append((corpus, found))
        cells = [
            cell(with_interval(*f), sort=f[0]) if f else cell("–", sort=math.nan) for f in found
        ]
        body.append([cell(corpus, href="../" + address("corpus", corpus)), *cells])
    return {
        "method": method,
        "picture": dots(rows, names, metric),
        "legend": [{"mark": key(k), "text": name} for k, name in enumerate(names)],
        "table": table(f"{method}: {metric} by corpus and protocol", ["corpus", *names], body),
    }


def _found(blocks: pd.DataFrame, corpus: str) -> tuple[float, float, float] | None:
    row = blocks[blocks["corpus"] == corpus]
    if not len(row):
        return None
    value, lo, hi = row[["value", "lo", "hi"]].iloc[0].astype(float)
    return float(value), float(lo), float(hi)

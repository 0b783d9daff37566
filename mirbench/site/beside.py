"""What stands beside a board: figures of papers, and accuracy against cost."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from mirbench.boards.cells import number, seconds, with_interval
from mirbench.boards.judge import DIGITS, Judge
from mirbench.boards.table import whole_cost
from mirbench.boards.text import heading
from mirbench.site.draw import family_key, pareto
from mirbench.site.tables import cell, records_of, table


def published_table(judge: Judge, quoted: pd.DataFrame) -> dict[str, Any] | None:
    """Figures of papers beside ours under this protocol; None where there are none."""
    if quoted.empty:
        return None
    task = judge.protocol.task
    here = (quoted["task"] == task.name) & quoted["protocol"].isin(["", judge.protocol.name])
    rows = []
    for q in records_of(quoted[here]):
        name = q["metric"].replace("(positive class)", f"({task.positive})")
        ours = "–"
        if q["method"] in judge.methods and name in judge.metrics:
            found = judge.interval(q["method"], judge.metrics[name], judge.main)
            ours = with_interval(found.value, found.lo, found.hi, DIGITS.get(task.kind, 1))
        spread = f" ± {q['plus_minus']}" if q["plus_minus"] else ""
        memory = " (from memory)" if q["evidence"] == "M" else ""
        rows.append(
            [
                cell(q["method"] or "of no method here"),
                cell(q["metric"]),
                cell(f"{q['value']}{spread} {q['unit']}", sort=_figure(q["value"])),
                cell(ours, sort=_figure(ours)),
                cell(q["source"] + memory),
                cell(q["comparable"]),
                cell(q["note"]),
                cell("", tags=[q["status"]]),
            ]
        )
    columns = ["method", "metric", "published", "ours, here", "source", "comparable", "note"]
    if not rows:
        return None
    return table("Published figures beside ours", [*columns, "status"], rows, wraps=True)


def pareto_view(made: pd.DataFrame) -> dict[str, Any] | None:
    """Accuracy against cost; None with fewer than two methods whose cost is known."""
    metric, digits = made.attrs["metrics"][0], made.attrs.get("digits", 1)
    sign = 1 if metric["greater_is_better"] else -1
    points = [
        {
            "method": row["method"],
            "family": row["family"],
            "cost": whole_cost(row),
            "value": row[metric["name"]],
            "number": "",
        }
        for row in records_of(made)
    ]
    points = [p for p in points if p["cost"] > 0 and not math.isnan(p["value"])]
    if len(points) < 2:
        return None
    points.sort(key=lambda p: (p["cost"], -sign * p["value"]))
    best, front = -math.inf, []
    for p in points:
        if sign * p["value"] > best:
            best = sign * p["value"]
            front.append(p)
            p["number"] = str(len(front))
    rows = [
        [
            cell(p["method"]),
            cell(p["number"]),
            cell(number(p["value"], digits), sort=p["value"]),
            cell(seconds(p["cost"]), sort=p["cost"]),
        ]
        for p in front
    ]
    columns = ["method", "number in the picture", heading(metric), "cost of a cell"]
    families = [f for f in dict.fromkeys(made["family"])]
    return {
        "picture": pareto(points, heading(metric), better_high=sign > 0, digits=digits),
        "legend": [{"mark": family_key(f), "text": f} for f in families],
        "table": table("Methods that none beats in both accuracy and cost", columns, rows),
    }


def _figure(text: str) -> float:
    found = re.match(r"-?[\d.]+", text)
    try:
        return float(found.group()) if found else math.nan
    except ValueError:
        return math.nan

"""The page "which paradigm for what": figures of the boards, claims on the records, no word by hand of either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deep.paradigms.claims import CLAIMS
from mirbench.boards.cells import number, seconds, size, with_interval
from mirbench.boards.claims import claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.plot_pareto import frontier
from mirbench.boards.text import markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records

CURVES = ("few-labels/instruments", "few-labels/speech-music", "few-labels/embedded")
"""Protocols whose boards are curves over labels."""
SHOTS = ("few-shot/instruments", "few-shot/embedded")
RANKINGS = ("metric/instruments", "metric/embedded")
OTHERS = ("pitch/embedded", "audiovisual/embedded", "sequence/embedded")
FEATURES = ("encoder-untrained", "encoder-pca", "encoder-mfcc", "encoder-peeters", "prior")
"""Rows of few-label boards that learn nothing but the classifier, or principal components."""
KINDS = ("features", "learned without labels", "from both")
BUDGETS = (1.0, 10.0, 30.0, 120.0)
"""Seconds a fit."""
Curve = dict[str, dict[int, float]]
"""A figure of each method for each number of labels a class."""
INTRO = """# Which paradigm for what

Generated from the committed boards and records by `python -m deep.paradigms`; every figure is on a board, with
its intervals. One encoder and one budget for all deep rows ([few-labels.md](few-labels.md)), so that rows
differ by what is learned alone: figures say nothing of these paradigms at the size of their papers.
"""


def page(boards: Path, records: Path) -> str:
    """The page as Markdown.

    Parameters
    ----------
    boards : path
        Folder of the boards; a protocol without one is left out.
    records : path
        Folder of the records that claims are judged on.
    """
    found = {name: _board(boards, name) for name in (*CURVES, *SHOTS, *RANKINGS, *OTHERS)}
    known = {name: data for name, data in found.items() if data}
    parts = [INTRO]
    curves = {name: curve(data) for name, data in known.items() if name in (*CURVES, *SHOTS)}
    for name in CURVES:
        if name in curves:
            parts += _curve_parts(name, known[name], curves[name])
    if any(name in curves for name in SHOTS):
        parts.append("## Classes never trained on, from a few examples\n")
        parts += [_shown(name, known[name], curves[name]) for name in SHOTS if name in curves]
    plain = [
        ("Notes of unseen instruments, ranked by a learned metric", RANKINGS),
        ("Pitch, sound and picture, sequences", OTHERS),
    ]
    for title, names in plain:
        if any(name in known for name in names):
            parts.append(f"## {title}\n")
            parts += [_plain(name, known[name]) for name in names if name in known]
    parts.append(
        "## What the course claims\n\nEach claim is a difference of two rows, the mean over five seeds of a "
        "generator with Student's t over them (95 %): each seed has recordings, labels and a fit of its own. "
        "In the column blocks: seeds in which it has the claim's sign. `deep/paradigms/claims.py` and "
        "`deep/sequences/claims.py` were written before the records.\n"
    )
    for name in CLAIMS:
        table = judged(name, records)
        if table is not None:
            parts.append(f"`{name}`: {tally(table)}\n\n{markdown_table(table)}")
    return "\n".join(parts)


def curve(data: Mapping[str, Any]) -> Curve:
    """A board's first metric by the number of labels, few to many; where several sets are tested by as
    many labels, their mean."""
    metric = data["metrics"][0]["name"]
    sizes: dict[int, list[str]] = {}
    for block in data["blocks"]:
        if stated := re.match(r"n=(\d+)\b", block):
            sizes.setdefault(int(stated[1]), []).append(f"{metric} @ {block}")
    return {
        row["method"]: {n: float(np.mean([row[c] for c in sizes[n]])) for n in sorted(sizes)}
        for row in data["rows"]
    }


def best_by_budget(
    data: Mapping[str, Any], values: Curve, budgets: Iterable[float] = BUDGETS
) -> list[dict[str, str]]:
    """The best method of each number of labels among those whose fit takes so many seconds at most."""
    fit = {row["method"]: _float(row["fit_s"]) for row in data["rows"]}
    rows = []
    for budget in budgets:
        inside = {m: own for m, own in values.items() if fit[m] <= budget}
        if inside:
            rows.append({"seconds a fit": f"up to {budget:g}", **_best(inside)})
    return rows


def judged(name: str, records: Path) -> pd.DataFrame | None:
    """The table of a protocol's claims; None without a record."""
    judge = Judge(load_records(records, protocol=name), load_protocol(name))
    return (
        claims_table(judge, CLAIMS[name], cells=True).drop(columns="metric")
        if judge.methods
        else None
    )


def tally(table: pd.DataFrame) -> str:
    """How many claims came out, in a sentence."""
    verdicts = table["verdict"].str.partition(":")[0]
    counts = verdicts.where(
        ~verdicts.str.startswith("no record"), "without a record"
    ).value_counts()
    return (
        f"{len(table)} claims: "
        + ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
        + "."
    )


def _board(boards: Path, name: str) -> dict[str, Any] | None:
    path = boards / name.replace("/", ".") / "board.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _curve_parts(name: str, data: Mapping[str, Any], values: Curve) -> list[str]:
    kinds: dict[str, Curve] = {}
    for method, own in values.items():
        kinds.setdefault(_kind(method), {})[method] = own
    best = [{"best of": kind, **_best(kinds[kind])} for kind in KINDS if kind in kinds]
    fit = np.array([_float(row["fit_s"]) for row in data["rows"]])
    last = np.array([list(own.values())[-1] for own in values.values()])
    line = ", ".join(
        f"`{data['rows'][i]['method']}` ({seconds(fit[i])}, {last[i]:.1f})"
        for i in frontier(fit, last, True)
    )
    folder = f"../leaderboards/boards/{name.replace('/', '.')}"
    return [
        f"## {data['task']}: {data['evidence']} sound\n\n{_said(name, data)}\n",
        _markdown(best),
        _shown(name, data, values),
        f"**Against compute.** No cheaper row is better than these, with all labels: {line}. The best row of "
        "each number of labels within so many seconds a fit:\n",
        _markdown(best_by_budget(data, values)),
        f"![Against labels]({folder}/curve.png)\n\n![Against compute]({folder}/pareto.png)\n",
    ]


def _shown(name: str, data: Mapping[str, Any], values: Curve) -> str:
    """Table of a curve, best first by its mean over the numbers of labels."""
    known = {row["method"]: row for row in data["rows"]}
    metric = data["metrics"][0]["name"]
    rows = []
    for method, own in sorted(values.items(), key=lambda pair: -np.mean(list(pair[1].values()))):
        cells = {_labels(n): number(value) for n, value in own.items()}
        ends = [_float(known[method][f"{metric}{end}"]) for end in ("", " lo", " hi")]
        cells[_labels(max(own))] = with_interval(ends[0], ends[1], ends[2])
        rows.append({"method": method, **cells, **_spent(known[method])})
    return f"`{name}`, {metric} (%) by labels a class:\n\n{_markdown(rows)}"


def _plain(name: str, data: Mapping[str, Any]) -> str:
    """Table of a board's headline metrics."""
    rows = []
    for row in data["rows"]:
        cells = {}
        for metric in (m["name"] for m in data["metrics"][:3]):
            value, lo, hi = (_float(row[f"{metric}{end}"]) for end in ("", " lo", " hi"))
            cells[metric] = with_interval(value, lo, hi)
        rows.append({"method": row["method"], **cells, **_spent(row)})
    return f"{_said(name, data)}\n\n{_markdown(rows)}"


def _said(name: str, data: Mapping[str, Any]) -> str:
    return f"`{name}` ({data['evidence']}): {data['description']}"


def _spent(row: Mapping[str, Any]) -> dict[str, str]:
    return {"fit": seconds(_float(row["fit_s"])), "parameters": size(_float(row["n_params"]))}


def _kind(method: str) -> str:
    if method in FEATURES:
        return "features"
    return "from both" if method.startswith("few-") else "learned without labels"


def _best(values: Curve) -> dict[str, str]:
    """The best method of each number of labels, with its figure."""
    found = {}
    for n in next(iter(values.values())):
        method = max(values, key=lambda m: values[m][n])
        found[_labels(n)] = f"`{method}` {values[method][n]:.1f}"
    return found


def _labels(n: int) -> str:
    return f"{n} label{'s' if n > 1 else ''}"


def _markdown(rows: list[dict[str, str]]) -> str:
    return markdown_table(pd.DataFrame(rows, dtype=object)).replace("\\`", "`")


def _float(value: float | None) -> float:
    return np.nan if value is None else value

"""The page "which paradigm for what": figures of the boards, claims on the records, no word by hand of either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deep.criteria.judged import judged as criteria_judged
from deep.paradigms.claims import CLAIMS
from deep.paradigms.short import in_code, in_short
from mirbench.boards.cells import number, p_value, seconds, size, with_interval
from mirbench.boards.claims import claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.plot_pareto import frontier
from mirbench.boards.table import whole_cost
from mirbench.boards.text import markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records
from mirbench.stats import holm

CURVES = ("few-labels/instruments", "few-labels/speech-music", "few-labels/embedded")
"""Protocols whose boards are curves over labels."""
SHOTS = ("few-shot/instruments", "few-shot/embedded")
RANKINGS = ("metric/instruments", "metric/embedded")
OTHERS = ("pitch/embedded", "audiovisual/embedded", "sequence/embedded")
FEATURES = ("encoder-untrained", "encoder-pca", "encoder-mfcc", "encoder-peeters", "prior")
"""Rows of few-label boards that learn nothing but the classifier, or principal components."""
KINDS = ("features", "learned without labels", "from both", "labels alone")
BUDGETS = (10.0, 30.0, 120.0)
"""Seconds of a cell."""
UNKNOWN = "no record"
"""Begins the verdict of a claim about a row that isn't there."""
Curve = dict[str, dict[int, float]]
"""A figure of each method for each number of labels a class."""
INTRO = """# Which paradigm for what

Generated from the committed boards, records and measures by `python -m deep.paradigms`; every figure is on a board
with its intervals, but for those of what no board shows. One encoder and one budget for all deep rows
([few-labels.md](few-labels.md)), so that rows differ by what is learned alone: figures say nothing of these
paradigms at the size of their papers.

Times are seconds of a cell on one core to describe the sounds, train and answer, means over cells; training is
processor time, the rest ran beside other work, so that a factor of two means little. With few labels a cell is
the whole curve: an encoder is trained once and probed for each number of labels, a `few-` row is trained for
each.
"""
CLAIMED = """## What is claimed

Each way of learning has claims, from the papers its card cites. A claim is a difference of two rows, the mean over
five seeds of a generator with Student's t over them (95 %): each seed has recordings, labels and a fit of its
own. A board's letters resample groups and don't count that, so that rows which a board tells apart may not be
separable here. In the column blocks: seeds in which the claim holds; p is two-sided and not
corrected, so that one of twenty claims comes out by luck: each list says what Holm's correction leaves.

`deep/paradigms/claims.py` and `deep/sequences/claims.py` were written before the records, but for
`pitch/embedded`: its two claims came after, and SPICE's settings were settled in sight of the first of its five
sets ([pitch.md](pitch.md)). PASE beside its single workers, word2vec on shuffled tokens, WaveNet and SampleRNN came
later than the rows of PASE and word2vec, before the others; that VM-Net and AVE-Net are above chance, after their
records; how lines of notes are drawn in training was mended in sight of one of the five corpora
([sequences.md](sequences.md)).
"""


LOOKED_INTO = """## What no board shows

Some criteria look into a fitted model: an error of reconstruction, bits a sample, patches that are drawn, how far
answers move. `python -m deep.criteria` measures them on the five sets of `few-labels/embedded` (the last on those of
`sequence/embedded`), on notes that weren't trained on, with a fit a set; verdicts and intervals are as above. Figures
are the means of the side that is to be more and of the other; the columns sets and p as blocks and p above.
Criteria are in `deep/criteria/criteria.py`.
"""


def page(boards: Path, records: Path, criteria: Path) -> str:
    """The page as Markdown.

    Parameters
    ----------
    boards : path
        Folder of the boards; a protocol without one is left out.
    records : path
        Folder of the records that claims are judged on.
    criteria : path
        Folder of what `deep.criteria` has measured.
    """
    found = {name: _board(boards, name) for name in (*CURVES, *SHOTS, *RANKINGS, *OTHERS)}
    known = {name: data for name, data in found.items() if data}
    judges = {
        name: Judge(load_records(records, protocol=name), load_protocol(name))
        for name in dict.fromkeys((*known, *CLAIMS))
    }
    parts = [INTRO, *in_short(known, judges)]
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
    parts.append(CLAIMED)
    for name in CLAIMS:
        if judges[name].methods:
            parts += _verdicts(judged(name, judges[name]), f"`{name}`: ")
    return "\n".join([*parts, LOOKED_INTO, *_verdicts(criteria_judged(criteria), "")])


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
    """The best method of each number of labels among those whose cell takes so many seconds at most."""
    spent = {row["method"]: whole_cost(row) for row in data["rows"]}
    rows = []
    for budget in budgets:
        inside = {m: own for m, own in values.items() if spent[m] <= budget}
        if inside:
            rows.append({"seconds a cell": f"up to {budget:g}", **_best(inside)})
    return rows


def judged(name: str, judge: Judge) -> pd.DataFrame:
    """The table of a protocol's claims."""
    return claims_table(judge, CLAIMS[name], cells=True).drop(columns="metric")


def tally(table: pd.DataFrame) -> str:
    """How many claims came out, and how many would by Holm's correction over those that were judged."""
    verdicts = table["verdict"].str.partition(":")[0]
    counts = verdicts.where(~verdicts.str.startswith(UNKNOWN), "without a record").value_counts()
    said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    known = table["p"].notna().to_numpy()
    kept = verdicts[known][holm(table["p"][known].tolist()) < 0.05].value_counts()
    left = ", ".join(f"{n} {verdict}" for verdict, n in kept.items()) or "none"
    return f"{len(table)} claim{'s' * (len(table) > 1)}: {said}. By Holm's correction over the {known.sum()} judged: {left}."


def _board(boards: Path, name: str) -> dict[str, Any] | None:
    path = boards / name.replace("/", ".") / "board.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _curve_parts(name: str, data: Mapping[str, Any], values: Curve) -> list[str]:
    kinds: dict[str, Curve] = {}
    for method, own in values.items():
        kinds.setdefault(_kind(method), {})[method] = own
    best = [{"best of": kind, **_best(kinds[kind])} for kind in KINDS if kind in kinds]
    spent = np.array([whole_cost(row) for row in data["rows"]])
    last = np.array([list(own.values())[-1] for own in values.values()])
    line = ", ".join(
        f"`{data['rows'][i]['method']}` ({seconds(spent[i])}, {last[i]:.1f})"
        for i in frontier(spent, last, True)
    )
    folder = f"../leaderboards/boards/{name.replace('/', '.')}"
    return [
        f"## {data['task']}: {data['evidence']} sound\n\n{_said(name, data)}\n",
        in_code(best),
        _shown(name, data, values),
        f"**Against compute.** No cheaper row is better than these, with all labels: {line}. The best row of "
        "each number of labels within so many seconds a cell:\n",
        in_code(best_by_budget(data, values)),
        f"The best of each family and then of all by their mean over the curve, up to six rows; all are in the table:\n\n"
        f"![Against labels]({folder}/curve.png)\n\nThe line joins rows that none beats in both:\n\n"
        f"![Against compute]({folder}/pareto.png)\n",
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
    return f"`{name}`, {metric} (%) by labels a class:\n\n{in_code(rows)}"


def _plain(name: str, data: Mapping[str, Any]) -> str:
    """Table of a board's headline metrics."""
    rows = []
    for row in data["rows"]:
        cells = {}
        for metric in (m["name"] for m in data["metrics"][:3]):
            value, lo, hi = (_float(row[f"{metric}{end}"]) for end in ("", " lo", " hi"))
            cells[metric] = with_interval(value, lo, hi)
        rows.append({"method": row["method"], **cells, **_spent(row)})
    return f"{_said(name, data)}\n\n{in_code(rows)}"


def _said(name: str, data: Mapping[str, Any]) -> str:
    return f"`{name}` ({data['evidence']}): {data['description']}"


def _spent(row: Mapping[str, Any]) -> dict[str, str]:
    return {"time": seconds(whole_cost(row)), "parameters": size(_float(row["n_params"]))}


def _kind(method: str) -> str:
    if method in FEATURES:
        return "features"
    if method == "few-supervised":
        return "labels alone"
    return "from both" if method.startswith("few-") else "learned without labels"


def _best(values: Curve) -> dict[str, str]:
    """The best method of each number of labels, with its figure."""
    found = {}
    for n in next(iter(values.values())):
        method = max(values, key=lambda m: values[m][n])
        found[_labels(n)] = f"`{method}` {values[method][n]:.1f}"
    return found


def _verdicts(table: pd.DataFrame, of: str) -> list[str]:
    """How many claims came out, and the table of those that were judged."""
    said = table[~table["verdict"].str.startswith(UNKNOWN)].copy()
    said["p"] = said["p"].map(p_value)
    return [f"{of}{tally(table)}\n", *[markdown_table(said)] * bool(len(said))]


def _labels(n: int) -> str:
    return f"{n} label{'s' if n > 1 else ''}"


def _float(value: float | None) -> float:
    return np.nan if value is None else value

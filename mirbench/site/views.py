"""What stands below a protocol's board: heat maps, confusions, classes, strata, curves, rankings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mirbench.boards.confusion import confusion
from mirbench.boards.cross import matrix, means
from mirbench.boards.judge import DIGITS, Judge
from mirbench.boards.labels import TOLD, by_label
from mirbench.boards.ranking import every_metric, filtered, met
from mirbench.boards.robustness import robustness
from mirbench.boards.sensitivity import sensitivity
from mirbench.boards.text import heading
from mirbench.boards.views import by_class, by_group, curve, of_strata, strata, strata_columns
from mirbench.metrics.hubs import K
from mirbench.site.draw import key, lines
from mirbench.site.tables import cell, heat, levels, pivoted, plain, table

SHOWN = 6
"""Lines in a picture; tables hold all methods."""
WORDS = {"n_items": "items", "n_groups": "groups"}
OPEN = 2
"""Matrices and confusions that are open when a page is."""


def crossed_tables(judge: Judge, crossed: pd.DataFrame) -> list[dict[str, Any]]:
    """Every method in every block; for each method, training against test set and its drops. Where
    blocks are splits of the same items, what each adds."""
    if judge.protocol.shares:
        return sensitivity_tables(judge)
    about, high = crossed.attrs, crossed.attrs["greater_is_better"]
    digits = about["digits"]
    name = heading({"name": about["metric"], "unit": about["unit"]})
    sources, tests = (list(dict.fromkeys(crossed[c])) for c in ("source", "test"))
    square = len(sources) > 1 and len(crossed[["source", "test"]].drop_duplicates()) > len(sources)
    if not square:
        where = "test" if len(sources) == 1 else "source"
        values, ends = pivoted(crossed, "method", where)
        made = [heat(f"{name} by corpus", values, better_high=high, ends=ends, digits=digits)]
    else:
        made = []
        for k, method in enumerate(dict.fromkeys(crossed["method"])):
            own = crossed[crossed["method"] == method]
            values, (lo, hi) = pivoted(own, "source", "test")
            text = f"{method}: {name}, trained on rows, tested on columns"
            more = {"better_high": high, "corner": "trained on", "fold": method, "open": k < OPEN}
            more["digits"] = digits
            made.append(heat(text, values[tests], ends=(lo[tests], hi[tests]), **more))
    drops = crossed[crossed["drop"].notna()]
    if len(drops):
        short = drops.assign(block=drops["source"] + " → " + drops["test"])
        values, ends = pivoted(short, "method", "block", "drop")
        text = f"Drop of {about['metric']} against the same items within the corpus"
        note = "Positive is worse; paired by item, 95 % interval by group."
        made.append(heat(text, values, better_high=False, ends=ends, digits=digits, note=note))
    averaged = means(crossed, len(judge.protocol.task.labels))
    if len(averaged.columns) > 1:
        note = "Plain means: a handful of corpora is no sample, so there is no interval."
        made.append(plain(f"Mean {about['metric']} over cells", averaged, note=note))
    return made


def sensitivity_tables(judge: Judge) -> list[dict[str, Any]]:
    """Every method under every split, and what those that share artists or tracks add."""
    found = sensitivity(judge, judge.protocol)
    about = found.attrs
    name = heading({"name": about["metric"], "unit": about["unit"]})
    values, ends = pivoted(found, "method", "split")
    more = {"better_high": about["greater_is_better"], "digits": about["digits"]}
    gained = found[found["added"].notna()]
    gains, around = pivoted(gained, "method", "split", "added")
    note = "Folds that share artists or tracks flatter: paired by item, 95 % interval by group."
    return [
        heat(f"{name} of the same items under each split", values, ends=ends, **more),
        heat(
            f"Points of {about['metric']} that sharing adds",
            gains,
            ends=around,
            better_high=False,
            digits=about["digits"],
            note=note,
        ),
    ]


def degraded_tables(judge: Judge) -> list[dict[str, Any]]:
    """Scores on degraded copies, and what they lose; none where there are no copies."""
    swept = robustness(judge, judge.protocol)
    if not len(swept):
        return []
    name, high = swept.attrs["metric"], swept.attrs["greater_is_better"]
    made = []
    for column, text, better in (
        ("value", f"{name} on degraded copies of the test items, same fit", high),
        ("drop", f"Drop of {name} against the same items clean; positive is worse", False),
    ):
        values, ends = pivoted(swept, "degradation", "method", column)
        more = {"corner": "degradation", "digits": swept.attrs["digits"]}
        made.append(heat(text, values, better_high=better, ends=ends, **more))
    return made


def curve_view(judge: Judge, board: pd.DataFrame) -> dict[str, Any] | None:
    """Learning curve: picture, legend and table; None where training sets aren't named by size."""
    learned = curve(judge, judge.protocol)
    if not len(learned):
        return None
    name = heading({"name": learned.attrs["metric"], "unit": learned.attrs["unit"]})
    firsts = board.drop_duplicates("family")["method"].tolist()
    shown = list(dict.fromkeys([*firsts, *board["method"]]))[:SHOWN]
    shown = [m for m in board["method"] if m in shown]
    series = []
    for method in shown:
        own = learned[learned["method"] == method].sort_values("size")
        points = own[["size", "value", "lo", "hi"]].astype(float).to_numpy().tolist()
        series.append({"name": method, "points": points})
    order = board["method"].tolist()
    values, (lo, hi) = pivoted(learned.sort_values("size", kind="stable"), "method", "size")
    return {
        "picture": lines(series, "items to train on", name, digits=learned.attrs["digits"]),
        "legend": [{"mark": key(k), "text": s["name"]} for k, s in enumerate(series)],
        "few": len(shown) < len(board),
        "table": heat(
            f"{name} by size of the training set",
            values.loc[order],
            better_high=learned.attrs["greater_is_better"],
            ends=(lo.loc[order], hi.loc[order]),
            digits=learned.attrs["digits"],
        ),
    }


def confusions(judge: Judge, board: pd.DataFrame) -> list[dict[str, Any]]:
    """Confusion matrix of every method, tinted by the share of the truth's row."""
    if judge.protocol.task.kind != "classes":
        return []
    made = []
    for k, method in enumerate(board["method"]):
        counts = confusion(judge, judge.protocol, method)
        shares = counts.to_numpy() / np.maximum(counts.to_numpy().sum(axis=1, keepdims=True), 1)
        tints = levels(np.sqrt(shares), True)  # a few errors are to be seen
        rows = [
            [
                cell(name),
                *(
                    cell(f"{v:.4g}" if v else "", sort=float(v), level=int(tints[i, j]))
                    for j, v in enumerate(counts.iloc[i])
                ),
            ]
            for i, name in enumerate(counts.index)
        ]
        caption = f"{method}: truth in rows, decisions in columns (items, mean over seeds)"
        more = {"fold": method, "open": k == 0, "heat": True, "tight": True}
        made.append(table(caption, ["truth", *counts.columns], rows, **more))
    return made


def split_tables(judge: Judge, board: pd.DataFrame) -> list[dict[str, Any]]:
    """The first headline metric by class and by every stratum; tags and dimensions one by one; own
    values of few groups."""
    made, order = [], board["method"].tolist()
    first = judge.headline[0]
    metric = next(iter(of_strata(judge)), None)
    views = []
    if metric is not None and judge.protocol.task.kind in ("classes", "frames"):
        views.append(("class", "label", by_class(judge, judge.protocol)))
    if metric is not None:
        views += [(c, c, strata(judge, judge.protocol, c)) for c in strata_columns(judge.protocol)]
    for what, column, frame in views:
        assert metric is not None
        values, (lo, hi) = pivoted(frame, "method", column, metric.name)
        caption = f"{heading({'name': metric.name, 'unit': metric.unit})} by {what}"
        high = metric.greater_is_better
        ends = (lo.loc[order], hi.loc[order])
        more = {"ends": ends, "digits": board.attrs.get("digits", 1)}
        made.append(heat(caption, values.loc[order], better_high=high, **more))
    made += _label_tables(judge, order)
    if board.attrs["n_groups"] < board.attrs["min_groups"]:
        own = by_group(judge, judge.protocol, first.name).loc[order]
        caption = f"{first.name} of each group"
        digits = board.attrs.get("digits", 1)
        made.append(heat(caption, own, better_high=first.greater_is_better, digits=digits))
    return made


def _label_tables(judge: Judge, order: list[str]) -> list[dict[str, Any]]:
    """Each metric of tags or dimensions: a row a label, a column a method."""
    told, kind = by_label(judge, judge.protocol), judge.protocol.task.kind
    made: list[dict[str, Any]] = []
    for name in TOLD.get(kind, ()):
        metric = judge.metric(f"{name} ({judge.protocol.task.labels[0]})")
        values, (lo, hi) = pivoted(told, "label", "method", name)
        values, lo, hi = (x[order] for x in (values, lo, hi))
        what = "tag"
        if "prevalence" in told:
            shares = told.drop_duplicates("label").set_index("label")
            ends = [
                f"{label} ({100 * n / judge.main.sum():.1f} % of answers; chance {share:.1f})"
                for label, n, share in zip(shares.index, shares["n_positive"], shares["prevalence"])
            ]
            if name == "PR-AUC":
                values, lo, hi = (x.set_axis(ends) for x in (values, lo, hi))
        else:
            what = "dimension"
        caption = f"{heading({'name': name, 'unit': metric.unit})} by {what}"
        more: dict[str, Any] = {"corner": what, "fold": caption, "open": not made}
        more |= {"ends": (lo, hi), "digits": DIGITS.get(kind, 1)}
        made.append(heat(caption, values, better_high=metric.greater_is_better, **more))
    return made


def ranking_tables(judge: Judge, board: pd.DataFrame) -> list[dict[str, Any]]:
    """Of ranked lists: every metric, hubs, and what filters by artist or album take away."""
    if judge.protocol.task.kind != "ranking":
        return []
    every = every_metric(judge)
    wide = every.pivot(index="method", columns="metric", values="value")
    wide = wide.loc[board["method"], list(judge.metrics)].reset_index()
    made = [plain("All metrics, over the pooled queries", wide)]
    times = met(judge)
    hubs = [
        {
            "method": method,
            "never met (%)": 100 * float((n == 0).mean()),
            f"met over {5 * K} times (%)": 100 * float((n > 5 * K).mean()),
            "most often met": int(n.max()),
        }
        for method, n in times.groupby("method", sort=False)["N"]
    ]
    note = "Of the pooled tracks: in how many other tracks' five nearest each is; the first seed."
    made.append(plain("Hubs and orphans", pd.DataFrame(hubs), note=note))
    twins = filtered(judge)
    if len(twins):
        shown = twins.drop(columns="family").rename(columns=WORDS)
        note = "Over the queries that count with the filter; the loss is paired, by group."
        made.append(plain("With and without filters", shown, note=note))
    return made


def matrix_of(judge: Judge) -> pd.DataFrame:
    """The cross-corpus matrix without blocks of degraded copies where those have a sweep."""
    crossed = matrix(judge, judge.protocol)
    changed = [" + " in test for test in crossed["test"]]
    if crossed.loc[changed, "test"].nunique() > 1 and not all(changed):
        return crossed[[not c for c in changed]].reset_index(drop=True)
    return crossed

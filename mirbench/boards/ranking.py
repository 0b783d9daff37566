"""Views of ranked lists: every metric, with and without filters, and how often a track is met."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mirbench.boards.cross import paired_interval
from mirbench.boards.judge import Judge
from mirbench.metrics.hubs import K, occurrences
from mirbench.stats import Interval

FILTER = (" (album filter)", " (artist filter)")


def every_metric(judge: Judge) -> pd.DataFrame:
    """All metrics over the board's pooled rows: ``method``, ``family``, ``metric``, ``unit``,
    ``value``, ``lo``, ``hi``, ``n_items``, ``n_groups``; methods in the board's order."""
    rows = []
    for spec in judge.ranked(judge.headline[0]):
        family = judge.methods[spec][0].identity["family"]
        for name, metric in judge.metrics.items():
            found = judge.interval(spec, metric, judge.main)
            who = {"method": spec, "family": family, "metric": name, "unit": metric.unit}
            figures = {"value": found.value, "lo": found.lo, "hi": found.hi}
            rows.append(who | figures | {"n_items": found.n_items, "n_groups": found.n_groups})
    table = pd.DataFrame(rows)
    table.attrs = judge.about(judge.headline[0])
    return table


def filtered(judge: Judge) -> pd.DataFrame:
    """What a filter takes away: metrics with and without it, over the queries that count with it.

    Returns
    -------
    DataFrame
        ``method``, ``family``, ``metric``, ``filter``; ``value``, ``lo``, ``hi`` without the filter,
        ``filtered``, ``filtered_lo``, ``filtered_hi`` with it; ``loss`` (without minus with it, paired),
        ``loss_lo``, ``loss_hi``; ``n_items``, ``n_groups``. Empty where no metric has a filter.
    """
    rows = []
    for spec in judge.ranked(judge.headline[0]):
        family = judge.methods[spec][0].identity["family"]
        for name, metric in judge.metrics.items():
            suffix = next((s for s in FILTER if name.endswith(s)), "")
            plain = judge.metrics.get(name.removesuffix(suffix)) if suffix else None
            if plain is None or name.startswith("no relevant"):
                continue
            counted = np.isfinite(metric.value(judge.counts(spec, metric)[0]))
            where = judge.main & counted
            if not where.any():
                continue
            open_, held = (judge.interval(spec, m, where) for m in (plain, metric))
            a, b = (judge.counts(spec, m)[:, where] for m in (plain, metric))
            loss = paired_interval(a, b, judge.rows[where], metric)
            row = {"method": spec, "family": family, "metric": plain.name}
            row |= {"filter": suffix.strip(" ()"), **_ends("", open_)}
            row |= {**_ends("filtered", held), **_ends("loss", loss)}
            rows.append(row | {"n_items": loss.n_items, "n_groups": loss.n_groups})
    table = pd.DataFrame(rows)
    table.attrs = judge.about(judge.headline[0])
    return table


def _ends(name: str, found: Interval) -> dict[str, float]:
    prefix = f"{name}_" if name else ""
    return {name or "value": found.value, f"{prefix}lo": found.lo, f"{prefix}hi": found.hi}


def met(judge: Judge) -> pd.DataFrame:
    """In how many 5-nearest lists each pooled track is: ``method``, ``test``, ``id``, ``group``, ``N``;
    the first seed's lists, methods in the board's order."""
    parts = []
    for spec in judge.ranked(judge.headline[0]):
        outputs = judge.outputs(judge.methods[spec][0])
        rows = judge.rows.loc[judge.main, ["test", "id", "group"]]
        n = occurrences(judge.truth, outputs)[judge.main]
        parts.append(rows.assign(method=spec, N=n)[["method", "test", "id", "group", "N"]])
    table = pd.concat(parts, ignore_index=True)
    table.attrs = judge.about(judge.metric(f"hubness (k={K})"))
    return table

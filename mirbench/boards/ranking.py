"""Views of ranked lists: every metric, with and without filters, and how often a track is met."""

from __future__ import annotations

import pandas as pd

from mirbench.boards.judge import Judge
from mirbench.metrics.hubs import K, occurrences

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


def filtered(metrics: pd.DataFrame) -> pd.DataFrame:
    """Metrics that have a filtered twin, with the value, interval and name of both.

    Parameters
    ----------
    metrics : DataFrame
        From `every_metric`.

    Returns
    -------
    DataFrame
        ``method``, ``family``, ``metric``, ``filter``, ``value``, ``lo``, ``hi`` without the filter,
        ``filtered``, ``filtered_lo``, ``filtered_hi`` with it; empty where no metric has a filter.
    """
    rows = []
    by_name = {(r["method"], r["metric"]): r for r in metrics.to_dict("records")}
    for (method, name), row in by_name.items():
        for suffix in FILTER:
            plain = by_name.get((method, name.removesuffix(suffix)))
            if not name.endswith(suffix) or plain is None or name.startswith("no relevant"):
                continue
            figures = {k: plain[k] for k in ("family", "metric", "value", "lo", "hi")}
            with_it = {
                f"filtered{k}": row[f"{k.lstrip('_') or 'value'}"] for k in ("", "_lo", "_hi")
            }
            rows.append({"method": method, **figures, "filter": suffix.strip(" ()"), **with_it})
    table = pd.DataFrame(rows)
    table.attrs = dict(metrics.attrs)
    return table


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

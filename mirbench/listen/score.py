"""From ratings to methods: means with intervals over queries, paired tests, agreement of raters.

The unit is the query: what a method's mean would be with other queries of the kind, and these raters. A
query's value is the mean over its raters, of each the mean over the method's ``k`` tracks. A rater's
query counts once all its candidates are rated; what is left half done is left out, and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.errors import DataError
from mirbench.listen.agreement import alpha
from mirbench.listen.page import SCALES
from mirbench.listen.ratings import read_key, read_ratings
from mirbench.stats import MIN_FLIP_GROUPS, MIN_GROUPS, grouped_interval, holm, sign_flip_test

SIMILAR_FROM = {"0-4": 3, "yes-no": 1}
"""Ratings that count as similar: the words "similar" and above."""


@dataclass(frozen=True)
class Scores:
    """What raters say of the methods of a test.

    Attributes
    ----------
    methods : DataFrame
        Best first: ``method``, ``rating`` (mean, on the test's scale) and ``similar`` (mean number of
        its k tracks rated similar), each with ``lo`` and ``hi`` of its 95 % interval over queries (NaN
        under 8 queries), ``n_queries``.
    pairs : DataFrame
        ``a``, ``b``, ``difference`` of their mean ratings with ``lo`` and ``hi``, ``p`` of the paired
        sign-flip test over queries (NaN under 6) and ``p (Holm)`` over all pairs.
    raters : DataFrame
        ``rater``, ``ratings``, ``mean``, and ``with others``: correlation of the ratings with the mean
        of the others' on the same candidates.
    agreement : float
        Krippendorff's alpha of the ratings, ordinal; NaN for one rater.
    notes : list of str
        What a reader must know.
    """

    methods: pd.DataFrame
    pairs: pd.DataFrame
    raters: pd.DataFrame
    agreement: float
    notes: list[str]


def score_ratings(
    csvs: Sequence[str | Path],
    key: str | Path,
    *,
    similar_from: int | None = None,
    random_state: int = 0,
) -> Scores:
    """Score the ratings of a listening test.

    Parameters
    ----------
    csvs : sequence of path-like
        What raters saved, all of one test.
    key : path-like
        The test's ``key.json``.
    similar_from : int, optional
        Least rating that counts as similar; by default 3 of 0-4, and "similar" of yes-no.
    random_state : int
        Of resampling and of random swaps.

    Raises
    ------
    DataError
        A damaged key or ratings, see `mirbench.listen.ratings`; or no query rated in full.
    """
    about = read_key(key)
    ratings = read_ratings(csvs, about)
    most = len(SCALES[about["scale"]]) - 1
    least = SIMILAR_FROM[about["scale"]] if similar_from is None else similar_from
    if not 1 <= least <= most:
        raise DataError(f"similar from {least} on: give 1 to {most} on the scale {about['scale']}")
    whole = _complete(ratings, about)
    if whole.empty:
        raise DataError(
            f"{', '.join(map(str, csvs))}: no rater has rated all candidates of a query; "
            "have at least one query finished"
        )
    means = _by_query(whole, about, "rating")
    found = _by_query(whole.assign(similar=whole["rating"] >= least), about, "similar")
    found *= about["k"]
    methods = pd.DataFrame(
        [
            {
                "method": method,
                **_interval("rating", means[method], (0, most), random_state),
                **_interval("similar", found[method], (0, about["k"]), random_state),
                "n_queries": len(means),
            }
            for method in about["methods"]
        ]
    ).sort_values("rating", ascending=False, kind="stable", ignore_index=True)
    units = ratings.pivot(index="candidate", columns="rater", values="rating")
    agreement = alpha(units.to_numpy())
    pairs = _pairs(means[methods["method"]], random_state)
    notes = _notes(about, ratings, whole, len(means), least, agreement)
    return Scores(methods, pairs, _raters(units), agreement, notes)


def _complete(ratings: pd.DataFrame, key: dict[str, Any]) -> pd.DataFrame:
    """Ratings of queries that their rater finished."""
    due = ratings["query"].map({q["name"]: len(q["candidates"]) for q in key["queries"]})
    given = ratings.groupby(["rater", "query"])["candidate"].transform("size")
    return ratings[given == due]


def _by_query(ratings: pd.DataFrame, key: dict[str, Any], column: str) -> pd.DataFrame:
    """Mean of a column over a method's candidates, then over raters: queries in rows, methods."""
    ranks = {name: c["ranks"] for q in key["queries"] for name, c in q["candidates"].items()}
    table = {}
    for method in key["methods"]:
        mine = ratings[[method in ranks[candidate] for candidate in ratings["candidate"]]]
        each = mine.groupby(["query", "rater"])[column].mean()
        table[method] = each.groupby("query").mean()
    return pd.DataFrame(table)


def _interval(
    name: str, values: pd.Series, limits: tuple[float, float], seed: int
) -> dict[str, float]:
    counts = np.column_stack([values, np.ones(len(values))])
    groups = np.array(values.index, dtype=str)
    made = grouped_interval(counts, groups, _mean, limits=limits, random_state=seed)
    return {name: made.value, f"{name} lo": made.lo, f"{name} hi": made.hi}


def _pairs(means: pd.DataFrame, seed: int) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    groups = np.array(means.index, dtype=str)
    for a, b in combinations(means.columns, 2):
        left, right = (np.column_stack([means[m], np.ones(len(means))]) for m in (a, b))
        p = float("nan")
        if len(means) >= MIN_FLIP_GROUPS:
            p = sign_flip_test(left, right, groups, _mean, random_state=seed)
        far = _interval("difference", means[a] - means[b], (-np.inf, np.inf), seed)
        rows.append({"a": a, "b": b, **far, "p": p})
    columns = ["a", "b", "difference", "difference lo", "difference hi", "p"]
    table = pd.DataFrame(rows, columns=columns)
    table["p (Holm)"] = holm(table["p"].tolist()) if table["p"].notna().all() else float("nan")
    return table


def _mean(counts: np.ndarray) -> np.ndarray:
    return counts[..., 0] / counts[..., 1]


def _raters(units: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for rater in units.columns:
        others = units.drop(columns=rater).mean(axis=1)
        both = pd.DataFrame({"own": units[rater], "others": others}).dropna()
        spread = len(both) > 2 and (both.std() > 0).all()
        rows.append(
            {
                "rater": rater,
                "ratings": int(units[rater].notna().sum()),
                "mean": units[rater].mean(),
                "with others": both["own"].corr(both["others"]) if spread else float("nan"),
            }
        )
    return pd.DataFrame(rows)


def _notes(
    key: dict[str, Any],
    ratings: pd.DataFrame,
    whole: pd.DataFrame,
    n_queries: int,
    least: int,
    agreement: float,
) -> list[str]:
    n_raters, k = whole["rater"].nunique(), key["k"]
    lines = []
    if key["evidence"] != "real":
        lines.append(f"Evidence: {key['evidence']}. The recordings are synthesised.")
    lines.append(
        f"{n_queries} of {len(key['queries'])} queries, {n_raters} rater{'s' * (n_raters != 1)}, "
        f"{len(whole)} ratings. The unit is the query: intervals and tests say what other queries "
        "would give with these raters."
    )
    if len(whole) < len(ratings):
        lines.append(
            f"Left out of the means, as their rater didn't finish the query: "
            f"{len(ratings) - len(whole)} ratings."
        )
    lines.append(
        f"Rating: 0 to {len(SCALES[key['scale']]) - 1}. Similar: of {k} tracks, those rated {least} "
        "or more."
    )
    if n_queries < MIN_GROUPS:
        lines.append(f"Under {MIN_GROUPS} queries no interval is given.")
    if n_queries < MIN_FLIP_GROUPS:
        lines.append(f"Under {MIN_FLIP_GROUPS} queries no test is made.")
    groups = {q["name"]: q["group"] for q in key["queries"]}
    if len({groups[name] for name in whole["query"]}) < n_queries:
        lines.append("Some queries share a group (an artist): the intervals are too narrow.")
    if np.isnan(agreement):
        lines.append("Agreement: none to measure, it takes two raters and ratings that differ.")
    else:
        lines.append(
            f"Agreement of raters: Krippendorff's alpha {round(agreement, 2) + 0.0:.2f} (ordinal)."
        )
    return lines

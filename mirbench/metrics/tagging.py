"""Metrics of tags: an item has any number of them, a method scores each.

Conventions
-----------
Scores are probabilities, moved such that 0.5 is each tag's threshold. Items of one test set are
ranked by their score for a tag; those of two test sets never together, since two fits needn't share
a scale. Values are percentages.

Metrics
-------
PR-AUC: step-wise average precision of a tag, sum_n (R_n - R_{n-1}) P_n, ties in one step, as
``sklearn.metrics.average_precision_score``; what says nothing has the tag's prevalence. ROC-AUC: share
of pairs (item with the tag, item without) in the right order, a tie half; what says nothing has 50.
Both of a tag over several test sets: the mean over its positive items, that is over test sets
weighted by positives. ``PR-AUC`` and ``ROC-AUC`` are means over the tags that some test set has a
positive of, and for ROC-AUC a negative too; ``PR-AUC (TAG)`` is one tag's.

Where nobody said of an item whether a tag holds, the pair counts nowhere: the tag's areas, F1 and
prevalence are those of the items of which it is known, in any number for each tag.

F1 of a tag over all items pooled, decided at 0.5. ``macro F1``: mean over the tags that have a
positive, ``micro F1``: of all decisions together.

Areas as sums
-------------
An area isn't a sum over items, but with weights w on the items of a test set c it is a smooth
function of them. An item's counts of a tag are its positive, y_k, and its share of the numerator:

- ROC-AUC: y_k V10_k + (1 - y_k) (V01_k - AUC_c) n_pos / n_neg, with V10_k the share of c's negatives
  that score below k, V01_k the share of its positives that score above.
- PR-AUC: y_k P_k + sum over positives i with s_i <= s_k of (y_k - P_i) / N_i, with P_i the precision
  among the N_i items that score s_i or more.

Their sum over whole test sets gives the area to the last digit; the ratio of sums has the area's own
derivative in every weight. Jackknife and bootstrap of groups hold to first order, as those of
structural components do. Over *part* of a test set the sum is that part's share of the whole's area,
not the area of the part: `mirbench.boards.judge.Judge.counts_over` counts anew there.

References
----------
DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3): structural components of the AUC (from
memory). The components of average precision are our derivation; the tests compare both with numerical
derivatives of scikit-learn's weighted scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mirbench.errors import MethodError
from mirbench.metrics.metric import Counts, Metric, Value, ratio

THRESHOLD = 0.5


@dataclass(frozen=True, eq=False)
class Marks:
    """The truth of an item of a tagging task.

    Attributes
    ----------
    tags : ndarray of 0 and 1, shape (n_tags,)
    test : int
        Number of the (cell, test set) that the row belongs to: items are ranked within it.
    known : ndarray of bool, shape (n_tags,), optional
        Whether anybody said if the tag holds; without, of all.
    """

    tags: np.ndarray
    test: int = 0
    known: np.ndarray | None = None

    def all_known(self) -> np.ndarray:
        """``known``, ones where nothing is said."""
        return np.ones(len(self.tags), dtype=bool) if self.known is None else self.known


def tagging_metrics(task: Any) -> list[Metric]:
    """Metrics for tasks of kind ``'tags'``: areas, F1, then the same of each tag."""
    areas = {"PR-AUC": precision_counts, "ROC-AUC": roc_counts}
    metrics = [Metric(name, "%", True, c, macro_area, itemwise=False) for name, c in areas.items()]
    metrics += [
        Metric("macro F1", "%", True, decision_counts, macro_f1),
        Metric("micro F1", "%", True, decision_counts, micro_f1),
    ]
    for name, counts in areas.items():
        metrics += _each(task, name, counts, area, itemwise=False)
    return metrics + _each(task, "F1", decision_counts, f1, itemwise=True)


def is_area(metric: Metric) -> bool:
    """Whether a metric is an area: its sums hold to first order alone."""
    return metric.counts in (precision_counts, roc_counts)


def _each(task: Any, name: str, counts: Counts, value: Value, *, itemwise: bool) -> list[Metric]:
    return [
        Metric(f"{name} ({tag})", "%", True, counts, of_tag(value, code), itemwise)
        for code, tag in enumerate(task.labels)
    ]


def of_tag(per_tag: Value, code: int) -> Value:
    """The column ``code`` of a value that is (..., n_tags), as a value of its own."""
    return partial(_pick, per_tag=per_tag, code=code)


def _pick(counts: np.ndarray, per_tag: Value, code: int) -> np.ndarray:
    return per_tag(counts)[..., code]


def area(counts: np.ndarray) -> np.ndarray:
    """Area (%) of each tag from summed counts (..., 2 * n_tags); NaN without a positive."""
    pairs = _parts(counts, 2)
    return 100 * ratio(pairs[..., 1], pairs[..., 0])


def macro_area(counts: np.ndarray) -> np.ndarray:
    """Mean area (%) over the tags that have one."""
    return _mean_known(area(counts))


def f1(counts: np.ndarray) -> np.ndarray:
    """F1 (%) of each tag from summed counts (..., 3 * n_tags); NaN for a tag that no item has."""
    hits, there, decided = np.moveaxis(_parts(counts, 3), -1, 0)
    return np.where(there > 0, 100 * ratio(2 * hits, there + decided), np.nan)


def macro_f1(counts: np.ndarray) -> np.ndarray:
    """Mean F1 (%) over the tags that some item has."""
    return _mean_known(f1(counts))


def micro_f1(counts: np.ndarray) -> np.ndarray:
    """F1 (%) of all tags' decisions together."""
    hits, there, decided = np.moveaxis(_parts(counts, 3).sum(axis=-2), -1, 0)
    return 100 * ratio(2 * hits, there + decided)


def linear_area(value: Value, positives: np.ndarray) -> tuple[np.ndarray, Value] | None:
    """Macro area as a weighted sum, for tests that ask for it thousands of times.

    Where methods are swapped on the same items, positives never change: what is left is a sum of
    numerators, each weighted by how rare its tag is.

    Parameters
    ----------
    value : callable
    positives : ndarray of shape (n_tags,)
        Summed first counts of each tag.

    Returns
    -------
    (weights, short) or None
        ``short(counts @ weights)`` is ``value(counts)`` up to rounding; ``weights`` of shape
        (2 * n_tags, 1). None for other values.
    """
    if value is not macro_area:
        return None
    weights = np.zeros((2 * len(positives), 1))
    weights[1::2, 0] = np.nan_to_num(
        100 * ratio(np.ones(len(positives)), positives * np.count_nonzero(positives))
    )
    return weights, _single


def _single(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0]


def decision_counts(
    truth: Sequence[Marks], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Hits, items with the tag and items decided so, of each tag: (n_items, 3 * n_tags)."""
    tags, scores, _, known = _stacked(truth, outputs, task)
    decided = (scores >= THRESHOLD) & known
    counts = np.stack([tags * decided, tags, decided], axis=-1)
    return counts.reshape(len(tags), 3 * tags.shape[1])


def roc_counts(
    truth: Sequence[Marks], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Each item's positives and shares of the ROC-AUC, (n_items, 2 * n_tags).

    Parameters
    ----------
    truth : sequence of Marks
    outputs : sequence of ndarray of shape (n_tags,)
        Scores per item.
    task : Task
    grid : ignored
        Here so that all counts have one signature.

    Returns
    -------
    ndarray
        Tag by tag: 1 for an item that has it, in a test set where some item hasn't, and the item's
        share of the numerator; see the module's docstring.

    Raises
    ------
    MethodError
        If the lengths differ or a score isn't finite.
    """
    return _by_test(_roc, truth, outputs, task)


def precision_counts(
    truth: Sequence[Marks], outputs: Sequence[np.ndarray], task: Any, grid: Any = None
) -> np.ndarray:
    """Each item's positives and shares of the average precision, (n_items, 2 * n_tags); see
    `roc_counts`."""
    return _by_test(_precision, truth, outputs, task)


def _by_test(
    shares: Callable[[np.ndarray, np.ndarray], np.ndarray],
    truth: Sequence[Marks],
    outputs: Sequence[np.ndarray],
    task: Any,
) -> np.ndarray:
    tags, scores, tests, known = _stacked(truth, outputs, task)
    counts = np.zeros((*tags.shape, 2))
    for rows in _each_test(tests):
        counts[rows] = _over_known(shares, tags[rows], scores[rows], known[rows])
    return counts.reshape(len(tags), 2 * tags.shape[1])


def _over_known(
    shares: Callable[[np.ndarray, np.ndarray], np.ndarray],
    tags: np.ndarray,
    scores: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """Shares of one test set, each tag's among the items of which it is known; zeros for others."""
    if known.all():
        return shares(tags, scores)
    counts = np.zeros((*tags.shape, 2))
    for tag in np.flatnonzero(known.any(axis=0)):
        rows = known[:, tag]
        counts[rows, tag] = shares(tags[rows, tag, None], scores[rows, tag, None])[:, 0]
    return counts


def _each_test(tests: np.ndarray) -> Iterator[np.ndarray]:
    """Positions of the items of each test set."""
    order = np.argsort(tests, kind="stable")
    cuts = np.flatnonzero(np.diff(tests[order])) + 1
    return (rows for rows in np.split(order, cuts) if len(rows))


@dataclass(frozen=True)
class _Ranking:
    """One test set's items by falling score, tag by tag; all arrays of shape (n_items, n_tags).

    ``order`` are the items; ``tags`` their truth; ``first`` and ``last`` the positions at which the
    items of a same score begin and end; ``found`` the positives down to ``last``.
    """

    order: np.ndarray
    tags: np.ndarray
    first: np.ndarray
    last: np.ndarray
    found: np.ndarray

    @classmethod
    def of(cls, tags: np.ndarray, scores: np.ndarray) -> _Ranking:
        order = np.argsort(-scores, axis=0, kind="stable")
        ranked = np.take_along_axis(scores, order, axis=0)
        tags = np.take_along_axis(tags, order, axis=0)
        n = len(scores)
        place = np.broadcast_to(np.arange(n)[:, None], scores.shape)
        step = ranked[1:] != ranked[:-1]
        edge = np.ones((1, scores.shape[1]), dtype=bool)
        starts, ends = np.concatenate([edge, step]), np.concatenate([step, edge])
        first = np.maximum.accumulate(np.where(starts, place, 0), axis=0)
        last = np.minimum.accumulate(np.where(ends, place, n)[::-1], axis=0)[::-1]
        found = np.take_along_axis(tags.cumsum(axis=0), last, axis=0)
        return cls(order, tags, first, last, found)

    def back(self, ranked: np.ndarray) -> np.ndarray:
        """Rows of a (n_items, n_tags, 2) array in the items' order again."""
        out = np.empty_like(ranked)
        np.put_along_axis(out, self.order[..., None], ranked, axis=0)
        return out


def _roc(tags: np.ndarray, scores: np.ndarray) -> np.ndarray:
    ranking = _Ranking.of(tags, scores)
    holds = ranking.tags
    n_pos = holds.sum(axis=0)
    n_neg = len(holds) - n_pos
    within = ranking.last - ranking.first + 1
    tied = ranking.found - np.take_along_axis(  # positives of the same score
        np.concatenate([np.zeros((1, holds.shape[1])), holds.cumsum(axis=0)]), ranking.first, axis=0
    )
    above = ranking.found - tied / 2
    below = n_neg - (ranking.last + 1 - ranking.found) + (within - tied) / 2
    share_below, share_above = _over(below, n_neg), _over(above, n_pos)
    auc = _over((holds * share_below).sum(axis=0), n_pos)
    share = np.where(holds > 0, share_below, (share_above - auc) * _over(n_pos, n_neg))
    known = (n_pos > 0) & (n_neg > 0)
    return ranking.back(np.stack([holds * known, share * known], axis=-1))


def _precision(tags: np.ndarray, scores: np.ndarray) -> np.ndarray:
    ranking = _Ranking.of(tags, scores)
    holds, n = ranking.tags, ranking.last + 1.0
    precision = ranking.found / n
    # over the positives that score no more: from the first item of the same score on
    lower = [
        np.take_along_axis(x[::-1].cumsum(axis=0)[::-1], ranking.first, axis=0)
        for x in (holds / n, holds * precision / n)
    ]
    share = holds * precision + holds * lower[0] - lower[1]
    return ranking.back(np.stack([holds, share], axis=-1))


def _over(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.nan_to_num(ratio(numerator, denominator))


def _stacked(
    truth: Sequence[Marks], outputs: Sequence[np.ndarray], task: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Truth (0 where unknown) and scores, (n_items, n_tags), the test set of each item, and which
    tags are known of it."""
    n = len(task.labels)
    if len(truth) != len(outputs):
        raise MethodError(
            f"{len(truth)} items in the truth but {len(outputs)} outputs: "
            "a method must answer once for every item, in order"
        )
    if not len(truth):
        none = np.zeros((0, n))
        return none, none, np.zeros(0, dtype=np.int64), none.astype(bool)
    for i, output in enumerate(outputs):
        if np.shape(output) != (n,):
            raise MethodError(
                f"scores of item {i} have shape {np.shape(output)}: there are {n} tags"
            )
    scores = np.stack([np.asarray(o) for o in outputs]).astype(float)
    if not np.isfinite(scores).all():
        i = int(np.flatnonzero(~np.isfinite(scores).all(axis=1))[0])
        raise MethodError(f"scores of item {i} hold NaN or infinity: scores must be finite")
    if scores.min() < 0 or scores.max() > 1:
        i = int(np.flatnonzero(((scores < 0) | (scores > 1)).any(axis=1))[0])
        raise MethodError(
            f"scores of item {i} lie outside 0 to 1: scores of tags are probabilities"
        )
    known = np.stack([marks.all_known() for marks in truth])
    tags = np.stack([marks.tags for marks in truth]).astype(float) * known
    return tags, scores, np.array([marks.test for marks in truth], dtype=np.int64), known


def _parts(counts: np.ndarray, n: int) -> np.ndarray:
    counts = np.asarray(counts, dtype=float)
    return counts.reshape(*counts.shape[:-1], counts.shape[-1] // n, n)


def _mean_known(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))

"""What an estimator answers for the items of a test set: asked for blind, checked, kept in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from mirbench.errors import MethodError
from mirbench.frames import segments_fault
from mirbench.items import as_items, ragged
from mirbench.neighbours import distance_of, euclidean, nearest
from mirbench.pitch import pitch_fault
from mirbench.running.job import Job
from mirbench.running.thresholds import probabilities, stored
from mirbench.token_lines import as_codes, fault_of

DEPTH = 1000
"""Neighbours kept of each query; of a test set of up to 1,001 tracks, all."""


def predict(
    estimator: BaseEstimator, items: np.ndarray, job: Job, limits: np.ndarray | None = None
) -> list[Any]:
    """Checked outputs for test items: blind, and in an order that says nothing.

    Of tags, scores are moved such that the thresholds ``limits`` become 0.5.
    """
    order = np.argsort([item.key for item in items], kind="stable")
    blind = as_items(items[i].blind() for i in order)
    if job.task.kind == "ranking":
        return _rank(estimator, blind, order, job)
    rows = _answer(estimator, blind, job)
    if len(rows) != len(blind):
        raise MethodError(
            f"{job.spec}: gave {len(rows)} rows for {len(blind)} items; return one row an item"
        )
    if limits is not None:
        rows = stored(np.asarray(rows), limits)
    check = {
        "classes": _check_classes,
        "tags": _check_tags,
        "values": _check_values,
        "frames": _check_frames,
        "segments": _check_segments,
        "f0": _check_f0,
        "sequence": _check_sequence,
    }
    classes = getattr(estimator, "classes_", None)
    checked = [check[job.task.kind](row, item, classes, job) for row, item in zip(rows, blind)]
    back = np.empty(len(order), dtype=int)
    back[order] = np.arange(len(order))
    return [checked[i] for i in back]


def _rank(
    estimator: BaseEstimator, blind: np.ndarray, order: np.ndarray, job: Job
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each item's ranked list of the others, as positions in the test set, and their distances."""
    if not hasattr(estimator, "transform"):
        raise MethodError(
            f"{job.spec}: task {job.task.name} compares items by what transform gives, it has none; "
            "end the pipeline with a transformer (and a distance method, if not Euclidean)"
        )
    try:
        rows = estimator.transform(blind)
    except NotFittedError as error:
        raise MethodError(
            f"{job.spec}: scikit-learn takes a step for unfitted whose fit sets no attribute ending "
            "in '_'; set one, or define __sklearn_is_fitted__"
        ) from error
    if len(rows) != len(blind):
        raise MethodError(
            f"{job.spec}: gave {len(rows)} rows for {len(blind)} items; return one row an item"
        )
    distance = distance_of(estimator)
    rows = rows if isinstance(rows, np.ndarray) else ragged(rows)
    if distance is euclidean and (rows.ndim != 2 or rows.dtype == object):
        raise MethodError(
            f"{job.spec}: transform gave matrices or single numbers; return one row of numbers a "
            "track, or give the last step a distance method that compares what it returns"
        )
    ids, distances = nearest(rows, distance, DEPTH)
    back = np.empty(len(order), dtype=int)
    back[order] = np.arange(len(order))
    return [(order[ids[i]].astype(np.int32), distances[i]) for i in back]


def _answer(estimator: BaseEstimator, items: np.ndarray, job: Job) -> Any:
    task = job.task
    if task.kind in ("segments", "f0", "sequence"):
        return estimator.predict(items)
    if task.kind == "values":
        rows = np.asarray(estimator.predict(items))
        return rows[:, None] if rows.ndim == 1 else rows
    if task.kind == "tags":
        return probabilities(estimator, items, len(task.labels))
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(items)
    if not hasattr(estimator, "classes_") and hasattr(estimator, "transform"):
        raise MethodError(
            "no classes_ after fit, but a transform: a method that ranks? give a ranking task, such "
            "as --task same-artist"
        )
    # decisions only: one-hot scores
    classes = np.asarray(estimator.classes_)
    decisions = estimator.predict(items)
    if task.kind == "classes":
        return (np.asarray(decisions)[:, None] == classes).astype(np.float32)
    return ragged((np.asarray(d)[:, None] == classes).astype(np.float32) for d in decisions)


def _columns(scores: np.ndarray, classes: Any, job: Job) -> np.ndarray:
    """Spread columns from the classes seen in training to the task's label set."""
    n = len(job.task.labels)
    if classes is None:
        raise MethodError(f"{job.spec}: has no classes_ after fit; a classifier must set it")
    codes = np.asarray(classes)
    if codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() >= n:
        raise MethodError(
            f"{job.spec}: classes_ is {codes.tolist()}, outside the codes 0 to {n - 1}"
        )
    if scores.ndim != 2 or scores.shape[1] != len(codes):
        raise MethodError(
            f"{job.spec}: scores of shape {scores.shape} for {len(codes)} classes; "
            "give one column a class"
        )
    if not np.isfinite(scores).all():
        raise MethodError(f"{job.spec}: NaN or infinite scores; the method must answer every item")
    spread = np.zeros((len(scores), n), dtype=np.float32)
    with np.errstate(over="ignore"):
        spread[:, codes] = scores
    if not np.isfinite(spread).all():
        raise MethodError(f"{job.spec}: scores beyond single precision; give probabilities")
    return spread


def _real(row: Any, job: Job) -> np.ndarray:
    if np.iscomplexobj(row):
        raise MethodError(f"{job.spec}: complex scores; give real ones")
    return np.asarray(row, dtype=np.float64)


def _check_classes(row: Any, item: Any, classes: Any, job: Job) -> np.ndarray:
    return _columns(_real(row, job)[None, :], classes, job)[0]


def _check_tags(row: Any, item: Any, classes: Any, job: Job) -> np.ndarray:
    scores = _check_values(row, item, classes, job)
    if scores.min() < 0 or scores.max() > 1:
        raise MethodError(
            f"{job.spec}: scores from {scores.min():g} to {scores.max():g}; give probabilities"
        )
    return scores


def _check_values(row: Any, item: Any, classes: Any, job: Job) -> np.ndarray:
    values = _real(row, job)
    n = len(job.task.labels)
    if values.shape != (n,):
        raise MethodError(
            f"{job.spec}: a row of shape {values.shape} for {n} labels; give one column a label, in "
            f"the order of y's ({', '.join(job.task.labels[:4])}{', ...' if n > 4 else ''})"
        )
    with np.errstate(over="ignore"):
        kept = values.astype(np.float32)
    if not np.isfinite(kept).all():
        raise MethodError(
            f"{job.spec}: NaN, infinite or values beyond single precision; the method must answer "
            "every item"
        )
    return kept


def _check_frames(row: Any, item: Any, classes: Any, job: Job) -> np.ndarray:
    scores = _real(row, job)
    expected = job.grid.n_frames(item.duration_s)
    if len(scores) != expected:
        raise MethodError(
            f"{job.spec}: gave {len(scores)} frames for {item.duration_s:.3f} s, the protocol's grid "
            f"has {expected} ({job.grid.hop_s * 1000:g} ms each, from 0 s); missing frames aren't scored"
        )
    with np.errstate(over="ignore"):
        kept = _columns(scores, classes, job)[job.grid.first_scored :].astype(np.float16)
    if not np.isfinite(kept).all():
        raise MethodError(f"{job.spec}: scores beyond 65504; give probabilities")
    return kept


def _check_f0(row: Any, item: Any, classes: Any, job: Job) -> np.ndarray:
    answer = _real(row, job)
    expected = (job.grid.n_frames(item.duration_s), 2)
    if answer.shape != expected:
        raise MethodError(
            f"{job.spec}: an answer of shape {answer.shape} for {item.duration_s:.3f} s, {expected} is "
            f"expected: f0 (Hz) and voicing (0 to 1) each {job.grid.hop_s * 1000:g} ms, from 0 s on"
        )
    if fault := pitch_fault(answer):
        raise MethodError(f"{job.spec}: {fault}")
    return answer.astype(np.float16)


def _check_sequence(row: Any, item: Any, classes: Any, job: Job) -> np.ndarray:
    try:
        codes = as_codes(row)
    except (TypeError, ValueError) as error:
        raise MethodError(
            f"{job.spec}: an answer is no list of codes ({error}); give whole numbers, one a token"
        ) from error
    if fault := fault_of(codes, len(job.task.labels)):
        raise MethodError(f"{job.spec}: {fault}")
    return codes


def _check_segments(row: Any, item: Any, classes: Any, job: Job) -> list[tuple[float, float, str]]:
    labels = job.task.labels
    if not all(0 <= int(code) < len(labels) for _, _, code in row):
        raise MethodError(f"{job.spec}: a segment's code is outside 0 to {len(labels) - 1}")
    segments = [(float(start), float(end), labels[int(code)]) for start, end, code in row]
    fault = segments_fault(segments, item.duration_s)
    if fault:
        raise MethodError(f"{job.spec}: {fault}")
    return segments

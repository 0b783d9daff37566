"""One cell: fit on its training items, answer for each of its test sets."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mirbench.errors import MethodError
from mirbench.features.cache import LEDGER
from mirbench.methods import Method, load_method, said_of_training
from mirbench.running import episodes, few_labels, pairs
from mirbench.running.answers import predict
from mirbench.running.job import Job
from mirbench.running.process import on_gpu, one_thread, peak_memory, reset_seeds
from mirbench.running.thresholds import thresholds_of

ONE_ROW = ("classes", "tags", "values")
"""Kinds of tasks with one row of numbers an item."""


@dataclass(frozen=True)
class Answer:
    """Outputs by test set (in the order of its items), what they cost and which settings an inner
    search chose; or why there are none."""

    outputs: dict[str, list[Any]]
    cost: dict[str, Any]
    error: str = ""
    refused: bool = False
    """Whether the error is a MethodError: what is wrong with the method shows in every cell."""


def run_cell(job: Job) -> Answer:
    """Fit and predict; a method's exception becomes an answer with ``error``."""
    try:
        method = load_method(job.reference)
        if method.code != job.code:
            raise MethodError(f"{job.spec}: its code changed during the run; run it again")
        estimator = method.build(job.seed)
        with one_thread(), peak_memory() as peak:
            LEDGER.clear()
            reset_seeds(job.seed)
            start, busy = time.perf_counter(), time.process_time()
            answering, limits = trained(estimator, job, method)
            fitted, busy = time.perf_counter(), time.process_time() - busy
            outputs = answers(answering, job, limits)
            done = time.perf_counter()
    except (Exception, SystemExit) as error:  # a method may raise anything: the others go on
        lines = traceback.format_exception_only(error)
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = "".join(lines).strip()
        said = f"{reason} ({where.filename}:{where.lineno})"
        return Answer({}, {}, said, isinstance(error, MethodError))
    cost = {
        "fit_s": round(fitted - start, 3),
        **({} if on_gpu() else {"fit_cpu_s": round(busy, 3)}),
        "predict_s": round(done - fitted, 3),
        "extract_s": round(sum(LEDGER.values()), 3),
        "peak_mb": round(peak[0] / 2**20, 1),
        **said_of_training(spoken_for(estimator, answering)),
        **({} if limits is None else {"thresholds": [round(float(t), 4) for t in limits]}),
    }
    return Answer(outputs, cost)


def trained(
    estimator: BaseEstimator, job: Job, method: Method
) -> tuple[Mapping[str, BaseEstimator], np.ndarray | None]:
    """The fitted estimator that answers for each test set, and of tags the thresholds."""
    if job.labelled:
        few = few_labels.fitted(
            estimator, job.train, job.y, job.labelled, unlabelled=method.unlabelled
        )
        return few, None
    if job.support:
        return episodes.adapted(estimator, job.train, job.y, job.support), None
    shown = shown_y(job, method.masked)
    fit(estimator, replace(job, y=shown))
    tags = job.task.kind == "tags"
    limits = thresholds_of(estimator, job.train, shown, job.y) if tags else None
    return dict.fromkeys(job.tests, estimator), limits


def spoken_for(estimator: BaseEstimator, answering: Mapping[str, BaseEstimator]) -> BaseEstimator:
    """What was fitted: the estimator itself, or where each test set has a fit of its own, the first."""
    if isinstance(answering, episodes.Adapting):
        return answering.fitted
    first = next(iter(answering.values()), estimator)
    return first if type(first) is type(estimator) else estimator


def answers(
    answering: Mapping[str, BaseEstimator], job: Job, limits: np.ndarray | None
) -> dict[str, list[Any]]:
    """Checked outputs by test set; of pairs all scores before any video is shown beside its sound."""
    if job.task.kind == "pairs":
        return pairs.matched(next(iter(answering.values())), job.tests, job.videos, job.spec)
    return {name: predict(answering[name], items, job, limits) for name, items in job.tests.items()}


def shown_y(job: Job, masked: bool) -> np.ndarray:
    """The job's y as its method is shown it: an unknown tag is 0 unless the method takes ``masked``."""
    return job.y if masked or job.task.kind != "tags" else np.maximum(job.y, 0)


def fit(estimator: BaseEstimator, job: Job) -> None:
    """Fit on the job's training items; MethodError for frames where an item needs one vector."""
    try:
        estimator.fit(job.train, job.y)
    except ValueError as error:
        ragged_rows = "setting an array element with a sequence" in str(error)
        if job.task.kind not in ONE_ROW or not ragged_rows:
            raise
        raise MethodError(
            f"{job.spec}: task {job.task.name} asks for one answer an item, its features are frames; "
            "pool the frames to one vector an item"
        ) from error

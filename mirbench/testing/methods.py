"""The contract of a method, tried on a few synthetic items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from mirbench.errors import MethodError
from mirbench.external import Precomputed
from mirbench.frames import Grid
from mirbench.items import Item, as_items, ragged
from mirbench.methods import Method, find_all, load_method
from mirbench.pitch import HOP_S, LOWEST_HZ, frame_times, n_frames
from mirbench.running.answers import predict
from mirbench.running.cell import ONE_ROW, fit
from mirbench.running.job import Job
from mirbench.running.pairs import matched
from mirbench.running.process import one_thread
from mirbench.tasks import TASKS, Task, load_task
from mirbench.testing.checks import Check, attempt
from mirbench.video import VideoItem

SR = 22_050


USUAL = "speech-music"
"""Task that a method is tried on where none is named."""
N_ITEMS = 12
"""That it is fitted on."""


def check_method(spec: str | Callable[..., Any], task: str | Task | None = None) -> list[Check]:
    """Check a method against the contract that the harness relies on.

    It is fitted on a dozen synthetic items of two classes (noise bursts, steady chords; 7 to 9 s):
    whether it is any good isn't asked. Of one that holds `Precomputed` embeddings, which synthetic
    items lack, the embeddings are checked instead.

    Parameters
    ----------
    spec : str or callable
        See :func:`mirbench.methods.load_method`.
    task : str or Task, optional
        Of any kind; by default ``speech-music`` or, for a method that gives no answer there,
        the first task that it answers for.

    Returns
    -------
    list of Check
    """
    what = task if isinstance(task, Task) else load_task(task or USUAL)
    loaded: list[Method] = []
    first = attempt("loads", lambda: loaded.append(load_method(spec)))
    if not first.passed:
        return [first]
    method = loaded[0]
    reason = method.skip()
    if reason:
        return [first, Check("can run here", False, reason)]
    trial = _Trial(method, what)
    checks = [
        first,
        attempt("has a docstring", trial.docstring),
        attempt("builds, clones, names its parameters", trial.builds),
    ]
    if not checks[-1].passed:
        return checks
    stored = find_all(method.build(), Precomputed)
    if stored:
        return [*checks, *(attempt("its embeddings are there", part.verify) for part in stored)]
    checks.append(_hinted(attempt("answers every item, finite, on the grid", trial.answers)))
    if not checks[-1].passed:
        suited = _suited_tasks(method, what)
        if task is None and suited:
            return check_method(spec, suited[0])
        return [*checks, *_other_tasks(what, suited)]
    return [
        *checks,
        attempt("same seed, same answers", trial.repeats),
        *(
            [attempt("one item or many: same answers", trial.one_by_one)]
            if what.kind != "ranking"
            else []
        ),
        attempt("order of items doesn't matter", trial.order),
        attempt("predicting changes nothing", trial.stateless),
        attempt("silence, clipping and short items", trial.odd_items),
    ]


def _hinted(check: Check) -> Check:
    """With a word on how little it was fitted on, where what failed isn't the harness's own clause."""
    if check.passed or check.detail.startswith(MethodError.__name__):
        return check
    hint = (
        f"{check.detail} (a check fits on {N_ITEMS} items of two classes: if they are too few for its "
        "settings, run it under a protocol)"
    )
    return replace(check, detail=hint)


def _suited_tasks(method: Method, tried: Task) -> list[str]:
    """Which tasks a method answers for that fails on the one it was tried on."""
    alike: dict[tuple[str, bool], list[Task]] = {}
    for task in TASKS.values():
        if task.name != tried.name:
            alike.setdefault((task.kind, task.holds_tags), []).append(task)
    return [
        task.name
        for tasks in alike.values()
        if attempt(tasks[0].name, _Trial(method, tasks[0]).answers).passed
        for task in tasks
    ]


def _other_tasks(tried: Task, suited: list[str]) -> list[Check]:
    if not suited:
        return []
    return [Check(f"suits task {tried.name}", False, f"give --task {' or '.join(suited)}")]


def unsuited(spec: str | Callable[..., Any], task: Task) -> str:
    """Of a method that fails: which other tasks it suits, in words; ``''`` if it suits ``task`` too.

    Asked of synthetic items, as `check_method` does; embeddings made elsewhere suit none of those.
    """
    method = load_method(spec)
    own = attempt(task.name, _Trial(method, task).answers)
    if own.passed or find_all(method.build(), Precomputed):
        return ""
    found = _other_tasks(task, _suited_tasks(method, task))
    words = f"{method.spec} doesn't suit task {task.name}"
    return f"{words}: {found[0].detail}, or a protocol of such a task" if found else ""


class _Trial:
    """The method fitted once, and the clauses that look at it."""

    def __init__(self, method: Method, task: Task) -> None:
        self.method, self.task = method, task
        train, codes = _items(N_ITEMS, seed=0)
        self.test, _ = _items(7, seed=1)
        y = _as_segments(train, codes) if task.kind == "segments" else codes
        if task.holds_tags:
            y = np.eye(2, dtype=np.int64)[codes]
        elif task.kind == "f0":
            y = _as_pitch(train, codes)
        elif task.kind == "pairs":
            y = _videos(codes, seed=2)
        elif task.kind == "sequence":
            y = ragged(np.array([0, code] * (1 + i % 3)) for i, code in enumerate(codes))
        elif task.kind == "values":
            y = np.stack([codes - 0.5, 0.5 - codes + 0.1 * np.arange(len(codes))], axis=1)
        if not task.labels:  # those of a collection
            task = self.task = replace(task, labels=("first", "second"))
        grid = Grid(HOP_S, scored_from_s=0.0) if task.kind == "f0" else Grid()
        self.job = Job(method.spec, method.reference, method.code, 0, task, grid, train, y, {})
        self.estimator: Any = None
        self.rows: list[Any] = []

    def docstring(self) -> str:
        if not self.method.function.__doc__:
            raise AssertionError("write one: its first line is the title on boards")
        return self.method.title

    def builds(self) -> None:
        estimator = self.method.build(0)
        clone(estimator).get_params(deep=True)

    def fit(self) -> Any:
        estimator = self.method.build(0)
        with one_thread():
            fit(estimator, self.job)
        return estimator

    def predict(self, estimator: Any, items: np.ndarray) -> list[Any]:
        if self.task.kind == "pairs":
            return self.matched(estimator, items)
        with one_thread():
            rows = predict(estimator, items, self.job)
        if self.task.kind == "f0":
            return [_semitones(row) for row in rows]
        return _distances(rows) if self.task.kind == "ranking" else rows

    def matched(self, estimator: Any, items: np.ndarray) -> list[Any]:
        """Scores of each item with the videos of this trial, in one order whatever the items'."""
        shown = _videos(np.arange(len(items)) % 2, seed=3)
        with one_thread():
            found = matched(estimator, {"": items}, {"": shown}, self.method.spec)
        return [scores[[0]] for scores, _ in found[""]]

    def answers(self) -> str:
        self.estimator = self.fit()
        self.rows = self.predict(self.estimator, self.test)
        return f"task {self.task.name}"

    def repeats(self) -> None:
        _assert_same(self.rows, self.predict(self.fit(), self.test), 0.0)

    def one_by_one(self) -> None:
        single = [self.predict(self.estimator, self.test[i : i + 1])[0] for i in range(7)]
        _assert_same(self.rows, single, 1e-5 if self.task.kind in ONE_ROW else self.tolerance)

    def order(self) -> None:
        rows = self.predict(self.estimator, self.test[::-1])[::-1]
        if self.task.kind == "ranking":
            rows = [row[::-1] for row in rows]
        _assert_same(self.rows, rows, self.tolerance)

    @property
    def tolerance(self) -> float:
        """Of half-precision numbers: scores, or semitones and voicing."""
        return 2e-2 if self.task.kind == "f0" else 2e-3

    def stateless(self) -> None:
        _assert_same(self.rows, self.predict(self.estimator, self.test), 0.0)

    def odd_items(self) -> None:
        rng = np.random.default_rng(2)
        odd = [
            np.zeros(6 * SR),
            np.clip(rng.standard_normal(6 * SR) * 10, -1, 1),
            rng.standard_normal(SR // 3),
            np.full(6 * SR, 0.5),
        ]
        self.predict(self.estimator, as_items(Item.from_array(s, SR) for s in odd))


def _items(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    items, codes = [], []
    for i in range(n):
        t = np.arange(int(SR * (7 + i % 3))) / SR
        if i % 2:
            burst = (np.sin(2 * np.pi * (3 + i % 3) * t) > 0) * rng.standard_normal(len(t))
            signal = 0.1 * burst + 0.001 * rng.standard_normal(len(t))
        else:
            chord = sum(np.sin(2 * np.pi * f * (1 + 0.02 * i) * t) for f in (220.0, 277.2, 329.6))
            signal = 0.08 * chord * (1 + 0.1 * np.sin(2 * np.pi * 0.5 * t))
        items.append(Item.from_array(signal, SR, group=f"g{i // 2}-{i % 2}"))
        codes.append(i % 2)
    return as_items(items), np.array(codes, dtype=np.int64)


def _as_segments(items: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return ragged([(0.0, x.duration_s, int(c))] for x, c in zip(items, codes, strict=True))


def _videos(codes: np.ndarray, seed: int) -> np.ndarray:
    """A video a code: a square that moves, brighter for 1 than for 0; 6 s of 32 by 32 pixels."""
    rng, rows = np.random.default_rng(seed), []
    for i, code in enumerate(codes):
        frames = rng.integers(0, 30, (60, 32, 32, 3))
        for t, frame in enumerate(frames):
            at = (3 * i + t) % 24
            frame[at : at + 8, 4 + i % 8 : 12 + i % 8] += 80 + 120 * int(code)
        rows.append(VideoItem.from_array(frames.clip(0, 255)))
    return ragged(rows)


def _as_pitch(items: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """A fundamental an item for chords, none for noise."""
    rows = []
    for i, (item, code) in enumerate(zip(items, codes, strict=True)):
        times = frame_times(n_frames(item.duration_s))
        rows.append(np.stack([times, np.full(len(times), 220.0 + 10 * i) * (code == 0)], axis=1))
    return ragged(rows)


def _semitones(row: np.ndarray) -> np.ndarray:
    """An answer whose frequencies are semitones above 10 Hz, so that a gap is one to the ear."""
    f0_hz, voicing = row.astype(float).T
    return np.stack([12 * np.log2(np.maximum(f0_hz, LOWEST_HZ) / LOWEST_HZ), voicing], axis=1)


def _distances(lists: list[Any]) -> list[np.ndarray]:
    """Distances of each item to all, by their position; 0 to itself."""
    rows = [np.zeros(len(lists)) for _ in lists]
    for row, (ids, distances) in zip(rows, lists, strict=True):
        row[ids] = distances
    return rows


def _assert_same(a: list[Any], b: list[Any], tolerance: float) -> None:
    for left, right in zip(a, b, strict=True):
        if isinstance(left, list):
            if left != right:
                raise AssertionError(f"segments {left[:3]} against {right[:3]}")
            continue
        if np.shape(left) != np.shape(right):
            raise AssertionError(f"answers of shapes {np.shape(left)} and {np.shape(right)}")
        gap = float(np.max(np.abs(np.asarray(left, float) - np.asarray(right, float)), initial=0.0))
        if gap > tolerance:
            raise AssertionError(f"answers differ by {gap:.2g} (at most {tolerance:g})")

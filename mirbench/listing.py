"""``mirbench list``: what there is, a line each."""

from __future__ import annotations

import importlib
import inspect
import shutil
import textwrap
from collections.abc import Callable
from functools import partial

from mirbench.errors import MirbenchError, ProtocolError
from mirbench.folded_names import folded_names
from mirbench.nearest_names import asked

LEAST = 30
"""Columns that a description needs beside its name; with fewer it stands below."""
LONG = 40
"""Letters of a name up to which descriptions stand beside it."""


def table(what: str, task: str | None = None) -> str:
    """Names of one kind of thing with a word on each, in columns.

    Of protocols and metrics those of one task, if it is named (of protocols also the part of a name
    before the slash).

    Raises
    ------
    ProtocolError
        Nothing of that task, or other things than protocols and metrics of one task.
    """
    if task and what not in ("protocols", "metrics"):
        raise ProtocolError(
            f"{what} aren't listed by task; protocols and metrics are, and 'mirbench check METHOD "
            "--task TASK' says whether a method answers for one"
        )
    every = _ROWS[what]()
    rows = [(name, about) for name, about, tasks in every if not task or task in tasks]
    if not rows:
        known = dict.fromkeys(one for _, _, tasks in every for one in tasks)
        see = f"there are {what} of {', '.join(known)}"
        raise ProtocolError(f"no {what} of task {task!r}{asked(str(task), known, see)}")
    columns = shutil.get_terminal_size((120, 40)).columns
    left = max([len(name) for name, _ in rows if len(name) <= LONG], default=LONG) + 2
    below = columns - left < LEAST
    indent = " " * (4 if below else left)
    lines = []
    for name, about in rows:
        text = textwrap.fill(about, columns, initial_indent=indent, subsequent_indent=indent)
        alone = below or len(name) > LONG
        lines.append(
            f"{textwrap.fill(name, columns)}\n{text}" if alone else f"{name:{left}}{text[left:]}"
        )
    return "\n".join(lines)


Row = tuple[str, str, tuple[str, ...]]
"""A name, a word on it, and the tasks that it is of."""


def _tasks() -> list[Row]:
    from mirbench.tasks import TASKS

    return [
        (t.name, f"{t.title} ({t.kind}: {', '.join(t.labels) or t.column})", ())
        for t in TASKS.values()
    ]


def _corpora() -> list[Row]:
    from mirbench.corpora import corpus_names

    rows: list[Row] = []
    for name in corpus_names():
        try:
            module = importlib.import_module(f"mirbench.corpora.{name.replace('-', '_')}")
            about = module.TITLE
        except ModuleNotFoundError:
            about = "from another package"
        rows.append((name, about, ()))
    return [*rows, ("any folder", "index.csv with 'path' and labels, or one folder a class", ())]


def _protocols() -> list[Row]:
    from mirbench.protocols import load_protocol, protocol_names, published_names
    from mirbench.protocols.published_splits import PUBLISHED

    rows: list[Row] = []
    for name in protocol_names():
        protocol = load_protocol(name)
        tasks = (protocol.task.name, name.partition("/")[0])
        rows.append((name, f"[{protocol.evidence}] {protocol.description}", tasks))
    for form, names in sorted(folded_names(published_names())):
        maker = PUBLISHED[names[0]]
        first, *_ = (
            inspect.getdoc(maker.func if isinstance(maker, partial) else maker) or ""
        ).split("\n")
        about = f"[real] Published split (docs/splits.md): {first}"
        rows.append((form, about, (form.partition("/")[0],)))
    return rows


def _methods() -> list[Row]:
    from mirbench.methods import load_method, method_names

    rows: list[Row] = []
    for name in method_names():
        try:
            method = load_method(name)
            reason = method.skip()
            about = f"[{method.family}] {method.title}"
            rows.append((name, about + (f" (can't run here: {reason})" if reason else ""), ()))
        except (ImportError, MirbenchError) as error:
            rows.append((name, f"can't be loaded: {error}", ()))
    return rows


def _metrics() -> list[Row]:
    from mirbench.frames import Grid
    from mirbench.metrics import metrics_for
    from mirbench.tasks import TASKS

    rows: list[Row] = []
    for task in TASKS.values():
        for metric in metrics_for(task, Grid()):
            better = "higher" if metric.greater_is_better else "lower"
            unit = f", {metric.unit}" if metric.unit else ""
            rows.append((metric.name, f"{task.name}: {better} is better{unit}", (task.name,)))
    return rows


_ROWS: dict[str, Callable[[], list[Row]]] = {
    "tasks": _tasks,
    "corpora": _corpora,
    "protocols": _protocols,
    "methods": _methods,
    "metrics": _metrics,
}

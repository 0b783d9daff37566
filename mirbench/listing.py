"""``mirbench list``: what there is, a line each."""

from __future__ import annotations

import importlib
import shutil
import textwrap
from collections.abc import Callable

from mirbench.errors import MirbenchError

LEAST = 30
"""Columns that a description needs beside its name; with fewer it stands below."""


def table(what: str) -> str:
    """Names of one kind of thing with a word on each, in columns."""
    rows = _ROWS[what]()
    columns = shutil.get_terminal_size((120, 40)).columns
    left = max(len(name) for name, _ in rows) + 2
    below = columns - left < LEAST
    indent = " " * (4 if below else left)
    lines = []
    for name, about in rows:
        text = textwrap.fill(about, columns, initial_indent=indent, subsequent_indent=indent)
        lines.append(f"{name}\n{text}" if below else f"{name:{left}}{text[left:]}")
    return "\n".join(lines)


def _tasks() -> list[tuple[str, str]]:
    from mirbench.tasks import TASKS

    return [
        (t.name, f"{t.title} ({t.kind}: {', '.join(t.labels) or t.column})") for t in TASKS.values()
    ]


def _corpora() -> list[tuple[str, str]]:
    from mirbench.corpora import corpus_names

    rows = []
    for name in corpus_names():
        try:
            module = importlib.import_module(f"mirbench.corpora.{name.replace('-', '_')}")
            about = module.TITLE
        except ModuleNotFoundError:
            about = "from another package"
        rows.append((name, about))
    return [*rows, ("any folder", "index.csv with 'path' and labels, or one folder a class")]


def _protocols() -> list[tuple[str, str]]:
    from mirbench.protocols import load_protocol, protocol_names, published_names

    rows = []
    for name in protocol_names():
        protocol = load_protocol(name)
        rows.append((name, f"[{protocol.evidence}] {protocol.description}"))
    made = "published split, made of the corpus and lists on this machine: docs/splits.md"
    return [*rows, *((name, f"[real] {made}") for name in published_names())]


def _methods() -> list[tuple[str, str]]:
    from mirbench.methods import load_method, method_names

    rows = []
    for name in method_names():
        try:
            method = load_method(name)
            reason = method.skip()
            about = f"[{method.family}] {method.title}"
            rows.append((name, about + (f" (can't run here: {reason})" if reason else "")))
        except (ImportError, MirbenchError) as error:
            rows.append((name, f"can't be loaded: {error}"))
    return rows


def _metrics() -> list[tuple[str, str]]:
    from mirbench.frames import Grid
    from mirbench.metrics import metrics_for
    from mirbench.tasks import TASKS

    rows = []
    for task in TASKS.values():
        for metric in metrics_for(task, Grid()):
            better = "higher" if metric.greater_is_better else "lower"
            unit = f", {metric.unit}" if metric.unit else ""
            rows.append((metric.name, f"{task.name}: {better} is better{unit}"))
    return rows


_ROWS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "tasks": _tasks,
    "corpora": _corpora,
    "protocols": _protocols,
    "methods": _methods,
    "metrics": _metrics,
}

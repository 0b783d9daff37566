"""Progress on standard error: bars, one a phase, or where it is no terminal a plain line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

EVERY_S = 30.0
"""Between two plain lines; what ends sooner writes none."""


class Progress:
    """Context of the bars, or lines, of one run; silent unless ``show``."""

    def __init__(self, show: bool) -> None:
        self._bars: Any = None
        self._lines: _Lines | None = None
        if show and not sys.stderr.isatty():
            self._lines = _Lines()
        elif show:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description:10}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bars = Bars(*columns, console=Console(stderr=True))

    def __enter__(self) -> Progress:
        for shown in (self._bars, self._lines):
            if shown is not None:
                shown.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for shown in (self._bars, self._lines):
            if shown is not None:
                shown.stop()

    def task(self, name: str, total: int) -> Callable[[int], None]:
        """Start a bar; returns the function that moves it on."""
        if self._lines is not None:
            return self._lines.task(name, total)
        if self._bars is None:
            return lambda n: None
        bar = self._bars.add_task(name, total=total)
        return lambda n: self._bars.advance(bar, n)


def line(name: str, done: int, total: int, seconds: float) -> str:
    """How far a phase is.

    >>> line("cells", 12, 50, 130.0)
    'cells 12/50, 2 min'
    >>> line("cells", 0, 50, 30.2)
    'cells 0/50, 30 s'
    """
    lasts = f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
    return f"{name} {done}/{total}, {lasts}"


class _Lines:
    """A line about the phase at hand every ``EVERY_S`` seconds, from a thread: a cell may take minutes."""

    def __init__(self) -> None:
        self._begun, self._over = time.monotonic(), threading.Event()
        self._phase: tuple[str, int] = ("", 0)
        self._done = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def task(self, name: str, total: int) -> Callable[[int], None]:
        self._phase, self._done = (name, total), 0
        return self._advance

    def _advance(self, n: int) -> None:
        self._done += n

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            name, total = self._phase
            if name:
                told = line(name, self._done, total, time.monotonic() - self._begun)
                print(told, file=sys.stderr, flush=True)

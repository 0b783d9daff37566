"""Progress bars on standard error, one a phase; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any


class Progress:
    """Context of the bars of one run."""

    def __init__(self, show: bool) -> None:
        self._bars: Any = None
        if show and sys.stderr.isatty():
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
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def task(self, name: str, total: int) -> Callable[[int], None]:
        """Start a bar; returns the function that moves it on."""
        if self._bars is None:
            return lambda n: None
        bar = self._bars.add_task(name, total=total)
        return lambda n: self._bars.advance(bar, n)

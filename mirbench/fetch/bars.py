"""Progress in bytes, with what remains; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Move = Callable[[int], None]
Start = Callable[[str, int | None], Move]


@contextmanager
def bars(show: bool) -> Iterator[Start]:
    """Bars on standard error, drawn as those of a run (`mirbench.running.progress`).

    Gives the function that starts a bar of so many bytes (None: unknown); that returns the one that
    moves it on, or back where it's told fewer than 0.
    """
    if not (show and sys.stderr.isatty()):
        yield lambda name, total: lambda n: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description:20}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def start(name: str, total: int | None) -> Move:
            for done in shown.task_ids:  # a corpus may be a hundred archives: one bar at a time
                shown.remove_task(done)
            bar = shown.add_task(name, total=total)
            return lambda n: shown.advance(bar, n)

        yield start

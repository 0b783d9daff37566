"""Worker processes that end with the process that started them, however it ends."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from joblib import Parallel

EVERY_S = 0.5


def workers(n_jobs: int, **options: Any) -> Parallel:
    """``joblib.Parallel`` over processes that don't outlive this one, even where it is killed."""
    return Parallel(n_jobs=n_jobs, initializer=_end_with, initargs=(os.getpid(),), **options)


def _end_with(parent: int) -> None:
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY_S)
    os._exit(1)

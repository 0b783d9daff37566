"""Worker processes that end with the process that started them, however it ends."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from functools import cache
from typing import Any

from joblib import Parallel

from mirbench.gpus import gpus, keep_to_one

EVERY_S = 0.5


def workers(n_jobs: int, **options: Any) -> Parallel:
    """``joblib.Parallel`` over processes that don't outlive this one, even where it is killed.

    With two GPUs or more each process keeps to one of them (`mirbench.gpus`).
    """
    known = _gpus()
    claims = _claims().name if len(known) > 1 else ""
    start = (os.getpid(), known, claims)
    return Parallel(n_jobs=n_jobs, initializer=_begin, initargs=start, **options)


@cache
def _gpus() -> list[str]:
    return gpus()


@cache
def _claims() -> tempfile.TemporaryDirectory:
    """One a process, so that its worker processes are used again; it goes with it."""
    return tempfile.TemporaryDirectory(prefix="mirbench-gpus-")


def _begin(parent: int, known: list[str], claims: str) -> None:
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if claims:
        keep_to_one(known, claims)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY_S)
    os._exit(1)

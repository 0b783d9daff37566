"""The process that runs a cell: its threads, memory and seeds."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import psutil
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """One BLAS, OpenMP and torch thread: two workers with as many threads as cores are slower."""
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch is not None else 0
    if torch is not None:
        torch.set_num_threads(1)
    try:
        with _thread_pools(len(sys.modules)).limit(limits=1):
            yield
    finally:
        if torch is not None:
            torch.set_num_threads(before)


@lru_cache(maxsize=1)
def _thread_pools(n_modules: int) -> ThreadpoolController:
    """The libraries with threads; looked for again (3 ms) where modules were imported since."""
    return ThreadpoolController()


def on_gpu() -> bool:
    """Whether nets of this process run on a GPU: processor time then says little of a fit."""
    torch = sys.modules.get("torch")
    return torch is not None and torch.cuda.is_available()


@contextmanager
def peak_memory(every_s: float = 0.05) -> Iterator[list[int]]:
    """Highest resident size (bytes) seen while inside, sampled; ``[0]`` of what it yields."""
    process = psutil.Process()
    peak = [process.memory_info().rss]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(every_s):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()
        peak[0] = max(peak[0], process.memory_info().rss)


def reset_seeds(seed: int) -> None:
    """Seed the global generators, so that no cell depends on the one before."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - methods may use the global generator
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)

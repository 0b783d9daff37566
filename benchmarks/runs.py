"""A whole run cold, warm and finished: `mirbench run` as a process of its own, two workers.

    python benchmarks/runs.py

Cold: nothing cached. Warm: features cached, no cell finished. Resumed: half of the cells finished.
Finished: everything is read from the store. Ratios are against the cold run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

METHODS = ("prior-frames", "scheirer-slaney-gaussian", "scheirer-slaney-gmm")
PROTOCOL = "speech-music/mini"


def seconds(home: Path) -> float:
    """Time of one run under that home."""
    command = [sys.executable, "-m", "mirbench.cli", "run", *METHODS, "-p", PROTOCOL]
    start = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "MIRBENCH_HOME": str(home)},
    )
    return time.perf_counter() - start


def forget(home: Path, share: float) -> None:
    """Delete that share of the finished cells."""
    cells = sorted((home / "cells").rglob("*.json"))
    for path in cells[: round(share * len(cells))]:
        path.unlink()


def main() -> None:
    """Print the four times."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        cold = seconds(home)
        forget(home, 1.0)
        warm = seconds(home)
        forget(home, 0.5)
        resumed = seconds(home)
        finished = seconds(home)
    print(f"{', '.join(METHODS)} under {PROTOCOL}, 2 workers")
    for name, value in (
        ("cold", cold),
        ("warm", warm),
        ("resumed", resumed),
        ("finished", finished),
    ):
        print(f"{name:9} {value:7.1f} s   {value / cold:5.2f} of cold")


if __name__ == "__main__":
    main()

"""Cells on several GPUs: each worker process keeps to one of them.

One net isn't spread over GPUs: its batches, and with them batch statistics and figures, would depend on
how many there are, and a row must not. Cells and seeds are independent, so that many GPUs serve them as
well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"


def gpus() -> list[str]:
    """CUDA's devices open to this process, as ``CUDA_VISIBLE_DEVICES`` names them; none without a driver."""
    if VISIBLE in os.environ:
        return [name for name in os.environ[VISIBLE].split(",") if name.strip()]
    return [uuid for uuid, _ in _listed()]


def gpu_names() -> list[str]:
    """Model of each NVIDIA GPU of the machine."""
    return [model for _, model in _listed()]


def keep_to_one(known: list[str], claims: str) -> None:
    """Show this process one of ``known`` only, the next in turn; call it before torch starts CUDA.

    Parameters
    ----------
    known : list of str
        As :func:`gpus` gives them.
    claims : str
        Folder that the processes which share them have in common: a file a process in it.
    """
    turn = 0
    while not _claimed(Path(claims) / str(turn)):
        turn += 1
    os.environ[VISIBLE] = known[turn % len(known)]


def _claimed(file: Path) -> bool:
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _listed() -> list[list[str]]:
    """UUID and model of each GPU, of NVIDIA's own tool: asking torch would start CUDA here."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=uuid,name", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    if answer.returncode:
        return []
    return [line.split(", ", 1) for line in answer.stdout.splitlines() if ", " in line]

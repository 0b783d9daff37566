"""What a record says of the machine and the libraries that made it."""

from __future__ import annotations

import os
import platform

import psutil

from mirbench.canonical import versions
from mirbench.gpus import gpu_names

LIBRARIES = (
    "mirbench",
    "numpy",
    "scipy",
    "scikit-learn",
    "librosa",
    "soundfile",
    "soxr",
    "torch",
    "skorch",
)


def library_versions() -> dict[str, str]:
    """Installed versions of the libraries that results depend on."""
    return versions(*LIBRARIES)


def environment() -> dict[str, object]:
    """Python, processor, GPUs if any, and libraries; no host name, user or path."""
    models = gpu_names()
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        **({"gpus": models} if models else {}),
        "libraries": library_versions(),
    }

"""Several GPUs: which are seen, and that workers share them out evenly. No GPU is needed."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from mirbench import gpus as module
from mirbench.gpus import VISIBLE, gpu_names, gpus, keep_to_one
from mirbench.running.environment import environment

SHARED_OUT = """
import json, os, sys, time
from joblib import delayed
from mirbench.workers import workers

def which(i):
    time.sleep(0.3)  # so that each worker has its share
    return os.getpid(), os.environ.get("CUDA_VISIBLE_DEVICES")

if __name__ == "__main__":
    for _ in range(2):  # the same processes serve both calls
        print(json.dumps(sorted(set(workers(int(sys.argv[1]))(delayed(which)(i) for i in range(8))))))
"""
TOOL = """#!/bin/sh
echo "GPU-aa, NVIDIA H100 80GB HBM3"
echo "GPU-bb, NVIDIA H100 80GB HBM3"
"""


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """A machine with two GPUs, as NVIDIA's tool tells it."""
    file = tmp_path / "nvidia-smi"
    file.write_text(TOOL)
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv(VISIBLE, raising=False)
    return file


def test_gpus_of_the_machine_or_of_the_environment(tool, monkeypatch):
    assert gpus() == ["GPU-aa", "GPU-bb"]
    assert environment()["gpus"] == gpu_names() == ["NVIDIA H100 80GB HBM3"] * 2
    monkeypatch.setenv(VISIBLE, "3,5,7")
    assert gpus() == ["3", "5", "7"]
    monkeypatch.setenv(VISIBLE, "")  # hidden from CUDA
    assert gpus() == []


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 9\n", "#!/bin/sh\necho No devices were found\n"])
def test_a_driver_without_a_gpu(tool, text):
    tool.write_text(text)
    assert gpus() == []
    assert "gpus" not in environment()


def test_no_driver(monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.delenv(VISIBLE, raising=False)
    assert gpus() == []


def test_processes_take_turns(tmp_path, monkeypatch):
    monkeypatch.setenv(VISIBLE, "0,1")
    taken = []
    for _ in range(5):
        keep_to_one(["0", "1"], str(tmp_path))
        taken.append(os.environ[VISIBLE])
    assert taken == ["0", "1", "0", "1", "0"]


@pytest.mark.parametrize(("visible", "jobs", "shares"), [("4,6", 4, [2, 2]), ("4", 2, [2])])
def test_workers_share_them_out(tmp_path, visible, jobs, shares):
    script = tmp_path / "shared_out.py"
    script.write_text(SHARED_OUT)
    made = subprocess.run(
        [sys.executable, script, str(jobs)],
        env=os.environ | {VISIBLE: visible},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = (json.loads(line) for line in made.stdout.splitlines())
    assert all(worker in first for worker in second)
    assert sorted(Counter(device for _, device in first).values()) == shares
    assert {device for _, device in first} == set(visible.split(","))

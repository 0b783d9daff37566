"""Workers of a killed run end with it; those of a living one do their work."""

import subprocess
import sys
import time

import psutil
from joblib import delayed

from mirbench.workers import workers

PARENT = """
import os, time
from joblib import delayed
from mirbench.workers import workers

def busy(i):
    print(os.getpid(), flush=True)
    time.sleep(60)

workers(2)(delayed(busy)(i) for i in range(2))
"""


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    busy = [psutil.Process(int(parent.stdout.readline())) for _ in range(2)]
    try:
        parent.kill()
        parent.wait()
        end = time.monotonic() + 20
        while any(running(p) for p in busy) and time.monotonic() < end:
            time.sleep(0.1)
        assert not any(running(p) for p in busy)
    finally:
        for process in busy:
            if running(process):
                process.kill()


def running(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_workers_of_a_living_parent_answer():
    assert workers(2)(delayed(pow)(i, 2) for i in range(5)) == [0, 1, 4, 9, 16]

"""A home of its own for every test session, one thread a process, and small corpora to test on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pytest
import soundfile as sf


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embedded corpora, rendered once for all homes and workers: each is checked against its hash."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    path = shared / "rendered"
    path.mkdir(exist_ok=True)
    return path


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, rendered: Path) -> Iterator[Path]:
    """Caches and results go to a temporary folder."""
    path = tmp_path_factory.mktemp("home")
    (path / "corpora").symlink_to(rendered)
    before = os.environ.get("MIRBENCH_HOME")
    os.environ["MIRBENCH_HOME"] = str(path)
    yield path
    if before is None:
        del os.environ["MIRBENCH_HOME"]
    else:
        os.environ["MIRBENCH_HOME"] = before


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rendered: Path) -> Path:
    """A home for one test only: nothing cached or stored but the embedded corpora's sounds."""
    path = tmp_path / "home"
    path.mkdir()
    (path / "corpora").symlink_to(rendered)
    monkeypatch.setenv("MIRBENCH_HOME", str(path))
    return path


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Folder of noise bursts and chords, made once for all tests that ask for the same; to copy."""

    @lru_cache
    def make(groups: int, per_group: int, seconds: float, sr: int, seed: int) -> Path:
        root = tmp_path_factory.mktemp("sounds")
        rng = np.random.default_rng(seed)
        for label in ("music", "speech"):
            (root / label).mkdir()
            for g in range(groups):
                for j in range(per_group):
                    signal = _sound(label, rng, seconds, sr)
                    sf.write(root / f"{label}/{g}-{j}.wav", signal, sr, subtype="PCM_16")
        return root

    return make


@pytest.fixture
def make_corpus(tmp_path: Path, sounds: Callable[..., Path]) -> Callable[..., Path]:
    """Folder with ``index.csv``: noise bursts ("speech") and steady chords ("music")."""

    def make(
        name: str = "tiny",
        *,
        groups: int = 6,
        per_group: int = 2,
        seconds: float = 8.0,
        sr: int = 8000,
        seed: int = 0,
    ) -> Path:
        root = tmp_path / name
        shutil.copytree(sounds(groups, per_group, seconds, sr, seed), root, dirs_exist_ok=True)
        rows = [
            {"path": f"{label}/{g}-{j}.wav", "label": label, "group": f"{name}-{label}-{g}"}
            for label in ("music", "speech")
            for g in range(groups)
            for j in range(per_group)
        ]
        pd.DataFrame(rows).to_csv(root / "index.csv", index=False)
        return root

    return make


def _sound(label: str, rng: np.random.Generator, seconds: float, sr: int) -> np.ndarray:
    t = np.arange(int(seconds * sr)) / sr
    if label == "speech":
        rate = rng.uniform(3, 5)
        return 0.1 * (np.sin(2 * np.pi * rate * t) > 0) * rng.standard_normal(len(t))
    f = rng.uniform(200, 400)
    chord = sum(np.sin(2 * np.pi * f * k * t) for k in (1, 1.25, 1.5))
    return 0.08 * chord + 0.002 * rng.standard_normal(len(t))


SPY_METHOD = """
import numpy as np
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from mirbench.features import Extract
from mirbench.estimators import PerFrame

HOP = 0.02

def energy(signal, sr):
    hop = round(sr * HOP)
    n = len(signal) // hop
    frames = signal[: n * hop].reshape(n, hop)
    rms = np.sqrt(np.mean(frames**2, axis=1) + 1e-12)
    zcr = np.mean(np.diff(np.signbit(frames), axis=1), axis=1)
    return np.stack([np.log(rms), zcr], axis=1).astype(np.float32)

def summary(signal, sr):
    rows = energy(signal, sr)
    return np.concatenate([rows.mean(axis=0), rows.std(axis=0)])
"""


@pytest.fixture
def method_file(tmp_path: Path) -> Callable[..., str]:
    """Write a user's method file; returns its spec."""

    def write(body: str, attribute: str = "method", name: str = "mine.py") -> str:
        path = tmp_path / name
        path.write_text(SPY_METHOD + body, encoding="utf-8")
        return f"{path}:{attribute}"

    return write


FRAMES_BODY = '''
def method():
    """Energy and zero crossings, Gaussian naive Bayes."""
    return make_pipeline(Extract(energy, sr=8000), PerFrame(GaussianNB()))

def clips():
    """Mean and deviation of energy and zero crossings, Gaussian naive Bayes."""
    return make_pipeline(Extract(summary, sr=8000), GaussianNB())
'''


@pytest.fixture
def plain_method(method_file: Callable[..., str]) -> str:
    """A frame method that works."""
    return method_file(FRAMES_BODY)

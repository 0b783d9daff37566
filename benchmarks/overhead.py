"""What the harness costs: a run of All 13 + GMM in 10 folds against a bare scikit-learn loop.

Both fit and predict the same folds from the same cached features, in a process that has listed the
recordings and read the features before; the harness also checks the answers, writes every cell and the record, and reads them back. One process, one thread.

    python benchmarks/overhead.py [--repeats 7]

Uses the real corpora where MIRBENCH_DATA is set, the embedded ones elsewhere.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from mirbench.features import Extract
from mirbench.home import data_root
from mirbench.items import as_items
from mirbench.methods import find_all, load_method
from mirbench.protocols import Protocol, make_protocol
from mirbench.running import run_protocol
from mirbench.running.items import protocol_items, select, targets
from mirbench.running.process import one_thread

METHOD = "scheirer-slaney-gmm"


def bare_loop(protocol: Protocol) -> float:
    """Seconds of the loop a user would write: read the cached features once, then fit and predict."""
    items = protocol_items(protocol)
    extract = find_all(load_method(METHOD).build(), Extract)[0]
    start = time.perf_counter()
    features = dict(zip(items, extract.transform(as_items(items.values())), strict=True))
    with one_thread():
        for cell in protocol.cells:
            estimator = load_method(METHOD).build().steps[-1][1]
            train = np.empty(len(cell.train), dtype=object)
            train[:] = [features[i] for i in cell.train]
            estimator.fit(train, targets(protocol, cell.train))
            for ids in cell.tests.values():
                test = np.empty(len(ids), dtype=object)
                test[:] = [features[i] for i in ids]
                estimator.predict_proba(test)
    return time.perf_counter() - start


def harness(protocol: Protocol, home: Path) -> float:
    """Seconds of a whole run, features cached, no cell finished."""
    for path in (home / "cells").rglob("*.json"):
        path.unlink()
    start = time.perf_counter()
    _, failures = run_protocol([METHOD], protocol, n_jobs=1, progress=False)
    assert not failures, failures
    return time.perf_counter() - start


def main() -> None:
    """Print both times, their ratio and the difference a cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    corpus = "librispeech-ccmusic" if data_root() else "embedded-studio"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MIRBENCH_HOME"] = folder
        protocol = make_protocol("speech-music", [corpus], folds=10)
        cells = len(protocol.cells)
        select(protocol_items(protocol), protocol.cells[0].train)
        harness(protocol, Path(folder))  # fills the feature cache, imports everything
        pairs = [(harness(protocol, Path(folder)), bare_loop(protocol)) for _ in range(repeats)]
    ratio = statistics.median(a / b for a, b in pairs)
    extra = statistics.median((a - b) / cells for a, b in pairs)
    print(f"{corpus}, {METHOD}, {cells} folds, features cached, median of {repeats} pairs")
    print(f"bare scikit-learn loop  {statistics.median(b for _, b in pairs):7.2f} s")
    print(f"mirbench                {statistics.median(a for a, _ in pairs):7.2f} s")
    print(f"ratio                   {ratio:7.3f}   ({1000 * extra:.0f} ms a cell)")


if __name__ == "__main__":
    main()

"""Made-up protocols of tags and of values, and records of them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
from made_records import GRID, record

from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import load_task

TAGS = ("drums", "guitar", "piano", "rare", "voice")
N_TESTED = 64


def items(label, corpora=("A", "B"), n=N_TESTED):
    rows = [
        {
            "id": f"{corpus}/{i}",
            "corpus": corpus,
            "item": f"{corpus}-{i}",
            "start_s": 0.0,
            "duration_s": 3.0,
            "degradation": "",
            "key": f"{corpus}{i}",
            "group": f"{corpus}-{i // 2}",
            "label": json.dumps(label(i)),
            "style": "loud" if i % 3 else "soft",
        }
        for corpus in corpora
        for i in range(n)
    ]
    return pd.DataFrame(rows)


def _protocol(name, task, table, headline):
    """Two folds within A and within B, A to B and B to A; groups of two items."""
    cells = []
    for source, other in (("A", "B"), ("B", "A")):
        own = table[table["corpus"] == source]
        groups = own["group"].drop_duplicates().tolist()
        for k in (0, 1):
            tested = own["group"].isin(groups[k::2])
            train, test = tuple(own.loc[~tested, "id"]), tuple(own.loc[tested, "id"])
            cells.append(Cell(f"{source}/{k}", source, train, {source: test}))
        others = tuple(table.loc[table["corpus"] == other, "id"])
        cells.append(Cell(source, source, tuple(own["id"]), {other: others}))
    return Protocol(
        name,
        "1",
        task,
        GRID,
        table,
        tuple(cells),
        headline=headline,
        evidence="real",
        description="Made up.",
    )


def tags_protocol():
    rng = np.random.default_rng(0)
    shares = {"drums": 0.5, "guitar": 0.3, "piano": 0.2, "rare": 0.0, "voice": 0.4}
    table = items(lambda i: [tag for tag in TAGS if rng.random() < shares[tag]])
    task = replace(load_task("tags"), labels=TAGS)
    return _protocol("tags/fake", task, table, ("PR-AUC", "ROC-AUC"))


def values_protocol():
    rng = np.random.default_rng(1)
    table = items(lambda i: np.round(rng.normal(5, 1.5, 2), 3).tolist())
    task = load_task("emotion")
    return _protocol("emotion/fake", task, table, ("CCC (arousal)", "CCC (valence)"))


def answering(protocol, noise, seed=0):
    """Truth plus noise, as probabilities or as numbers."""
    rng = np.random.default_rng(seed)

    def answer(cell, test, item):
        truth = np.array(protocol.task.target(item["label"]), dtype=float)
        if protocol.task.kind == "values":
            return (truth + noise * rng.normal(size=truth.shape)).astype(np.float32)
        logits = 2 * truth - 1 + noise * rng.normal(size=truth.shape)
        return (1 / (1 + np.exp(-2 * logits))).astype(np.float32)

    return answer


def made(protocol, spec, noise, seed=0, **identity):
    full = {"libraries": {"numpy": "2.0"}, "code": "ab" * 32} | identity
    done = record(protocol, spec, answering(protocol, noise, seed), "deep", seed, **full)
    for cost in done.header["provenance"]["cells"].values():
        cost |= {
            "fit_s": 2.0 + noise,
            "n_params": 1000 + len(spec),
            "n_multiply_adds": 10_000_000 * (1 + len(spec)),
            "choice": {"width": 0.5},
            "search": [[{"width": 0.5}, -0.25], [{"width": 1}, None]],
            "curve": [[0.7, 0.8], [0.5, None]],
        }
    return done

"""Made-up records whose scores are known, for tests of boards."""

import dataclasses
import json

import numpy as np
import pandas as pd

from mirbench.frames import Grid
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.records import Record, output_column
from mirbench.tasks import load_task

HOSTILE = "<script>alert(1)</script>|=cmd&_$\\x"
ERRORS = {"good": 0.05, "good-twin": 0.05, "bad": 0.35, HOSTILE: 0.5}
GRID = Grid()
SCORED = 260


def frame_items(corpora=("A", "B"), per_class=12):
    rows = [
        {
            "id": f"{corpus}/{label}/{i}",
            "corpus": corpus,
            "item": f"{label}/{i}",
            "start_s": 0.0,
            "duration_s": 5.0 + SCORED * GRID.hop_s,
            "degradation": "",
            "key": f"{corpus}{label}{i}",
            "group": f"{corpus}-{label}-{i // 1 if label == 'speech' else i // 2}",
            "label": label,
            "sex": ("F" if i % 2 else "M") if label == "speech" else None,
        }
        for corpus in corpora
        for label in ("music", "speech")
        for i in range(per_class)
    ]
    return pd.DataFrame(rows)


def matrix_protocol(**changes):
    """Two folds within A and within B, A to B and B to A."""
    items = frame_items()
    cells = []
    for source, other in (("A", "B"), ("B", "A")):
        ids = items.loc[items["corpus"] == source, "id"].tolist()
        for k in (0, 1):
            test = tuple(ids[k::2])
            train = tuple(i for i in ids if i not in test)
            cells.append(Cell(f"{source}/{k}", source, train, {source: test}))
        others = tuple(items.loc[items["corpus"] == other, "id"])
        cells.append(Cell(source, source, tuple(ids), {other: others}))
    made = Protocol(
        "speech-music/fake",
        "1",
        load_task("speech-music"),
        GRID,
        items,
        tuple(cells),
        headline=("frame error", "2.4-s error"),
        evidence="real",
        description="Made up.",
    )
    return dataclasses.replace(made, **changes)


def record(protocol, spec, answer, family="hand-crafted", seed=0, **identity):
    """A record whose output for (cell, test, item row) is ``answer(cell, test, item)``."""
    rows = [
        (cell.name, cell.source, test, i, answer(cell, test, protocol.table.loc[i]))
        for cell in protocol.cells
        for test, ids in cell.tests.items()
        for i in ids
    ]
    column = output_column(protocol.task.kind)
    who = {
        "method": spec,
        "params": {},
        "spec": spec,
        "title": f"{spec}, a title",
        "family": family,
        "cite": "",
        "trained_on": [],
        "seed": seed,
        "code": "1",
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "task": protocol.task.name,
        "kind": protocol.task.kind,
        "evidence": protocol.evidence,
        "leaks": False,
    }
    cost = {"fit_s": 2.0, "predict_s": 0.5, "extract_s": 1.0, "peak_mb": 300.0, "n_params": None}
    provenance = {"environment": {}, "cells": {cell.name: cost for cell in protocol.cells}}
    header = {"schema": 1, "identity": who | identity, "provenance": provenance}
    outputs = pd.DataFrame(rows, columns=["cell", "source", "test", "id", column])
    return Record(header | {"status": "complete"}, outputs)


def noisy_frames(error, seed, cross=0.2):
    """Frame scores of which a share ``error`` is wrong, ``cross`` more across corpora."""
    rng = np.random.default_rng(seed)

    def answer(cell, test, item):
        rate = np.clip(error + 0.04 * rng.normal() + (cross if cell.source != test else 0), 0, 1)
        wrong = rng.random(SCORED) < rate
        right = ("music", "speech").index(item["label"])
        return np.eye(2, dtype=np.float16)[np.where(wrong, 1 - right, right)]

    return answer


def learning_protocol():
    items = frame_items(("A",), 20)
    test = {"held out": tuple(items["id"][10:30])}
    cells = tuple(Cell(f"n={n}", f"n={n}", tuple(items["id"][:5]), test) for n in (20, 80))
    task = load_task("speech-music-clip")
    headline = ("balanced accuracy", "F (speech)")
    return Protocol("p", "1", task, GRID, items, cells, headline=headline, evidence="embedded")


def learner(protocol, spec="m"):
    rng = np.random.default_rng(0)

    def answer(cell, test, item):
        right = ("music", "speech").index(item["label"])
        wrong = rng.random() < (0.4 if cell.source == "n=20" else 0.1)
        return np.eye(2)[1 - right if wrong else right]

    return record(protocol, spec, answer)


def segment_protocol(n=6):
    truth = [[0.0, 10.0, "music"], [10.0, 20.0, "speech"]]
    items = pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(n)],
            "corpus": "P",
            "item": [f"p{i}" for i in range(n)],
            "start_s": 0.0,
            "duration_s": 20.0,
            "degradation": "",
            "key": [f"k{i}" for i in range(n)],
            "group": [f"p{i}" for i in range(n)],
            "label": json.dumps(truth),
        }
    )
    ids = tuple(items["id"])
    cells = tuple(Cell(i, "P", tuple(j for j in ids if j != i), {"P": (i,)}) for i in ids)
    task = load_task("speech-music-segments")
    return Protocol("p", "1", task, GRID, items, cells, headline=("macro F (10 ms)",))


def good_to_bad(protocol):
    """A record for each of ``ERRORS``."""
    return [
        record(protocol, spec, noisy_frames(error, i), "external" if spec == HOSTILE else "deep")
        for i, (spec, error) in enumerate(ERRORS.items())
    ]

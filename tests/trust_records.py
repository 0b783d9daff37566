"""Records of a frozen protocol with made-up answers, and boards of them, for tests of trust."""

import json
from pathlib import Path

import numpy as np
from made_records import record

from mirbench.boards.table import board
from mirbench.boards.text import to_csv, to_json, to_latex, to_markdown
from mirbench.protocols import load_protocol
from mirbench.records import record_path, save_record

CLASSES, FRAMES, SEGMENTS = "speech-music/5s-mini", "speech-music/mini", "segmentation/mini"
FORMS = {
    "board.json": to_json,
    "board.csv": to_csv,
    "board.md": to_markdown,
    "board.tex": to_latex,
}


def answering(protocol, error, seed):
    """Answers of which a share ``error`` is wrong."""
    rng = np.random.default_rng(seed)
    labels = protocol.task.labels
    grid = protocol.grid

    def answer(cell, test, item):
        if protocol.task.kind == "segments":
            truth = [tuple(s) for s in json.loads(item["label"])]
            wrong = rng.random() < error
            return [(0.0, float(item["duration_s"]), labels[0])] if wrong else truth
        right = labels.index(item["label"])
        if protocol.task.kind == "classes":
            scores = rng.random(len(labels)).astype(np.float32)
            scores[right] += 1.0 if rng.random() > error else -1.0
            return scores
        n = grid.n_frames(item["duration_s"]) - grid.first_scored
        scores = rng.random((n, len(labels)))
        scores[:, right] += np.where(rng.random(n) > error, 1.0, -1.0)
        return scores.astype(np.float16)

    return answer


def made(protocol, spec="mine", error=0.2, seed=0, **identity):
    """A record with every field that a run writes."""
    who = {"libraries": {"numpy": "2.0"}, "code": "ab" * 32} | identity
    return record(protocol, spec, answering(protocol, error, seed), seed=seed, **who)


def keep(root: Path, *records):
    """Save records at their places."""
    return [save_record(r, record_path(root, r.identity)) for r in records]


def draw(records, protocol, folder: Path):
    """The text forms of a board."""
    table = board(records, protocol)
    where = folder / protocol.name.replace("/", ".")
    where.mkdir(parents=True, exist_ok=True)
    for name, render in FORMS.items():
        (where / name).write_text(render(table), encoding="utf-8")
    return where


def committed(root: Path, name=CLASSES):
    """``records`` and ``boards`` under ``root``: three methods, one with two seeds."""
    protocol = load_protocol(name)
    records = keep(
        root / "records",
        made(protocol, "good", 0.05),
        made(protocol, "middling", 0.2),
        made(protocol, "bad", 0.4, 0),
        made(protocol, "bad", 0.4, 1),
    )
    draw(records, protocol, root / "boards")
    return protocol, records

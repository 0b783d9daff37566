"""From a method's record to the page of its worst mistakes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mirbench.boards.judge import Judge, usable
from mirbench.errors import DataError, MirbenchError, RecordError
from mirbench.home import write_atomically
from mirbench.items import Item
from mirbench.methods import Method, load_method
from mirbench.metrics.tagging import THRESHOLD
from mirbench.mistakes.find import Mistake, alike, truth_text, worst
from mirbench.mistakes.nearest import nearest_training
from mirbench.mistakes.page import strip, to_html
from mirbench.mistakes.places import Place, places
from mirbench.mistakes.spectrogram import COLUMNS, spectrogram
from mirbench.protocols import Protocol
from mirbench.records import load_records
from mirbench.running.items import protocol_items, select, training
from mirbench.running.progress import Progress

SUFFIXES = (".html", ".htm")
EXAMPLES = 3
SCORES = 5


def write_report(
    method: str,
    protocol: Protocol,
    path: str | Path,
    *,
    records: Path,
    n: int = 20,
    progress: bool = True,
) -> str:
    """Write the page of a method's ``n`` worst mistakes; returns a word on it.

    Parameters
    ----------
    method : str
        Spec, as on the board.
    protocol : Protocol
        Of a task of classes, tags, values, frames or ranking, its recordings on this machine.
    path : path-like
        ``.html``; recordings in or below its folder are linked relative to it.
    records : Path
        Root of the records.
    n : int
    progress : bool

    Raises
    ------
    RecordError
        The method has no usable record under the protocol.
    ProtocolError
        The task is of another kind.
    DataError
        A recording isn't here, or the page can't be written there.
    """
    path = Path(path).expanduser()
    if path.suffix.lower() not in SUFFIXES or n < 1:
        raise DataError(f"{path}, {n} mistakes: name a {' or '.join(SUFFIXES)} file, 1 or more")
    known, spec = _known(method)
    judge = Judge(_records(spec, protocol, records), protocol)
    found, summary = worst(judge, spec, n)
    page = _page(judge, spec, known, found, path.parent.resolve(), progress)
    metric = judge.headline[0]
    value = judge.interval(spec, metric, judge.main).value
    digits = judge.about(metric)["digits"]
    unit = " %" if metric.unit == "%" else ""
    headline = f"Over the board’s pooled rows: {metric.name} {value:.{digits}f}{unit}."
    html = to_html(page | {"summary": f"{headline} {summary}"})
    write_atomically(path, lambda part: part.write_text(html, encoding="utf-8"))
    return f"{path}: {len(found)} mistake{'s' if len(found) != 1 else ''} of {spec}"


def _known(name: str) -> tuple[Method | None, str]:
    with suppress(MirbenchError):  # an external row has no method to load
        method = load_method(name)
        return method, method.spec
    return None, name


def _records(spec: str, protocol: Protocol, root: Path) -> list[Any]:
    every = load_records(root, protocol_hash=protocol.hash)
    found, faults = usable([r for r in every if r.spec == spec], protocol)
    if not found:
        names = ", ".join(sorted({r.spec for r in every})) or "none"
        why = f" ({faults[0]})" if faults else ""
        raise RecordError(
            f"no usable record of {spec!r} under {protocol.name}{why} (there are: {names}); "
            f"make one: mirbench run {spec} -p {protocol.name}"
        )
    return found


def _page(
    judge: Judge,
    spec: str,
    method: Method | None,
    found: Sequence[Mistake],
    folder: Path,
    progress: bool,
) -> dict[str, Any]:
    protocol = judge.protocol
    record = judge.methods[spec][0]
    items, where = protocol_items(protocol), places(protocol)
    ranking = protocol.task.kind == "ranking"
    notes = [f"Protocol {protocol.name}, {protocol.evidence} corpora. {protocol.description}"]
    if len(judge.methods[spec]) > 1:
        notes.append(f"Answers of seed {record.identity['seed']}, the lowest run.")
    with Progress(progress) as bars:
        if ranking:
            examples = {m.id: _listed(m, protocol) for m in found}
        else:
            seed = int(record.identity["seed"])
            examples, words = _examples(protocol, method, seed, found, items, bars)
            notes += [f"Nearest training examples by {w}." for w in words]
        advance = bars.task("pictures", len(found))
        shown = []
        for m in found:
            shown.append(
                _seen(m.id, items, where, folder, COLUMNS)
                | _answer(m, judge, items[m.id], where[m.id])
                | {
                    "examples": [
                        _seen(e["id"], items, where, folder, COLUMNS // 2) | e
                        for e in examples[m.id]
                    ]
                }
            )
            advance(1)
    return {
        "method": spec,
        "title": record.identity["title"],
        "notes": notes,
        "labels": protocol.task.labels,
        "heading": "What the list holds instead" if ranking else "Nearest training examples",
        "mistakes": shown,
    }


def _seen(
    name: str, items: dict[str, Item], where: dict[str, Place], folder: Path, columns: int
) -> dict[str, Any]:
    place = where[name]
    return {
        "name": name,
        "link": place.link(folder),
        "picture": spectrogram(items[name], columns),
        "length": place.length,
    }


def _answer(m: Mistake, judge: Judge, item: Item, place: Place) -> dict[str, Any]:
    protocol, grid = judge.protocol, judge.protocol.grid
    # most frames may be right
    marks = {m.decided: "decided", m.truth: "truth"} | _tag_marks(m, protocol)
    top = [pair for i, pair in enumerate(m.scores) if i < SCORES or marks.get(pair[0]) == "truth"]
    codes = m.frames
    first_s = grid.first_scored * grid.hop_s
    row = protocol.table.loc[m.id]
    about = [
        f"{place.length}, {row['corpus']}, group {row['group']}; cell {m.cell}, test set {m.test}"
    ]
    if place.degradation:
        about.append(f"heard through {place.degradation}; plays as it was before")
    if protocol.task.kind == "ranking":
        about.append(f"truth: {m.truth}")
    return {
        "said": m.said,
        "about": about,
        "truth": truth_text(protocol.task, m.truth),
        "decided": m.decided,
        "scores": [
            {
                "label": label,
                "text": f"{score:.3g}",
                "bar": f"{score:.4f}" if 0 <= score <= 1 else "",
                "mark": marks.get(label, ""),
            }
            for label, score in top
        ],
        "strip": []
        if codes is None
        else strip(codes, protocol.task.code(m.truth), first_s, grid.hop_s, item.duration_s),
    }


def _tag_marks(m: Mistake, protocol: Protocol) -> dict[str, str]:
    """Of tags which hold, and which are decided and don't."""
    if protocol.task.kind != "tags":
        return {}
    decided = {tag: "decided" for tag, score in m.scores if score >= THRESHOLD}
    return decided | dict.fromkeys(json.loads(m.truth), "truth")


def _listed(m: Mistake, protocol: Protocol) -> list[dict[str, Any]]:
    return [
        {
            "id": track,
            "label": "relevant" if relevant else "not relevant",
            "hit": relevant,
            "far": f"rank {rank}, distance {distance:.4g}",
            "about": protocol.labels[track],
        }
        for track, rank, distance, relevant in m.tracks
    ]


def _examples(
    protocol: Protocol,
    method: Method | None,
    seed: int,
    found: Sequence[Mistake],
    items: dict[str, Item],
    bars: Progress,
) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Of each mistake the nearest training items of its cell, and the nearest of its own label."""
    cells = list(dict.fromkeys(m.cell for m in found))
    advance = bars.task("neighbours", len(cells))
    examples: dict[str, list[dict[str, Any]]] = {}
    said: dict[str, None] = {}
    for name in cells:
        cell = protocol.cell(name)
        mine = [m for m in found if m.cell == name]
        X, y = training(protocol, cell, items)
        tested = select(items, tuple(m.id for m in mine))
        distances, order, words = nearest_training(method, seed, X, y, tested)
        said[words] = None
        for m, far, near in zip(mine, distances, order):
            labels = np.array([protocol.labels[i] for i in cell.train])
            hits = np.array([alike(protocol.task, label, m.truth) for label in labels.tolist()])
            own = near[hits[near]][:1]
            chosen = list(dict.fromkeys([*near[:EXAMPLES].tolist(), *own.tolist()]))
            rank = {int(i): r for r, i in enumerate(near, start=1)}
            examples[m.id] = [
                {
                    "id": cell.train[i],
                    "label": truth_text(protocol.task, str(labels[i])),
                    "hit": bool(hits[i]),
                    "far": f"number {rank[i]}, distance {far[i]:.3g}",
                    "about": f"group {protocol.table.loc[cell.train[i]]['group']}",
                }
                for i in chosen
            ]
        advance(1)
    return examples, list(said)

"""How far two records of one protocol differ: scores, decisions, headline figures, environment."""

from __future__ import annotations

from typing import Any

import numpy as np

from mirbench.boards.judge import Judge
from mirbench.frames import segments_to_frames
from mirbench.metrics.pitch import TOLERANCE_CENTS
from mirbench.metrics.tagging import THRESHOLD
from mirbench.pitch import VOICED
from mirbench.protocols.protocol import Protocol
from mirbench.records import Record, output_column
from mirbench.trust.figures import figures

STEP_S = 0.01
"""Step at which two segmentations are compared."""
VALUE_STEP = 0.05
"""Standard deviations of a dimension's truth by which a value must move to count as changed."""
FIRST = 10
"""Neighbours of a query that are compared."""


def score_difference(a: Record, b: Record) -> float:
    """Largest absolute difference of scores (or distances); NaN for segments, sequences
    and other shapes."""
    column = output_column(str(a.identity["kind"]))
    if column in ("segments", "tokens"):
        return np.nan
    pairs = list(zip(a.outputs[column], b.outputs[column], strict=True))
    if column in ("ranked", "matched"):
        which = int(column == "ranked")
        pairs = [(x[which], y[which]) for x, y in pairs]
    if any(x.shape != y.shape for x, y in pairs):
        return np.nan
    return max(float(np.abs(x.astype(float) - y.astype(float)).max(initial=0)) for x, y in pairs)


def decisions_changed(a: Record, b: Record, protocol: Protocol) -> float:
    """Share (0 to 1) of decisions that differ: of items, tags of items, frames, time, tokens
    by place, or first neighbours or videos; of frames whose voicing or pitch (by 50 cents) differs; of values that moved by more than 0.05 standard deviations of their truth."""
    kind = protocol.task.kind
    column = output_column(kind)
    if kind == "values":
        return _values_moved(a, b, protocol)
    if kind == "f0":
        return _pitch_moved(a, b)
    labels = protocol.task.labels
    changed = total = 0
    for x, y in zip(a.outputs[column], b.outputs[column], strict=True):
        left, right = (_decisions(answer, kind, labels) for answer in (x, y))
        n = max(len(left), len(right))
        both = min(len(left), len(right))
        changed += int((left[:both] != right[:both]).sum()) + n - both
        total += n
    return changed / max(total, 1)


def _values_moved(a: Record, b: Record, protocol: Protocol) -> float:
    x, y = (np.stack([np.asarray(v, dtype=float) for v in r.outputs["scores"]]) for r in (a, b))
    tested = sorted(set(a.outputs["id"]))
    truth = np.array([protocol.task.target(protocol.labels[i]) for i in tested])
    return float((np.abs(x - y) > VALUE_STEP * truth.std(axis=0)).mean())


def _pitch_moved(a: Record, b: Record) -> float:
    pairs = zip(a.outputs["scores"], b.outputs["scores"], strict=True)
    moved = []
    for x, y in ((np.asarray(p, dtype=float), np.asarray(q, dtype=float)) for p, q in pairs):
        if x.shape != y.shape:
            return 1.0
        cents = 1200 * np.abs(np.log2(np.maximum(x[:, 0], 1) / np.maximum(y[:, 0], 1)))
        moved.append((cents >= TOLERANCE_CENTS) | ((x[:, 1] >= VOICED) != (y[:, 1] >= VOICED)))
    return float(np.concatenate(moved).mean()) if moved else 0.0


def _decisions(answer: Any, kind: str, labels: tuple[str, ...]) -> np.ndarray:
    if kind == "ranking":
        return answer[0][:FIRST]
    if kind == "pairs":
        return np.argsort(-answer[0], kind="stable")[:FIRST]
    if kind == "sequence":
        return np.asarray(answer)
    if kind == "segments":
        coded = [(start, end, labels.index(name)) for start, end, name in answer]
        end = coded[-1][1] if coded else 0.0
        return segments_to_frames(coded, np.arange(STEP_S / 2, end, STEP_S))
    if kind == "tags":
        return np.asarray(answer) >= THRESHOLD
    return np.atleast_1d(np.argmax(answer, axis=-1))


def headline_change(a: Record, b: Record, protocol: Protocol) -> dict[str, tuple[float, float]]:
    """Each headline figure of both, pooled as on the board."""
    values = []
    for record in (a, b):
        judge = Judge([record], protocol)
        values.append(figures(judge)[record.spec])
    return {m.name: (values[0][m.name], values[1][m.name]) for m in judge.headline}


def environment_changes(a: Record, b: Record) -> list[str]:
    """What differs in code, libraries and machine, a phrase each; from ``a`` to ``b``."""
    said = []
    if a.identity.get("code") != b.identity.get("code"):
        said.append("the method's code or code it imports")
    before, after = (_environment(r) for r in (a, b))
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            said.append(f"{name} {before.get(name, 'unknown')} -> {after.get(name, 'unknown')}")
    return said


def _environment(record: Record) -> dict[str, str]:
    stated = dict(record.header["provenance"].get("environment", {}))
    libraries = stated.pop("libraries", {}) | record.identity.get("libraries", {})
    kept = {k: stated[k] for k in ("python", "system", "machine", "cores") if k in stated}
    return {k: str(v) for k, v in (kept | libraries).items()}

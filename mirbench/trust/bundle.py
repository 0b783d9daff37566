"""A bundle: records of one method under one protocol in one zip, with the figures they claim.

``bundle.json`` and, for each seed, ``records/<key>.json`` and ``records/<key>.parquet``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirbench.boards.judge import Judge
from mirbench.pairs import MOST_HZ
from mirbench.protocols.protocol import Protocol
from mirbench.records import Record, output_column
from mirbench.token_lines import MOST
from mirbench.trust.archive import Limits
from mirbench.trust.figures import figures
from mirbench.trust.headers import NAME, Rule, fields, mapped, text
from mirbench.trust.outputs import Shape

SCHEMA = 1
SEEDS = 20
LIMITS = Limits(total=256 << 20, member=64 << 20, members=1 + 2 * SEEDS)
HEADER_BYTES = 1 << 20
SEGMENT_BYTES = 64
"""Bytes of a segment in memory, its label included."""


def _number(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "isn't a number"
    return "" if abs(value) < 1e15 else "isn't a finite number"


_FILED: dict[str, Rule] = {
    "key": text(16, "[0-9a-f]{16}"),
    "figures": mapped(_number, 10_000),
}
MANIFEST = fields(
    {
        "schema": lambda v: "" if v == SCHEMA else f"is {v!r:.40}, this version reads {SCHEMA}",
        "mirbench": text(40),
        "protocol": text(NAME, ascii_only=True),
        "protocol_hash": text(64, "[0-9a-f]{64}"),
        "records": lambda v: _records(v),
    },
    frozenset({"schema", "mirbench", "protocol", "protocol_hash", "records"}),
)


def _records(value: object) -> str:
    if not isinstance(value, list) or not 1 <= len(value) <= SEEDS:
        return f"isn't a list of 1 to {SEEDS} records"
    rule = fields(_FILED, frozenset(_FILED))
    faults = [fault for entry in value if (fault := rule(entry))]
    if faults:
        return f"holds one that {faults[0]}"
    keys = [entry["key"] for entry in value]
    return "holds two of one key" if len(set(keys)) < len(keys) else ""


def figures_of(records: Sequence[Record], protocol: Protocol) -> list[dict[str, float]]:
    """Headline figures of each record by itself."""
    return [figures(Judge([record], protocol))[record.spec] for record in records]


def shape_of(protocol: Protocol) -> Shape:
    """What the outputs of a record of that protocol may be."""
    kind, grid, n = protocol.task.kind, protocol.grid, len(protocol.task.labels)
    blocks = [ids for cell in protocol.cells for ids in cell.tests.values()]
    rows = sum(map(len, blocks))
    if output_column(kind) == "ranked":
        return Shape(kind, rows, sum(8 * len(ids) ** 2 for ids in blocks))
    lengths: Mapping[str, float] = dict(zip(protocol.items["id"], protocol.items["duration_s"]))
    seconds = [lengths[i] for ids in blocks for i in ids]
    if kind == "segments":  # one every 10 ms at the most
        return Shape(kind, rows, int(sum(100 * s * SEGMENT_BYTES for s in seconds)))
    if kind == "frames":
        frames = sum(max(grid.n_frames(s) - grid.first_scored, 0) for s in seconds)
        return Shape(kind, rows, 2 * n * frames)
    if kind == "pairs":
        matched = sum(4 * len(ids) ** 2 for ids in blocks)
        return Shape(kind, rows, int(matched + sum(8 * (MOST_HZ * s + 1) for s in seconds)))
    if kind == "sequence":
        return Shape(kind, rows, 4 * MOST * rows)
    if kind == "f0":
        return Shape(kind, rows, sum(4 * grid.n_frames(s) for s in seconds))
    return Shape(kind, rows, 4 * n * rows)

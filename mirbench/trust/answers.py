"""The outputs of a record against its protocol: every row, in order, whole and finite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mirbench.frames import segments_fault
from mirbench.pairs import MOST_HZ
from mirbench.pitch import pitch_fault
from mirbench.protocols.protocol import Protocol
from mirbench.records import output_column
from mirbench.token_lines import fault_of

MAX_SEGMENTS = 100_000
"""Segments in one item's answer: more is no segmentation."""

Row = tuple[str, str, str, str]


def expected_rows(protocol: Protocol) -> list[Row]:
    """(cell, source, test, id) of every answer that a record must hold, in order."""
    return [
        (cell.name, cell.source, test, i)
        for cell in protocol.cells
        for test, ids in cell.tests.items()
        for i in ids
    ]


def answers_fault(outputs: pd.DataFrame, protocol: Protocol) -> str:
    """What is wrong with a record's outputs, in words; empty if nothing is.

    Parameters
    ----------
    outputs : DataFrame
        As `mirbench.records.Record` holds them.
    protocol : Protocol
    """
    column = output_column(protocol.task.kind)
    columns = ["cell", "source", "test", "id", column]
    if list(outputs.columns) != columns:
        return f"its columns are {', '.join(map(str, outputs.columns))}, not {', '.join(columns)}"
    wanted = expected_rows(protocol)
    found = list(zip(*(outputs[c].tolist() for c in columns[:4])))
    if fault := rows_fault(found, wanted):
        return f"{fault} (protocol {protocol.name})"
    check = _CHECKS[protocol.task.kind]
    lengths = {
        (cell.name, test): len(ids) for cell in protocol.cells for test, ids in cell.tests.items()
    }
    durations = dict(zip(protocol.items["id"], protocol.items["duration_s"]))
    position = -1
    before = None
    for row, answer in zip(wanted, outputs[column].tolist()):
        block = (row[0], row[2])
        position = position + 1 if block == before else 0
        before = block
        fault = check(answer, protocol, durations[row[3]], position, lengths[block])
        if fault:
            return f"{row[3]} in cell {row[0]}: {fault}"
    return ""


def rows_fault(found: list[Row], wanted: list[Row]) -> str:
    """How the rows of a record differ from its protocol's."""
    if found == wanted:
        return ""
    missing, extra = set(wanted) - set(found), set(found) - set(wanted)
    if missing or extra or len(found) != len(wanted):
        lost = next((row for row in wanted if row in missing), None)
        more = next((row for row in found if row in extra), None)
        said = [f"{len(found)} answers for {len(wanted)} rows"]
        said += [f"{lost[3]} of cell {lost[0]} is missing"] if lost else []
        said += [f"{more[3][:80]!r} of cell {more[0][:80]!r} isn't in the protocol"] if more else []
        return ", ".join(said)
    where = next(i for i, pair in enumerate(zip(found, wanted)) if pair[0] != pair[1])
    return (
        f"row {where} is {found[where][3]}, the protocol's is {wanted[where][3]}: ids are swapped"
    )


def _classes(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    wanted = (len(protocol.task.labels),)
    return _scores(answer, wanted)


def _tags(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    if fault := _classes(answer, protocol, duration, place, n):
        return fault
    return "" if ((answer >= 0) & (answer <= 1)).all() else "scores of tags outside 0 to 1"


def _frames(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    frames = max(protocol.grid.n_frames(duration) - protocol.grid.first_scored, 0)
    return _scores(answer, (frames, len(protocol.task.labels)))


def _pitch(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    if fault := _scores(answer, (protocol.grid.n_frames(duration), 2)):
        return fault
    return pitch_fault(answer)


def _tokens(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    return fault_of(answer, len(protocol.task.labels))


def _matched(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    scores, peaks = answer
    if fault := _scores(scores, (n,)) or _scores(peaks, (len(peaks), 2)):
        return fault
    if len(peaks) > MOST_HZ * duration + 1:
        return f"{len(peaks)} peaks in {duration:g} s, more than {MOST_HZ} a second"
    return "" if ((peaks >= 0) & (peaks <= 1)).all() else "peaks outside the picture"


def _scores(answer: Any, wanted: tuple[int, ...]) -> str:
    if not isinstance(answer, np.ndarray) or answer.dtype.kind != "f" or answer.shape != wanted:
        return f"scores of shape {getattr(answer, 'shape', 'none')}, not {wanted}"
    return "" if np.isfinite(answer).all() else "NaN or infinite scores"


def _segments(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    if len(answer) > MAX_SEGMENTS:
        return f"{len(answer)} segments, {MAX_SEGMENTS} are allowed"
    unknown = next((s[2] for s in answer if s[2] not in protocol.task.labels), None)
    if unknown is not None:
        return f"unknown label {str(unknown)[:40]!r}"
    return segments_fault(answer, duration)


def _ranked(answer: Any, protocol: Protocol, duration: float, place: int, n: int) -> str:
    ids, distances = answer
    if not 1 <= len(ids) <= n - 1 or len(ids) != len(distances):
        return f"{len(ids)} neighbours and {len(distances)} distances among {n - 1} other tracks"
    if ids.min() < 0 or ids.max() >= n or (ids == place).any() or len(np.unique(ids)) < len(ids):
        return "a neighbour twice, outside the test set, or the query itself"
    if not np.isfinite(distances).all() or (np.diff(distances) < 0).any():
        return "distances that aren't finite or don't ascend"
    return ""


_CHECKS: dict[str, Callable[[Any, Protocol, float, int, int], str]] = {
    "classes": _classes,
    "tags": _tags,
    "values": _classes,
    "frames": _frames,
    "segments": _segments,
    "f0": _pitch,
    "sequence": _tokens,
    "pairs": _matched,
    "ranking": _ranked,
}

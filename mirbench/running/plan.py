"""What a run has to do: a plan for each method, seed and cell, and whether it is done already."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mirbench.canonical import digest
from mirbench.errors import MethodError, RecordError
from mirbench.external import Precomputed
from mirbench.home import home
from mirbench.methods import Method, find_all
from mirbench.protocols import Cell, Protocol
from mirbench.protocols.budgets import budget_fault
from mirbench.records import load_header
from mirbench.running.environment import library_versions
from mirbench.running.needs import needs_fault


@dataclass(frozen=True)
class Plan:
    """One cell to run for one method with one seed, and the file its result goes to."""

    method: Method
    seed: int
    cell: Cell
    identity: dict[str, object]
    path: Path


def plans_of(
    method: Method, protocol: Protocol, seeds: Sequence[int] | None, leaking: bool
) -> Iterator[Plan]:
    """Plans of a method, seed by seed, cell by cell; MethodError if it can't be built, has no function
    that the task asks for, or spends another budget than the protocol's rows."""
    if fault := budget_fault(method.spec, method.budget, protocol):
        raise MethodError(fault)
    estimator = method.build()  # a method that can't be built fails before anything runs
    if fault := needs_fault(method.spec, estimator, protocol):
        raise MethodError(fault)
    family, code = method.family, method.code
    for part in find_all(estimator, Precomputed):
        family, code = "external", digest([code, part.digest()])
    drawn = any(cell.labelled for cell in protocol.cells)  # a seed is a draw of labels too
    several = method.seeded or drawn
    for seed in dict.fromkeys((seeds or protocol.seeds) if several else (0,)):
        for cell in protocol.cells:
            identity: dict[str, object] = {
                "method": method.name,
                "params": dict(method.params),
                "spec": method.spec,
                "title": method.title,
                "family": family,
                "cite": getattr(method.function, "cite", ""),
                "trained_on": list(getattr(method.function, "trained_on", ())),
                "seed": seed,
                "code": code,
                "libraries": library_versions(),
                "protocol": protocol.name,
                "protocol_hash": protocol.hash,
                "task": protocol.task.name,
                "kind": protocol.task.kind,
                "evidence": protocol.evidence,
                "leaks": leaking,
                "cell": cell.name,
                "cell_hash": cell_hash(protocol, cell),
            }
            names = ("method", "params", "seed", "code", "libraries", "cell_hash")
            key = digest({name: identity[name] for name in names})
            path = home() / "cells" / key[:2] / f"{key}.json"
            yield Plan(method, seed, cell, identity, path)


def cell_hash(protocol: Protocol, cell: Cell) -> str:
    """Everything of a protocol that can change one cell's outputs."""

    def rows(ids: Sequence[str]) -> list[list[object]]:
        part = protocol.table.loc[list(ids), ["id", "key", "label", "group", "corpus"]]
        found = part.to_numpy(dtype=object).tolist()
        # as an own last column, so that nothing changes where all tags are known
        return [[*row, unknown.get(row[0])] for row in found] if unknown else found

    unknown = protocol.unknown

    tests = {name: rows(ids) for name, ids in cell.tests.items()}
    # as a last entry, so that nothing changes where all labels are shown
    labelled: list[object] = [dict(cell.labelled)] if cell.labelled else []
    if cell.support:
        labelled = ["support", {name: rows(ids) for name, ids in cell.support.items()}]
    parts = [protocol.task.to_dict(), vars(protocol.grid), rows(cell.train), tests]
    return digest([*parts, *labelled])


def finished(path: Path) -> bool:
    """Whether the cell's result is on disk, whole; damaged ones and failures are run again."""
    if not path.is_file():
        return False
    try:
        return load_header(path)["status"] == "complete"
    except RecordError as error:
        warnings.warn(f"{error} (running that cell again)", stacklevel=2)
        return False

"""A protocol is data: items with their truth, cells that name training and test items, a hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.errors import ProtocolError
from mirbench.frames import Grid
from mirbench.home import write_atomically
from mirbench.protocols.checks import KEYED, check
from mirbench.tasks import Task

SCHEMA = 1


@dataclass(frozen=True)
class Cell:
    """One training set with many named test sets.

    Attributes
    ----------
    name : str
    source : str
        Name of the training set; the folds of one corpus share it.
    train : tuple of str
        Item ids.
    tests : mapping of str to tuple of str
        Item ids by name of the test set.
    labelled : mapping of str to tuple of tuple of str
        Few labels: of each test set, named by labels a class (``n=5``, ``n=all``), the training items
        whose label is shown, a tuple a draw; the others are heard without. A run with seed ``s`` takes
        draw ``s`` modulo their number. Empty where all labels are shown.
    support : mapping of str to tuple of str
        Few-shot episodes: of each test set, named by shots and number (``n=5/07``), the items of classes
        that aren't trained on that are shown with their labels before its own are asked for. Empty elsewhere.
    """

    name: str
    source: str
    train: tuple[str, ...]
    tests: Mapping[str, tuple[str, ...]]
    labelled: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    support: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Protocol:
    """A protocol.

    Attributes
    ----------
    name : str
        ``topic/name``.
    version : str
        Protocols are never edited, only superseded by a new version.
    task : Task
    grid : Grid
        The frame grid and scored span of frame tasks.
    items : DataFrame
        ``id``, ``corpus``, ``item`` (id in the corpus), ``start_s`` (s, inside the corpus item),
        ``duration_s`` (s), ``degradation``, ``key`` (content), ``group``, ``label`` (for segments: JSON
        list of [start_s, end_s, label]), then strata; of tags perhaps ``unknown``, a JSON list of those
        that nobody looked for in the item.
    cells : tuple of Cell
    seeds : tuple of int
        Seeds for methods that have a ``random_state``; the others run once.
    budget : str
        What a method may spend, in words.
    headline : tuple of str
        Names of the metrics to show first.
    evidence : str
        "real", "look-alike" or "embedded".
    """

    name: str
    version: str
    task: Task
    grid: Grid
    items: pd.DataFrame = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)
    seeds: tuple[int, ...] = (0,)
    budget: str = ""
    headline: tuple[str, ...] = ()
    evidence: str = "real"
    description: str = ""
    shares: tuple[str, ...] = ()
    """Training sets that share groups with their test sets on purpose: what a random split adds."""
    places: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Folders of corpora that have no name of their own; never in the protocol's file."""

    def __repr__(self) -> str:
        return (
            f"<Protocol {self.name} {self.version}: task {self.task.name}, {len(self.items)} items, "
            f"{len(self.cells)} cells, {self.hash[:12]}>"
        )

    @cached_property
    def hash(self) -> str:
        """SHA-256 over everything that can change a result: two rows share a board if it agrees."""
        data = self.to_dict()
        columns = {c: data["items"][c] for c in KEYED}
        if self.task.kind == "ranking" and "album" in data["items"]:
            columns["album"] = data["items"]["album"]  # it filters: it can change a result
        if self.unknown:
            columns["unknown"] = [self.unknown.get(i) for i in self.items["id"]]
        keyed = [data[k] for k in ("version", "task", "grid", "cells", "seeds")] + [columns]
        keyed += [data["shares"]] if self.shares else []
        return hashlib.sha256(json.dumps(keyed, sort_keys=True).encode()).hexdigest()

    @cached_property
    def table(self) -> pd.DataFrame:
        """Items by id."""
        return self.items.set_index("id", drop=False)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Label of each id."""
        return dict(zip(self.items["id"], self.items["label"], strict=True))

    @cached_property
    def unknown(self) -> dict[str, str]:
        """Tags that nobody looked for, as JSON, of each id that has such; empty for other tasks."""
        if self.task.kind != "tags" or "unknown" not in self.items:
            return {}
        given = zip(self.items["id"], self.items["unknown"], strict=True)
        return {i: tags for i, tags in given if isinstance(tags, str) and tags != "[]"}

    def cell(self, name: str) -> Cell:
        """Cell of that name."""
        return next(cell for cell in self.cells if cell.name == name)

    @property
    def few_labels(self) -> bool:
        """Whether test sets are named by the labels a class that are shown: draws, or episodes' support."""
        return any(cell.labelled or cell.support for cell in self.cells)

    def is_collection(self, cell: Cell) -> bool:
        """Whether a ranking cell is one unlabelled collection: its training items are ranked too.

        Nothing of their labels or groups is then shown to a method, so that nothing can leak.
        """
        tested = {i for ids in cell.tests.values() for i in ids}
        return self.task.kind == "ranking" and not tested.isdisjoint(cell.train)

    def splits(self) -> list[tuple[list[int], list[int]]]:
        """scikit-learn style (train, test) row positions into :attr:`items`, one pair a test set."""
        where = {name: i for i, name in enumerate(self.items["id"])}
        return [
            ([where[i] for i in cell.train], [where[i] for i in test])
            for cell in self.cells
            for test in cell.tests.values()
        ]

    def export(self) -> pd.DataFrame:
        """One row a (cell, role, test set, item): what ``mirbench protocol export`` writes."""
        rows = []
        for cell in self.cells:
            rows += [(cell.name, cell.source, "train", "", i) for i in cell.train]
            rows += [
                (cell.name, cell.source, f"labelled, draw {d}", name, i)
                for name, draws in cell.labelled.items()
                for d, ids in enumerate(draws)
                for i in ids
            ]
            rows += [
                (cell.name, cell.source, "support", name, i)
                for name, ids in cell.support.items()
                for i in ids
            ]
            rows += [
                (cell.name, cell.source, "test", name, i)
                for name, ids in cell.tests.items()
                for i in ids
            ]
        table = pd.DataFrame(rows, columns=["cell", "source", "role", "test", "id"])
        return table.merge(self.items[["id", "label", "group", "duration_s"]], on="id", how="left")

    def to_dict(self) -> dict[str, Any]:
        """Plain data; ids in cells are positions in ``items``."""
        where = {name: i for i, name in enumerate(self.items["id"])}
        shares = {"shares": list(self.shares)} if self.shares else {}
        return shares | {
            "schema": SCHEMA,
            "name": self.name,
            "version": self.version,
            "task": self.task.to_dict(),
            "grid": asdict(self.grid),
            "seeds": list(self.seeds),
            "budget": self.budget,
            "headline": list(self.headline),
            "evidence": self.evidence,
            "description": self.description,
            "items": {
                c: [None if pd.isna(v) else v for v in self.items[c].tolist()] for c in self.items
            },
            "cells": [
                {
                    "name": cell.name,
                    "source": cell.source,
                    "train": [where[i] for i in cell.train],
                    "tests": {k: [where[i] for i in ids] for k, ids in cell.tests.items()},
                    **_labelled(cell, where),
                }
                for cell in self.cells
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "protocol") -> Protocol:
        """Inverse of :meth:`to_dict`; ProtocolError names ``source`` where it is malformed."""
        try:
            if data["schema"] != SCHEMA:
                raise ProtocolError(
                    f"{source}: schema {data['schema']}, this version reads {SCHEMA}"
                )
            for name in (data["name"], data["task"]["name"]):
                if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+/-]*", name) or ".." in name:
                    raise ProtocolError(f"{source}: {name!r} is no name for a protocol or task")
            columns = {c: pd.Series(v, dtype=object) for c, v in data["items"].items()}
            check(data, columns, source)
            items = pd.DataFrame(columns)
            for column in ("start_s", "duration_s"):
                items[column] = items[column].astype(float)
            ids = items["id"].tolist()
            cells = tuple(
                Cell(
                    c["name"],
                    c["source"],
                    tuple(ids[i] for i in c["train"]),
                    {k: tuple(ids[i] for i in v) for k, v in c["tests"].items()},
                    {
                        k: tuple(tuple(ids[i] for i in draw) for draw in draws)
                        for k, draws in c.get("labelled", {}).items()
                    },
                    {k: tuple(ids[i] for i in v) for k, v in c.get("support", {}).items()},
                )
                for c in data["cells"]
            )
            return cls(
                data["name"],
                data["version"],
                Task.from_dict(data["task"]),
                Grid(**data["grid"]),
                items,
                cells,
                tuple(data["seeds"]),
                data["budget"],
                tuple(data["headline"]),
                data["evidence"],
                data["description"],
                tuple(data.get("shares", ())),
            )
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ProtocolError(
                f"{source}: malformed protocol ({type(error).__name__}: {error}); export it again"
            ) from error

    def save(self, path: Path) -> None:
        """Write as JSON, atomically."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n"
        write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))

    @classmethod
    def load(cls, path: Path) -> Protocol:
        """Read a file written by :meth:`save`; ProtocolError names it where it is damaged."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ProtocolError(
                f"{path}: no such file; give a name or a file that is there"
            ) from error
        except (OSError, ValueError) as error:
            raise ProtocolError(
                f"{path}: not a protocol file ({error}); export it again"
            ) from error
        return cls.from_dict(data, str(path))


def _labelled(cell: Cell, where: Mapping[str, int]) -> dict[str, Any]:
    """The cell's labelled and support items as positions; nothing where there are none."""
    draws = {k: [[where[i] for i in ids] for ids in draws] for k, draws in cell.labelled.items()}
    support = {k: [where[i] for i in ids] for k, ids in cell.support.items()}
    return ({"labelled": draws} if draws else {}) | ({"support": support} if support else {})

"""The judge: records of one protocol, laid out row by row and turned into additive counts.

Everything a board shows comes from here: counts per row (an item tested in a cell), and intervals
over any choice of rows.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mirbench.boards.truth import truth_of
from mirbench.errors import MethodError, ProtocolError, RecordError
from mirbench.metrics import Metric, metrics_for
from mirbench.metrics.tagging import is_area
from mirbench.nearest_names import asked
from mirbench.records import MEND, Record, output_column
from mirbench.stats import Grouping, GroupSums, Interval, interval_of_sums
from mirbench.tasks import REST

if TYPE_CHECKING:
    from mirbench.protocols.protocol import Cell, Protocol

LIMITS = {"%": (0.0, 100.0)}
MOST_NAMED = 12
"""Metrics of one label each up to which an error names all of them."""
DIGITS = {"values": 3}
"""Decimals that figures of a kind of task are printed with; 1 for others."""


class Judge:
    """Records under one protocol.

    Parameters
    ----------
    records : sequence of Record
        All of this protocol; seeds of one method are judged together.
    protocol : Protocol
    current_code : mapping of str to str, optional
        Code hash of each method's spec as it is now: where a method has records of several
        versions, the current one is taken.

    Attributes
    ----------
    rows : DataFrame
        A row for every item of every test set of every cell, in the protocol's order: ``cell``,
        ``source``, ``test``, ``block``, ``stratum``, ``answered`` (the test set's name in records) and the
        protocol's item columns.
    methods : dict of str to list of Record
        Records of each spec, a seed each, sorted by spec and seed.
    metrics : dict of str to Metric
    headline : list of Metric

    Raises
    ------
    RecordError
        A record is of another protocol, or its items aren't the protocol's.
    """

    def __init__(
        self,
        records: Sequence[Record],
        protocol: Protocol,
        current_code: Mapping[str, str] | None = None,
    ) -> None:
        self.protocol = protocol
        self.current_code = dict(current_code or {})
        self.metrics = {m.name: m for m in metrics_for(protocol.task, protocol.grid)}
        self.headline = [self.metric(name) for name in protocol.headline]
        if not self.headline:
            self.headline = list(self.metrics.values())[:1]
        self.rows = _rows(protocol)
        self.methods = self._by_method(records)
        self.truth = truth_of(self.rows, protocol.task)
        self._groups = self.rows["group"].to_numpy(dtype=str)
        self._strata = self.rows["stratum"].to_numpy(dtype=str)
        # columns as plain lists: pandas' own strings are slow to walk
        self._sides = list(zip(self.rows["source"].tolist(), self.rows["test"].tolist()))
        self._keys = list(zip(*(self.rows[c].tolist() for c in ("cell", "answered", "id"))))
        self._counts: dict[tuple[str, Any], np.ndarray] = {}
        self._order: dict[str, list[str]] = {}
        self._groupings: dict[bytes, Grouping] = {}
        self._last: tuple[Any, GroupSums] | None = None
        self._outputs: dict[int, tuple[Record, list[Any]]] = {}

    def metric(self, name: str | None) -> Metric:
        """Metric of that name, the first headline one for None; ProtocolError lists the known."""
        if name is None:
            return self.headline[0]
        if name not in self.metrics:
            raise ProtocolError(
                f"task {self.protocol.task.name} has no metric {name!r}"
                f"{asked(name, self.metrics, self._choices())}"
            )
        return self.metrics[name]

    def _choices(self) -> str:
        """The metrics in words; those of one label each as a form, where there are many."""
        labels = self.protocol.task.labels
        of_one = {name for name in self.metrics if name.endswith(tuple(f" ({x})" for x in labels))}
        if len(of_one) <= MOST_NAMED:
            return f"choose one of {', '.join(self.metrics)}"
        whole = [name for name in self.metrics if name not in of_one]
        forms = dict.fromkeys(name.partition(" (")[0] for name in self.metrics if name in of_one)
        each = ", ".join(f"{form} ({labels[0]})" for form in forms)
        return f"choose one of {', '.join(whole)}, or of one label: {each}, ..."

    def about(self, metric: Metric) -> dict[Hashable | None, Any]:
        """What a table of this metric says of itself in its ``attrs``."""
        return {
            "metric": metric.name,
            "unit": metric.unit,
            "greater_is_better": metric.greater_is_better,
            "protocol": self.protocol.name,
            "evidence": self.protocol.evidence,
            "digits": DIGITS.get(self.protocol.task.kind, 1),
        }

    @cached_property
    def blocks(self) -> tuple[tuple[str, str], ...]:
        """(source, test) pairs, in the protocol's order."""
        return tuple(dict.fromkeys(self._sides))

    @cached_property
    def main(self) -> np.ndarray:
        """Mask of the rows that the board's first column pools.

        The diagonal blocks (trained and tested on one corpus); without any, the largest training
        set of a learning curve, or else every block but those of changed copies (``"A + ..."``).
        """
        diagonal = np.array([source == test for source, test in self._sides])
        if diagonal.any():
            return diagonal
        sizes = [training_size(source) for source, _ in self._sides]
        if None not in sizes:
            return np.array(sizes) == max(s for s in sizes if s is not None)
        changed = self.rows["test"].str.contains(" + ", regex=False).to_numpy(dtype=bool)
        return ~changed if not changed.all() else np.ones(len(self.rows), dtype=bool)

    def of_block(self, source: str, test: str) -> np.ndarray:
        """Mask of the rows of a block."""
        if (source, test) not in self.blocks:
            return np.zeros(len(self.rows), dtype=bool)
        return self._block == self.blocks.index((source, test))

    @cached_property
    def _block(self) -> np.ndarray:
        """Position in ``blocks`` of each row's block."""
        place = {block: i for i, block in enumerate(self.blocks)}
        return np.array([place[block] for block in self._sides])

    def counts(self, spec: str, metric: Metric) -> np.ndarray:
        """Counts of a method, (n_seeds, n_rows, d), in the order of ``rows``."""
        key = (spec, metric.counts)
        if key not in self._counts:
            self._counts[key] = np.stack([self._count(r, metric) for r in self.methods[spec]])
        return self._counts[key]

    def counts_over(self, spec: str, metric: Metric, where: np.ndarray) -> np.ndarray:
        """Counts of a method over the rows of a mask, (n_seeds, n_rows, d).

        Areas of tags rank the items of a test set among each other: where the mask takes a part of
        one, that part is ranked by itself. Hubs stay those of the whole test set.
        """
        if not self._cuts(metric, where):
            return self.counts(spec, metric)[:, where]
        places = np.flatnonzero(where).tolist()
        truth = [self.truth[i] for i in places]
        task, grid = self.protocol.task, self.protocol.grid
        answers = [self.outputs(record) for record in self.methods[spec]]
        seeds = [metric.counts(truth, [own[i] for i in places], task, grid) for own in answers]
        return np.stack(seeds)

    def _cuts(self, metric: Metric, where: np.ndarray) -> bool:
        """Whether a mask takes part of a test set that a metric ranks as a whole."""
        if self.protocol.task.kind != "tags" or metric.itemwise:
            return False
        inside = np.bincount(self._tests[where], minlength=self._tests.max() + 1)
        return bool(((inside > 0) & (inside < np.bincount(self._tests))).any())

    @cached_property
    def _tests(self) -> np.ndarray:
        """Number of the (cell, test set) of each row."""
        return self.rows.groupby(["cell", "answered"], sort=False).ngroup().to_numpy()

    def check(self, record: Record) -> None:
        """RecordError where a record of the protocol doesn't hold an answer to each of its rows."""
        self._count(record, self.headline[0])

    def _count(self, record: Record, metric: Metric) -> np.ndarray:
        outputs = self.outputs(record)
        try:
            return metric.counts(self.truth, outputs, self.protocol.task, self.protocol.grid)
        except MethodError as error:
            raise RecordError(f"{record.path or record.spec}: {error}; {MEND}") from error

    def counted(self, spec: str, metric: Metric, where: np.ndarray) -> np.ndarray:
        """The mask without queries that nothing is relevant to: they are no items of the metric."""
        if self.protocol.task.kind != "ranking":
            return where
        defined = where & np.isfinite(metric.value(self.counts(spec, metric)[0]))
        return defined if defined.any() else where

    def interval(self, spec: str, metric: Metric, where: np.ndarray) -> Interval:
        """Value and interval over the rows of a mask; of a ranking over the queries that count."""
        where = self.counted(spec, metric, where)
        limits = LIMITS.get(metric.unit, (-np.inf, np.inf))
        sums = self._summed(spec, metric, where)
        found = interval_of_sums(sums, metric.value, limits=limits, linear=is_area(metric))
        return within(found, limits) if self.protocol.task.kind == "tags" else found

    def _summed(self, spec: str, metric: Metric, where: np.ndarray) -> GroupSums:
        """Counts by group; the last are kept, for the other metrics of the same counts."""
        key = (spec, metric.counts, where.tobytes())
        if self._last is None or self._last[0] != key:
            self._last = key, self.grouping(where).sum(self.counts_over(spec, metric, where))
        return self._last[1]

    def grouping(self, where: np.ndarray) -> Grouping:
        """Groups and strata of the rows at a mask or at positions."""
        key = where.dtype.char.encode() + where.tobytes()
        if key not in self._groupings:
            self._groupings[key] = Grouping.of(self._groups[where], self._strata[where])
        return self._groupings[key]

    def ranked(self, metric: Metric) -> list[str]:
        """Specs, best first by the value over the board's pooled rows."""
        if metric.name not in self._order:
            sign = -1 if metric.greater_is_better else 1
            values = {
                spec: sign
                * float(metric.value(self.counts(spec, metric)[:, self.main].sum((0, 1))))
                for spec in self.methods
            }
            self._order[metric.name] = sorted(values, key=lambda spec: (values[spec], spec))
        return list(self._order[metric.name])

    def _by_method(self, records: Sequence[Record]) -> dict[str, list[Record]]:
        chosen: dict[tuple[str, int], Record] = {}
        for record in sorted(records, key=lambda r: json.dumps(r.identity, sort_keys=True)):
            if record.identity["protocol_hash"] != self.protocol.hash:
                raise RecordError(
                    f"{record.path or record.spec}: made under another version of protocol "
                    f"{record.identity['protocol']}; run the method again"
                )
            who = (record.spec, int(record.identity["seed"]))
            current = record.identity.get("code") == self.current_code.get(record.spec)
            if who not in chosen or current:
                chosen[who] = record
        methods: dict[str, list[Record]] = {}
        for spec, seed in sorted(chosen):
            methods.setdefault(spec, []).append(chosen[spec, seed])
        return methods

    def outputs(self, record: Record) -> list[Any]:
        """Outputs in the order of ``rows``."""
        if id(record) not in self._outputs:
            self._outputs[id(record)] = record, self._aligned(record)
        return self._outputs[id(record)][1]

    def _aligned(self, record: Record) -> list[Any]:
        column = output_column(self.protocol.task.kind)
        expected = self._keys
        keys = list(zip(*(record.outputs[c].tolist() for c in ("cell", "test", "id"))))
        where = {key: i for i, key in enumerate(keys)}
        # rows hold every key once, so as many keys, each of them found, are the same keys
        lost = [key for key in expected if key not in where]
        if lost or len(keys) != len(expected):
            raise RecordError(
                f"{record.path or record.spec}: its items aren't those of protocol "
                f"{self.protocol.name} ({len(keys)} rows for {len(expected)}"
                + (f", {lost[0]} is missing" if lost else "")
                + f"); {MEND}"
            )
        outputs = record.outputs[column].tolist()
        return [outputs[where[key]] for key in expected]


def usable(records: Sequence[Record], protocol: Protocol) -> tuple[list[Record], list[str]]:
    """Those of a protocol's records that hold an answer to each of its rows, and what ails others."""
    kept, faults = [], []
    judge = Judge(records, protocol)
    for record in records:
        try:
            judge.check(record)
        except RecordError as error:
            faults.append(str(error))
        else:
            kept.append(record)
    return kept, faults


def within(found: Interval, limits: tuple[float, float]) -> Interval:
    """The interval cut at its limits, which resampled areas of tags may pass: they are linearised."""
    return replace(found, lo=max(found.lo, limits[0]), hi=min(found.hi, limits[1]))


def as_judge(records: Sequence[Record] | Judge, protocol: Protocol) -> Judge:
    """The judge of these records; one that is there already is taken as it is, counts and all."""
    return records if isinstance(records, Judge) else Judge(records, protocol)


def training_size(source: str) -> int | None:
    """Size that the name of a training set states: 80 for ``'n=80'``, None for other names."""
    name, _, size = source.partition("=")
    return int(size) if name == "n" and size.isdigit() else None


def block_name(source: str, test: str) -> str:
    """``'A'`` for the diagonal block of corpus A, ``'A to B'`` for others.

    A test set of degraded copies says so by itself: ``'A + noise-45 dB'``; where the training set
    is every other corpus, the test set says it all.
    """
    if source == REST:
        return test
    return test if test == source or test.startswith(f"{source} + ") else f"{source} to {test}"


def _sides(cell: Cell, test: str) -> tuple[str, str, str]:
    """Training set, test set and name of a block; with few labels the training set is so many labels,
    and all episodes of so many are one."""
    if cell.support:
        shots = test.partition("/")[0]
        return shots, cell.source, block_name(shots, cell.source)
    if cell.labelled:
        return test, cell.source, block_name(test, cell.source)
    return cell.source, test, block_name(cell.source, test)


def _rows(protocol: Protocol) -> pd.DataFrame:
    rows = pd.DataFrame(
        [
            (cell.name, *_sides(cell, test), test, i)
            for cell in protocol.cells
            for test, ids in cell.tests.items()
            for i in ids
        ],
        columns=["cell", "source", "test", "block", "answered", "id"],
    )
    rows = rows.merge(protocol.items, on="id", how="left", validate="many_to_one")
    # what is sampled apart is resampled apart: corpora, and classes where an item has one
    label = rows["label"] if protocol.task.kind in ("classes", "frames") else ""
    rows["stratum"] = rows["corpus"] + "/" + label
    return rows

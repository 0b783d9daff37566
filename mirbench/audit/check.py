"""The whole audit of an item table: decode once, then every check in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from mirbench.audit.cells import cell_findings, column_findings, member_findings
from mirbench.audit.copies import copies, copy_findings, segments, short_findings
from mirbench.audit.faults import broken, faults, rate_findings
from mirbench.audit.listen import Heard, listen_all
from mirbench.audit.report import Finding, Report
from mirbench.audit.shortcuts import MADE, SUSPICIOUS, Probe, probe
from mirbench.protocols.protocol import Cell

LABELS = ("label", "genre", "instrument", "rhythm")
"""Columns that hold the classes, the first there is."""


def audit(
    items: pd.DataFrame,
    cells: Iterable[Cell] | None = None,
    *,
    n_jobs: int = 1,
    advance: Callable[[int], None] = lambda n: None,
) -> Report:
    """Look for faults, duplicates, leaks and shortcuts.

    What is heard of an item is kept under ``MIRBENCH_HOME/audit`` by its content: another audit, or
    one after an interruption, decodes only what is new.

    Parameters
    ----------
    items : DataFrame
        Columns ``id``, ``path``, and where known ``start_s``, ``duration_s`` (s), ``label``, ``group``,
        ``key``, ``corpus``. Without ``label`` the first of `LABELS` that is there. Labels that are
        lists of segments (JSON) are not compared.
    cells : iterable of Cell, optional
        Training and test sets to check for leaks.
    n_jobs : int
        Processes that decode.
    advance : callable
        Called with a number of items as they are done, e.g. to move a bar.

    Returns
    -------
    Report
    """
    cells = list(cells or ())
    column = next((c for c in LABELS if c in items), None)
    if column is not None:
        items = items.assign(label=items[column])
    rows = items.to_dict("records")
    findings: list[Finding] = []
    heard: dict[str, Heard] = {}
    for row, one in zip(rows, listen_all(rows, n_jobs, advance).values()):
        if isinstance(one, str):
            findings.append(broken(row, one))
            continue
        findings += faults(row, one)
        if one.measured.peak > 0:
            heard[row["id"]] = one
    corpus = dict(zip(items["id"], items["corpus"])) if "corpus" in items else {}
    findings += rate_findings(heard, {i: corpus.get(i, i.partition("/")[0]) for i in heard})
    findings += cell_findings(items, cells) + member_findings(items, cells)
    findings += column_findings(items, cells)
    pairs = copies(heard)
    findings += copy_findings(items, pairs, cells) + short_findings(heard)
    findings += _groups(items)
    probes, luck = _probes(items, heard)
    findings += _shortcuts(items, probes, luck)
    return Report.of(
        findings,
        len(items),
        {name: p.auc for name, p in probes.items()},
        tuple(pairs),
        {name: (p.low, p.high) for name, p in probes.items()},
        luck,
    )


def _groups(items: pd.DataFrame) -> list[Finding]:
    if "group" not in items or "label" not in items or segments(items):
        return []
    findings = []
    known = items.dropna(subset=["label", "group"])
    for label, part in known.groupby("label"):
        if known["label"].nunique() > 1 and part["group"].nunique() == 1:
            detail = f"class {label!r} has one group: {part['group'].iloc[0]!r}"
            mend = "add recordings of others: a split by group leaves the class out of training or test"
            findings.append(Finding("one group", "warning", tuple(part["id"]), detail, mend))
    classes = known.groupby("group")["label"].nunique()
    single = int((classes == 1).sum())
    if single and known["label"].nunique() > 1:
        detail = f"{single} of {len(classes)} groups hold a single class"
        mend = "nothing to do where classes can't share a group, as speakers and artists"
        findings.append(Finding("single-class groups", "note", (), detail, mend))
    return findings


def _probes(items: pd.DataFrame, heard: Mapping[str, Heard]) -> tuple[dict[str, Probe], float]:
    """Probes, and what luck alone reaches."""
    if "label" not in items or segments(items):
        return {}, np.nan
    known = items[items["id"].isin(list(heard)) & items["label"].notna()]
    groups = (known["group"] if "group" in known else known["id"]).fillna(known["id"])
    labels, names = known["label"].to_numpy(dtype=str), groups.to_numpy(dtype=str)
    return probe([heard[name].measured for name in known["id"]], labels, names)


def _shortcuts(items: pd.DataFrame, probes: Mapping[str, Probe], luck: float) -> list[Finding]:
    findings = []
    for name, p in sorted(probes.items(), key=lambda pair: -pair[1].auc):
        if p.auc > max(SUSPICIOUS, luck):
            tells = "tell" if name == MADE else "alone tells"
            detail = (
                f"{name} {tells} the classes apart: AUC {p.auc:.3f} by group, 95 % interval "
                f"{p.low:.2f} to {p.high:.2f}; with so few groups luck reaches {luck:.2f}"
            )
            mend = "equalise it, or show what remains of the scores without it"
            findings.append(Finding("shortcut", "warning", (), detail, mend))
    if probes and luck >= 1.0:
        detail = "with so few groups luck alone tells the classes apart: shortcuts can't be told"
        mend = "add recordings of other groups"
        findings.append(Finding("too few groups", "note", (), detail, mend))
    if not probes and "label" in items and not segments(items) and items["label"].nunique() > 1:
        detail = "a class has fewer than two groups, so no shortcut can be measured"
        mend = "fill in the group column, or add recordings"
        findings.append(Finding("shortcuts not measured", "note", (), detail, mend))
    return findings

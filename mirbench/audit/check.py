"""The whole audit of an item table: decode once, then every check in turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path

import pandas as pd

from mirbench.audio import decode, info
from mirbench.audit.cells import cell_findings, pair_findings
from mirbench.audit.duplicates import Fingerprint, Match, fingerprint, near_duplicates
from mirbench.audit.measure import Measured, measure
from mirbench.audit.report import Finding, Report
from mirbench.audit.shortcuts import SUSPICIOUS, probe
from mirbench.errors import DataError
from mirbench.protocols.protocol import Cell

SHORT_S = 0.5
SOFT_DB = -60.0
CLIPPED = 1e-3  # share of samples

Heard = dict[str, tuple[Measured, Fingerprint]]


def audit(
    items: pd.DataFrame,
    cells: Iterable[Cell] | None = None,
    *,
    progress: Callable[[list], Iterable] = iter,
) -> Report:
    """Look for faults, duplicates, leaks and shortcuts.

    Parameters
    ----------
    items : DataFrame
        Columns ``id``, ``path``, and where known ``start_s``, ``duration_s`` (s), ``label``, ``group``,
        ``key``. Labels that are lists of segments (JSON) are not compared.
    cells : iterable of Cell, optional
        Training and test sets to check for leaks.
    progress : callable
        Wraps the list of rows that are decoded, e.g. to draw a bar.

    Returns
    -------
    Report
    """
    findings: list[Finding] = []
    cells = list(cells or ())
    heard: Heard = {}
    for row in progress(list(items.to_dict("records"))):
        signal = _listen(row, findings)
        if signal is not None:
            heard[row["id"]] = signal
    findings += cell_findings(items, cells)
    findings += _duplicates(items, heard, cells)
    findings += _groups(items)
    probes = _probes(items, heard, findings)
    return Report.of(findings, len(items), probes)


def _listen(row: dict, findings: list[Finding]) -> tuple[Measured, Fingerprint] | None:
    """Decode and measure one item; faults go to ``findings``."""
    path, name = str(row["path"]), (str(row["id"]),)
    start_s, duration_s = row.get("start_s", 0.0), row.get("duration_s")
    try:
        signal, sr = decode(
            path,
            start_s=0.0 if pd.isna(start_s) else float(start_s),
            duration_s=None if pd.isna(duration_s) else float(duration_s),
        )
        channels = info(path).channels
    except DataError as error:
        check = "unreadable" if Path(path).is_file() else "missing"
        fault, _, mend = str(error).partition("; ")
        findings.append(Finding(check, "error", name, fault, mend))
        return None
    found = measure(signal, sr, channels)
    length_s = len(signal) / sr
    if found.peak == 0:
        mend = "drop the row, or fetch the file again"
        findings.append(Finding("silent", "error", name, f"{path}: all samples are zero", mend))
        return None
    if length_s < SHORT_S:
        detail = f"{path}: {length_s:.3f} s, under {SHORT_S} s"
        findings.append(Finding("short", "warning", name, detail, "drop the row"))
    if found.clipped > CLIPPED:
        detail = f"{path}: {100 * found.clipped:.2f} % of the samples at full scale"
        mend = "convert it again from its source at a lower level"
        findings.append(Finding("clipped", "warning", name, detail, mend))
    if found.level_db < SOFT_DB:
        detail = f"{path}: level {found.level_db:.1f} dB re full scale"
        findings.append(Finding("low level", "warning", name, detail, "check the recording"))
    return found, fingerprint(signal, sr)


def _duplicates(items: pd.DataFrame, heard: Heard, cells: list[Cell]) -> list[Finding]:
    same: dict[str, list[str]] = defaultdict(list)
    for name, (found, _) in heard.items():
        same[found.sha256].append(name)
    copies = [names for names in same.values() if len(names) > 1]
    exact = [pair for names in copies for pair in combinations(names, 2)]
    names = list(heard)
    matches = near_duplicates([heard[name][1] for name in names])
    near = {(names[m.first], names[m.second]): m for m in matches}
    near = {pair: m for pair, m in near.items() if pair not in set(exact)}
    findings = [
        Finding(
            "duplicate",
            "warning",
            tuple(group),
            f"{len(group)} items hold the same samples",
            "keep one of them",
        )
        for group in copies
    ]
    findings += [_near(pair, match) for pair, match in near.items()]
    findings += _conflicts(items, exact, "error", "the same samples")
    findings += _conflicts(items, near, "warning", "much the same sound")
    findings += pair_findings(exact, cells, "duplicate", "drop one of the two")
    mend = "put both on one side (one group), or drop one"
    return findings + pair_findings(near, cells, "near duplicate", mend)


def _near(pair: tuple[str, str], match: Match) -> Finding:
    detail = (
        f"share {match.seconds:.1f} s of sound at an offset of {round(match.offset_s, 1) + 0.0:+.1f} s "
        f"({100 * match.errors:.0f} % of the fingerprint's bits differ)"
    )
    mend = "listen to both; drop one, or give both one group"
    return Finding("near duplicate", "warning", pair, detail, mend)


def _conflicts(
    items: pd.DataFrame, pairs: Iterable[tuple[str, str]], severity: str, what: str
) -> list[Finding]:
    """Duplicates that disagree about the label or the group."""
    findings: list[Finding] = []
    mends = {"label": "correct one of the labels, or drop both", "group": "give both one group"}
    for column, mend in mends.items():
        if column not in items or (column == "label" and _segments(items)):
            continue
        value = dict(zip(items["id"], items[column]))
        for pair in pairs:
            a, b = value[pair[0]], value[pair[1]]
            if not (pd.isna(a) or pd.isna(b)) and a != b:
                detail = f"{what}, {column} {a!r} and {b!r}"
                rank = severity if column == "label" else "warning"
                findings.append(Finding(f"{column} conflict", rank, pair, detail, mend))
    return findings


def _groups(items: pd.DataFrame) -> list[Finding]:
    if "group" not in items or "label" not in items or _segments(items):
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


def _probes(items: pd.DataFrame, heard: Heard, findings: list[Finding]) -> dict[str, float]:
    if "label" not in items or _segments(items):
        return {}
    known = items[items["id"].isin(list(heard)) & items["label"].notna()]
    groups = known["group"] if "group" in known else known["id"]
    probes = probe(
        [heard[name][0] for name in known["id"]],
        known["label"].to_numpy(dtype=str),
        groups.fillna(known["id"]).to_numpy(dtype=str),
    )
    for name, auc in sorted(probes.items(), key=lambda pair: -pair[1]):
        if auc > SUSPICIOUS:
            detail = f"{name} alone tells the classes apart: AUC {auc:.3f} by group"
            mend = "equalise it, or show what remains of the scores without it"
            findings.append(Finding("shortcut", "warning", (), detail, mend))
    if not probes and known["label"].nunique() > 1:
        detail = "a class has fewer than two groups, so no shortcut can be measured"
        mend = "fill in the group column, or add recordings"
        findings.append(Finding("shortcuts not measured", "note", (), detail, mend))
    return probes


def _segments(items: pd.DataFrame) -> bool:
    """Whether the labels are lists of segments."""
    return bool(items["label"].dropna().astype(str).str.startswith("[").any())

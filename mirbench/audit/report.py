"""Findings of an audit, and their views."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

SEVERITIES = ("error", "warning", "note")
SHOWN_IDS = 4


class Finding(NamedTuple):
    """One thing found.

    ``severity`` is "error" (the figures would be wrong), "warning" (look at it) or "note"; ``mend``
    says what to do.
    """

    check: str
    severity: str
    ids: tuple[str, ...]
    detail: str
    mend: str


@dataclass(frozen=True)
class Report:
    """Result of an audit.

    Attributes
    ----------
    findings : tuple of Finding
        Worst first.
    probes : dict of str to float
        Cross-validated area under the ROC curve of each one-number probe (0.5 is chance; empty where
        the labels or groups don't allow it).
    n_items : int
    """

    findings: tuple[Finding, ...]
    n_items: int
    probes: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: list[Finding], n_items: int, probes: dict[str, float]) -> Report:
        """Report with its findings in order: by severity, then as found."""
        ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
        return cls(tuple(ordered), n_items, probes)

    @property
    def table(self) -> pd.DataFrame:
        """One row a finding: check, severity, ids (tuple of str), detail, mend."""
        return pd.DataFrame(list(self.findings), columns=list(Finding._fields))

    @property
    def leaks(self) -> list[Finding]:
        """Findings that must refuse a run: something is on both sides of a cell."""
        return [finding for finding in self.findings if finding.check.startswith("leak: ")]

    def to_markdown(self) -> str:
        """A table of findings, and one of the probes."""
        counts = [(sum(f.severity == s for f in self.findings), s) for s in SEVERITIES]
        summary = ", ".join(f"{n} {s}{'s' * (n != 1)}" for n, s in counts)
        lines = [f"{self.n_items} items: {summary}.", ""]
        if self.findings:
            lines += ["| severity | check | items | detail | mend |", "|---|---|---|---|---|"]
            lines += [
                f"| {f.severity} | {f.check} | {_shown(f.ids)} | {_cell(f.detail)} | {_cell(f.mend)} |"
                for f in self.findings
            ]
            lines.append("")
        if self.probes:
            lines += [
                "How well one number tells the classes apart (AUC by group, 0.5 is chance):",
                "",
                "| number | AUC |",
                "|---|---|",
            ]
            ranked = sorted(self.probes.items(), key=lambda pair: -pair[1])
            lines += [f"| {name} | {auc:.3f} |" for name, auc in ranked]
            lines.append("")
        return "\n".join(lines)

    def to_json(self) -> str:
        """Everything, as JSON."""
        data = {
            "n_items": self.n_items,
            "findings": [finding._asdict() for finding in self.findings],
            "probes": self.probes,
        }
        return json.dumps(data, indent=1, ensure_ascii=False)


def _shown(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return ", ".join(map(_cell, ids[:SHOWN_IDS])) + more


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")

"""Findings of an audit, and their views."""

from __future__ import annotations

import html
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

SEVERITIES = ("error", "warning", "note")
SHOWN_IDS = 4
SHOWN = 20
"""Findings of one kind in a table; all are in the JSON."""


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


class Pair(NamedTuple):
    """Two items that hold one sound.

    ``exact``: the same samples. Else ``second`` shares ``seconds`` s with ``first``, where the shared
    part starts ``offset_s`` later, and the fingerprints differ in the share ``errors`` of their bits.
    ``seconds`` is 0 of an exact pair. ``alike``: no copy, since the levels of their bands differ, but
    perhaps another take of the same score, or a shared part.
    """

    first: str
    second: str
    exact: bool
    offset_s: float = 0.0
    seconds: float = 0.0
    errors: float = 0.0
    alike: bool = False

    @property
    def ids(self) -> tuple[str, str]:
        """Both items."""
        return self.first, self.second

    @property
    def said(self) -> str:
        """How they are alike, in words."""
        if self.exact:
            return "the same samples"
        shared = "are alike over" if self.alike else "share"
        of = " (another take of the same score, or a shared part)" if self.alike else " of sound"
        return (
            f"{shared} {self.seconds:.1f} s{of} at an offset of {round(self.offset_s, 1) + 0.0:+.1f} s "
            f"({100 * self.errors:.0f} % of the fingerprint's bits differ)"
        )


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
    pairs : tuple of Pair
        Exact and near duplicates.
    intervals : dict of str to (float, float)
        95 % interval over groups of each probe.
    chance : float
        AUC that luck alone reaches with so few groups; NaN without probes.
    """

    findings: tuple[Finding, ...]
    n_items: int
    probes: dict[str, float] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    chance: float = float("nan")

    @classmethod
    def of(
        cls,
        findings: list[Finding],
        n_items: int,
        probes: dict[str, float],
        pairs: tuple[Pair, ...] = (),
        intervals: dict[str, tuple[float, float]] | None = None,
        chance: float = float("nan"),
    ) -> Report:
        """Report with its findings in order: by severity, then as found."""
        ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
        return cls(tuple(ordered), n_items, probes, pairs, intervals or {}, chance)

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
            shown: Counter[str] = Counter()
            for f in self.findings:
                shown[f.check] += 1
                if shown[f.check] <= SHOWN:
                    cells = (f.severity, f.check, _shown(f.ids), _cell(f.detail), _cell(f.mend))
                    lines.append(f"| {' | '.join(cells)} |")
            more = [f"{n - SHOWN} more of {check!r}" for check, n in shown.items() if n > SHOWN]
            if more:
                lines += ["", f"Not shown: {', '.join(more)}; the JSON holds all."]
            lines.append("")
        if self.probes:
            lines += [
                f"How well one number tells the classes apart (AUC by group, 0.5 is chance; up to "
                f"{self.chance:.2f} may be luck with so few groups):",
                "",
                "| number | AUC | 95 % interval |",
                "|---|---|---|",
            ]
            for name, auc in sorted(self.probes.items(), key=lambda pair: -pair[1]):
                low, high = self.intervals.get(name, (float("nan"), float("nan")))
                lines.append(f"| {name} | {auc:.3f} | {low:.2f} to {high:.2f} |")
            lines.append("")
        return "\n".join(lines)

    def to_json(self) -> str:
        """Everything, as JSON."""
        data = {
            "n_items": self.n_items,
            "findings": [finding._asdict() for finding in self.findings],
            "probes": self.probes,
            "intervals": self.intervals,
            "chance": self.chance if self.probes else None,
            "pairs": [pair._asdict() for pair in self.pairs],
        }
        return json.dumps(data, indent=1, ensure_ascii=False)


def _shown(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return ", ".join(map(_cell, ids[:SHOWN_IDS])) + more


def _cell(text: str) -> str:
    """Text of others for a table: its markup is shown, not read."""
    return html.escape(str(text), quote=False).replace("|", "\\|").replace("\n", " ")

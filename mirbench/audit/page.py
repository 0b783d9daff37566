"""The page of pairs to listen to: opens from a local file, excerpts beside it, strangers' text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import jinja2
import pandas as pd
import soundfile as sf

from mirbench.audio import decode
from mirbench.audit.report import SEVERITIES, Pair, Report
from mirbench.home import write_atomically
from mirbench.mistakes.page import SCRIPT

PAIRS = 60
"""Pairs on the page at most."""
EXCERPT_S = 8.0
RATE = 22050  # Hz
CLIPS = "excerpts"
"""Folder of the excerpts, beside the page."""


def write_page(report: Report, items: pd.DataFrame, folder: str | Path, title: str) -> Path:
    """Write ``index.html`` and an excerpt of both members of each pair; returns the page.

    Parameters
    ----------
    report : Report
    items : DataFrame
        The audited items: ``id``, ``path``, ``start_s`` and further columns.
    folder : path-like
    title : str
        What was audited.
    """
    folder = Path(folder).expanduser()
    table = items.drop_duplicates("id").set_index("id", drop=False)
    shown = []
    for number, pair in enumerate(_chosen(report.pairs, table), 1):
        about = table.loc[list(pair.ids)].to_dict("records")
        members = []
        for row, at, letter in zip(about, starts(pair), "ab"):
            link = f"{CLIPS}/{number:03d}{letter}.wav"
            length = _excerpt(row, at, pair, folder / link)
            facts = [f"{c} {row[c]}" for c in ("label", "group") if isinstance(row.get(c), str)]
            where = f"from {at:.1f} s, {length:.1f} s"
            member = {"name": row["id"], "link": link, "about": ", ".join([*facts, where])}
            members.append(member)
        shown.append({"said": pair.said, "members": members})
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    counts = [(sum(f.severity == s for f in report.findings), s) for s in SEVERITIES]
    html = environment.get_template("page.html").render(
        title=title,
        n_items=report.n_items,
        counts=", ".join(f"{n} {s}{'s' * (n != 1)}" for n, s in counts),
        pairs=shown,
        n_pairs=len(report.pairs),
        findings=[
            f for f in report.findings if f.check not in ("duplicate", "near duplicate", "alike")
        ],
        probes=[
            (name, f"{auc:.3f}", *(f"{x:.2f}" for x in report.intervals.get(name, (auc, auc))))
            for name, auc in sorted(report.probes.items(), key=lambda pair: -pair[1])
        ],
        chance=f"{report.chance:.2f}",
        script=SCRIPT,
        script_hash=base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
    )
    page = folder / "index.html"
    write_atomically(page, lambda part: part.write_text(html, encoding="utf-8"))
    return page


def starts(pair: Pair) -> tuple[float, float]:
    """Where the shared part starts in both members (s, inside the item)."""
    return max(0.0, pair.offset_s), max(0.0, -pair.offset_s)


def _chosen(pairs: Sequence[Pair], table: pd.DataFrame) -> list[Pair]:
    """Up to `PAIRS`: those whose labels disagree first, then exact ones, then the surest."""

    def rank(pair: Pair) -> tuple[bool, bool, float]:
        a, b = (table["label"][i] for i in pair.ids) if "label" in table else ("", "")
        return a == b or pd.isna(a) or pd.isna(b), not pair.exact, pair.errors

    return sorted(pairs, key=rank)[:PAIRS]


def _excerpt(row: dict, at: float, pair: Pair, path: Path) -> float:
    """Write the shared part's beginning as WAV; returns its length (s)."""
    begin = 0.0 if pd.isna(row.get("start_s", 0.0)) else float(row.get("start_s", 0.0))
    duration = row.get("duration_s")
    length = EXCERPT_S if pair.exact else min(EXCERPT_S, pair.seconds + 0.4)
    if not pd.isna(duration):
        length = min(length, float(duration) - at)
    length = min(length, sf.info(row["path"]).duration - begin - at)
    signal, sr = decode(row["path"], RATE, start_s=begin + at, duration_s=length)
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, signal.clip(-1, 1), sr, subtype="PCM_16")
    return len(signal) / sr

"""Faults of single items, and files that differ from the others of their corpus."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import soundfile as sf

from mirbench.audit.listen import Heard, Row, part
from mirbench.audit.measure import Measured
from mirbench.audit.report import Finding

SHORT_S = 0.5
SOFT_DB = -60.0
CLIPPED = 1e-3  # share of samples
USUAL = 0.5  # share of a corpus's items from which on a rate is its rate


def broken(row: Row, error: str) -> Finding:
    """The finding of an item that can't be decoded."""
    fault, _, mend = error.partition("; ")
    check = "truncated" if ": truncated" in fault else "unreadable"
    if not Path(str(row["path"])).is_file():
        check = "missing"
    return Finding(check, "error", (str(row["id"]),), fault, mend)


def faults(row: Row, heard: Heard) -> Iterator[Finding]:
    """Findings "silent", "short", "clipped" and "low level" of an item."""
    path, name, found = str(row["path"]), (str(row["id"]),), heard.measured
    against = "; the channels cancel each other in the mix to one" if _cancels(row, found) else ""
    turned = "turn one channel round, or keep one alone"
    if found.peak == 0:
        mend = turned if against else "drop the row, or fetch the file again"
        yield Finding("silent", "error", name, f"{path}: all samples are zero{against}", mend)
        return
    length_s = found.numbers["duration (s)"]
    if length_s < SHORT_S:
        detail = f"{path}: {length_s:.3f} s, under {SHORT_S} s"
        yield Finding("short", "warning", name, detail, "drop the row")
    if found.clipped > CLIPPED:
        detail = f"{path}: {100 * found.clipped:.2f} % of the samples at full scale"
        mend = "convert it again from its source at a lower level"
        yield Finding("clipped", "warning", name, detail, mend)
    if found.level_db < SOFT_DB:
        detail = f"{path}: level {found.level_db:.1f} dB re full scale{against}"
        mend = turned if against else "check the recording"
        yield Finding("low level", "warning", name, detail, mend)


def _cancels(row: Row, found: Measured) -> bool:
    """Whether a soft mix is one of channels that aren't soft; only such files are read once more."""
    if found.level_db >= SOFT_DB or found.numbers["channels"] < 2:
        return False
    start_s, duration_s = part(row)
    with sf.SoundFile(str(row["path"])) as file:
        file.seek(min(round(start_s * file.samplerate), file.frames))
        frames = -1 if duration_s is None else round(duration_s * file.samplerate)
        power = np.mean(np.square(file.read(frames, always_2d=True)), axis=0)
    return bool(10 * np.log10(max(*power, 1e-20)) >= SOFT_DB)


def rate_findings(heard: Mapping[str, Heard], corpus: Mapping[str, str]) -> list[Finding]:
    """Findings "sampling rate" and "bandwidth", a corpus at a time.

    Parameters
    ----------
    heard : mapping of id to Heard
    corpus : mapping of id to str
        Name of each item's corpus.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for name in heard:
        members[corpus[name]].append(name)
    findings = []
    for where, names in members.items():
        findings += _other_rates(where, {name: heard[name].measured.sr for name in names})
        cut = {name: heard[name].measured.cut_off_hz for name in names}
        edges = {name: edge for name, edge in cut.items() if edge is not None}
        if edges:
            findings.append(_cut(where, edges, len(names)))
    return findings


def _other_rates(where: str, rates: Mapping[str, int]) -> list[Finding]:
    counts = Counter(rates.values())
    (usual, n), *others = counts.most_common()
    if not others:
        return []
    mend = "resample all to one rate from their sources; features here are computed at a rate of theirs"
    if n <= USUAL * len(rates):
        said = ", ".join(f"{k} at {sr} Hz" for sr, k in counts.most_common())
        return [Finding("sampling rate", "note", (), f"{where}: {said}", mend)]
    other = tuple(name for name, sr in rates.items() if sr != usual)
    said = ", ".join(f"{sr} Hz" for sr, _ in others)
    detail = f"{where}: {len(other)} items at {said}, the other {n} at {usual} Hz"
    return [Finding("sampling rate", "warning", other, detail, mend)]


def _cut(where: str, edges: Mapping[str, float], total: int) -> Finding:
    low, high = min(edges.values()), max(edges.values())
    span = f"{low:.0f} Hz" if high - low < 100 else f"{low:.0f} to {high:.0f} Hz"
    detail = (
        f"{where}: {len(edges)} of {total} items end abruptly at {span}, far under half their rate"
    )
    mend = "resampled from a lower rate, or encoded: limit all to one bandwidth, or fetch better copies"
    some = "note" if len(edges) > USUAL * total else "warning"
    return Finding("bandwidth", some, tuple(edges), detail, mend)

"""Items that hold one sound: pairs, and where they disagree about label or group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import pandas as pd

from mirbench.audit.cells import pair_findings
from mirbench.audit.duplicates import HOP, MIN_FRAMES, N_FFT, RATE, comparable, near_duplicates
from mirbench.audit.listen import Heard
from mirbench.audit.report import Finding, Pair
from mirbench.protocols.protocol import Cell

LEAST_S = (MIN_FRAMES * HOP + N_FFT) / RATE
"""Length of an item from which on copies other than exact ones are found (s)."""


def copies(heard: Mapping[str, Heard]) -> list[Pair]:
    """Exact duplicates, then near ones."""
    same: dict[str, list[str]] = defaultdict(list)
    for name, one in heard.items():
        same[one.measured.sha256].append(name)
    exact = {pair for names in same.values() for pair in combinations(names, 2)}
    names = list(heard)
    at = {name: i for i, name in enumerate(names)}
    pairs = [Pair(a, b, True) for a, b in sorted(exact, key=lambda p: (at[p[0]], at[p[1]]))]
    for m in near_duplicates([one.fingerprint for one in heard.values()]):
        if (names[m.first], names[m.second]) not in exact:
            a, b = names[m.first], names[m.second]
            pairs.append(Pair(a, b, False, m.offset_s, m.seconds, m.errors, m.alike))
    return pairs


def copy_findings(items: pd.DataFrame, pairs: list[Pair], cells: list[Cell]) -> list[Finding]:
    """Findings "duplicate", "near duplicate", "alike", conflicts between copies, and what leaks."""
    exact = [pair for pair in pairs if pair.exact]
    near = [pair for pair in pairs if not pair.exact and not pair.alike]
    alike = [pair for pair in pairs if pair.alike]
    findings = [
        Finding(
            "duplicate",
            "warning",
            tuple(group),
            f"{len(group)} items hold the same samples",
            "keep one of them",
        )
        for group in joined(pair.ids for pair in exact)
    ]
    mend = "listen to both; drop one, or give both one group"
    findings += [Finding("near duplicate", "warning", p.ids, p.said, mend) for p in near]
    mend = "listen to both: give both one group where they are one sound"
    findings += [Finding("alike", "warning", p.ids, p.said, mend) for p in alike]
    findings += conflicts(items, [*exact, *near])
    findings += pair_findings([p.ids for p in exact], cells, "duplicate", "drop one of the two")
    mend = "put both on one side (one group), or drop one"
    findings += pair_findings([p.ids for p in near], cells, "near duplicate", mend)
    mend = "give both one group where they are one sound, or say that takes are shared"
    across = pair_findings([p.ids for p in alike], cells, "alike", mend)
    return findings + [f._replace(check="shared take", severity="warning") for f in across]


def short_findings(heard: Mapping[str, Heard]) -> list[Finding]:
    """A note on items of which only exact copies can be found."""
    short = tuple(name for name, one in heard.items() if not comparable(one.fingerprint))
    if not short:
        return []
    detail = (
        f"{len(short)} of {len(heard)} items are too short or too soft to be compared (under about "
        f"{LEAST_S:.1f} s): only exact copies of them are found"
    )
    mend = "nothing to do; say by the group column which of them belong together"
    return [Finding("not compared", "note", short, detail, mend)]


def conflicts(items: pd.DataFrame, pairs: Iterable[Pair]) -> list[Finding]:
    """Duplicates that disagree about the label or the group."""
    findings: list[Finding] = []
    mends = {"label": "correct one of the labels, or drop both", "group": "give both one group"}
    for column, mend in mends.items():
        if column not in items or (column == "label" and segments(items)):
            continue
        value = dict(zip(items["id"], items[column]))
        disagree = disagreement(items) if column == "label" else None
        for pair in pairs:
            a, b = value[pair.first], value[pair.second]
            if pd.isna(a) or pd.isna(b) or a == b or (disagree and not disagree(*pair.ids)):
                continue
            what = "the same samples" if pair.exact else "much the same sound"
            rank = "error" if pair.exact and column == "label" else "warning"
            detail = f"{what}, {column} {a!r} and {b!r}"
            findings.append(Finding(f"{column} conflict", rank, pair.ids, detail, mend))
    return findings


def disagreement(items: pd.DataFrame) -> Callable[[str, str], bool]:
    """Whether the labels of two ids disagree.

    Corpora that share no label name other things ("music" here, "rock" there): they never do.
    """
    label = {i: v for i, v in zip(items["id"], items["label"]) if not pd.isna(v)}
    known: dict[str, set[object]] = defaultdict(set)
    for i, v in label.items():
        known[i.partition("/")[0]].add(v)

    def disagree(a: str, b: str) -> bool:
        if a not in label or b not in label or label[a] == label[b]:
            return False
        return not known[a.partition("/")[0]].isdisjoint(known[b.partition("/")[0]])

    return disagree


def joined(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Sets of ids that pairs connect, each in the order first seen."""
    member: dict[str, list[str]] = {}
    for a, b in pairs:
        one, other = member.setdefault(a, [a]), member.setdefault(b, [b])
        if one is not other:
            one += other
            member.update(dict.fromkeys(other, one))
    return list({id(group): group for group in member.values()}.values())


def segments(items: pd.DataFrame) -> bool:
    """Whether the labels are lists of segments."""
    return bool(items["label"].dropna().astype(str).str.startswith("[").any())

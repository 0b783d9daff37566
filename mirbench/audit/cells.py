"""Leaks between the two sides of a cell, from ids, groups and content keys alone (nothing is decoded)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pandas as pd

from mirbench.audit.report import Finding
from mirbench.boxes import read_truth
from mirbench.corpora.corpus import Corpus
from mirbench.errors import DataError
from mirbench.protocols.protocol import Cell, Protocol

# column -> what it is called, and what to do when a value of it is on both sides
SIDES = {
    "id": ("item", "give each item one side"),
    "group": ("group", "split by group: its items resemble each other"),
    "key": ("recording", "the same sound under two ids: drop one of them"),
    "item": ("source recording", "parts and degraded copies of one recording belong on one side"),
}


PEOPLE = ("artist", "album", "speaker", "track", "composer", "performer")
"""Columns of what recordings may have in common beside their group."""


def audit_cells(protocol: Protocol) -> list[str]:
    """Leaks of a protocol, one sentence a cell, test set and kind; empty if there is none.

    An item, a group, a content key or a source recording in training and in a test set of the same
    cell is a leak, and so is a training group that is heard inside a test item (column ``members``).
    A collection, of which a method is shown no label and no group, can't leak; of training sets that
    share groups on purpose (``protocol.shares``) neither groups nor members are asked about. Of sounds
    and their videos see `video_findings`.
    """
    cells = [cell for cell in protocol.cells if not protocol.is_collection(cell)]
    apart = split_cells(protocol)
    shared = [cell for cell in cells if cell.source in protocol.shares]
    findings = cell_findings(protocol.items, apart) + member_findings(protocol.items, apart)
    findings += cell_findings(protocol.items.drop(columns="group"), shared)
    if protocol.task.kind == "pairs":
        findings += video_findings(protocol.items, cells)
    return [f.detail for f in findings]


def split_cells(protocol: Protocol) -> list[Cell]:
    """Cells whose two sides must share nothing: no collections, none that share groups on purpose."""
    return [
        cell
        for cell in protocol.cells
        if not protocol.is_collection(cell) and cell.source not in protocol.shares
    ]


def between(corpora: Sequence[Corpus]) -> tuple[pd.DataFrame, list[Cell]]:
    """Items of corpora, and cells that train on one and test on another: what they share leaks.

    Raises
    ------
    DataError
        Two corpora of one name.
    """
    names = [corpus.name for corpus in corpora]
    if len(set(names)) < len(names):
        raise DataError(f"two corpora share a name ({', '.join(names)}); rename one folder")
    cells = [
        Cell(a.name, a.name, tuple(a.items["id"]), {b.name: tuple(b.items["id"])})
        for a, b in combinations(corpora, 2)
    ]
    return pd.concat([corpus.items for corpus in corpora], ignore_index=True), cells


def member_findings(items: pd.DataFrame, cells: Iterable[Cell]) -> list[Finding]:
    """Findings "leak: member": someone heard on both sides, by group or by ``members`` (``a|b``)."""
    if "members" not in items:
        return []
    named = items["members"].fillna("").astype(str).str.split("|")
    heard = {
        i: {group, *names} - {""}
        for i, group, names in zip(items["id"], items["group"], named, strict=True)
    }
    findings = []
    for cell in cells:
        known: dict[str, str] = {name: i for i in cell.train for name in heard[i]}
        for test, ids in cell.tests.items():
            shared: dict[str, tuple[str, ...]] = {}
            for i in ids:
                for name in sorted(heard[i] & known.keys()):
                    shared[name] = (*shared.get(name, (known[name],)), i)
            if shared:
                findings.append(_finding(cell, test, "member", shared, "leave its clips out"))
    return findings


def cell_findings(items: pd.DataFrame, cells: Iterable[Cell]) -> list[Finding]:
    """Findings "leak: item", "leak: group" and "leak: recording".

    Parameters
    ----------
    items : DataFrame
        Column ``id``, and ``group`` and ``key`` where known.
    cells : iterable of Cell
        Ids that ``items`` doesn't list count by their id only.
    """
    values = {column: dict(zip(items["id"], items[column])) for column in SIDES if column in items}
    findings = []
    for cell in cells:
        for test, ids in cell.tests.items():
            both = set(cell.train).intersection(ids)  # reported as items, not once more as groups
            for column, (what, mend) in SIDES.items():
                tested = ids if column == "id" else [i for i in ids if i not in both]
                shared = _shared(values.get(column, {}), cell.train, tested)
                if column == "key":
                    shared = _named(shared)
                if shared:
                    findings.append(_finding(cell, test, what, shared, mend))
    return findings


def video_findings(items: pd.DataFrame, cells: Iterable[Cell]) -> list[Finding]:
    """Findings of sounds and their videos: "leak: video", one file in training and in test; "leak: video
    twice", one part of a file with two sounds of a test set; "leak: length", a test set of several
    lengths, which tell what belongs together.

    Raises
    ------
    ProtocolError
        A label that is no truth of sound and picture.
    """
    of = {i: read_truth(label)[:3] for i, label in zip(items["id"], items["label"])}
    lasts = dict(zip(items["id"], items["duration_s"]))
    files = {i: video for i, (video, _, _) in of.items()}
    findings = []
    for cell in cells:
        for test, ids in cell.tests.items():
            train = set(cell.train)
            tested = [i for i in ids if i not in train]
            both = _named(_shared(files, cell.train, tested))
            if both:
                mend = "give sounds of one video one side"
                findings.append(_finding(cell, test, "video", both, mend))
            seen: dict[object, list[str]] = {}
            for i in ids:
                seen.setdefault(of[i], []).append(i)
            twice = _named({str(part): tuple(own) for part, own in seen.items() if len(own) > 1})
            if twice:
                mend = "keep one of the sounds"
                found = _finding(cell, test, "video twice", twice, mend)
                detail = f"cell {cell.name}, test set {test}: one video with two sounds, {next(iter(twice))}"
                findings.append(found._replace(detail=detail))
            lengths = {(lasts[i], of[i][2]) for i in ids}
            if len(lengths) > 1:
                detail = (
                    f"cell {cell.name}, test set {test}: sounds and videos of {len(lengths)} lengths, which "
                    "tell what belongs together"
                )
                mend = "cut all to one length"
                findings.append(Finding("leak: length", "error", tuple(ids), detail, mend))
    return findings


def column_findings(items: pd.DataFrame, cells: Iterable[Cell]) -> list[Finding]:
    """Findings "shared artist", "shared album", ...: a value of any column of `PEOPLE` on both sides.

    The group says what a split is by; what else is shared may be as it is meant to be, so that these
    are warnings. Albums are told apart by their artist: many are called the same.
    """
    findings = []
    for column in PEOPLE:
        if column not in items or ("group" in items and items[column].equals(items["group"])):
            continue
        values = [str(v) if _known(v) else "" for v in items[column]]
        if column == "album" and "artist" in items:
            artists = [str(v) if _known(v) else "" for v in items["artist"]]
            values = [
                f"{artist} / {album}" if album and not album.startswith(artist) else album
                for artist, album in zip(artists, values)
            ]
        of = dict(zip(items["id"], values))
        for cell in cells:
            for test, ids in cell.tests.items():
                both = set(cell.train).intersection(ids)
                shared = _shared(of, cell.train, [i for i in ids if i not in both])
                if shared:
                    mend = f"split by {column}, or say that it is shared"
                    found = _finding(cell, test, column, shared, mend)
                    findings.append(found._replace(check=f"shared {column}", severity="warning"))
    return findings


def pair_findings(
    pairs: Iterable[tuple[str, str]], cells: Iterable[Cell], what: str, mend: str
) -> list[Finding]:
    """Findings for pairs of ids that must not be on two sides of a cell."""
    pairs = list(pairs)
    findings = []
    for cell in cells:
        train = set(cell.train)
        for test, ids in cell.tests.items():
            other = set(ids)
            across = {
                f"{a} = {b}": (a, b)
                for a, b in pairs
                if (a in train and b in other) or (b in train and a in other)
            }
            if across:
                findings.append(_finding(cell, test, what, across, mend))
    return findings


def _shared(
    value: Mapping[str, object], train: Iterable[str], test: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Values found on both sides, each with its ids there."""
    seen: dict[object, list[str]] = {}
    for i in train:
        if _known(value.get(i)):
            seen.setdefault(value[i], []).append(i)
    shared: dict[str, tuple[str, ...]] = {}
    for i in test:
        if value.get(i) in seen:
            name = str(value[i])
            shared[name] = (*shared.get(name, tuple(seen[value[i]])), i)
    return shared


def _named(shared: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The same under the names of two of their items: a hash says nothing."""
    return {f"{ids[0]} = {ids[-1]}": ids for ids in shared.values()}


def _known(value: object) -> bool:
    return value is not None and value == value and value != ""


def _finding(
    cell: Cell, test: str, what: str, shared: Mapping[str, tuple[str, ...]], mend: str
) -> Finding:
    first = next(iter(shared))
    more = f" and {len(shared) - 1} more" if len(shared) > 1 else ""
    detail = f"cell {cell.name}, test set {test}: {what} {first}{more} in training and in test"
    ids = tuple(dict.fromkeys(i for group in shared.values() for i in group))
    return Finding(f"leak: {what}", "error", ids, detail, mend)

"""Makers of protocols: from corpora to cells, always by group."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from mirbench.boxes import read_boxes
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.f0 import read_f0
from mirbench.corpora.lab import read_lab
from mirbench.errors import DataError, ProtocolError
from mirbench.frames import Grid
from mirbench.items import content_key
from mirbench.pairs import as_label as pair_label
from mirbench.pitch import as_label
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import Task

FRAMES = ("frame error", "2.4-s error")
SEGMENTS = ("macro F (10 ms)", "boundary F (0.5 s)")
ORACLE = ("MAP@20", "recall@20", "RR@20", "nDCG@20")
LABELS = (
    ("R-precision", "R-precision (album filter)"),
    ("R-precision (artist filter)", "R-precision"),
)
TAGS = ("PR-AUC", "ROC-AUC")
EMOTION = ("CCC (arousal)", "CCC (valence)")
VALUES = ("R2", "MSE", "cosine")
SEQUENCE = ("token error rate", "sequence accuracy", "token error rate, long minus short")
PITCH = ("RPA", "RCA", "overall accuracy")
PAIRS = (
    "R@1 (sound to video)",
    "R@10 (sound to video)",
    "R@25 (sound to video)",
    "median rank (sound to video)",
    "R@1 (video to sound)",
    "R@10 (video to sound)",
    "R@25 (video to sound)",
    "median rank (video to sound)",
    "correspondence",
)
HUBNESS = "hubness (k=5)"
STRATA = ("language", "sex", "style", "vocals", "has_overlap", "dynamics", "members")


def headline(task: Task) -> tuple[str, ...]:
    """Names of the metrics that a board of a task shows first."""
    if task.kind == "classes":
        return ("balanced accuracy", *(f"balanced accuracy ({level})" for level in task.levels))
    if task.kind == "ranking":
        return ORACLE if task.oracle else (*LABELS[task.column != "artist"], HUBNESS)
    if task.kind == "values":
        return EMOTION if task.labels == ("valence", "arousal") else VALUES
    return {
        "frames": FRAMES,
        "segments": SEGMENTS,
        "tags": TAGS,
        "f0": PITCH,
        "sequence": SEQUENCE,
        "pairs": PAIRS,
    }[task.kind]


def protocol_over(
    name: str,
    task: Task,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    *,
    seeds: Sequence[int],
    budget: str,
    evidence: str,
    words: str,
) -> Protocol:
    """Protocol of these cells, version 1, with the task's headline; of ``items`` those that cells use."""
    used = {i for cell in cells for ids in (cell.train, *cell.tests.values()) for i in ids}
    used |= {i for cell in cells for ids in cell.support.values() for i in ids}
    kept = items[items["id"].isin(used)].reset_index(drop=True)
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        kept,
        tuple(cells),
        tuple(seeds),
        budget,
        headline(task),
        evidence,
        words,
    )


def protocol_items(corpus: Corpus, task: Task) -> pd.DataFrame:
    """The part of a corpus's item table that a protocol keeps, with this task's truth.

    Raises
    ------
    ProtocolError
        The corpus lacks the task's label column, or none of its labels is one of the task's.
    """
    table = corpus.items
    kept = pd.DataFrame(
        {
            "id": table["id"],
            "corpus": corpus.name,
            "item": table["id"],
            "start_s": 0.0,
            "duration_s": table["duration_s"].astype(float),
            "degradation": "",
            "key": table["key"],
            "group": table["group"],
            "label": _truth(corpus, task),
        }
    )
    for column in (*STRATA, *(("album",) if task.kind == "ranking" else ())):
        if column in table and table[column].notna().any():
            kept[column] = table[column]
    if task.kind == "ranking" and "artist" in table:  # what the artist filter goes by
        artist = table["artist"].where(table["artist"].notna(), "").astype(str).str.strip()
        kept["group"] = artist.where(artist != "", kept["group"]).to_numpy()
    known = kept["label"].notna()
    if task.kind == "tags" and "unknown" in table:
        unknown = [_unknown(task, word) for word in table["unknown"]]
        if any(unknown):  # the column stands only where it says something
            kept["unknown"] = np.array(unknown, dtype=object)
    if task.kind == "tags":
        known &= bool((kept["label"] != "[]").any())
    if not known.any():
        where = list(task.labels) if task.kind == "values" else [label_column(corpus, task)]
        found = ", ".join(sorted({str(v) for v in table[where].to_numpy().ravel()})[:8])
        raise ProtocolError(
            f"{corpus.source or corpus.name}: no item has a label of task {task.name} "
            f"({', '.join(task.labels) or task.column}); column {', '.join(map(repr, where))} holds {found}; "
            f"{'fill it in' if task.holds_tags else 'rename the labels in the index'}"
        )
    return kept[known].reset_index(drop=True)


def label_column(corpus: Corpus, task: Task) -> str:
    """Column of a corpus that holds the task's label; ``label`` where the task's own isn't there."""
    return task.column if task.column in corpus.items else "label"


def _truth(corpus: Corpus, task: Task) -> list[str | None]:
    table = corpus.items
    if task.kind == "segments" and task.column not in table and "label" in table:
        # a clip with one label is one segment
        rows = zip(table["duration_s"], table["label"], strict=True)
        return [json.dumps([[0.0, float(d), v]]) if v in task.labels else None for d, v in rows]
    if task.kind == "values":
        return _values(corpus, task)
    column = label_column(corpus, task)
    if column not in table or (task.kind in ("segments", "f0", "pairs") and column == "label"):
        raise ProtocolError(
            f"{corpus.source or corpus.name}: no label column {task.column!r} for task {task.name}; "
            f"its index has {', '.join(corpus.items.columns)}: add or rename the column"
        )
    if task.kind == "f0":
        return [_pitch(*row) for row in zip(table["path"], table[column], table["duration_s"])]
    if task.kind == "pairs":
        return [_pair(row, task.column) for row in table.to_dict("records")]
    if task.kind != "segments":
        return [task.named(v) for v in table[column]]
    truth: list[str | None] = []
    for path, lab in zip(table["path"], table[task.column], strict=True):
        segments = read_lab(f"{str(path).rpartition('/')[0]}/{lab}")
        for _, _, label in segments:
            task.code(label)
        truth.append(json.dumps([list(s) for s in segments]))
    return truth


def _pitch(sound: str, path: object, duration_s: float) -> str | None:
    """The truth of an item, from a file named absolutely or beside its sound; None without one."""
    if not isinstance(path, str) or not path.strip():
        return None
    place = Path(sound).parent / path
    try:
        return as_label(*read_f0(place), float(duration_s))
    except DataError as error:
        said = str(error)
        raise DataError(said if str(place) in said else f"{place}: {said}") from error


def _pair(row: dict, column: str) -> str | None:
    """The truth of a sound: its video, named absolutely or beside it, and perhaps boxes; None without."""
    if not isinstance(row[column], str) or not row[column].strip():
        return None
    beside = Path(row["path"]).parent
    boxes = row.get("boxes_path")
    shown = read_boxes(beside / boxes) if isinstance(boxes, str) and boxes.strip() else None
    return pair_label(beside / row[column], 0.0, float(row["duration_s"]), shown)


def _unknown(task: Task, word: object) -> str | None:
    """The task's tags among those of ``a|b`` that nobody looked for, as JSON; None for none."""
    text = task.named(word)
    return None if text in (None, "[]") else text


def _values(corpus: Corpus, task: Task) -> list[str | None]:
    """Numbers of an item, one a label; None for an item that lacks one."""
    table = corpus.items
    missing = [label for label in task.labels if label not in table]
    if missing or not task.labels:
        raise ProtocolError(
            f"{corpus.source or corpus.name}: no column {', '.join(missing) or task.column!r} for task "
            f"{task.name}; its index has {', '.join(table.columns)}: add or rename the column"
        )
    try:
        numbers = table[list(task.labels)].replace("", np.nan).astype(float).to_numpy()
    except (TypeError, ValueError) as error:
        raise ProtocolError(
            f"{corpus.source or corpus.name}: {', '.join(task.labels)} must be numbers ({error}); "
            "mend the index"
        ) from error
    return [json.dumps(row.tolist()) if np.isfinite(row).all() else None for row in numbers]


def with_labels(task: Task, items: pd.DataFrame) -> Task:
    """The task with the labels that its items have, where it has none of its own.

    A protocol's label set has all its items' labels, tested ones too, as a published list has.
    """
    if task.labels:
        return task
    each = items["label"]
    words = {w for label in each for w in json.loads(label)} if task.holds_tags else set(each)
    return replace(task, labels=tuple(sorted(words)))


def grouped_folds(items: pd.DataFrame, k: int, seed: int = 0) -> list[np.ndarray]:
    """Test positions of ``k`` folds, stratified by label, no group on both sides.

    Raises
    ------
    ProtocolError
        A class has fewer groups than folds.
    """
    groups = items.groupby("label")["group"].nunique()
    if len(groups) < 2 or groups.min() < k:
        counts = ", ".join(f"{label}: {n}" for label, n in groups.items())
        raise ProtocolError(
            f"{items['corpus'].iloc[0]}: {k} folds by group need {k} groups in each of at least two "
            f"classes, found {counts}; lower the number of folds or add recordings"
        )
    folds = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    y, g = items["label"].to_numpy(dtype=str), items["group"].to_numpy(dtype=str)
    return [test for _, test in folds.split(np.zeros((len(items), 1)), y, g)]


def matched(items: pd.DataFrame, size: int, seed: int = 0) -> pd.DataFrame:
    """At most ``size`` items: whole groups are left out, class by class in proportion, at random."""
    surplus = len(items) - size
    if surplus <= 0:
        return items
    order = np.random.default_rng(seed).permutation(sorted(items["group"].unique()))
    excess = (items["label"].value_counts() * surplus / len(items)).round().to_dict()
    drop: list[str] = []
    for group in order:
        counts = items.loc[items["group"] == group, "label"].value_counts().to_dict()
        if all(n <= excess[label] for label, n in counts.items()):
            drop.append(group)
            for label, n in counts.items():
                excess[label] -= n
    return items[~items["group"].isin(drop)]


def per_class(items: pd.DataFrame, most: int, seed: int = 0) -> pd.DataFrame:
    """At most ``most`` items of each class, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(items))
    drawn = items.iloc[order].groupby("label", sort=False).head(most)
    return items.loc[items.index.isin(drawn.index)]


def matrix_cells(
    train: Sequence[pd.DataFrame],
    test: Sequence[pd.DataFrame],
    k: int,
    *,
    seed: int = 0,
    degradations: Sequence[str] = (),
    most: int | None = None,
) -> tuple[pd.DataFrame, list[Cell]]:
    """Train on each of ``train``, test on each of ``test``: the full matrix in one pass.

    Where a corpus is on both sides its figure comes from ``k`` grouped folds (the diagonal). Across
    corpora the training set is cut, by group, to the size of the folds' training sets, so that a
    drop compares equal amounts of training; with ``most``, where corpora differ in their classes,
    every training set is cut to at most that many items a class instead. With ``degradations`` the diagonal is tested on degraded
    copies of the same items too.

    Returns
    -------
    items : DataFrame
        All items used, degraded copies included.
    cells : list of Cell
    """
    names = [t["corpus"].iloc[0] for t in test]
    size = int(min(len(t) for t in train) * (k - 1) / k)

    for table in train:
        if table["label"].nunique() < 2:
            raise ProtocolError(
                f"{table['corpus'].iloc[0]}: all {len(table)} items are labelled "
                f"{table['label'].iloc[0]!r}; training needs two classes or more: add recordings"
            )

    def cut(pool: pd.DataFrame) -> pd.DataFrame:
        return matched(pool, size, seed) if most is None else per_class(pool, most, seed)

    cells: list[Cell] = []
    extra: list[pd.DataFrame] = []
    for table in train:
        source = table["corpus"].iloc[0]
        if source in names:
            for copy_name in degradations:
                extra.append(degraded(table, copy_name))
            for i, fold in enumerate(grouped_folds(table, k, seed)):
                held = set(table["group"].iloc[fold])
                pool = cut(table[~table["group"].isin(held)])
                ids = table["id"].iloc[fold].tolist()
                tests = {source: tuple(ids)}
                for name in degradations:
                    tests[f"{source} + {name} dB"] = tuple(f"{i}@{name}" for i in ids)
                cells.append(Cell(f"{source}/{i}", source, tuple(pool["id"]), tests))
        others = {n: tuple(t["id"]) for n, t in zip(names, test, strict=True) if n != source}
        if others:
            pool = cut(table)
            cells.append(Cell(source, source, tuple(pool["id"]), others))
    tables = {t["corpus"].iloc[0]: t for t in [*train, *test]}
    return pd.concat([*tables.values(), *extra], ignore_index=True), cells


def with_known_labels(
    items: pd.DataFrame, cells: Sequence[Cell]
) -> tuple[list[Cell], dict[tuple[str, str], pd.Series]]:
    """Cells whose tests across corpora hold only labels that their training set holds.

    Returns
    -------
    cells : list of Cell
    left_out : dict of (source, test) to Series
        Labels of the items left out, where there are any.

    Raises
    ------
    ProtocolError
        A training and a test set share fewer than two labels.
    """
    labels = items.set_index("id")["label"]
    kept, left_out = [], {}
    for cell in cells:
        known = set(labels[list(cell.train)])
        tests = dict(cell.tests)
        for test in [name for name in tests if name != cell.source]:
            said = labels[list(tests[test])]
            here = said.isin(known)
            if said[here].nunique() < 2:
                raise ProtocolError(
                    f"trained on {cell.source}, tested on {test}: two classes or more must be in both, "
                    f"but training has {', '.join(sorted(known))}, the test {', '.join(sorted(set(said)))}; "
                    "mend the labels or leave this pair out"
                )
            tests[test] = tuple(said.index[here])
            if not here.all():
                left_out[cell.source, test] = said[~here]
        kept.append(Cell(cell.name, cell.source, cell.train, tests))
    return kept, left_out


def degraded(items: pd.DataFrame, degradation: str) -> pd.DataFrame:
    """Copies of the items under new ids, heard through ``degradation``."""
    copy = items.copy()
    copy["id"] = items["id"] + f"@{degradation}"
    copy["degradation"] = degradation
    copy["key"] = [
        content_key(key, 0.0, d, degradation)
        for key, d in zip(items["key"], items["duration_s"], strict=True)
    ]
    return copy


def excerpts(items: pd.DataFrame, length_s: float) -> pd.DataFrame:
    """Cut items into consecutive excerpts of ``length_s`` seconds; what is left over is dropped."""
    rows = []
    for row in items.to_dict("records"):
        for j in range(int((row["duration_s"] + 1e-6) // length_s)):
            start = j * length_s
            rows.append(
                row
                | {
                    "id": f"{row['id']}#{start:g}",
                    "start_s": start,
                    "duration_s": length_s,
                    "key": content_key(row["key"], start, length_s),
                }
            )
    if not rows:
        raise ProtocolError(f"no item lasts {length_s:g} s; use longer recordings")
    return pd.DataFrame(rows)


def learning_curve_cells(items: pd.DataFrame, sizes: Sequence[int], seed: int = 0) -> list[Cell]:
    """One grouped hold-out (a third of the groups) and nested training sets of growing size."""
    test = items.iloc[grouped_folds(items, 3, seed)[0]]
    pool = items[~items["group"].isin(set(test["group"]))]
    order = np.random.default_rng(seed).permutation(len(pool))
    cells = []
    for size in [*[s for s in sizes if s < len(pool)], len(pool)]:
        train = _balanced(pool.iloc[order], size)
        name = f"n={len(train)}"
        cells.append(Cell(name, name, tuple(train["id"]), {"held out": tuple(test["id"])}))
    return cells


def _balanced(pool: pd.DataFrame, size: int) -> pd.DataFrame:
    """First ``size`` items in the pool's order, classes in the pool's proportion: nested by size."""
    share = size / len(pool)
    return pool[
        pool.groupby("label").cumcount() < pool.groupby("label")["id"].transform("size") * share
    ]


def leave_one_group_out(items: pd.DataFrame, name: str) -> list[Cell]:
    """One cell a group: train on the others, test on it."""
    return [
        Cell(
            f"{name}/{group}",
            name,
            tuple(items.loc[items["group"] != group, "id"]),
            {name: tuple(items.loc[items["group"] == group, "id"])},
        )
        for group in dict.fromkeys(items["group"])
    ]

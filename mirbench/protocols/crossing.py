"""Corpora that name the same classes differently, brought to one word a class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import read_index
from mirbench.errors import ProtocolError
from mirbench.labelmaps import load_facet, shared_classes
from mirbench.protocols.kept_items import label_column
from mirbench.protocols.protocol import Cell
from mirbench.tasks import Task

FACET_OF = {
    "genre": "genre",
    "rhythm": "rhythm",
    "instruments": "instrument",
    "speech-music-clip": "speech-music",
    "tags": "tags",
}
"""Facet of `mirbench.labelmaps` that holds a task's labels."""

Words = Mapping[str, str]
Place = TypeVar("Place", bound=str | Path)


def in_common_words(
    loaded: Mapping[Place, Corpus],
    task: Task,
    labels: str | Path | Words | None = None,
    relations: Sequence[str] = ("exact",),
) -> tuple[dict[Place, Corpus], str]:
    """Corpora whose label column says the same word for the same class.

    Words are brought together by the concepts of `mirbench.labelmaps`, only where a task hasn't a
    label set of its own, and only those that corpora spell differently. Of tags of published
    corpora, those that one alone knows are left out, since nobody looked for them in the others; tags
    of a folder of one's own stay as they are without a map.

    Parameters
    ----------
    loaded : mapping of str or path to Corpus
        By the name that it was asked for under.
    task : Task
    labels : path or mapping, optional
        A map of one's own instead, word to class: a CSV with the columns ``label`` and ``class``, and
        perhaps ``corpus`` where a word means something else in each. An empty class leaves
        the word's items out. Words that it doesn't have stay as they are.
    relations : sequence of {"exact", "close", "broader"}
        As `mirbench.labelmaps.shared_classes` takes them.

    Returns
    -------
    corpora : dict of str or path to Corpus
    words : str
        What was done, for a protocol's description; empty where nothing was.

    Raises
    ------
    ProtocolError
        A map that isn't such a table, or of a word that no corpus has; tags without two in common.
    """
    if task.kind not in ("classes", "tags"):
        if labels is not None:
            raise ProtocolError(f"task {task.name} takes no map of labels: leave out --labels")
        return dict(loaded), ""
    if not task.labels and task.name in FACET_OF:
        loaded = {name: _with_column(corpus, task) for name, corpus in loaded.items()}
    found = {name: _words(corpus, task) for name, corpus in loaded.items()}
    if labels is not None:
        maps = _own_map(labels, found, loaded)
    elif not _by_a_facet(loaded, task):
        return dict(loaded), ""
    else:
        maps = _by_concepts(found, loaded, task, relations)
    if all(word == new for its in maps.values() for word, new in its.items()):
        return dict(loaded), ""
    made = {name: _renamed(corpus, task, maps[name]) for name, corpus in loaded.items()}
    return made, _said(maps, loaded, task)


def trained_only(items: pd.DataFrame, cells: Sequence[Cell]) -> str:
    """Classes that a training set has and none of its tests across corpora, with their items."""
    table, told = items.set_index("id"), {}
    for cell in cells:
        tests = [ids for name, ids in cell.tests.items() if name != cell.source]
        if not tests:
            continue
        tested = {label for ids in tests for label in table.loc[list(ids), "label"]}
        trained = table.loc[list(cell.train), "label"]
        more = trained[~trained.isin(tested)]
        if len(more):
            told[cell.source] = (
                f"; {cell.source} trains on {', '.join(sorted(set(more)))} too ({len(more)} items), "
                "which no other corpus tests"
            )
    return "".join(told.values())


def _with_column(corpus: Corpus, task: Task) -> Corpus:
    """The corpus with the task's column, where its labels stand in another by its facet's word."""
    column = load_facet(FACET_OF[task.name]).columns.get(corpus.name)
    if column not in corpus.items or label_column(corpus, task) in corpus.items:
        return corpus
    return replace(corpus, items=corpus.items.assign(**{task.column: corpus.items[column]}))


def _by_a_facet(loaded: Mapping[Place, Corpus], task: Task) -> bool:
    """Whether concepts bring labels together: of corpora without a label set, of published tags."""
    if task.labels or len(loaded) < 2 or task.name not in FACET_OF:
        return False
    listed = load_facet(FACET_OF[task.name]).labels
    return task.kind != "tags" or all(corpus.name in listed for corpus in loaded.values())


def words_of(corpus: Corpus, task: Task) -> list[list[str]]:
    """Words of each item's label; an empty list for all where a corpus has no column for the task."""
    column = label_column(corpus, task)
    return [_split(value, task) for value in corpus.items.get(column, [])]


def _words(corpus: Corpus, task: Task) -> list[str]:
    """Words of a corpus's labels, in order; of tags, those that nobody looked for in an item too."""
    each = words_of(corpus, task)
    if task.kind == "tags":
        each += [_split(value, task) for value in corpus.items.get("unknown", [])]
    return sorted({word for words in each for word in words})


def _split(value: object, task: Task) -> list[str]:
    text = value.strip() if isinstance(value, str) else ""
    words = text.split("|") if task.kind == "tags" else [text]
    return [word.strip() for word in words if word.strip()]


def _by_concepts(
    found: Mapping[Place, Sequence[str]],
    loaded: Mapping[Place, Corpus],
    task: Task,
    relations: Sequence[str],
) -> dict[Place, dict[str, str]]:
    """New word of each word; of tags an empty one for those that no other corpus has."""
    names = {key: corpus.name for key, corpus in loaded.items()}
    shared = shared_classes(
        {names[k]: its for k, its in found.items()}, FACET_OF[task.name], relations
    )
    classes = {new for its in shared.values() for new in its.values()}
    if task.kind == "tags":
        if len(classes) < 2:
            raise ProtocolError(
                f"{', '.join(names.values())} share {len(classes)} tags; give a map of labels "
                "(--labels) or name corpora that share two or more"
            )
        return {k: {w: shared[names[k]].get(w, "") for w in its} for k, its in found.items()}
    known = load_facet(FACET_OF[task.name])
    means = {k: {w: known.concept(names[k], w) for w in its} for k, its in found.items()}

    def kept(key: Place, word: str) -> str:
        """An unshared word, with its corpus where elsewhere it is the word of something else."""
        others = {its.get(word) for its in means.values()} - {None, means[key][word]}
        return (
            f"{word} ({names[key]})" if word in classes or (others and means[key][word]) else word
        )

    return {k: {w: shared[names[k]].get(w) or kept(k, w) for w in its} for k, its in found.items()}


def _own_map(
    labels: str | Path | Words, found: Mapping[Place, Sequence[str]], loaded: Mapping[Place, Corpus]
) -> dict[Place, dict[str, str]]:
    names = {corpus.name: key for key, corpus in loaded.items()}
    maps: dict[Place, dict[str, str]] = {key: {} for key in found}
    for corpus, word, new in _rows(labels):
        if corpus and corpus not in names:
            raise ProtocolError(
                f"map of labels: no corpus {corpus!r} here; there are {', '.join(names)}"
            )
        keys = [k for k in ([names[corpus]] if corpus else found) if word in found[k]]
        if not keys:
            there = sorted({w for its in found.values() for w in its})
            raise ProtocolError(
                f"map of labels: {word!r} is no label of {corpus or ', '.join(names)}; "
                f"there are {', '.join(map(repr, there[:12]))}"
            )
        for key in keys:
            maps[key][word] = new
    return {key: {w: its.get(w, w) for w in found[key]} for key, its in maps.items()}


def _rows(labels: str | Path | Words) -> Iterable[tuple[str, str, str]]:
    """Corpus (empty for all), word and class of each line of a map of labels."""
    if isinstance(labels, Mapping):
        return [("", word, new) for word, new in labels.items()]
    path = Path(labels).expanduser()
    table = read_index(path).fillna("")
    if missing := [column for column in ("label", "class") if column not in table]:
        raise ProtocolError(
            f"{path}: a map of labels has the columns label and class, this one lacks "
            f"{', '.join(missing)}"
        )
    corpora = table["corpus"] if "corpus" in table else [""] * len(table)
    rows = zip(corpora, table["label"], table["class"])
    return [(corpus.strip(), word.strip(), new.strip()) for corpus, word, new in rows]


def _renamed(corpus: Corpus, task: Task, words: Words) -> Corpus:
    """The corpus with other words; items of an emptied class are left out."""
    column = label_column(corpus, task)
    if column not in corpus.items:
        return corpus
    items = corpus.items.copy()
    for name in (column, "unknown") if task.kind == "tags" and "unknown" in items else (column,):
        new = [
            "|".join(dict.fromkeys(filter(None, (words.get(w, "") for w in _split(value, task)))))
            for value in items[name]
        ]
        bare = [not _split(value, task) for value in items[name]]
        items[name] = [old if b else word for old, word, b in zip(items[name], new, bare)]
    if task.kind == "tags" and "unknown" in items:  # one of two words that became one may hold
        items["unknown"] = [
            _without(left, _split(has, task), task)
            for left, has in zip(items["unknown"], items[column])
        ]
    if task.kind == "classes":
        items = items[items[column] != ""].reset_index(drop=True)
    return replace(corpus, items=items)


def _without(unknown: Any, tags: Sequence[str], task: Task) -> Any:
    """Unknown tags without those that hold; as it stood where none does."""
    words = _split(unknown, task)
    left = [word for word in words if word not in tags]
    return unknown if left == words else "|".join(left)


def _said(maps: Mapping[Place, Words], loaded: Mapping[Place, Corpus], task: Task) -> str:
    """The words that became others, and those that were left out."""
    became: dict[str, list[str]] = {}
    told = []
    for key, words in maps.items():
        corpus = loaded[key]
        for word, new in words.items():
            if new and new != word:
                became.setdefault(new, []).append(f"{word} of {corpus.name}")
        if lost := [word for word, new in words.items() if not new]:
            n = sum(not set(lost).isdisjoint(given) for given in words_of(corpus, task))
            told.append(
                f"; tags that only {corpus.name} knows are left out, of {n} items: {', '.join(lost)}"
                if task.kind == "tags"
                else f"; {n} items of {corpus.name} left out by the map of labels: {', '.join(lost)}"
            )
    same = ", ".join(f"{new} for {' and '.join(old)}" for new, old in sorted(became.items()))
    return (f"; one word a class: {same}" if same else "") + "".join(told)

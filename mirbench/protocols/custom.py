"""Protocols over any corpora or folders of one's own, with no file to write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from mirbench.corpora import Corpus, corpus_names, load_corpus
from mirbench.errors import ProtocolError
from mirbench.evidence import EVIDENCE
from mirbench.frames import Grid
from mirbench.home import home, write_atomically
from mirbench.pitch import HOP_S
from mirbench.protocols.crossing import FACET_OF, in_common_words, trained_only
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import label_column, protocol_items, with_labels
from mirbench.protocols.makers import matrix_cells, with_known_labels
from mirbench.protocols.pair_lengths import cut_to_one
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.ranking import ranking_protocol
from mirbench.protocols.tracks import across
from mirbench.tasks import Task, load_task


def make_protocol(
    task: str,
    train: Sequence[str | Path],
    test: Sequence[str | Path] = (),
    *,
    folds: int = 5,
    seed: int = 0,
    labels: str | Path | Mapping[str, str] | None = None,
    relations: Sequence[str] = ("exact",),
) -> Protocol:
    """Protocol that trains on each of ``train`` and tests on each of ``test``.

    Parameters
    ----------
    task : str
        Name of a task.
    train, test : sequence of str or path
        Corpus names or folders (``index.csv`` or one folder a class). A corpus on both sides is
        evaluated by ``folds`` grouped folds; without ``test``, ``train`` is on both sides. In
        ranking tasks it is one unlabelled collection then or, for tags, a hold-out by artist. In tasks
        of one decision an item, test items whose label the training corpus lacks are left out;
        the description counts them. Classes that corpora name differently get one name
        (`mirbench.labelmaps`).
    folds, seed : int
    labels : path or mapping, optional
        A map of labels of one's own instead of the concepts: see `in_common_words`.
    relations : sequence of {"exact", "close", "broader"}
        Which labels count as one class: see `mirbench.labelmaps.shared_classes`. With ``broader`` a
        task's own label set gives way to the corpora's common classes.

    Raises
    ------
    DataError, ProtocolError
        An unknown corpus, a missing label column, too few groups, two corpora of one name.
    """
    if folds < 2:
        raise ProtocolError(f"{folds} folds: at least 2 are needed; mend --folds")
    what = load_task(task)
    train, test = [list(dict.fromkeys(map(_place, names))) for names in (train, test)]
    if what.kind == "ranking" and set(train) & set(test):
        if set(train) != set(test):
            raise ProtocolError(
                "a ranking task trains on collections and ranks within others, or takes one by "
                "itself: leave out --test, or name others there"
            )
        test = []
    loaded = {name: load_corpus(name) for name in dict.fromkeys([*train, *test])}
    if not train:
        raise ProtocolError("no training corpus; name one with --train")
    names = [corpus.name for corpus in loaded.values()]
    if len(set(names)) < len(names):
        raise ProtocolError(f"two corpora share a name ({', '.join(names)}); rename one folder")
    if "broader" in relations and what.name in FACET_OF:
        what = replace(what, labels=(), levels={})
    loaded, words = in_common_words(loaded, what, labels, relations)
    tables = {name: protocol_items(corpus, what) for name, corpus in loaded.items()}
    lost = words + "".join(left_out(c, tables[name], what) for name, c in loaded.items())
    if what.kind == "ranking":
        made = _ranking(what, [tables[n] for n in train], [tables[n] for n in test], loaded, seed)
        lost += "".join(
            f"; {c.name} has no column 'artist': the artist filter goes by its groups"
            for c in loaded.values()
            if "artist" not in c.items
        )
        alone = "".join(_ungrouped(tables[n], folded=True) for n in dict.fromkeys([*train, *test]))
        return replace(made, description=f"{made.description}{lost}{alone}")
    if what.kind == "pairs":
        whole, said = cut_to_one(pd.concat(tables.values(), ignore_index=True))
        for name, corpus in loaded.items() if said else ():
            tables[name] = whole[whole["corpus"] == corpus.name].reset_index(drop=True)
        lost += said
    sides = [tables[n] for n in train], [tables[n] for n in (test or train)]
    try:
        if what.kind in ("tags", "values", "f0", "pairs", "sequence"):
            items, cells = across(*sides, folds, what, seed)
        else:
            items, cells = matrix_cells(*sides, folds, seed=seed)
    except ProtocolError as error:
        raise ProtocolError(f"{error}{lost}") from error
    unknown: dict[tuple[str, str], pd.Series] = {}
    what = with_labels(what, items)
    if what.kind == "classes":
        cells, unknown = with_known_labels(items, cells)
        lost += trained_only(items, cells) if words else ""
    if what.kind == "frames":
        _check_lengths(items, Grid())
    evidence = max((c.evidence for c in loaded.values()), key=EVIDENCE.index)
    made = Protocol(
        f"{what.name}/custom",
        "1",
        what,
        Grid(HOP_S, scored_from_s=0.0) if what.kind == "f0" else Grid(),
        items,
        tuple(cells),
        (seed,),
        headline=headline(what),
        evidence=evidence,
        description=f"train on {', '.join(tables[n]['corpus'].iloc[0] for n in train)}; "
        f"test on {', '.join(tables[n]['corpus'].iloc[0] for n in test or train)}; "
        f"{folds} grouped folds where a corpus is on both sides{lost}{_not_trained(unknown)}"
        + "".join(_ungrouped(tables[n], folded=n in train) for n in test or train),
        places={corpus.name: str(where) for where, corpus in loaded.items()},
    )
    return replace(made, name=f"{what.name}/custom-{made.hash[:8]}")


def _ranking(
    task: Task,
    train: list[pd.DataFrame],
    test: list[pd.DataFrame],
    loaded: dict[str, Corpus],
    seed: int,
) -> Protocol:
    made = ranking_protocol(
        f"{task.name}/custom",
        task,
        train,
        test,
        evidence=max((c.evidence for c in loaded.values()), key=EVIDENCE.index),
        seed=seed,
    )
    made = replace(made, places={corpus.name: str(where) for where, corpus in loaded.items()})
    return replace(made, name=f"{task.name}/custom-{made.hash[:8]}")


def keep_places(protocol: Protocol) -> None:
    """Write down, under ``MIRBENCH_HOME``, in which folders a protocol's corpora are.

    They are no part of the protocol, which may go where those folders aren't.
    """
    text = json.dumps(dict(protocol.places))
    if protocol.places:
        write_atomically(_places(protocol), lambda part: part.write_text(text, encoding="utf-8"))


def with_places(protocol: Protocol) -> Protocol:
    """The protocol with the folders that `keep_places` wrote down, if it did."""
    path = _places(protocol)
    if not path.is_file():
        return protocol
    return replace(protocol, places=json.loads(path.read_text(encoding="utf-8")))


def _places(protocol: Protocol) -> Path:
    return home() / "places" / f"{protocol.hash[:16]}.json"


def _place(name: str | Path) -> str:
    """A folder by its absolute path, a corpus by its name."""
    path = Path(name).expanduser()
    named = str(name) in corpus_names() or str(name).replace("_", "-") in corpus_names()
    return str(path.resolve()) if path.is_dir() and not named else str(name)


def left_out(corpus: Corpus, kept: pd.DataFrame, task: Task) -> str:
    """How many items ``kept`` lacks and with what labels, that the task doesn't know; or ``''``."""
    lost = corpus.items[~corpus.items["id"].isin(kept["id"])]
    if lost.empty:
        return ""
    columns = list(task.labels) if task.kind == "values" else [label_column(corpus, task)]
    labels = ", ".join(sorted({repr(v) for v in lost[columns].to_numpy().ravel()})[:5])
    return (
        f"; {len(lost)} items of {corpus.name} labelled {labels} left out: "
        f"no label of task {task.name}"
    )


def _ungrouped(items: pd.DataFrame, folded: bool) -> str:
    """A warning of a test corpus where no two items share a group; or ``''``."""
    if items["group"].duplicated().any():
        return ""
    wrong = (
        "its folds flatter and its interval is too narrow"
        if folded
        else "its interval is too narrow"
    )
    return (
        f"; every item of {items['corpus'].iloc[0]} is its own group: where an artist, speaker or "
        f"instrument has several, {wrong} until a column 'group' in index.csv says so"
    )


def _not_trained(unknown: dict[tuple[str, str], pd.Series]) -> str:
    """Labels that a training set lacks, and how many test items they cost."""
    return "".join(
        f"; {len(labels)} items of {test} left out where {source} trains: it has no "
        f"{', '.join(sorted(set(labels)))}"
        for (source, test), labels in unknown.items()
    )


def _check_lengths(items: pd.DataFrame, grid: Grid) -> None:
    needed = grid.scored_from_s + grid.hop_s
    short = items[items["duration_s"] < needed - 1e-6]
    if len(short):
        row = short.iloc[0]
        raise ProtocolError(
            f"{row['id']}: {row['duration_s']:.2f} s long ({len(short)} such items), but frames are "
            f"scored from {grid.scored_from_s:g} s on; drop it from the index, or use a task of one "
            "decision an item (speech-music-clip)"
        )

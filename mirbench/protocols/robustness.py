"""Robustness sweeps: any protocol's cells, tested on degraded copies of their test items too.

One fit serves every kind and strength, because a cell has many test sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from mirbench.corpora import Corpus, load_corpus
from mirbench.degradation_names import parse
from mirbench.errors import ProtocolError
from mirbench.items import content_key
from mirbench.protocols.makers import degraded
from mirbench.protocols.protocol import Cell, Protocol

MOVING = ("time", "speed")


def sweep_cells(
    items: pd.DataFrame,
    cells: Sequence[Cell],
    degradations: Sequence[str],
    *,
    every: int = 1,
    seed: int = 0,
    recordings: Mapping[tuple[str, str], str] | None = None,
) -> tuple[pd.DataFrame, list[Cell]]:
    """The same cells, and for each test set ``T`` and degradation ``D`` a test set ``"T + D"``.

    Training sets and clean test sets stay as they are. Test sets that are changed copies already
    (``"T + first 1.0 s"``) get no copies of their own.

    Parameters
    ----------
    items : DataFrame
        A protocol's items.
    cells : sequence of Cell
    degradations : sequence of str
        Names, see `mirbench.degradations.degrade`.
    every : int
        Degrade one of ``every`` test items only (rounded up), drawn with ``seed`` within each label
        of each corpus so that as many groups as can be are kept; the same items in all cells.
    seed : int
    recordings : mapping of (corpus, item) to str, optional
        Content keys of whole recordings, needed where items are parts of them.

    Returns
    -------
    items : DataFrame
        With the degraded copies, under the ids ``"ID@D"``.
    cells : list of Cell

    Raises
    ------
    DataError
        An unknown degradation.
    ProtocolError
        No degradation or an empty name, ``every`` below 1, parts of recordings without
        ``recordings``.
    """
    names = list(dict.fromkeys(degradations))
    if not names or not all(parse(name) for name in names):
        raise ProtocolError("a sweep needs degradations, each with a name, like snr20")
    tested = {i for cell in cells for t, ids in cell.tests.items() if " + " not in t for i in ids}
    chosen = thinned(items[items["id"].isin(tested)], every, seed)
    if recordings is None and (chosen["start_s"] != 0).any():
        part = chosen.loc[chosen["start_s"] != 0, "id"].iloc[0]
        raise ProtocolError(
            f"{part} is part of a recording: give the recordings' content keys, or sweep_protocol"
        )
    copies = [degraded(chosen, name) for name in names]
    if recordings is not None:
        for copy in copies:
            part = (copy[c] for c in ("corpus", "item", "start_s", "duration_s", "degradation"))
            copy["key"] = [
                content_key(recordings[corpus, item], start_s, duration_s, name)
                for corpus, item, start_s, duration_s, name in zip(*part)
            ]
    there = set(items["id"])  # a protocol may hold some of these copies already
    copies = [copy[~copy["id"].isin(there)] for copy in copies]
    kept = set(chosen["id"])
    swept = [replace(cell, tests=_with_copies(cell.tests, names, kept)) for cell in cells]
    return pd.concat([items, *copies], ignore_index=True), swept


def _with_copies(
    tests: Mapping[str, tuple[str, ...]], names: Sequence[str], kept: set[str]
) -> dict[str, tuple[str, ...]]:
    copies = {
        f"{test} + {name}": tuple(f"{i}@{name}" for i in ids if i in kept)
        for test, ids in tests.items()
        if " + " not in test
        for name in names
    }
    return {**tests, **{test: ids for test, ids in copies.items() if ids}}


def thinned(items: pd.DataFrame, every: int, seed: int = 0) -> pd.DataFrame:
    """One of ``every`` items of each label of each corpus, rounded up, spread over the groups."""
    if every < 1:
        raise ProtocolError(f"every {every}-th item: give 1 (all) or more")
    order = np.random.default_rng(seed).permutation(len(items))
    drawn = items.iloc[order].reset_index(drop=True)
    strata = [drawn["corpus"], drawn["label"].where(~drawn["label"].str.startswith("["), "")]
    # every group's first item comes before any group's second one
    turn = drawn.groupby([*strata, drawn["group"]]).cumcount()
    drawn = drawn.assign(turn=turn).sort_values("turn", kind="stable")
    strata = [s.loc[drawn.index] for s in strata]
    place = drawn.groupby(strata).cumcount()
    size = drawn.groupby(strata)["id"].transform("size")
    return items[items["id"].isin(drawn.loc[place < np.ceil(size / every), "id"])]


def sweep_protocol(
    protocol: Protocol,
    degradations: Sequence[str],
    *,
    every: int = 1,
    seed: int = 0,
    corpora: Mapping[str, Corpus] | None = None,
) -> Protocol:
    """A protocol of its own that tests ``protocol``'s cells under degradations too.

    Named ``PROTOCOL-robustness-HASH``; save it as JSON to run it from the command line.

    Parameters
    ----------
    protocol : Protocol
    degradations, every, seed
        See `sweep_cells`.
    corpora : mapping of str to Corpus, optional
        Corpora of one's own by name; the others are loaded by name.

    Raises
    ------
    DataError, ProtocolError
        As `sweep_cells`; or the truth lies in time (segments) and the degradation moves it.
    """
    moving = [d for d in degradations if any(s.kind.name in MOVING for s in parse(d))]
    if protocol.task.kind == "segments" and moving:
        raise ProtocolError(
            f"{moving[0]} moves what is heard against the segments of {protocol.name}; "
            "leave time and speed out"
        )
    given = corpora or {}
    recordings = {}
    for name in dict.fromkeys(protocol.items["corpus"]):
        corpus = given.get(name) or load_corpus(protocol.places.get(name, name))
        keys = zip(corpus.items["id"], corpus.items["key"])
        recordings.update({(name, item): key for item, key in keys})
    items, cells = sweep_cells(
        protocol.items, protocol.cells, degradations, every=every, seed=seed, recordings=recordings
    )
    share = "" if every == 1 else f" of one test item in {every}"
    made = replace(
        protocol,
        items=items,
        cells=tuple(cells),
        description=f"{protocol.description} Tested on degraded copies{share} too: "
        f"{', '.join(dict.fromkeys(degradations))}.",
    )
    return replace(made, name=f"{protocol.name}-robustness-{made.hash[:8]}")

"""Our protocols of genre, rhythm, tags and emotion; frozen like all others, see `mirbench.protocols.ours`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.ranking import hold_out
from mirbench.protocols.tracks import (
    ARTISTS_KNOWN,
    TRACKS_KNOWN,
    UNITS,
    fold_cells,
    known_tags,
    three_units,
    track_protocol,
)
from mirbench.tasks import REST, load_task

SHARES = (ARTISTS_KNOWN, TRACKS_KNOWN)
LOOSE = (
    "Five loose styles, many of them a curator's guess: it shows what a split does, and is no "
    "ranking of methods."
)


def genre_styles() -> Protocol:
    """Real clips of five loose styles: 3 folds by artist, and the same clips by track and by clip."""
    return _three_ways("genre/styles", "cc-styles", 3, (0, 1, 2), "real", LOOSE)


def genre_mini() -> Protocol:
    """Embedded genres whose artists have a fingerprint: a first run, not a result."""
    return _three_ways("genre/mini", "embedded-genres", 4, (0,), "embedded", "")


def rhythm_embedded() -> Protocol:
    """Five embedded corpora of dance rhythms, each a corpus seed: each is tested, the others train."""
    task = load_task("rhythm")
    items, cells = _catalogues("embedded-rhythms", "rhythm"), []
    for name, part in items.groupby("part", sort=False):
        rest = tuple(items.loc[items["part"] != name, "id"])
        cells.append(Cell(f"{name} out", REST, rest, {str(name): tuple(part["id"])}))
    return track_protocol(
        "rhythm/embedded",
        task,
        items.drop(columns="part"),
        cells,
        evidence="embedded",
        description="Five corpora of one generator, no band in two of them, frozen before any method "
        "had been tried on it. Each is tested by what the other four train.",
    )


def rhythm_mini() -> Protocol:
    """One small corpus of dance rhythms: a first run, not a result."""
    task = load_task("rhythm")
    items = protocol_items(load_corpus("embedded-rhythm"), task)
    cells = fold_cells(items, 2, task)
    return track_protocol("rhythm/mini", task, items, cells, evidence="embedded")


def tags_embedded() -> Protocol:
    """Five embedded catalogues, each a corpus seed: a fifth of the artists of each is tagged."""
    task = load_task("tags")
    items = known_tags(_catalogues("embedded-catalogues", "tags"), 12)
    parts = [part.assign(corpus=str(name)) for name, part in items.groupby("part", sort=False)]
    cells = [cell for part in parts for cell in hold_out(part)]
    return track_protocol(
        "tags/embedded",
        task,
        items.drop(columns="part"),
        cells,
        evidence="embedded",
        description="Five catalogues of one generator; a fifth of the artists of each is held out, "
        "tags that a catalogue has under 12 tracks of are left out.",
    )


def tags_mini() -> Protocol:
    """An embedded catalogue: 3 folds by artist, a first run and no result."""
    task = load_task("tags")
    items = known_tags(protocol_items(load_corpus("embedded-catalogue"), task), 10)
    return track_protocol(
        "tags/mini",
        task,
        items,
        fold_cells(items, 3, task),
        evidence="embedded",
        description="Tags with under 10 tracks are left out.",
    )


def emotion_mini() -> Protocol:
    """Embedded clips of known valence and arousal: 3 folds by song, a first run and no result."""
    task = load_task("emotion")
    items = protocol_items(load_corpus("embedded-emotion"), task)
    return track_protocol(
        "emotion/mini", task, items, fold_cells(items, 3, task), evidence="embedded"
    )


def _three_ways(
    name: str, corpus: str, k: int, seeds: Sequence[int], evidence: str, said: str
) -> Protocol:
    task, loaded = load_task("genre"), load_corpus(corpus)
    items = protocol_items(loaded, task)
    tracks = loaded.items.set_index("id").loc[items["id"], "track"].astype(str)
    return track_protocol(
        name,
        task,
        items,
        three_units(items, tracks.tolist(), k, task),
        evidence=evidence,
        seeds=seeds,
        shares=SHARES,
        description=f"{UNITS} {said}".strip(),
    )


def _catalogues(corpus: str, task: str) -> pd.DataFrame:
    """Items of a corpus that holds several, with the column ``part``: "catalogue n"."""
    loaded = load_corpus(corpus)
    items = protocol_items(loaded, load_task(task))
    numbers = loaded.items.set_index("id").loc[items["id"], "catalogue"]
    return items.assign(part=[f"catalogue {n}" for n in numbers])


OUR_TRACKS = {
    "genre/mini": genre_mini,
    "genre/styles": genre_styles,
    "rhythm/mini": rhythm_mini,
    "rhythm/embedded": rhythm_embedded,
    "tags/mini": tags_mini,
    "tags/embedded": tags_embedded,
    "emotion/mini": emotion_mini,
}

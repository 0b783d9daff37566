"""Protocols of published splits, made from the corpora and lists on this machine.

They aren't frozen files: recordings and lists are other people's. A maker loads the corpus, takes the
published lists (`published_lists`, by hash), tests their counts and gives a `Protocol`; one made of
other files has another hash, and its records never share a board with these.

A published validation part belongs to the training items, since methods hold out inside them: column
``split`` of the items says ``validation`` there. ``partial=True`` takes the listed recordings that are
there; such a protocol is called ``-partial``.

``python -m mirbench.protocols.published_splits`` prints which lists are on this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial as bound

from mirbench.corpora import ballroom, deam, fma, gtzan, mtg_jamendo, pmemo
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.published_facts import GTZAN_LISTS, LISTS
from mirbench.protocols.published_faults import MAKERS as FAULTS
from mirbench.protocols.published_few_labels import MAKERS as FEW_LABELS
from mirbench.protocols.published_instruments import MAKERS as INSTRUMENTS
from mirbench.protocols.published_latent import MAKERS as LATENT
from mirbench.protocols.published_lists import report
from mirbench.protocols.published_parts import held_out, paths_of, published_protocol
from mirbench.protocols.published_pitch import MAKERS as PITCH
from mirbench.protocols.published_sounds import MAKERS as SOUNDS
from mirbench.protocols.published_speech import MAKERS as SPEECH
from mirbench.protocols.published_tags import (
    jamendo,
    msd_lastfm50,
    mtat_by_artist,
    mtat_clean,
    mtat_folders,
)
from mirbench.protocols.published_videos import MAKERS as VIDEOS
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

K, SEED = 10, 0
DISCS_KNOWN = "folds by clip"
"""Training sets of the Ballroom folds that hold other tracks of the tested discs."""
FMA_COUNTS = {
    "small": {"train": 6400, "validation": 800, "test": 800},
    "medium": {"train": 19922, "validation": 2505, "test": 2573},
}
"""Clips a part (usage notebook of the repository, from memory)."""
GTZAN_RANDOM = (
    "10 stratified random folds (seed 0), as most published results on GTZAN: artists recur and aren't "
    "named, some excerpts are repeated (Sturm 2013), so it flatters; compare genre/gtzan-filtered."
)
GTZAN_FILTERED = (
    "Fault-filtered, artist-disjoint lists of 443, 197 and 290 excerpts (Kereliuk, Sturm and Larsen "
    "2015; repository jongpillee/music_dataset_split)."
)
BALLROOM_RANDOM = (
    "10 stratified random folds (seed 0) of all 698 excerpts, as published results have it: 13 replicas "
    "and the tested discs are on both sides, so rows are marked as leaking."
)
BALLROOM_CLEAN = (
    "685 excerpts, the second of each of 13 pairs of replicas left out (Sturm 2014), in 10 folds by disc "
    "(the board's first column); beside them random folds of the same excerpts, where discs are on both "
    "sides."
)


def gtzan_random(*, partial: bool = False) -> Protocol:
    """Genre of all 1,000 excerpts, random folds."""
    task = replace(load_task("genre"), labels=gtzan.GENRES)
    items = protocol_items(gtzan.load(partial=partial), task)
    cells = fold_cells(items, K, task, unit="id", seed=SEED)
    return published_protocol("genre/gtzan-random", task, items, cells, GTZAN_RANDOM, partial)


def gtzan_filtered(*, partial: bool = False) -> Protocol:
    """Genre, the fault-filtered lists."""
    lists = paths_of(GTZAN_LISTS)
    parts = {f"gtzan/{name.rpartition('/')[2]}": part for name, part in lists.items()}
    task = replace(load_task("genre"), labels=gtzan.GENRES)
    may_lack = {f"gtzan/{name}" for name in gtzan.BROKEN}
    corpus = gtzan.load(partial=partial)
    return held_out("genre/gtzan-filtered", task, corpus, parts, GTZAN_FILTERED, partial, may_lack)


def ballroom_random(*, partial: bool = False) -> Protocol:
    """Dance style, random folds of all excerpts."""
    task = replace(load_task("rhythm"), labels=tuple(ballroom.STYLES))
    items = protocol_items(ballroom.load(partial=partial), task)
    cells = fold_cells(items, K, task, unit="id", seed=SEED)
    return published_protocol(
        "rhythm/ballroom-10fold", task, items, cells, BALLROOM_RANDOM, partial
    )


def ballroom_deduplicated(*, partial: bool = False) -> Protocol:
    """Dance style without replicas, folds by disc and beside them by clip."""
    task = replace(load_task("rhythm"), labels=tuple(ballroom.STYLES))
    corpus = ballroom.load(partial=partial)
    once = corpus.items[corpus.items["replica_of"] == ""]
    items = protocol_items(replace(corpus, items=once), task)
    cells = fold_cells(items, K, task, seed=SEED)
    cells += fold_cells(items, K, task, unit="id", source=DISCS_KNOWN, seed=SEED)
    made = published_protocol(
        "rhythm/ballroom-deduplicated", task, items, cells, BALLROOM_CLEAN, partial
    )
    return replace(made, shares=(DISCS_KNOWN,))


def fma_subset(subset: str, *, partial: bool = False) -> Protocol:
    """Genre of the clips of a subset of FMA, the published split."""
    corpus = fma.load(partial=partial)
    held = fma.SUBSETS[: fma.SUBSETS.index(subset) + 1]
    corpus = replace(corpus, items=corpus.items[corpus.items["subset"].isin(held)])
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    words = (
        f"The subset {subset} with the published split (column set/split of tracks.csv); published as "
        f"{FMA_COUNTS[subset]['train']}, {FMA_COUNTS[subset]['validation']} and "
        f"{FMA_COUNTS[subset]['test']} clips (from memory), less those that can't be read."
    )
    return held_out(f"genre/fma-{subset}", load_task("genre"), corpus, parts, words, partial)


def deam_folds(*, partial: bool = False) -> Protocol:
    """Valence and arousal of the excerpts of 45 s, random folds by song."""
    corpus = deam.load(partial=partial)
    excerpts = replace(corpus, items=corpus.items[~corpus.items["whole"].astype(bool)])
    task = load_task("emotion")
    items = protocol_items(excerpts, task)
    words = "10 random folds (seed 0) of the 1,744 excerpts of 45 s; no split of them is published."
    return published_protocol(
        "emotion/deam", task, items, fold_cells(items, K, task, seed=SEED), words, partial
    )


def deam_2015(*, partial: bool = False) -> Protocol:
    """Valence and arousal, from the excerpts to the 58 whole songs."""
    corpus = deam.load(partial=partial)
    whole = corpus.items["whole"].astype(bool)
    parts = dict(zip(corpus.items["id"], whole.map({True: "test", False: "train"})))
    words = (
        "Trained on the excerpts of 45 s, tested on the 58 whole songs of the evaluation set of 2015 "
        "(MediaEval 2015 trained on 431 of the excerpts, from memory)."
    )
    return held_out("emotion/deam-2015", load_task("emotion"), corpus, parts, words, partial)


def pmemo_folds(*, partial: bool = False) -> Protocol:
    """Valence and arousal of choruses, folds by artist."""
    task = load_task("emotion")
    items = protocol_items(pmemo.load(partial=partial), task)
    words = "10 random folds by artist (seed 0) of the annotated choruses; no split is published."
    return published_protocol(
        "emotion/pmemo", task, items, fold_cells(items, K, task, seed=SEED), words, partial
    )


PUBLISHED: dict[str, Callable[..., Protocol]] = {
    "genre/gtzan-random": gtzan_random,
    "genre/gtzan-filtered": gtzan_filtered,
    "genre/fma-small": bound(fma_subset, "small"),
    "genre/fma-medium": bound(fma_subset, "medium"),
    "rhythm/ballroom-10fold": ballroom_random,
    "rhythm/ballroom-deduplicated": ballroom_deduplicated,
    "tags/mtat-folders": mtat_folders,
    "tags/mtat-clean": mtat_clean,
    "tags/mtat-clean-by-artist": mtat_by_artist,
    "tags/msd-lastfm50": msd_lastfm50,
    "emotion/deam": deam_folds,
    "emotion/deam-2015": deam_2015,
    "emotion/pmemo": pmemo_folds,
    **{
        f"tags/jamendo-{subset}-split{split}": bound(jamendo, subset, split)
        for subset in mtg_jamendo.SUBSETS
        for split in range(mtg_jamendo.N_SPLITS)
    },
    **FAULTS,
    **LATENT,
    **SOUNDS,
    **VIDEOS,
    **SPEECH,
    **PITCH,
    **INSTRUMENTS,
    **FEW_LABELS,
}
"""Makers by name of their protocol; each takes ``partial``."""


if __name__ == "__main__":
    print(report(LISTS))

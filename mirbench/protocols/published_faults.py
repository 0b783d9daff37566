"""Published splits without the faults that are known of their recordings, beside the splits as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mirbench.corpora import gtzan
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.published_parts import published_protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

K, SEED = 10, 0
GTZAN_ONCE = (
    "10 stratified random folds (seed 0) of the excerpts of GTZAN that repeat no other and aren't mostly "
    "distortion (Sturm 2013): 50 repetitions, the recording that two genres claim, and reggae.00086 are "
    "left out. Artists still recur and aren't named, so it flatters, less than genre/gtzan-random."
)


def gtzan_deduplicated(*, partial: bool = False) -> Protocol:
    """Genre of the excerpts that are there once, random folds."""
    task = replace(load_task("genre"), labels=gtzan.GENRES)
    corpus = gtzan.load(partial=partial)
    genres = {same: {n.partition(".")[0] for n in same} for same in gtzan.REPEATS}
    claimed = {name for same, of in genres.items() if len(of) > 1 for name in same}
    faulty = {f"{corpus.name}/{name}" for name in claimed | gtzan.DISTORTED}
    kept = (corpus.items["repeat_of"] == "") & ~corpus.items["id"].isin(faulty)
    items = protocol_items(replace(corpus, items=corpus.items[kept]), task)
    cells = fold_cells(items, K, task, unit="id", seed=SEED)
    return published_protocol("genre/gtzan-deduplicated", task, items, cells, GTZAN_ONCE, partial)


MAKERS: dict[str, Callable[..., Protocol]] = {"genre/gtzan-deduplicated": gtzan_deduplicated}

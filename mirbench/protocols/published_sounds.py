"""AudioSet's instruments, Kinetics-Sounds, genres of GiantSteps: sounds of one's own under published lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mirbench.corpora import audioset_instruments, giantsteps, kinetics_sounds
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.published_parts import held_out, published_protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

K, SEED = 10, 0
AUDIOSET = (
    "Trained on the balanced and unbalanced lists of AudioSet, tested on its evaluation list, as far as the "
    "sounds are there: figures of two copies aren't comparable. Labels are often incomplete."
)
KINETICS = (
    "Trained on the training and validation lists of Kinetics-400, tested on its test list where labels of "
    "it are there, else on the validation list, as far as the sounds are there: figures of two copies aren't "
    "comparable."
)
GIANTSTEPS = (
    "10 stratified random folds (seed 0) of the previews with a genre; no split of genres is published, and "
    "artists aren't in the annotations."
)


def audioset_tags(*, partial: bool = False) -> Protocol:
    """Instruments, singing and tools of AudioSet, its lists to train on and to test."""
    corpus = audioset_instruments.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    return held_out(
        "tags/audioset-instruments", load_task("tags"), corpus, parts, AUDIOSET, partial
    )


def kinetics_actions(*, partial: bool = False) -> Protocol:
    """Actions of Kinetics-Sounds by their sound alone, the lists to train on and to test."""
    corpus = kinetics_sounds.load(partial=partial)
    split = corpus.items["split"]
    if not (split == "test").any():
        split = split.replace("validation", "test")
    parts = dict(zip(corpus.items["id"], split))
    return held_out(
        "actions/kinetics-sounds", load_task("actions"), corpus, parts, KINETICS, partial
    )


def giantsteps_genre(*, partial: bool = False) -> Protocol:
    """Genre of dance music, random folds."""
    corpus, task = giantsteps.load(partial=partial), load_task("genre")
    named = corpus.items[corpus.items["genre"] != ""]
    items = protocol_items(replace(corpus, items=named), task)
    items = items[items["label"].map(items["label"].value_counts()) >= K].reset_index(drop=True)
    cells = fold_cells(items, K, task, unit="id", seed=SEED)
    return published_protocol("genre/giantsteps", task, items, cells, GIANTSTEPS, partial)


MAKERS: dict[str, Callable[..., Protocol]] = {
    "tags/audioset-instruments": audioset_tags,
    "actions/kinetics-sounds": kinetics_actions,
    "genre/giantsteps": giantsteps_genre,
}

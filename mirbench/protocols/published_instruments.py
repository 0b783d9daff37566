"""Instruments on published corpora: their splits as published, and folds by player where none is."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from mirbench.corpora import good_sounds, irmas, medley_solos_db, nsynth, openmic, tinysol
from mirbench.corpora.corpus import Corpus
from mirbench.errors import DataError
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.published_parts import check_counts, held_out, published_protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

K, SEED = 5, 0
OFFICIAL = "official folds"
"""Training sets of TinySOL's folds that hold neighbouring pitches of the tested notes."""
MEDLEY_COUNTS = {"train": 5841, "test": 12236}
"""Clips (rows of the list, as public scripts cut it); the rest is validation, 3,494 from memory."""
MEDLEY = (
    "Trained on MedleyDB (subsets training and validation), tested on solosDB: no song, room or player is "
    "on both sides (Lostanlen and Cella 2016). The published eight classes."
)
TINYSOL = (
    "The official five folds, balanced over instruments, pitches and dynamics: each instrument has one "
    "player, and neighbouring pitches, of which some were resampled from each other, are on both sides, so "
    "rows are marked as leaking; compare instruments/tinysol-by-pitch."
)
TINYSOL_PITCH = (
    "Five folds by blocks of neighbouring pitches (ours; the board's first column), and the official five "
    "folds beside them. One player an instrument in both."
)
GOOD_SOUNDS = (
    "Five folds by player (ours, seed 0: no split is published) of the single notes, all microphones' takes, "
    "well and badly played. Notes of an instrument that no training player plays aren't tested."
)
IRMAS = (
    "Trained on the training part (one predominant instrument each), tested on the test part (any number): "
    "published results report micro and macro F1, and no recording is in both parts (both from memory)."
)
OPENMIC = (
    "The published first split, by artist, of 14,915 and 5,085 clips. An instrument that nobody listened "
    "for in a clip is unknown of it: the pair counts nowhere. 0.5 of relevance and more is present."
)
NSYNTH = (
    "The published training and test parts: no instrument is in both. The validation part is left out, "
    "since its instruments may be the test part's. Eleven families, of which the test part has ten (from "
    "memory)."
)


def medley_solos(*, partial: bool = False) -> Protocol:
    """Eight instruments, from MedleyDB to solosDB."""
    corpus = medley_solos_db.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    if not partial:
        check_counts(parts, MEDLEY_COUNTS, corpus)
    task = replace(load_task("instruments"), labels=medley_solos_db.INSTRUMENTS, levels={})
    return held_out("instruments/medley-solos-db", task, corpus, parts, MEDLEY, partial)


def tinysol_folds(*, partial: bool = False) -> Protocol:
    """Fourteen instruments, the official five folds."""
    corpus, items = _tinysol(partial)
    cells = _official(corpus, items, "tinysol")
    task = load_task("instruments")
    return published_protocol("instruments/tinysol", task, items, cells, TINYSOL, partial)


def tinysol_by_pitch(*, partial: bool = False) -> Protocol:
    """The same notes in folds by blocks of pitches, the official folds beside them."""
    corpus, items = _tinysol(partial)
    task = load_task("instruments")
    cells = fold_cells(items, K, task, seed=SEED) + _official(corpus, items, OFFICIAL)
    name = "instruments/tinysol-by-pitch"
    made = published_protocol(name, task, items, cells, TINYSOL_PITCH, partial)
    return replace(made, shares=(OFFICIAL,))


def _tinysol(partial: bool) -> tuple[Corpus, pd.DataFrame]:
    corpus = tinysol.load(partial=partial)
    if not partial and len(corpus.items) != tinysol.N_NOTES:
        raise DataError(
            f"{corpus.source}: lists {len(corpus.items)} notes, not the published {tinysol.N_NOTES}; "
            "get the list anew, or make the protocol of what is there with partial=True"
        )
    return corpus, protocol_items(corpus, load_task("instruments"))


def _official(corpus: Corpus, items: pd.DataFrame, source: str) -> list[Cell]:
    fold = items["id"].map(dict(zip(corpus.items["id"], corpus.items["fold"])))
    return [
        Cell(
            f"{source}/{k}",
            source,
            tuple(items["id"][fold != k]),
            {"tinysol": tuple(items["id"][fold == k])},
        )
        for k in sorted(set(fold))
    ]


def good_sounds_players(*, partial: bool = False) -> Protocol:
    """Single notes, folds by player."""
    corpus = good_sounds.load(partial=partial)
    notes = corpus.items[corpus.items["exercise"] == "note"].reset_index(drop=True)
    task = load_task("instruments")
    items = protocol_items(replace(corpus, items=notes), task)
    if items["group"].nunique() < K:
        raise DataError(
            f"{corpus.source}: notes of {items['group'].nunique()} players make no {K} folds; get more"
        )
    folds = StratifiedGroupKFold(K, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")  # it may have one player
        splits = list(folds.split(np.zeros((len(items), 1)), items["label"], items["group"]))
    cells = []
    for k, (train, test) in enumerate(splits):
        pool, tested = items.iloc[train], items.iloc[test]
        known = tested[tested["label"].isin(set(pool["label"]))]
        if len(known):
            ids = {corpus.name: tuple(known["id"])}
            cells.append(Cell(f"{corpus.name}/{k}", corpus.name, tuple(pool["id"]), ids))
    if not cells:
        raise DataError(
            f"{corpus.source}: no instrument is played by two players of two folds; get more notes"
        )
    return published_protocol("instruments/good-sounds", task, items, cells, GOOD_SOUNDS, partial)


def nsynth_families(*, partial: bool = False) -> Protocol:
    """Families of instruments, none of them in both parts."""
    corpus = nsynth.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    if not partial:
        check_counts(parts, nsynth.COUNTS, corpus)
    task = replace(
        load_task("instruments"),
        labels=nsynth.FAMILIES,
        column="family",
        title="Family of the instrument of a note",
        levels={},
    )
    used = {i: part for i, part in parts.items() if part != "validation"}
    return held_out("instruments/nsynth", task, corpus, used, NSYNTH, partial)


def irmas_predominant(*, partial: bool = False) -> Protocol:
    """Predominant instruments of music: one in training, any number in the test."""
    corpus = irmas.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    if not partial:
        check_counts(parts, irmas.COUNTS, corpus)
    task = replace(load_task("tags"), labels=tuple(sorted(irmas.INSTRUMENTS.values())))
    made = held_out("tags/irmas", task, corpus, parts, IRMAS, partial)
    return replace(made, headline=(*made.headline, "micro F1", "macro F1"))


def openmic_split(*, partial: bool = False) -> Protocol:
    """Twenty instruments, most of them unknown of a clip."""
    corpus = openmic.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    if not partial:
        check_counts(parts, openmic.COUNTS, corpus)
    task = replace(load_task("tags"), labels=openmic.INSTRUMENTS)
    made = held_out("tags/openmic", task, corpus, parts, OPENMIC, partial)
    return replace(made, headline=(*made.headline, "macro F1"))


MAKERS: dict[str, Callable[..., Protocol]] = {
    "instruments/medley-solos-db": medley_solos,
    "instruments/tinysol": tinysol_folds,
    "instruments/tinysol-by-pitch": tinysol_by_pitch,
    "instruments/good-sounds": good_sounds_players,
    "instruments/nsynth": nsynth_families,
    "tags/irmas": irmas_predominant,
    "tags/openmic": openmic_split,
}
"""Makers by name of their protocol; each takes ``partial``."""

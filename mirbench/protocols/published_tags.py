"""Published splits of tags: MagnaTagATune, MTG-Jamendo, the Million Song Dataset."""

from __future__ import annotations

from dataclasses import replace

from mirbench.corpora import magnatagatune, msd_lastfm, mtg_jamendo
from mirbench.errors import DataError
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.published_facts import JAMENDO_LISTS, MSD_LISTS, MTAT_LISTS, PARTS
from mirbench.protocols.published_lists import find, read_lines
from mirbench.protocols.published_parts import check_counts, held_out, paths_of
from mirbench.tasks import Task, load_task

ARTISTS_KNOWN = "artists known"
"""Training set of MagnaTagATune that holds other clips of the tested artists, as published."""
MTAT_FOLDERS = {"train": 18706, "validation": 1825, "test": 5329}
"""Clips a part, less the three bad files (test and validation: published; all: counted in the index)."""
MTAT_BY_FOLDER = (
    "Folders 0-b to train on, c to validate, d-f to test, clips without any of the 50 tags kept, three "
    "empty files dropped (split of jordipons/musicnn-training)."
)
MTAT_CLEAN = (
    "Lists of 15,244, 1,529 and 4,332 clips: folders 0-b, c and d-f without the clips that have none of "
    "the 50 tags (repository jongpillee/music_dataset_split)."
)
MTAT_ARTISTS = (
    "Artists are on both sides, tracks aren't, so rows are marked as leaking; compare "
    "tags/mtat-clean-by-artist. PR-AUC isn't comparable between splits of this corpus."
)
MTAT_APART = (
    "The clean test part, trained on the clean lists less the tested artists (ours; the board's first "
    "column), and on all of them as published."
)


def mtat_folders(*, partial: bool = False) -> Protocol:
    """The 50 tags, split by folder."""
    corpus = magnatagatune.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    if not partial:
        check_counts(parts, MTAT_FOLDERS, corpus)
    words = f"{MTAT_BY_FOLDER} {MTAT_ARTISTS}"
    return held_out("tags/mtat-folders", _mtat_task(), corpus, parts, words, partial)


def mtat_clean(*, partial: bool = False) -> Protocol:
    """The 50 tags, the published lists of tagged clips."""
    corpus = magnatagatune.load(partial=partial)
    words = f"{MTAT_CLEAN} {MTAT_ARTISTS}"
    return held_out("tags/mtat-clean", _mtat_task(), corpus, _mtat_parts(), words, partial)


def mtat_by_artist(*, partial: bool = False) -> Protocol:
    """The clean lists, with and without the tested artists in training."""
    corpus = magnatagatune.load(partial=partial)
    name = "tags/mtat-clean-by-artist"
    made = held_out(name, _mtat_task(), corpus, _mtat_parts(), MTAT_APART, partial)
    (known,) = made.cells
    groups = made.table["group"]
    theirs = set(groups[list(known.tests[corpus.name])])
    apart = tuple(i for i in known.train if groups[i] not in theirs)
    if not apart:
        raise DataError(
            f"{corpus.source}: every training clip is of a tested artist; get all clips"
        )
    cells = (replace(known, train=apart), replace(known, name=ARTISTS_KNOWN, source=ARTISTS_KNOWN))
    return replace(made, cells=cells, shares=(ARTISTS_KNOWN,))


def jamendo(subset: str, split: int, *, partial: bool = False) -> Protocol:
    """Tags of a subset of MTG-Jamendo, one of its five splits."""
    tags: dict[str, str] = {}
    parts: dict[str, str] = {}
    corpus = mtg_jamendo.load(split=split, subset=subset, partial=partial)
    for part in PARTS:
        for line in read_lines(JAMENDO_LISTS[split, subset, part]):
            fields = line.split("\t")  # track, artist, album, path, duration, then a tag a field
            parts[f"{corpus.name}/{fields[0]}"] = part
            tags[f"{corpus.name}/{fields[0]}"] = "|".join(fields[5:])
    items = corpus.items[corpus.items["id"].isin(parts)]
    corpus = replace(corpus, items=items.assign(tags=[tags[i] for i in items["id"]]))
    every = {tag for given in tags.values() for tag in given.split("|")}
    task = replace(load_task("tags"), labels=tuple(sorted(every)))
    words = (
        f"Split {split} of the subset {subset} (repository MTG/mtg-jamendo-dataset): "
        f"{mtg_jamendo.SUBSETS[subset]}." + (" No artist is in two parts." if split == 0 else "")
    )
    return held_out(f"tags/jamendo-{subset}-split{split}", task, corpus, parts, words, partial)


def msd_lastfm50(*, partial: bool = False) -> Protocol:
    """50 tags of Last.fm; the lists where they are there, else the index's column ``split``."""
    corpus = msd_lastfm.load(partial=partial)
    parts = dict(zip(corpus.items["id"], corpus.items["split"]))
    words = "Split by the column split of your own index, which nothing here can test."
    if all(find(which) for which in MSD_LISTS.values()):
        parts = {f"msd-lastfm/{i}": part for i, part in paths_of(MSD_LISTS).items()}
        words = "The lists of 201,680, 11,774 and 28,435 tracks (jongpillee/music_dataset_split)."
    task = replace(load_task("tags"), labels=msd_lastfm.TAGS)
    return held_out("tags/msd-lastfm50", task, corpus, parts, words, partial)


def _mtat_task() -> Task:
    return replace(load_task("tags"), labels=magnatagatune.TAGS)


def _mtat_parts() -> dict[str, str]:
    return {f"magnatagatune/{path}": part for path, part in paths_of(MTAT_LISTS).items()}

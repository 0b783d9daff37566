"""Speech/music and singing voice on published corpora: folds by group, one published division, and one
corpus to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from mirbench.corpora import gtzan_music_speech, mir1k, musan, scheirer_slaney
from mirbench.corpora.corpus import Corpus
from mirbench.errors import DataError
from mirbench.frames import Grid
from mirbench.items import content_key
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.makers import grouped_folds, leave_one_group_out
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import Task, load_task

K = 10
EXCERPT_S = 30.0
"""Length (s) of the excerpts of MUSAN's recordings, that of GTZAN's clips; our choice."""
BUDGET = "one CPU core a cell; a deep method says its epochs in its card"
FRAMES = "20-ms frames, scored from 5.0 s on; 2.4-s windows."
MUSAN = (
    "The middle 30 s of each speech and music recording (our choice: beginnings hold announcements); "
    "shorter ones whole, noise left out."
)
GTZAN = "All 128 clips of 30 s."
NAMED = "Groups are what file names tell of the recording (our choice): artists and speakers aren't named."


def musan_folds(*, partial: bool = False) -> Protocol:
    """Frames of excerpts of MUSAN, 10 folds by artist and speech file."""
    items = _musan(partial)
    words = f"10 folds by artist; speakers aren't named, each speech file is its own group. {MUSAN} {FRAMES}"
    return _frames("speech-music/musan", items, _folds(items), words, partial)


def gtzan_folds(*, partial: bool = False) -> Protocol:
    """Frames of GTZAN music/speech, 10 folds by recording."""
    items = _gtzan(partial, "speech-music")
    words = f"10 folds. {GTZAN} {NAMED} {FRAMES}"
    return _frames("speech-music/gtzan", items, _folds(items), words, partial)


def gtzan_clips(*, partial: bool = False) -> Protocol:
    """One decision a clip of GTZAN music/speech, the same 10 folds."""
    items = _gtzan(partial, "speech-music-clip")
    words = f"10 folds, one decision a clip. {GTZAN} {NAMED}"
    return _made(
        "speech-music/gtzan-clips",
        load_task("speech-music-clip"),
        items,
        _folds(items),
        words,
        partial,
        Grid(),
        ("balanced accuracy", "accuracy", "F (speech)"),
    )


def scheirer_slaney_split(*, partial: bool = False) -> Protocol:
    """Frames of Scheirer and Slaney's excerpts, trained and tested as LabROSA divides them."""
    corpus = scheirer_slaney.load(partial=partial)
    items = protocol_items(corpus, load_task("speech-music"))
    split = items["id"].map(dict(zip(corpus.items["id"], corpus.items["split"])))
    train, test = (tuple(items["id"][split == part]) for part in ("train", "test"))
    if not train or not test:
        raise DataError(
            f"{corpus.source}: no speech or music of the training or the test part is there; get more"
        )
    cells = [Cell(corpus.name, corpus.name, train, {corpus.name: test})]
    words = (
        "Trained on wavfile/train, tested on wavfile/test, speech and music alone; not the folds of the "
        f"paper, whose division isn't published. {FRAMES}"
    )
    return _frames("speech-music/scheirer-slaney", items, cells, words, partial)


def gtzan_to_musan(*, partial: bool = False) -> Protocol:
    """Trained on GTZAN music/speech, tested on excerpts of MUSAN."""
    return _across(_gtzan(partial, "speech-music"), _musan(partial), "gtzan-to-musan", partial)


def musan_to_gtzan(*, partial: bool = False) -> Protocol:
    """Trained on excerpts of MUSAN, tested on GTZAN music/speech."""
    return _across(_musan(partial), _gtzan(partial, "speech-music"), "musan-to-gtzan", partial)


def mir1k_singers(*, partial: bool = False) -> Protocol:
    """Vocal and instrumental frames of the mixtures of MIR-1K, leave one singer out."""
    task = load_task("singing-voice")
    corpus = mir1k.load(partial=partial)
    items = protocol_items(_one_label(corpus), task)
    items["label"] = items["id"].map(dict(zip(corpus.items["id"], corpus.items["segments"])))
    words = (
        "Leave one singer out. Vocal and instrumental intervals of clips of 4 to 13 s, voice and "
        "accompaniment mixed (mean of both channels); boundaries lie half-way between labelled frames."
    )
    return _made(
        "singing-voice/mir1k",
        task,
        items,
        leave_one_group_out(items, corpus.name),
        words,
        partial,
        Grid(scored_from_s=0.0),
        headline(task),
    )


MAKERS: dict[str, Callable[..., Protocol]] = {
    "speech-music/musan": musan_folds,
    "speech-music/gtzan": gtzan_folds,
    "speech-music/gtzan-clips": gtzan_clips,
    "speech-music/scheirer-slaney": scheirer_slaney_split,
    "speech-music/gtzan-to-musan": gtzan_to_musan,
    "speech-music/musan-to-gtzan": musan_to_gtzan,
    "singing-voice/mir1k": mir1k_singers,
}
"""Makers by name of their protocol; each takes ``partial``."""


def middle(items: pd.DataFrame, length_s: float, at_least_s: float = 0.0) -> pd.DataFrame:
    """The middle ``length_s`` seconds of each item, the whole of shorter ones.

    Parameters
    ----------
    items : DataFrame
        As `protocol_items` gives them.
    length_s : float
        Of an excerpt (s).
    at_least_s : float
        Items shorter than that (s) are left out.
    """
    kept = items[items["duration_s"] >= at_least_s].reset_index(drop=True)
    start = ((kept["duration_s"] - length_s) / 2).clip(lower=0.0).round(3)
    cut = kept["duration_s"] > length_s
    names = [f"{i}#{s:g}" if c else i for i, s, c in zip(kept["id"], start, cut)]
    keys = [
        content_key(key, s, length_s) if c else key for key, s, c in zip(kept["key"], start, cut)
    ]
    length = kept["duration_s"].where(~cut, length_s)
    return kept.assign(id=names, start_s=start, duration_s=length, key=keys)


def _musan(partial: bool) -> pd.DataFrame:
    """Excerpts of MUSAN that last beyond the first scored window."""
    grid = Grid()
    items = protocol_items(musan.load(partial=partial), load_task("speech-music"))
    return middle(items, EXCERPT_S, grid.scored_from_s + grid.window_s)


def _gtzan(partial: bool, task: str) -> pd.DataFrame:
    return protocol_items(gtzan_music_speech.load(partial=partial), load_task(task))


def _folds(items: pd.DataFrame) -> list[Cell]:
    """``K`` folds by group, stratified by label."""
    name = items["corpus"].iloc[0]
    cells = []
    for i, fold in enumerate(grouped_folds(items, K)):
        test = items.iloc[fold]
        train = items[~items["group"].isin(set(test["group"]))]
        cells.append(Cell(f"{name}/{i}", name, tuple(train["id"]), {name: tuple(test["id"])}))
    return cells


def _across(train: pd.DataFrame, test: pd.DataFrame, name: str, partial: bool) -> Protocol:
    source, tested = (table["corpus"].iloc[0] for table in (train, test))
    cell = Cell(source, source, tuple(train["id"]), {tested: tuple(test["id"])})
    items = pd.concat([train, test], ignore_index=True)
    words = f"Trained on {source}, tested on {tested}. {GTZAN} {MUSAN} {FRAMES}"
    return _frames(f"speech-music/{name}", items, [cell], words, partial)


def _one_label(corpus: Corpus) -> Corpus:
    """The corpus with a label that every clip has, whose place its intervals take afterwards."""
    return Corpus(corpus.name, corpus.items.assign(label="vocal"), source=corpus.source)


def _frames(
    name: str, items: pd.DataFrame, cells: Sequence[Cell], words: str, partial: bool
) -> Protocol:
    task = load_task("speech-music")
    return _made(name, task, items, cells, words, partial, Grid(), headline(task))


def _made(
    name: str,
    task: Task,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    words: str,
    partial: bool,
    grid: Grid,
    metrics: tuple[str, ...],
) -> Protocol:
    return Protocol(
        f"{name}-partial" if partial else name,
        "1",
        task,
        grid,
        items.reset_index(drop=True),
        tuple(cells),
        budget=BUDGET,
        headline=metrics,
        evidence="real",
        description=f"{words} Made of what is there, not the whole corpus." if partial else words,
    )

"""Our own protocols, made from corpora. Their frozen form is what counts; see ``frozen/``.

``python -m mirbench.protocols.ours NAME...`` writes the frozen files of new protocols; a frozen
protocol is never edited, only superseded by a new version.
"""

from __future__ import annotations

import sys

import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.errors import ProtocolError
from mirbench.frames import Grid
from mirbench.protocols.audiovisual import AUDIOVISUAL
from mirbench.protocols.databases import hold_out_cells, leave_one_corpus_out, random_cells
from mirbench.protocols.episodes import EPISODIC
from mirbench.protocols.few_labels import FEW_LABELS
from mirbench.protocols.frozen_files import frozen_path
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.latent import mini as latent_mini
from mirbench.protocols.makers import (
    excerpts,
    learning_curve_cells,
    leave_one_group_out,
    matrix_cells,
)
from mirbench.protocols.metric import METRIC
from mirbench.protocols.note_sets import NOTE_SETS
from mirbench.protocols.our_pitch import OUR_PITCH
from mirbench.protocols.our_sequences import OUR_SEQUENCES
from mirbench.protocols.our_tracks import OUR_TRACKS
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.robustness import sweep_cells
from mirbench.protocols.similarity import SIMILARITY
from mirbench.tasks import load_task

CLIPS = ("librispeech-ccmusic", "gcompris-ccmusic")
EMBEDDED_CLIPS = ("embedded-studio", "embedded-phone")
DATABASES = ("iowa", "sfzcommunity", "fluidr3", "generaluser", "sgm", "freepats")
EMBEDDED_NOTES = ("embedded-hall", "embedded-booth", "embedded-attic")
NOTES_A_CLASS = 11  # four fifths of the smallest common class size: what a fold trains on
LODO = (
    "Trained on all databases but one, tested on that one: its whole notes, and the same notes cut to "
    "their first 1.0 s. The first column pools the test databases' whole notes."
)
SWEEP = (
    *("gain-20", "gain-40", "snr40", "snr20", "snr10", "lowpass8000", "lowpass4000", "lowpass2000"),
    *("mp3-64", "mp3-32", "ogg-4", "ogg-0", "reverb0.5", "reverb1.5"),
    *("pitch-1", "pitch+1", "time0.8", "time1.25"),
)
ROBUSTNESS = (
    "Trained on all databases but one, tested on that one: its whole notes, and one note in five (of "
    "each instrument) degraded in level, by noise, low-pass, coding, reverberation, and changed in "
    "pitch and length. The first column pools the test databases' whole notes as they are."
)
MATRIX = (
    "Folds by contiguous pitch blocks within each database, and each database to each other, trained "
    "on at most as many notes a class as a fold; only classes that training and test share count."
)
BUDGET = "one CPU core a cell; a deep method says its epochs in its card"


def speech_music_matrix() -> Protocol:
    """Two real corpora: 10 grouped folds within, all across, and -45 dB of added noise within."""
    return _matrix("speech-music/matrix", CLIPS, 10, ("noise-45",), seeds=(0,), evidence="real")


def speech_music_mini() -> Protocol:
    """The same on two embedded corpora with 4 folds: a first run, not a result."""
    return _matrix("speech-music/mini", EMBEDDED_CLIPS, 4, (), seeds=(0,), evidence="embedded")


def speech_music_5s() -> Protocol:
    """5-s items of both real corpora, one grouped hold-out, a learning curve over training sizes."""
    return _five_seconds("speech-music/5s", CLIPS, (80, 240), evidence="real")


def speech_music_5s_mini() -> Protocol:
    """The 5-s protocol on the embedded corpora."""
    return _five_seconds("speech-music/5s-mini", EMBEDDED_CLIPS, (80,), evidence="embedded")


def segmentation_programmes() -> Protocol:
    """Trained on the clips of artists and speakers that no programme holds, tested on programmes."""
    return _clips_to_programmes("segmentation/programmes", CLIPS, "programmes", "real")


def segmentation_mini() -> Protocol:
    """Embedded clips to embedded programmes."""
    return _clips_to_programmes(
        "segmentation/mini", EMBEDDED_CLIPS, "embedded-programmes", "embedded"
    )


def segmentation_leave_one_programme_out() -> Protocol:
    """Trained on the other programmes. Artists recur between programmes: see the description."""
    task = load_task("speech-music-segments")
    items = protocol_items(load_corpus("programmes"), task)
    return Protocol(
        "segmentation/leave-one-programme-out",
        "1",
        task,
        Grid(scored_from_s=0.0),
        items,
        tuple(leave_one_group_out(items, "programmes")),
        budget=BUDGET,
        headline=headline(task),
        description="Leave one programme out; 9 of 12 artists recur in other programmes, so this is "
        "easier than segmentation/programmes, and 'speech+music' can be learned.",
    )


def singing_voice() -> Protocol:
    """Vocal/instrumental on whole songs, leave one artist out."""
    return _songs("singing-voice/leave-one-artist-out", "singing-voice", "real")


def singing_voice_mini() -> Protocol:
    """The same on embedded songs."""
    return _songs("singing-voice/mini", "embedded-songs", "embedded")


def instruments_lodo() -> Protocol:
    """Leave one of six real databases out; the same notes cut to their first second too."""
    items, cells = leave_one_corpus_out(_notes(DATABASES), first_s=1.0)
    return _instruments("instruments/lodo", items, cells, "real", LODO)


def instruments_robustness() -> Protocol:
    """Leave one database out; one note in five on degraded copies too, 18 kinds and strengths."""
    items, cells = leave_one_corpus_out(_notes(DATABASES))
    items, cells = sweep_cells(items, cells, SWEEP, every=5)
    return _instruments("instruments/robustness", items, cells, "real", ROBUSTNESS)


def instruments_matrix() -> Protocol:
    """Each of six real databases to each other, folds by contiguous pitch blocks within."""
    tables = _notes(DATABASES)
    items, cells = matrix_cells(tables, tables, 5, most=NOTES_A_CLASS)
    return _instruments("instruments/matrix", items, cells, "real", MATRIX)


def instruments_random() -> Protocol:
    """Random folds within each database: neighbours in pitch on both sides, marked as leaking."""
    tables = _notes(DATABASES)
    cells = [cell for table in tables for cell in random_cells(table, 5)]
    words = "5 random folds within each database: near copies (neighbouring pitches) on both sides."
    return _instruments("instruments/random", pd.concat(tables), cells, "real", words)


def instruments_66_33() -> Protocol:
    """Peeters' repeated random 66/33 splits within each database, marked as leaking."""
    tables = _notes(DATABASES)
    cells = [cell for table in tables for cell in hold_out_cells(table, 5, 1 / 3)]
    words = "5 random splits into 66 % training and 33 % test within each database (Peeters 2003)."
    return _instruments("instruments/66-33", pd.concat(tables), cells, "real", words)


def instruments_mini() -> Protocol:
    """Three embedded databases, each to each other and pitch blocks within: not a result."""
    tables = _notes(EMBEDDED_NOTES)
    items, cells = matrix_cells(tables, tables, 3, most=8)
    return _instruments("instruments/mini", items, cells, "embedded", MATRIX)


MAKERS = {
    "speech-music/mini": speech_music_mini,
    "speech-music/matrix": speech_music_matrix,
    "speech-music/5s-mini": speech_music_5s_mini,
    "speech-music/5s": speech_music_5s,
    "segmentation/mini": segmentation_mini,
    "segmentation/programmes": segmentation_programmes,
    "segmentation/leave-one-programme-out": segmentation_leave_one_programme_out,
    "singing-voice/mini": singing_voice_mini,
    "singing-voice/leave-one-artist-out": singing_voice,
    "instruments/mini": instruments_mini,
    "instruments/lodo": instruments_lodo,
    "instruments/robustness": instruments_robustness,
    "instruments/matrix": instruments_matrix,
    "instruments/random": instruments_random,
    "instruments/66-33": instruments_66_33,
    **SIMILARITY,
    **OUR_TRACKS,
    **OUR_PITCH,
    **AUDIOVISUAL,
    **OUR_SEQUENCES,
    **FEW_LABELS,
    **EPISODIC,
    **METRIC,
    **NOTE_SETS,
    "latent/mini": latent_mini,
}


def _matrix(
    name: str,
    corpora: tuple[str, ...],
    k: int,
    degradations: tuple[str, ...],
    seeds: tuple[int, ...],
    evidence: str,
) -> Protocol:
    task = load_task("speech-music")
    tables = [protocol_items(load_corpus(c), task) for c in corpora]
    items, cells = matrix_cells(tables, tables, k, degradations=degradations)
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        items,
        tuple(cells),
        seeds,
        BUDGET,
        headline(task),
        evidence,
        f"{k} folds by speaker and artist within each corpus, and training on one to test on the "
        "other with as many items; 20-ms frames, scored from 5.0 s on; 2.4-s windows.",
    )


def _five_seconds(
    name: str, corpora: tuple[str, ...], sizes: tuple[int, ...], evidence: str
) -> Protocol:
    task = load_task("speech-music-clip")
    whole = pd.concat([protocol_items(load_corpus(c), task) for c in corpora], ignore_index=True)
    items = excerpts(whole, 5.0)
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        items,
        tuple(learning_curve_cells(items, sizes)),
        (0, 1, 2),
        BUDGET,
        ("balanced accuracy", "F (speech)"),
        evidence,
        "5-s items, a third of the speakers and artists held out (with all their clips), nested "
        "training sets of growing size.",
    )


def _clips_to_programmes(
    name: str, clips: tuple[str, ...], programmes: str, evidence: str
) -> Protocol:
    task = load_task("speech-music-segments")
    test = protocol_items(load_corpus(programmes), task)
    heard = set(test["group"]) | {g for names in test.get("members", []) for g in names.split("|")}
    pool = pd.concat([protocol_items(load_corpus(c), task) for c in clips], ignore_index=True)
    train = pool[~pool["group"].isin(heard)].reset_index(drop=True)
    cell = Cell("clips", "clips", tuple(train["id"]), {programmes: tuple(test["id"])})
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        pd.concat([train, test], ignore_index=True),
        (cell,),
        budget=BUDGET,
        headline=headline(task),
        evidence=evidence,
        description="Trained on speech and music clips without any artist or speaker of the "
        "programmes; speech over music is scored as two binary tracks.",
    )


def _songs(name: str, corpus: str, evidence: str) -> Protocol:
    task = load_task("singing-voice")
    items = protocol_items(load_corpus(corpus), task)
    return Protocol(
        name,
        "1",
        task,
        Grid(scored_from_s=0.0),
        items,
        tuple(leave_one_group_out(items, corpus)),
        budget=BUDGET,
        headline=headline(task),
        evidence=evidence,
        description="Vocal and instrumental intervals of whole songs, leave one artist out.",
    )


def _notes(names: tuple[str, ...]) -> list[pd.DataFrame]:
    task = load_task("instruments")
    return [protocol_items(load_corpus(name), task) for name in names]


def _instruments(
    name: str, items: pd.DataFrame, cells: list[Cell], evidence: str, description: str
) -> Protocol:
    task = load_task("instruments")
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        items.reset_index(drop=True),
        tuple(cells),
        budget=BUDGET,
        headline=headline(task),
        evidence=evidence,
        description=f"{description} Groups are blocks of neighbouring pitches of one instrument of "
        "one database: intervals are over notes of these databases, never over databases.",
    )


def main(names: list[str]) -> None:
    """Freeze the named protocols; refuses to change one that is frozen already."""
    for name in names or list(MAKERS):
        made, path = MAKERS[name](), frozen_path(name)
        if path.is_file() and Protocol.load(path).hash != made.hash:
            raise ProtocolError(
                f"{path}: frozen with another content; give the maker a new version"
            )
        made.save(path)
        print(f"{name}  {made.hash[:12]}  {len(made.items)} items  {len(made.cells)} cells")


if __name__ == "__main__":
    main(sys.argv[1:])

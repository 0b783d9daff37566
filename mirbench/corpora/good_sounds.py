"""Good-sounds: single notes and scales of 12 instruments, well and badly played (Romani Picas et al. 2015)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.pitch_names import midi_number
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError
from mirbench.taxonomy import canonical

TITLE = "8,750 notes and scales of 12 instruments in 16,308 takes, grouped by the player of 15"
LICENCE = "CC BY-SA 4.0 (mirdata); CC BY 4.0 (CORA repository, record DATA2314)"
HOW = (
    "get good-sounds.zip (zenodo.org, record 820937) and unpack it there: "
    "good-sounds/database.sqlite, good-sounds/sound_files/flute_almudena_reference/akg/0000.wav"
)
FAULTS = (
    "takes of one sound are the same performance through up to four microphones, so that a split by file "
    "leaks; so do packs, which are sessions of one player (description of the data)",
    "some instruments have one player only: an instrument then can't be told from its player, and no "
    "split by player tests it",
    "column semitone is an octave below MIDI: C4 of the flute has 48 (first sound of sounds.json), so "
    "pitch is made of note and octave here",
    "bad sounds are meant to be bad: the class is part of the recording plan, not of a listener's ear "
    "(paper, from memory)",
)
BIBTEX = r"""@inproceedings{romani2015real,
  author    = {Romani Picas, Oriol and Parra Rodriguez, Hector and Dabiri, Dara and Tokuda, Hiroshi and Hariya, Wataru and Oishi, Koji and Serra, Xavier},
  title     = {A real-time system for measuring sound goodness in instrumental sounds},
  booktitle = {Proc. Audio Engineering Society Convention 138},
  year      = {2015}
}"""
PROTOCOLS = ("instruments/good-sounds",)
REMOTES = (  # sum: mirdata, mirdata/datasets/good_sounds.py
    Remote(
        "good-sounds.zip",
        ("https://zenodo.org/records/820937/files/good-sounds.zip?download=1",),
        "md5:2137bbb2d32c1d60aa51e1301225f541",
        unpack=".",
    ),
)
SIZE = "about 13.9 GB"
"""As notes of a public repository say."""
BY_HAND = ""
BASS = "double bass"
"""What the database calls ``bass`` (announcement of the data)."""
_TAKES = (
    "SELECT takes.filename, takes.microphone, takes.sound_id, sounds.instrument, sounds.note, "
    "sounds.octave, sounds.dynamics, sounds.player, sounds.klass, packs.name AS pack FROM takes "
    "JOIN sounds ON takes.sound_id = sounds.id LEFT JOIN packs ON packs.id = sounds.pack_id "
    "ORDER BY takes.id"
)


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/good_sounds``, a take an item.

    Columns ``instrument`` (a label of the task instruments), ``name`` (as in the database), ``pitch``
    (MIDI number; of a scale none), ``exercise`` (note or scale), ``dynamics``, ``microphone``, ``sound``
    (takes of one sound share it), ``pack`` (session) and ``klass`` (``good-sound``, ``bad-...``). The
    group is the player, or the pack where none is named.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, the database or a recording isn't there, or the database isn't the published one.
    """
    root = corpus_folder("good_sounds", HOW)
    base = root / "good-sounds" if (root / "good-sounds").is_dir() else root
    source = base / "database.sqlite"
    index = with_audio(_index(_takes(source), source), base, HOW, partial)
    return Corpus(
        "good-sounds",
        item_table(index, base, "good-sounds", source=source),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(source),
    )


def _takes(source: Path) -> pd.DataFrame:
    if not source.is_file():
        raise DataError(f"{source}: isn't there; {HOW}")
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(_TAKES)
            return pd.DataFrame(rows.fetchall(), columns=[c[0] for c in rows.description])
    except sqlite3.Error as error:
        raise DataError(f"{source}: not the published database ({error}); {HOW}") from error


def _index(takes: pd.DataFrame, source: Path) -> pd.DataFrame:
    rows = []
    for take in takes.astype(object).where(takes.notna(), "").to_dict("records"):
        path, name = str(take["filename"]), str(take["instrument"])
        label = canonical(BASS if name == "bass" else name)
        if label is None:
            raise DataError(f"{source}: {path} has instrument {name!r}, not as published; {HOW}")
        scale = "scale" in str(take["klass"])
        rows.append(
            {
                "id": str(Path(path.removeprefix("sound_files/")).with_suffix("")),
                "path": path,
                "instrument": label,
                "name": name,
                "pitch": None if scale else midi_number(f"{take['note']}{take['octave']}"),
                "exercise": "scale" if scale else "note",
                "dynamics": str(take["dynamics"]),
                "microphone": str(take["microphone"]),
                "sound": str(take["sound_id"]),
                "pack": str(take["pack"]),
                "klass": str(take["klass"]),
                "group": f"good-sounds/{take['player'] or take['pack'] or take['sound_id']}",
            }
        )
    return pd.DataFrame(rows)

"""NSynth: notes of 4 s of 1,006 sampled and synthesised instruments in 11 families (Engel et al. 2017)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError

TITLE = "305,979 notes of 4 s, 16 kHz, 11 families of instruments, grouped by instrument"
LICENCE = "CC BY 4.0"
HOW = (
    "get nsynth-train, nsynth-valid and nsynth-test.jsonwav.tar.gz (magenta.tensorflow.org/datasets/nsynth) "
    "and unpack them there: nsynth-train/examples.json, nsynth-train/audio/bass_synthetic_033-022-050.wav"
)
FAULTS = (
    "no instrument of the training part is in another part, but those of the validation and the test part "
    "may be the same (README of the data), so that the validation part isn't trained on here",
    "71 test notes of brass_acoustic_046, from pitch 84 on, are noise (issue 2092 of magenta/magenta; "
    "column noise)",
    "pitches outside the stated range of MIDI 21 to 108, about 0.8 % of the test part (issue 1143)",
    "some velocities of a note are one file (README of the data: 4.75 of 5 differ on average), and notes "
    "of several pitches too: 32 test rows of brass_acoustic_046 share a waveform (embeddings-benchmark/"
    "mteb, pull request 5109)",
    "the family synth_lead isn't in the test part (from memory)",
)
BIBTEX = r"""@inproceedings{engel2017neural,
  author    = {Engel, Jesse and Resnick, Cinjon and Roberts, Adam and Dieleman, Sander and Norouzi, Mohammad and Eck, Douglas and Simonyan, Karen},
  title     = {Neural audio synthesis of musical notes with {WaveNet} autoencoders},
  booktitle = {Proc. Int. Conf. on Machine Learning (ICML)},
  pages     = {1068--1077},
  year      = {2017}
}"""
PROTOCOLS = ("instruments/nsynth", "few-labels/nsynth")
_NAME = "nsynth-{}.jsonwav.tar.gz"
_PLACES = (
    "http://download.magenta.tensorflow.org/datasets/nsynth/",
    "https://storage.googleapis.com/download.magenta.tensorflow.org/datasets/nsynth/",
)
_KNOWN: dict[str, tuple[str, int | None]] = {
    "train": ("", None),  # sums of these two weren't found in print
    "valid": ("", None),
    "test": ("md5:5e6f8719bf7e16ad0a00d518b78af77d", 349_501_546),  # a public script that tests it
}
REMOTES = tuple(
    Remote(_NAME.format(part), tuple(p + _NAME.format(part) for p in _PLACES), md5, size, ".")
    for part, (md5, size) in _KNOWN.items()
)
SIZE = "about 25 GB"
"""As notes of a public repository say; the length of the test part alone was found."""
BY_HAND = ""
FAMILIES = (
    *("bass", "brass", "flute", "guitar", "keyboard", "mallet"),
    *("organ", "reed", "string", "synth_lead", "vocal"),
)
PARTS = {"train": "train", "valid": "validation", "test": "test"}
COUNTS = {"train": 289205, "validation": 12678, "test": 4096}
NOISE = ("brass_acoustic_046", 84)
"""An instrument whose notes from that MIDI number on are noise (issue 2092)."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/nsynth``.

    Columns ``family`` (one of ``FAMILIES``), ``source`` (acoustic, electronic or synthetic), ``name`` (of
    the instrument, which is the group), ``pitch`` (MIDI number), ``velocity``, ``qualities`` (``a|b``),
    ``noise`` (yes or no, see ``NOISE``) and ``split``. Families are no labels of the task instruments:
    a flute may be any, a guitar electric, a reed an oboe or a saxophone.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings, or whole parts, are missing.

    Raises
    ------
    DataError
        The folder, a list or a recording isn't there, or a list isn't the published one.
    """
    root = corpus_folder("nsynth", HOW)
    lists = {part: root / f"nsynth-{part}" / "examples.json" for part in PARTS}
    there = {part: path for part, path in lists.items() if path.is_file() or not partial}
    if not there:
        raise DataError(f"{root}: holds no nsynth-test/examples.json, nor another part's; {HOW}")
    rows = [row for part, path in there.items() for row in _rows(part, path)]
    index = with_audio(pd.DataFrame(rows), root, HOW, partial)
    return Corpus(
        "nsynth",
        item_table(index, root, "nsynth"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(root),
    )


def _rows(part: str, path: Path) -> list[dict[str, Any]]:
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        return [_row(part, name, note) for name, note in sorted(notes.items())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: not the published list of notes ({type(error).__name__}: {error}); {HOW}"
        ) from error


def _row(part: str, name: str, note: dict[str, Any]) -> dict[str, Any]:
    if note["instrument_family_str"] not in FAMILIES:
        raise ValueError(f"{name} is of family {note['instrument_family_str']!r}")
    instrument, pitch = str(note["instrument_str"]), int(note["pitch"])
    return {
        "id": name,
        "path": f"nsynth-{part}/audio/{name}.wav",
        "family": note["instrument_family_str"],
        "source": str(note["instrument_source_str"]),
        "name": instrument,
        "pitch": pitch,
        "velocity": int(note["velocity"]),
        "qualities": "|".join(note["qualities_str"]),
        "noise": "yes" if instrument == NOISE[0] and pitch >= NOISE[1] else "no",
        "split": PARTS[part],
        "group": f"nsynth/{instrument}",
    }

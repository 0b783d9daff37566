"""IRMAS: excerpts of polyphonic music with their predominant instruments (Bosch et al. 2012)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder
from mirbench.errors import DataError

TITLE = "6,705 training and 2,874 test excerpts of music, 11 predominant instruments, grouped by recording"
LICENCE = "CC BY-NC-SA 3.0; not to be passed on or changed"
HOW = (
    "get IRMAS-TrainingData.zip and IRMAS-TestingData-Part1.zip to -Part3.zip (zenodo.org, record "
    "1290750) and unpack them there: IRMAS-TrainingData/cel/[cel][cla]0001__1.wav"
)
FAULTS = (
    "up to three training excerpts are of one recording (names end in __1 to __3; 6,705 excerpts of more "
    "than 2,000 recordings), so that random folds leak: the group is the number before them, as we read it",
    "training excerpts have one label each, the predominant instrument, and others may sound with it; "
    "test excerpts have one to five (counts from memory), so that the two parts aren't labelled alike",
    "training excerpts last 3 s, test excerpts 5 to 20 s (README of the data)",
    "drums, bass and other instruments aren't annotated, even where they predominate (README of the data)",
)
BIBTEX = r"""@inproceedings{bosch2012comparison,
  author    = {Bosch, Juan J. and Janer, Jordi and Fuhrmann, Ferdinand and Herrera, Perfecto},
  title     = {A comparison of sound segregation techniques for predominant instrument recognition in musical audio signals},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  pages     = {559--564},
  year      = {2012}
}"""
PROTOCOLS = ("tags/irmas",)
_MD5 = {  # mirdata, mirdata/datasets/irmas.py
    "IRMAS-TrainingData.zip": "4fd9f5ed5a18d8e2687e6360b5f60afe",
    "IRMAS-TestingData-Part1.zip": "5a2e65520dcedada565dff2050bb2a56",
    "IRMAS-TestingData-Part2.zip": "afb0c8ea92f34ee653693106be95c895",
    "IRMAS-TestingData-Part3.zip": "9b3fb2d0c89cdc98037121c25bd5b556",
}
REMOTES = tuple(
    Remote(
        name,
        (f"https://zenodo.org/records/1290750/files/{name}?download=1",),
        f"md5:{md5}",
        unpack=".",
    )
    for name, md5 in _MD5.items()
)
SIZE = "up to 14 GB"
"""Reckoned: 6,705 times 3 s and 2,874 times at most 20 s, 16 bits, stereo, 44,100 Hz."""
BY_HAND = ""
INSTRUMENTS = {
    "cel": "cello",
    "cla": "clarinet",
    "flu": "flute",
    "gac": "acoustic guitar",
    "gel": "electric guitar",
    "org": "organ",
    "pia": "piano",
    "sax": "saxophone",
    "tru": "trumpet",
    "vio": "violin",
    "voi": "voice",
}
"""What their codes stand for (README of the data)."""
COUNTS = {"train": 6705, "test": 2874}
_TRAINING = re.compile(r"(?:\d+__)?((?:\[\w+\])+)(\d+)__\d+")
_TESTED = re.compile(r"-\d+$")
_GENRES = ("cou_fol", "cla", "pop_roc", "lat_sou", "jaz_blu")


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/irmas``.

    Columns ``tags`` (predominant instruments, ``a|b``; one of a training excerpt), ``split`` (train or
    test), ``genre`` and ``drums`` (yes, no, or empty), of training excerpts alone. The group is the
    recording. A training excerpt that isn't there isn't missed: no list names it; `COUNTS` has their
    number, which the protocol asks for. Labels of a test excerpt that were cut at the end of a line look
    like whole ones: only the checksums of the archives tell.

    Parameters
    ----------
    partial : bool
        Load what is there where test recordings are missing, or a part of the corpus.

    Raises
    ------
    DataError
        The folder or a part isn't there, a test excerpt lacks its sound or its labels, or labels aren't
        as published.
    """
    root = corpus_folder("irmas", HOW)
    rows = [*_training(root), *_testing(root, partial)]
    if not rows:
        raise DataError(f"{root}: holds no excerpt of IRMAS; {HOW}")
    found = {row["split"] for row in rows}
    if not partial and found != {"train", "test"}:
        raise DataError(
            f"{root}: holds nothing of the {min({'train', 'test'} - found)} part; {HOW}"
        )
    return Corpus(
        "irmas",
        item_table(pd.DataFrame(rows), root, "irmas"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(root),
    )


def _training(root: Path) -> list[dict[str, str]]:
    rows = []
    for code, tag in INSTRUMENTS.items():
        for path in sorted((root / "IRMAS-TrainingData" / code).glob("*.wav")):
            named = _TRAINING.fullmatch(path.stem)
            if named is None:
                continue
            words = re.findall(r"\[(\w+)\]", named[1])
            rows.append(
                _row(root, path, tag, "train", f"recording {named[2]}")
                | {
                    "genre": next((word for word in words[1:] if word in _GENRES), ""),
                    "drums": "yes" if "dru" in words else "no" if "nod" in words else "",
                }
            )
    return rows


def _testing(root: Path, partial: bool) -> list[dict[str, str]]:
    sounds, lists = _excerpts(root, ".wav"), _excerpts(root, ".txt")
    if lost := sorted(sounds - lists):
        raise DataError(f"{lost[0]}.txt: isn't there, but its excerpt is; {HOW}")
    if (lost := sorted(lists - sounds)) and not partial:
        raise DataError(
            f"{lost[0]}.wav: isn't there, one of {len(lost)} that have labels; {HOW}, or load what is "
            "there with load(partial=True)"
        )
    rows = []
    for stem in sorted(sounds):
        tags = "|".join(sorted(_labels(Path(f"{stem}.txt"))))
        recording = f"test/{_TESTED.sub('', stem.name)}"
        row = _row(root, Path(f"{stem}.wav"), tags, "test", recording)
        rows.append(row | {"genre": "", "drums": ""})
    return rows


def _excerpts(root: Path, suffix: str) -> set[Path]:
    """Test excerpts that have a file of that suffix, the suffix left off.

    They are numbered within their recording; the second part lies in a folder IRTestingData-Part2.
    """
    found = (p.with_suffix("") for p in root.glob(f"IRMAS-TestingData*/*/*{suffix}"))
    return {p for p in found if _TESTED.search(p.name) and not p.name.startswith("._")}


def _labels(path: Path) -> set[str]:
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read ({error}); {HOW}") from error
    codes = {words[0] for words in lines if words}
    if not codes or not codes <= set(INSTRUMENTS):
        raise DataError(
            f"{path}: names {', '.join(sorted(codes - set(INSTRUMENTS))) or 'nothing'}, none of the 11 "
            f"instruments; {HOW}"
        )
    return {INSTRUMENTS[code] for code in codes}


def _row(root: Path, path: Path, tags: str, split: str, recording: str) -> dict[str, str]:
    return {
        "id": str(path.relative_to(root).with_suffix("")),
        "path": str(path.relative_to(root)),
        "tags": tags,
        "split": split,
        "group": f"irmas/{recording}",
    }

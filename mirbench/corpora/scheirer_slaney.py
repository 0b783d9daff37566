"""Scheirer and Slaney's excerpts of radio, 15 s each, as LabROSA gives them on (1996, 1997)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.published import corpus_folder
from mirbench.errors import DataError

TITLE = "about 240 excerpts of 15 s of radio: speech, music, both, other, each its own group"
LICENCE = "none given; recordings of radio, for research (from memory)"
HOW = (
    "get music-speech-20100223.tgz (D. Ellis, LabROSA: labrosa.ee.columbia.edu/sounds/musp/scheislan.html) "
    "and unpack it there: music-speech/wavfile/train/speech/..."
)
FAULTS = (
    "neither artists nor speakers nor stations are named, and a recording may have given several "
    "excerpts: whether train and test share any can't be tested",
    "not the division of the paper, which has 10 folds of 160 excerpts (Scheirer and Slaney 1997)",
    "recorded in 1996 from FM radio around one bay: its sound, station by station, is part of what is "
    "learned (from memory)",
)
BIBTEX = r"""@inproceedings{scheirer1997construction,
  author    = {Scheirer, Eric and Slaney, Malcolm},
  title     = {Construction and evaluation of a robust multifeature speech/music discriminator},
  booktitle = {Proc. IEEE Int. Conf. Acoustics, Speech and Signal Processing (ICASSP)},
  pages     = {1331--1334},
  year      = {1997}
}"""
PROTOCOLS = ("speech-music/scheirer-slaney",)
REMOTES = ()
BY_HAND = "the page of the corpus is known (see how to get it), the address of its archive isn't"
LABELS = {"speech": "speech", "music": "music", "m+s": "speech+music", "other": "other"}
"""Label by folder; ``m+s`` is speech over music."""
AT_LEAST = {
    ("train", "speech"): 60,
    ("train", "music"): 60,
    ("test", "speech"): 20,
    ("test", "music"): 20,
}
"""Excerpts that a part has or exceeds: 60 training excerpts of music as Ellis's practical on singing
has it, the others from memory."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/scheirer_slaney``.

    Its parts are ``wavfile/train`` and ``wavfile/test`` in the folder itself or in its
    ``music-speech``. Columns ``label`` (see ``LABELS``), ``split`` (train or test) and ``kind``, the
    folder below ``music``: vocals or novocals in the test part. Each excerpt is its own group. No list names
    the excerpts: every sound in these folders is one.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder isn't there, or a part has fewer excerpts than published.
    """
    root = corpus_folder("scheirer_slaney", HOW)
    base = root / "music-speech" if (root / "music-speech").is_dir() else root
    rows = [row for part in ("train", "test") for row in _part(base, part)]
    index = pd.DataFrame(rows, columns=["path", "label", "kind", "split"])
    counts = index.value_counts(["split", "label"]).to_dict()
    short = [
        f"{part} {label}: {counts.get((part, label), 0)} of {n}"
        for (part, label), n in AT_LEAST.items()
        if counts.get((part, label), 0) < n
    ]
    if index.empty or (short and not partial):
        raise DataError(
            f"{base / 'wavfile'}: not the published excerpts ({', '.join(short)}); {HOW}, or load what "
            "is there with load(partial=True)"
        )
    items = item_table(index, base, "scheirer-slaney")
    return Corpus(
        "scheirer-slaney",
        items.assign(group=items["id"]),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(base / "wavfile"),
    )


def _part(base: Path, part: str) -> list[dict[str, str]]:
    """Rows of the excerpts of one part, in order of their paths."""
    folder = base / "wavfile" / part
    rows = []
    for path in sorted(folder.rglob("*.wav")):
        first, *below = path.parent.relative_to(folder).parts or ("",)
        if first in LABELS:
            rows.append(
                {
                    "path": str(path.relative_to(base)),
                    "label": LABELS[first],
                    "kind": "/".join(below),
                    "split": part,
                }
            )
    return rows

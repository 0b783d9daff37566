"""MDB-stem-synth: 230 solo stems resynthesised so that their pitch is known (Salamon et al. 2017)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.f0 import check_f0
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError

TITLE = "230 resynthesised solo stems of MedleyDB with exact pitch, grouped by artist"
LICENCE = "CC BY-NC 4.0"
HOW = (
    "get MDB-stem-synth.tar.gz (zenodo.org, record 1481172) and unpack it there: "
    "MDB-stem-synth/audio_stems/MusicDelta_Hendrix_STEM_04.RESYN.wav"
)
FAULTS = (
    "resynthesised by sinusoids at harmonics of one pitch tracker's contour: noise, attacks and "
    "inharmonicity of the instruments are gone, so figures flatter (Salamon et al. 2017, from memory)",
    "stems of one song, and of one artist, share players and rooms: folds belong by artist",
    "the tracks of MusicDelta are by many players under one name, and here one group (from memory)",
)
BIBTEX = r"""@inproceedings{salamon2017analysis,
  author    = {Salamon, Justin and Bittner, Rachel M. and Bonada, Jordi and Bosch, Juan J. and G{\'o}mez, Emilia and Bello, Juan Pablo},
  title     = {An analysis/synthesis framework for automatic f0 annotation of multitrack datasets},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  year      = {2017}
}"""
PROTOCOLS = ("pitch/mdb-stem-synth", "pitch/mir1k-mdb-stem-synth")
REMOTES = (
    Remote(
        "MDB-stem-synth.tar.gz",
        ("https://zenodo.org/records/1481172/files/MDB-stem-synth.tar.gz?download=1",),
        "md5:31c1f6b4888e5fd108af91c69789a809",
        unpack=".",
    ),
)
"""As mirdata keeps them."""
SIZE = "about 1.9 GB"
"""As notes of a public repository say; 5 GB unpacked."""
BY_HAND = ""
AUDIO, PITCH = "audio_stems", "annotation_stems"


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/mdb_stem_synth``.

    The folders ``audio_stems`` and ``annotation_stems`` are in the folder itself or in its
    ``MDB-stem-synth``. Column ``f0_path`` is the absolute path of a stem's pitch, to be read with
    `mirbench.corpora.f0.read_f0`: a value each 128/44100 s, 0 Hz where unvoiced. ``artist`` (the group),
    ``track`` and ``stem`` are parts of the name, ``Artist_Title_STEM_04``.

    Parameters
    ----------
    partial : bool
        Load what is there where some stems are missing, instead of an error.

    Raises
    ------
    DataError
        The folder or a stem isn't there, a stem has no pitch, or its pitch can't be read.
    """
    root = corpus_folder("mdb_stem_synth", HOW)
    base = root / "MDB-stem-synth" if (root / "MDB-stem-synth").is_dir() else root
    names = sorted(
        {
            path.name.removesuffix(suffix)
            for folder, suffix in ((AUDIO, ".RESYN.wav"), (PITCH, ".RESYN.csv"))
            for path in (base / folder).glob(f"*_STEM_*{suffix}")
        }
    )
    if not names:
        raise DataError(f"{base}: holds no {AUDIO} and {PITCH}; {HOW}")
    index = with_audio(_index(names, base), base, HOW, partial)
    for path in index["f0_path"]:
        check_f0(path)
    return Corpus(
        "mdb-stem-synth",
        item_table(index, base, "mdb-stem-synth"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(base),
    )


def _index(names: list[str], base: Path) -> pd.DataFrame:
    tracks = [name.partition("_STEM_")[0] for name in names]
    return pd.DataFrame(
        {
            "id": names,
            "path": [f"{AUDIO}/{name}.RESYN.wav" for name in names],
            "f0_path": [str((base / PITCH / f"{name}.RESYN.csv").resolve()) for name in names],
            "artist": [track.partition("_")[0] for track in tracks],
            "track": tracks,
            "stem": [name.partition("_STEM_")[2] for name in names],
        }
    )

"""Medley-solos-DB: clips of 3 s of one instrument, two collections (Lostanlen and Cella 2016)."""

from __future__ import annotations

from pathlib import Path

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, csv_table, first_there, with_audio
from mirbench.errors import DataError

TITLE = "over 21,000 clips of 3 s, eight instruments, of MedleyDB (to train on) and solosDB (to test), grouped by song"
LICENCE = "CC BY 4.0"
HOW = (
    "get Medley-solos-DB.tar.gz and Medley-solos-DB_metadata.csv (zenodo.org, record 3464194) and "
    "unpack the archive in audio: audio/Medley-solos-DB_test-0_....wav"
)
FAULTS = (
    "clips of the test part overlap by half (notes on sampling in the authors' repository "
    "lostanlen/ismir2016): they are no independent samples, so split and resample by song",
    "songs are few: about 230 song ids for 21,571 clips, and some instruments in a handful of songs (from "
    "memory)",
    "two of the eight classes, distorted electric guitar and female singer, are none of the task "
    "instruments; the protocol keeps the published eight",
    "the test part is of other rooms and decades than the rest, so that the validation part flatters "
    "(our reading)",
)
BIBTEX = r"""@inproceedings{lostanlen2016deep,
  author    = {Lostanlen, Vincent and Cella, Carmine-Emanuele},
  title     = {Deep convolutional networks on the pitch spiral for music instrument recognition},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  year      = {2016}
}"""
PROTOCOLS = ("instruments/medley-solos-db", "few-labels/medley-solos-db")
_ZENODO = "https://zenodo.org/records/3464194/files"
REMOTES = (  # sums: mirdata, mirdata/datasets/medley_solos_db.py
    Remote(
        "Medley-solos-DB_metadata.csv",
        (f"{_ZENODO}/Medley-solos-DB_metadata.csv?download=1",),
        "md5:fda6a589c56785f2195c9227809c521a",
    ),
    Remote(
        "Medley-solos-DB.tar.gz",
        (f"{_ZENODO}/Medley-solos-DB.tar.gz?download=1",),
        "md5:f5facf398793ef5c1f80c013afdf3e5f",
        unpack="audio",
    ),
)
SIZE = "about 7.9 GB"
"""As notes of a public repository say."""
BY_HAND = ""
INSTRUMENTS = (
    *("clarinet", "distorted electric guitar", "female singer", "flute"),
    *("piano", "tenor saxophone", "trumpet", "violin"),
)
"""In the order of their published numbers, 0 to 7."""
SUBSETS = {"training": "train", "validation": "validation", "test": "test"}
COLLECTIONS = {"training": "MedleyDB", "validation": "MedleyDB", "test": "solosDB"}


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/medley_solos_db``.

    Columns ``instrument`` (one of ``INSTRUMENTS``), ``split`` (train, validation or test), ``collection``
    (MedleyDB or solosDB) and ``song``; the group is the song.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, the list or a recording isn't there, or the list isn't the published one.
    """
    root = corpus_folder("medley_solos_db", HOW)
    name = "Medley-solos-DB_metadata.csv"
    (source,) = first_there([root, root / "annotation"], [name], HOW)
    columns = ("subset", "instrument", "instrument_id", "song_id", "uuid4")
    told = csv_table(source, columns, HOW)
    wrong = ~(told["subset"].isin(SUBSETS) & told["instrument"].isin(INSTRUMENTS)).to_numpy()
    if wrong.any():
        row = told[wrong].iloc[0]
        raise DataError(
            f"{source}: subset {row['subset']!r}, instrument {row['instrument']!r}: not as published; {HOW}"
        )
    names = [
        f"Medley-solos-DB_{subset}-{number}_{uuid}"
        for subset, number, uuid in zip(told["subset"], told["instrument_id"], told["uuid4"])
    ]
    folder = "audio" if (root / "audio").is_dir() else "."
    collection = told["subset"].map(COLLECTIONS)
    index = told[["instrument"]].assign(
        id=[name.removeprefix("Medley-solos-DB_") for name in names],
        path=[str(Path(folder) / f"{name}.wav") for name in names],
        split=told["subset"].map(SUBSETS),
        collection=collection,
        song=told["song_id"],
        group=collection + "/song " + told["song_id"],
    )
    items = item_table(
        with_audio(index, root, HOW, partial), root, "medley-solos-db", source=source
    )
    return Corpus(
        "medley-solos-db",
        items,
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(source),
    )

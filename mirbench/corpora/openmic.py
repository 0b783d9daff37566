"""OpenMIC-2018: clips of 10 s, of 20 instruments those that somebody listened for (Humphrey et al. 2018)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, csv_table, with_audio
from mirbench.errors import DataError

TITLE = "20,000 clips of 10 s of the Free Music Archive, 20 instruments, most of them unknown of a clip, grouped by artist"
LICENCE = "labels CC BY 4.0; each clip the licence of its track (license_title in openmic-2018-metadata.csv)"
HOW = (
    "get openmic-2018-v1.0.0.tgz (zenodo.org, record 1432913) and unpack it there: "
    "openmic-2018/audio/000/000046_3840.ogg"
)
FAULTS = (
    "of 400,000 pairs of a clip and an instrument some 41,000 are labelled (README of cosmir/openmic-2018: "
    "41k responses): the others are unknown, neither present nor absent",
    "exact copies of a clip under two ids: 007954_184320 and 120195_184320, 074658_372480 and "
    "074328_372480; nearly alike are 021334_11520 and 020898_11520 (issue 24 of the repository; column "
    "copy_of). The published split was remade after they were found (pull request 25)",
    "ten clips were corrupted when labels were collected, three wrong labels of them were corrected "
    "(README of the repository; CORRUPTED)",
    "labels are of a few annotators with a confidence; 0.5 and more counts as present (tutorial of the "
    "repository)",
)
BIBTEX = r"""@inproceedings{humphrey2018openmic,
  author    = {Humphrey, Eric J. and Durand, Simon and McFee, Brian},
  title     = {{OpenMIC}-2018: An open dataset for multiple instrument recognition},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  year      = {2018}
}"""
PROTOCOLS = ("tags/openmic",)
REMOTES = (  # sum: scripts of chrisatom1998/document-graph-explorer, which test it
    Remote(
        "openmic-2018-v1.0.0.tgz",
        ("https://zenodo.org/records/1432913/files/openmic-2018-v1.0.0.tgz?download=1",),
        "md5:e4ccf187e2bb5ab2e115416e8aafe7f4",
        unpack=".",
    ),
)
SIZE = "about 2.6 GB"
"""From memory."""
BY_HAND = ""
INSTRUMENTS = (
    *("accordion", "banjo", "bass", "cello", "clarinet", "cymbals", "drums", "flute", "guitar"),
    *("mallet_percussion", "mandolin", "organ", "piano", "saxophone", "synthesizer"),
    *("trombone", "trumpet", "ukulele", "violin", "voice"),
)
"""As in class-map.json of the repository."""
COUNTS = {"train": 14915, "test": 5085}
"""Clips of the first split (tutorial of the repository)."""
COPIES = {
    "120195_184320": "007954_184320",
    "074328_372480": "074658_372480",
    "020898_11520": "021334_11520",
}
"""Clips that are another's copy, the third nearly (issue 24)."""
CORRUPTED = frozenset(
    (
        *("071826", "071827", "087435", "095253", "095259"),
        *("095263", "102144", "113025", "113604", "138485"),
    )
)
"""Tracks whose file was corrupt when labels were collected (README)."""
PRESENT = 0.5
"""Relevance from which on an instrument is present."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/openmic``.

    Columns ``tags`` (instruments that are present, ``a|b``), ``unknown`` (those that nobody listened
    for), ``split`` (train or test of the published first split), ``copy_of`` (see ``COPIES``; empty for
    others) and ``corrupted`` (yes or no: when labels were collected). The group is the artist's number.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, a list or a recording isn't there, or a list isn't the published one.
    """
    root = corpus_folder("openmic", HOW)
    base = root / "openmic-2018" if (root / "openmic-2018").is_dir() else root
    source = base / "openmic-2018-aggregated-labels.csv"
    index = with_audio(_index(base, source), base, HOW, partial)
    return Corpus(
        "openmic",
        item_table(index, base, "openmic", source=source),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(source),
    )


def _index(base: Path, source: Path) -> pd.DataFrame:
    relevance = _relevance(source)
    about = base / "openmic-2018-metadata.csv"
    told = csv_table(about, ("sample_key", "artist_id"), HOW)
    artists = dict(zip(told["sample_key"], told["artist_id"]))
    parts = {key: part for part in COUNTS for key in _part(base, part)}
    for path, known in ((about, artists), (base / "partitions", parts)):
        if lost := [key for key in relevance if not known.get(key)]:
            raise DataError(
                f"{path}: says nothing of {len(lost)} of {len(relevance)} clips of {source.name} "
                f"({lost[0]} is the first); {HOW}"
            )
    rows = []
    for key, known in relevance.items():
        rows.append(
            {
                "id": key,
                "path": f"audio/{key[:3]}/{key}.ogg",
                "tags": "|".join(i for i in INSTRUMENTS if known.get(i, 0.0) >= PRESENT),
                "unknown": "|".join(i for i in INSTRUMENTS if i not in known),
                "split": parts[key],
                "copy_of": COPIES.get(key, ""),
                "corrupted": "yes" if key.partition("_")[0] in CORRUPTED else "no",
                "group": f"openmic/artist {artists[key]}",
            }
        )
    return pd.DataFrame(rows)


def _relevance(source: Path) -> dict[str, dict[str, float]]:
    """Relevance (0 to 1) of the instruments that somebody listened for, by clip."""
    told = csv_table(source, ("sample_key", "instrument", "relevance"), HOW)
    values = pd.to_numeric(told["relevance"], errors="coerce")
    wrong = ~(values.between(0, 1) & told["instrument"].isin(INSTRUMENTS)).to_numpy()
    if wrong.any():
        row = told[wrong].iloc[0]
        raise DataError(
            f"{source}: {row['sample_key']} has {row['instrument']!r} with relevance "
            f"{row['relevance']!r}, not as published; {HOW}"
        )
    clips: dict[str, dict[str, float]] = {}
    for key, instrument, value in zip(told["sample_key"], told["instrument"], values.tolist()):
        clips.setdefault(key, {})[instrument] = value
    return dict(sorted(clips.items()))


def _part(base: Path, part: str) -> list[str]:
    """Keys of the clips of a part of the first split."""
    path = base / "partitions" / f"split01_{part}.csv"
    try:
        keys = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read ({error}); {HOW}") from error
    if not keys:
        raise DataError(f"{path}: lists no clip; {HOW}")
    return keys

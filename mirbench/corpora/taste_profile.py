"""Echo Nest Taste Profile: 48 million counts of a million users and 384,546 songs (McFee et al. 2012).

Counts only: sound of its songs isn't published. Songs have ids of their own; a mapping leads to
tracks of the Million Song Dataset, a list names matches of song and track that are wrong.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.published import corpus_folder, first_there
from mirbench.errors import DataError

TITLE = "listening counts of a million users for songs of the Million Song Dataset (no sound)"
HOW = (
    "get train_triplets.txt.zip (unzip it) and sid_mismatches.txt from the Taste Profile page of the "
    "Million Song Dataset, taste_profile_song_to_tracks.txt from the data of its challenge"
)
BIBTEX = r"""@inproceedings{mcfee2012million,
  author    = {McFee, Brian and Bertin-Mahieux, Thierry and Ellis, Daniel P. W. and Lanckriet, Gert R. G.},
  title     = {The {Million Song Dataset} Challenge},
  booktitle = {Proc. 21st Int. Conf. Companion on World Wide Web (WWW)},
  year      = {2012}
}"""
FAULTS = (
    "some songs are matched to wrong tracks: those listed in sid_mismatches.txt are left out here",
    "a song may have several tracks (other releases of the recording): the first that fits is taken",
)
TRIPLETS, TRACKS, MISMATCHES = (
    "train_triplets.txt",
    "taste_profile_song_to_tracks.txt",
    "sid_mismatches.txt",
)
_MISMATCH = re.compile(r"<(SO\w+) (TR\w+)>")


def load() -> Corpus:
    """There is no sound to load: always a DataError, which says what there is."""
    raise DataError(
        "taste-profile: holds listening counts and no recordings; read them with "
        "mirbench.corpora.taste_profile.load_counts()"
    )


def load_counts(*, mapped: bool = True) -> pd.DataFrame:
    """Counts under ``MIRBENCH_DATA/taste-profile``, plain or gzipped.

    Parameters
    ----------
    mapped : bool
        Name tracks by their Million Song Dataset id. A song's track is the first listed that isn't a
        known mismatch; songs without any are left out, the counts of songs with one track are added
        up. False: the songs' own ids, and only the triplets are needed.

    Returns
    -------
    DataFrame
        ``user``, ``track`` (both categories), ``count``; ``attrs["left_out"]`` is the number of songs
        without a track.

    Raises
    ------
    DataError
        The folder or a file isn't there, or a file hasn't the published columns.
    """
    root = corpus_folder("taste-profile", HOW)
    source = first_there([root], [TRIPLETS], HOW)[0]
    table = _triplets(source)
    if not mapped:
        return table
    songs, wrong = first_there([root], [TRACKS, MISMATCHES], HOW)
    tracks = song_tracks(_lines(songs), read_mismatches(_lines(wrong)), str(songs))
    played = table["track"].cat.categories
    codes = pd.Index(played).map(tracks)
    kept = table["track"].map(dict(zip(played, codes))).astype("category")
    named = pd.DataFrame({"user": table["user"], "track": kept, "count": table["count"]})
    pairs = named.dropna(subset=["track"]).groupby(["user", "track"], observed=True, sort=False)
    summed = pairs["count"].sum().reset_index()
    summed.attrs["left_out"] = int(codes.isna().sum())
    return summed


def song_tracks(
    lines: list[str], wrong: set[tuple[str, str]], source: str = TRACKS
) -> dict[str, str]:
    """Track of each song that has one.

    Parameters
    ----------
    lines : list of str
        A song, then its tracks if any, tab-separated.
    wrong : set of (song, track)
    source : str
        File to name in errors.
    """
    found = {}
    for number, line in enumerate(lines, start=1):
        song, *tracks = line.split("\t")
        if not song.startswith("SO") or any(not track.startswith("TR") for track in tracks):
            raise DataError(f"{source}: line {number} isn't a song and its tracks; {HOW}")
        fitting = [track for track in tracks if (song, track) not in wrong]
        if fitting:
            found[song] = fitting[0]
    return found


def read_mismatches(lines: list[str]) -> set[tuple[str, str]]:
    """(song, track) of lines as ``ERROR: <SO... TR...> artist - title != artist - title``."""
    return {(m[1], m[2]) for line in lines if (m := _MISMATCH.search(line))}


def _triplets(source: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(
            source,
            sep="\t",
            header=None,
            names=["user", "track", "count"],
            dtype={"user": "category", "track": "category"},
            keep_default_na=False,
            quoting=3,
        )
    except (ValueError, OSError) as error:
        raise DataError(
            f"{source}: not user, song and count, tab-separated ({error}); {HOW}"
        ) from None
    fits = (
        len(table) > 0
        and pd.api.types.is_integer_dtype(table["count"])
        and table["track"].cat.categories.str.startswith("SO").all()
    )
    if not fits:
        raise DataError(f"{source}: not user, song and count, tab-separated; {HOW}")
    return table


def _lines(path: Path) -> list[str]:
    """Non-empty lines of a file, plain or gzipped."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode(
        "utf-8", "replace"
    )
    return [line.strip() for line in text.splitlines() if line.strip()]

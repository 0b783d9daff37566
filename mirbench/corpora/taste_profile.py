"""Echo Nest Taste Profile: 48 million counts of a million users and 384,546 songs (McFee et al. 2012).

Counts only: sound of its songs isn't published. Songs have ids of their own; a mapping leads to
tracks of the Million Song Dataset, a list names matches of song and track that are wrong.
"""

from __future__ import annotations

import gzip
import re
from contextlib import suppress
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, first_there
from mirbench.errors import DataError

LICENCE = "counts: for research, not for commercial use (from memory); there is no sound"
TITLE = "listening counts of a million users for songs of the Million Song Dataset (no sound)"
HOW = (
    "get train_triplets.txt.zip (unzip it) and sid_mismatches.txt from the Taste Profile page of the "
    "Million Song Dataset, and taste_profile_song_to_tracks.txt from the data of its challenge or "
    "unique_tracks.txt from its additional files"
)
BIBTEX = r"""@inproceedings{mcfee2012million,
  author    = {McFee, Brian and Bertin-Mahieux, Thierry and Ellis, Daniel P. W. and Lanckriet, Gert R. G.},
  title     = {The {Million Song Dataset} Challenge},
  booktitle = {Proc. 21st Int. Conf. Companion on World Wide Web (WWW)},
  year      = {2012}
}"""
PROTOCOLS = ("latent/taste-profile",)
_MSD = "http://millionsongdataset.com/sites/default/files"
REMOTES = (  # no hash is published; addresses and the second size: public copies of the set
    Remote("train_triplets.txt.zip", (f"{_MSD}/challenge/train_triplets.txt.zip",), unpack="."),
    Remote("sid_mismatches.txt", (f"{_MSD}/tasteprofile/sid_mismatches.txt",), n_bytes=2_026_182),
    Remote("unique_tracks.txt", (f"{_MSD}/AdditionalFiles/unique_tracks.txt",)),
)
SIZE = "about 0.5 GB"
"""From memory."""
BY_HAND = ""
FAULTS = (
    "some songs are matched to wrong tracks: those listed in sid_mismatches.txt (19,093 pairs) are left "
    "out here, but for those that sid_matches_manually_accepted.txt (488) takes back where it is there",
    "a song may have several tracks (other releases of the recording): the first that fits is taken",
)
TRIPLETS, TRACKS, MISMATCHES = (
    "train_triplets.txt",
    "taste_profile_song_to_tracks.txt",
    "sid_mismatches.txt",
)
ALL_TRACKS = "unique_tracks.txt"
"""Every track of the Million Song Dataset with its song; serves where ``TRACKS`` isn't there."""
ACCEPTED = "sid_matches_manually_accepted.txt"
"""Pairs that ``MISMATCHES`` lists wrongly; used where it is there."""
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
        up. Tracks come from ``TRACKS``, or where that isn't there from ``ALL_TRACKS`` (in its order).
        False: the songs' own ids, and only the triplets are needed.

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
    wrong = read_mismatches(_lines(first_there([root], [MISMATCHES], HOW)[0]))
    with suppress(DataError):
        wrong -= read_mismatches(_lines(first_there([root], [ACCEPTED], HOW)[0]))
    tracks = _tracks(root, wrong)
    played = table["track"].cat.categories
    codes = pd.Index(played).map(tracks)
    kept = table["track"].map(dict(zip(played, codes))).astype("category")
    named = pd.DataFrame({"user": table["user"], "track": kept, "count": table["count"]})
    pairs = named.dropna(subset=["track"]).groupby(["user", "track"], observed=True, sort=False)
    summed = pairs["count"].sum().reset_index()
    summed.attrs["left_out"] = int(codes.isna().sum())
    return summed


def _tracks(root: Path, wrong: set[tuple[str, str]]) -> dict[str, str]:
    """Track of each song, from the list of songs or else from that of all tracks."""
    try:
        source = first_there([root], [TRACKS], HOW)[0]
    except DataError as missing:
        try:
            every = first_there([root], [ALL_TRACKS], HOW)[0]
        except DataError:
            raise missing from None
        return song_tracks(by_song(_lines(every), str(every)), wrong, str(every))
    return song_tracks(_lines(source), wrong, str(source))


def by_song(lines: list[str], source: str = ALL_TRACKS) -> list[str]:
    """Lines as in ``TRACKS`` (a song, then its tracks) from ``track<SEP>song<SEP>artist<SEP>title``."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        track, _, rest = line.partition("<SEP>")
        song = rest.partition("<SEP>")[0]
        if not track.startswith("TR") or not song.startswith("SO"):
            raise DataError(f"{source}: line {number} isn't a track and its song; {HOW}")
        found.setdefault(song, []).append(track)
    return ["\t".join([song, *tracks]) for song, tracks in found.items()]


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

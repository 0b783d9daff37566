"""Million Song Dataset with Last.fm's tags: the 50 tags and the split; the audio is your own."""

from __future__ import annotations

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.published import corpus_folder, csv_table, with_audio
from mirbench.errors import DataError

TITLE = (
    "tracks of the Million Song Dataset with the 50 most frequent tags of Last.fm: your own audio"
)
LICENCE = "audio: none can be passed on; tags for research (from memory)"
HOW = (
    "the previews of this dataset aren't offered any more: if you hold them, write index.csv there with "
    "the columns path, track_id, artist, split (train, validation or test) and tags (a|b|c)"
)
FAULTS = (
    "tags of users: one that wasn't given may hold all the same (from memory)",
    "the published splits don't keep artists apart (from memory)",
    "some tags and counts were matched to the wrong track: sid_mismatches.txt of the Taste Profile names "
    "19,093 such pairs of song and track, which an index of one's own may leave out",
    "published splits differ: 201,680/11,774/28,435 (clips of 29.1 s) and 201,680/12,605/25,940",
)
BIBTEX = r"""@inproceedings{bertinmahieux2011million,
  author    = {Bertin-Mahieux, Thierry and Ellis, Daniel P. W. and Whitman, Brian and Lamere, Paul},
  title     = {The million song dataset},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  pages     = {591--596},
  year      = {2011}
}"""
PROTOCOLS = ("tags/msd-lastfm50", "latent/taste-profile")
REMOTES = ()
BY_HAND = "its sound was never published, and the previews that papers used aren't offered any more"
TAGS = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists"),
    *("classic rock", "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill"),
    *("instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic"),
    *("experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock"),
    *("60s", "rnb", "indie pop", "sad", "House", "happy"),
)
"""The 50 tags of most published results (50tagList.txt)."""
PARTS = ("train", "validation", "test")


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/msd-lastfm``, listed by an ``index.csv`` of one's own.

    Columns ``tags`` (of ``TAGS``, joined by ``|``), ``artist`` (the group), ``split``, ``track_id``.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder, its index or a recording isn't there, or the index has another tag or split.
    """
    root = corpus_folder("msd-lastfm", HOW)
    source = root / "index.csv"
    index = csv_table(source, ("path", "track_id", "artist", "split", "tags"), HOW)
    used = {t.strip() for tags in index["tags"] for t in tags.split("|")} - {""}
    unknown = sorted(used - set(TAGS)) + sorted(set(index["split"]) - set(PARTS))
    if unknown:
        raise DataError(
            f"{source}: {unknown[0]!r} is neither one of the 50 tags nor a split ({', '.join(PARTS)}); {HOW}"
        )
    index = with_audio(index, root, HOW, partial).assign(id=lambda table: table["track_id"])
    return Corpus(
        "msd-lastfm",
        item_table(index, root, "msd-lastfm", source=source),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(source),
    )

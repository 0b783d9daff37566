"""Flickr-SoundNet: sound and frames of two million videos (Aytar, Vondrick and Torralba 2016)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError

TITLE = "sound and frames of up to 2.1 million videos of Flickr, without labels"
LICENCE = "videos: their makers', under licences of Flickr, for research (from memory)"
HOW = (
    "get lists_public.tar.gz, and of mp3_public.tar.gz and frames_public.tar.gz what you need, from the "
    "authors' page (data.csail.mit.edu/soundnet), and unpack them there: lists/train_videos.txt, "
    "mp3/videos/.../123.mp4.mp3, frames/videos/.../123.mp4/00000008.jpg"
)
FAULTS = (
    "no labels: sound and frame of one video are said to go together, though music was often laid over "
    "or what sounds isn't seen (from memory)",
    "whose a video is isn't in the lists: one maker's videos may be on both sides",
    "work on localisation uses 10,000 or 144,000 of them and 250 tested ones, each by a list of its own",
)
BIBTEX = r"""@inproceedings{aytar2016soundnet,
  author    = {Aytar, Yusuf and Vondrick, Carl and Torralba, Antonio},
  title     = {{SoundNet}: learning sound representations from unlabeled video},
  booktitle = {Advances in Neural Information Processing Systems (NIPS)},
  year      = {2016}
}"""
PROTOCOLS = ("audiovisual/flickr-soundnet",)
REMOTES = (
    Remote(
        "lists_public.tar.gz",
        ("http://data.csail.mit.edu/soundnet/lists_public.tar.gz",),
        unpack=".",
    ),
)
"""The lists only (84 MB); no sum is published with them."""
BY_HAND = (
    "only the lists are fetched: the sounds are 359 GB and the frames 62 GB in one archive each"
)
LISTS = {"train_videos.txt": "train", "val_videos.txt": "validation"}
"""Split by name of the list."""
OWN_IDS = "ids.txt"
"""A list of one's own in the folder, a video's number a line: only those are taken."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/flickr_soundnet``.

    Lists are in ``lists``, a line ``videos/.../123.mp4`` each; sounds are ``mp3/`` and the line and
    ``.mp3``. With ``ids.txt``, a number (``123``) a line, only those videos are taken. Columns ``video``
    (the number, the group), ``split``, ``frames_path`` (absolute path of the folder of frames, empty
    where there is none) and ``video_path`` (the same: frames are read as a video).

    Parameters
    ----------
    partial : bool
        Load what is there where some sounds are missing: the usual case, the whole being 359 GB.

    Raises
    ------
    DataError
        The folder or a list isn't there, a line isn't a video's path, sounds are missing.
    """
    root = corpus_folder("flickr_soundnet", HOW)
    index = pd.concat([_rows(root / "lists" / name) for name in LISTS], ignore_index=True)
    own = root / OWN_IDS
    if own.is_file():
        index = index[index["video"].isin(set(own.read_text(encoding="utf-8").split()))]
        if index.empty:
            raise DataError(f"{own}: none of its ids is in the lists; correct or delete it")
    index = with_audio(index.reset_index(drop=True), root, HOW, partial)
    frames = [root / "frames" / name for name in index["id"]]
    index["frames_path"] = [str(folder.resolve()) if folder.is_dir() else "" for folder in frames]
    index["video_path"] = index["frames_path"]
    return Corpus(
        "flickr-soundnet",
        item_table(index, root, "flickr-soundnet"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(root / "lists"),
    )


def _rows(path: Path) -> pd.DataFrame:
    """Videos of a list."""
    if not path.is_file():
        raise DataError(f"{path}: isn't there; {HOW}")
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    wrong = [line for line in lines if not line.startswith("videos")]
    if wrong or not lines:
        what = f"{wrong[0]!r} isn't the path of a video" if wrong else "is empty"
        raise DataError(f"{path}: {what}; {HOW}")
    numbers = [Path(line).stem for line in lines]
    return pd.DataFrame(
        {
            "id": lines,
            "path": [f"mp3/{line}.mp3" for line in lines],
            "video": numbers,
            "group": numbers,
            "split": LISTS[path.name],
        }
    )

"""GiantSteps: previews of 2 min of electronic dance music with tempo, key and genre (Knees et al. 2015)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio
from mirbench.errors import DataError

TITLE = "previews of 2 min of dance music: 664 with tempo and genre, 604 with key"
LICENCE = (
    "previews of Beatport, not to be passed on (from memory); annotations: see the repositories"
)
HOW = (
    "clone GiantSteps/giantsteps-tempo-dataset or GiantSteps/giantsteps-key-dataset there and run "
    "its audio_dl.sh: giantsteps-tempo-dataset/audio/1030011.LOFI.mp3"
)
FAULTS = (
    "three tempo tracks have no tempo (0.0 in version 2): 3041381, 3041383, 1327052 (README)",
    "annotations come from users' corrections of wrong entries: hard cases are over-represented "
    "(Knees et al. 2015)",
    "no artist is given: each preview counts as a group of its own",
)
BIBTEX = r"""@inproceedings{knees2015two,
  author    = {Knees, Peter and Faraldo, {\'A}ngel and Herrera, Perfecto and Vogl, Richard and B{\"o}ck, Sebastian and H{\"o}rschl{\"a}ger, Florian and Le Goff, Mickael},
  title     = {Two data sets for tempo estimation and key detection in electronic dance music annotated from user corrections},
  booktitle = {Proc. Int. Society for Music Information Retrieval Conf. (ISMIR)},
  year      = {2015}
}"""
PROTOCOLS = ("genre/giantsteps",)
_GITHUB = "https://github.com/GiantSteps"
_TEMPO = "0b7d47ba8cae59d3535a02e3db69e2cf6d0af5bb"
_KEY = "6bcd492c825ac9b8597bc650a5f6fd18b6c43d2b"
REMOTES = (  # annotations; checksum of the first: mirdata
    Remote(
        f"giantsteps-tempo-dataset-{_TEMPO}.zip",
        (f"{_GITHUB}/giantsteps-tempo-dataset/archive/{_TEMPO}.zip",),
        "md5:8fdafbaf505fe3f293bd912c92b72ac8",
        unpack=".",
    ),
    Remote(
        f"giantsteps-key-dataset-{_KEY}.zip",
        (f"{_GITHUB}/giantsteps-key-dataset/archive/{_KEY}.zip",),
        unpack=".",
    ),
)
BY_HAND = (
    "previews come one by one: run audio_dl.sh in the folder of each repository, which tests them by "
    "its folder md5"
)
SETS = {"giantsteps-tempo-dataset": ("bpm", "genre"), "giantsteps-key-dataset": ("key", "genre")}
"""Annotations of each repository."""
PLACES = {
    "bpm": ("annotations_v2/tempo", "annotations/tempo"),
    "genre": ("annotations/genre",),
    "key": ("annotations/key",),
}
WORDS = {
    "bpm": re.compile(r"\d{1,3}(\.\d*)?"),
    "genre": re.compile(r"([A-Za-z][\w &/'()+,.-]{0,60})?"),
    "key": re.compile(r"[A-G][#b]?\s+(major|minor)", re.IGNORECASE),
}
"""What annotations look like: ``127.5`` (beats a minute), ``tech-house`` (or nothing), ``Bb minor``."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/giantsteps``: the tempo repository, the key repository, or both.

    A repository's folder may end in its commit or branch, as archives of it do.

    Columns ``bpm`` (beats a minute; version 2 where it is there; of the tempo repository), ``tonality``
    (``A minor``; of the key repository), ``genre`` (of dance music; one that isn't there isn't missed),
    ``set`` (the repository); empty where a track has no such annotation.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings, tempi or keys are missing, instead of an error.

    Raises
    ------
    DataError
        Neither repository is there, a recording isn't, or has no tempo or key; or an annotation isn't one.
    """
    root = corpus_folder("giantsteps", HOW)
    tables = [_rows(folder, name, partial) for name in SETS for folder in _folders(root, name)[:1]]
    index = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if index.empty:
        raise DataError(f"{root}: holds no annotations of {' or '.join(SETS)}; {HOW}")
    # an item's key is that of its content
    index = index.fillna("").rename(columns={"key": "tonality"})
    index = with_audio(index, root, HOW, partial)
    items = item_table(index, root, "giantsteps")
    return Corpus(
        "giantsteps",
        items.assign(group=items["id"]),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(root),
    )


def _visible(folder: Path, suffix: str) -> list[Path]:
    return sorted(p for p in folder.glob(f"*.{suffix}") if not p.name.startswith("."))


def _annotation(path: Path, what: str) -> str:
    """What a file says: a tempo, a genre or a key."""
    mend = "get the repository again"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read as a {what} ({error}); {mend}") from error
    if not WORDS[what].fullmatch(text):
        raise DataError(f"{path}: holds no {what} but {text[:40]!r}; {mend}")
    return text


def _folders(root: Path, name: str) -> list[Path]:
    """Folders of a repository, a clone before unpacked archives."""
    return sorted(p for p in root.glob(f"{name}*") if p.is_dir())


def _rows(root: Path, name: str, partial: bool) -> pd.DataFrame:
    """A row for each track of the repository, which its first annotation can't lack."""
    given: dict[str, dict[str, str]] = {p.stem: {} for p in _visible(root / "audio", "mp3")}
    for what in SETS[name]:
        folders = [root / place for place in PLACES[what]]
        folder = next((f for f in folders if f.is_dir()), folders[0])
        for path in _visible(folder, what):
            given.setdefault(path.stem, {})[what] = _annotation(path, what)
        for stem in [s for s in given if what == SETS[name][0] and what not in given[s]]:
            if not partial:
                raise DataError(f"{folder / stem}.{what}: isn't there; {HOW}")
            del given[stem]
    rows = [
        {
            "id": f"{name.split('-')[1]}/{stem}",
            "path": f"{root.name}/audio/{stem}.mp3",
            "set": name,
            **row,
        }
        for stem, row in sorted(given.items())
    ]
    return pd.DataFrame(rows)

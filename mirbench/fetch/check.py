"""``mirbench verify CORPUS``: is everything there, and is it what it was."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pandas as pd

from mirbench.audio import info
from mirbench.corpora import corpus_names, load_corpus
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import read_index
from mirbench.corpora.published import for_a_command
from mirbench.corpora.synthetic import EXPECTED_SHA256
from mirbench.corpora.synthetic import verify as as_rendered
from mirbench.errors import DataError
from mirbench.fetch import hashes
from mirbench.fetch.link import count
from mirbench.fetch.plan import Step, plan, read_listing
from mirbench.fetch.stand_in import fault
from mirbench.fetch.where import about, place_of
from mirbench.home import data_root, home

NO_SOUND = ("taste-profile",)
"""Counts without recordings."""


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    name : str
    n_items : int
        Items that the loader finds.
    faults : tuple of str
        One line for each file that's missing or wrong, or for what keeps the corpus from loading.
    notes : tuple of str
        What was checked.
    """

    name: str
    n_items: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def check(name: str | Path) -> Checked:
    """Check a corpus, or a folder of one's own.

    Files that were fetched are held against published hashes, files of unpacked archives against
    those that came out of the archive. The corpus's own loader reads all recordings, and the sound of
    an embedded corpus is held against the expected hash.

    Parameters
    ----------
    name : str or Path
        Name of a corpus, or a folder.

    Raises
    ------
    DataError
        Neither a corpus nor a folder.
    """
    text = str(name)
    items, faults, notes = _loaded(text)
    files = items.drop_duplicates("path")
    if text in corpus_names():
        for step in plan(about(text).remotes, found_at(text)):
            found = [*_kept(step), *_unpacked(step, dict(zip(files["path"], files["sha256"])))]
            faults += found
            if step.listing.is_file() and not found:
                n_files = len(read_listing(step.listing))
                notes.append(f"{step.name}: its {n_files:,} files are as fetched")
    return Checked(text, len(items), tuple(dict.fromkeys(faults)), tuple(notes))


def found_at(name: str) -> Path:
    """Folder that a corpus's loader reads: under ``MIRBENCH_DATA``, else under ``MIRBENCH_HOME/data``."""
    places = [place_of(name, root) for root in (data_root(), home() / "data") if root is not None]
    return next((place for place in places if place.is_dir()), places[0])


def _loaded(name: str) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Items that can be read (none where nothing loads), what is wrong, what is worth a word.

    Loaded as a run would first: a recording that its authors published broken isn't a fault. Where
    that fails, with the rows of all files that are missing or can't be read, so that each is named.
    """
    nothing = pd.DataFrame(columns=["path", "sha256"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if name in NO_SOUND:
                return nothing, [], [f"{count(name):,} rows of counts, no recordings"]
            corpus = load_corpus(name)
        except DataError as error:
            if name not in corpus_names() and not Path(name).expanduser().is_dir():
                raise
            try:
                items = load_corpus(name, strict=False).items
            except DataError:
                return nothing, [for_a_command(str(error))], []
            broken = _published_broken(name, items)
            faults = list(_unreadable(items[~broken], named=name in corpus_names()))
            notes = [
                f"{path}: can't be read, as published; it is left out"
                for path in items["path"][broken]
            ]
            return items[items["sha256"].notna()], faults or [for_a_command(str(error))], notes
    faults = list(_rendered(corpus)) if corpus.evidence == "embedded" else []
    return corpus.items, faults, [str(warning.message) for warning in caught]


def _published_broken(name: str, items: pd.DataFrame) -> pd.Series:
    """Which items are there, can't be read, and are known to be published so (``BROKEN``)."""
    known: frozenset[str] = frozenset()
    with suppress(ModuleNotFoundError):  # a folder, or of another package
        module = import_module(f"mirbench.corpora.{name.replace('-', '_')}")
        known = getattr(module, "BROKEN", known)
    there = items["path"].map(lambda path: Path(path).is_file())
    return there & items["sha256"].isna() & items["id"].isin([f"{name}/{one}" for one in known])


def _unreadable(items: pd.DataFrame, named: bool) -> Iterator[str]:
    """Recordings that couldn't be read when the corpus was loaded: they have no hash."""
    for path in items["path"][items["sha256"].isna()].unique():
        try:
            if named and not Path(path).is_file():
                yield _missing(Path(path))
            else:
                info(path)
        except DataError as error:
            yield str(error)


def _missing(file: Path) -> str:
    return f"{file}: missing; fetch it again"


def _rendered(corpus: Corpus) -> Iterator[str]:
    """What differs of an embedded corpus from the expected sound, whose hash its folder is called by."""
    root = Path(corpus.source).parent
    for key, expected in EXPECTED_SHA256.items():
        if root.name.endswith(f"-{expected[:12]}"):
            try:
                as_rendered(key, root, read_index(root / "index.csv"))
            except DataError as error:
                yield str(error)


def _kept(step: Step) -> Iterator[str]:
    """Downloaded files that are missing or wrong; archives may have been dropped."""
    noted = hashes.read(step.place)
    for remote, file in zip(step.remotes, step.files):
        if file.is_file():
            wrong = fault(file, hashes.listed(remote, step.place), noted)
            if wrong:
                yield f"{file}: {wrong}; delete it and fetch again"
        elif remote.name in noted and step.unpack is None:
            yield _missing(file)


def _unpacked(step: Step, known: Mapping[str, str]) -> Iterator[str]:
    """Files of an unpacked archive that are missing or wrong; ``known`` hashes aren't taken again."""
    if step.unpack is None or not step.listing.is_file():
        return
    for path, sha256 in read_listing(step.listing).items():
        file = (step.place / path).resolve()
        if not file.is_file():
            yield _missing(file)
        elif (known.get(str(file)) or _sha256(file)) != sha256:
            yield f"{file}: isn't as it came out of {step.name}; delete it and fetch again"


def _sha256(path: Path) -> str:
    return hashes.digests(path, "sha256")["sha256"]

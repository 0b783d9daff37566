"""Any data set that mirdata knows as a corpus: ``load_corpus("mirdata:NAME")``; an optional extra.

mirdata (Bittner et al. 2019) downloads, checks and indexes some sixty data sets. Those whose tracks have
an ``audio_path`` are corpora here: a row a track, its scalar facts (genre, instrument, artist, split, ...)
as columns. Annotations that are no scalar (beats, notes, contours) stay mirdata's.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mirbench.corpora.corpus import GROUP_COLUMNS, Corpus, item_table
from mirbench.corpora.published import with_audio
from mirbench.errors import DataError
from mirbench.home import data_root
from mirbench.nearest_names import asked

PREFIX = "mirdata:"
RENAMED = {"key": "tonality"}
"""Facts of tracks whose name an item table has for something else."""
RESERVED = {"id", "path", "sha256", "start_s", "duration_s", "key", "group"}
WHO = ("artist", "artists", "artist_id", "singer_id", "player_id", "performer", "song_id")
"""Facts that tell whose a track is, the first that a data set has: its group."""
_SCALARS = {"str", "int", "float", "bool", "list", "None"}


def load(name: str, *, partial: bool = False) -> Corpus:
    """A data set of mirdata as a corpus.

    It is looked for in ``MIRBENCH_DATA/mirdata/NAME``, else where mirdata keeps it
    (``~/mir_datasets/NAME``). Lists of words become text joined by ``|``; ``key`` is called ``tonality``,
    other names that an item table needs for itself are preceded by ``mirdata_``. The group is that of
    `WHO`, else the track.

    Parameters
    ----------
    name : str
        ``mirdata:NAME`` or, for a version that isn't the default, ``mirdata:NAME@VERSION``.
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        mirdata isn't installed or doesn't know the data set; its index, metadata or recordings aren't
        there; or its tracks have no ``audio_path``.
    """
    wanted, _, version = name.removeprefix(PREFIX).partition("@")
    dataset = _dataset(name, wanted, version or "default")
    how = f'python -c "import mirdata; mirdata.initialize({wanted!r}, {dataset.data_home!r}).download()"'
    try:
        index = pd.DataFrame(list(_rows(dataset, name)))
    except (OSError, AttributeError, ValueError, LookupError) as error:
        raise DataError(
            f"{name}: mirdata can't read its index or metadata ({error}); get them with {how}"
        ) from error
    index = index.dropna(axis="columns", how="all")
    if "path" not in index:
        raise DataError(f"{name}: mirdata lists no recording of it; get it with {how}")
    index = index[index["path"].notna()].reset_index(drop=True)
    root = Path(dataset.data_home)
    index = with_audio(index, root, f"get them with {how}", partial)
    who = next((c for c in WHO if c in index and c not in GROUP_COLUMNS), None)
    if who and not set(GROUP_COLUMNS) & set(index):
        index = index.assign(group=index[who])
    return Corpus(
        name,
        item_table(index, root, name, source=root),
        title=f"{wanted}, as mirdata {dataset.version} lists it",
        bibtex=(dataset.bibtex or "").strip(),
        licence=" ".join((getattr(dataset, "_license_info", None) or "").split()),
        source=str(root),
    )


def _dataset(name: str, wanted: str, version: str) -> Any:
    try:
        mirdata = import_module("mirdata")
    except ImportError as error:
        raise DataError(
            f"{name}: mirdata isn't installed; pip install mirbench[mirdata]"
        ) from error
    if wanted not in mirdata.DATASETS:
        see = "see mirdata.list_datasets()"
        raise DataError(f"mirdata has no data set {wanted!r}{asked(wanted, mirdata.DATASETS, see)}")
    root = data_root()
    own = root / "mirdata" / wanted if root else None
    home = str(own) if own and own.is_dir() else None
    try:
        return mirdata.initialize(wanted, data_home=home, version=version)
    except ValueError as error:
        raise DataError(f"{name}: {error}; leave @{version} out for the default") from error
    except ImportError as error:  # some data sets need a package of their own
        raise DataError(f"{name}: {error}; install what it names") from error


def _rows(dataset: Any, name: str) -> Iterator[Mapping[str, object]]:
    facts: list[str] = []
    for number, track_id in enumerate(dataset.track_ids):
        track = dataset.track(track_id)
        if number == 0:
            facts = list(_scalars(track))
            if not hasattr(track, "audio_path"):
                others = ", ".join(a for a in vars(track) if "audio" in a and "path" in a) or "none"
                raise DataError(
                    f"{name}: its tracks have no audio_path (paths to sound: {others}); write an "
                    "index.csv over its folder and load that"
                )
        row: dict[str, object] = {"id": str(track_id), "path": track.audio_path}
        for fact in facts:
            row[_column(fact)] = _value(getattr(track, fact, None))
        yield row


def _scalars(track: Any) -> Iterator[str]:
    """Public names of a track that may be facts: neither paths, sound, methods nor annotations."""
    for fact in dir(track):
        if fact.startswith("_") or fact == "track_id" or "audio" in fact or fact.endswith("_path"):
            continue
        held = inspect.getattr_static(type(track), fact, None)
        function = getattr(held, "fget", None) or getattr(held, "func", None)
        if function is None and held is not None and callable(held):
            continue
        if function is None or _may_be_scalar(inspect.signature(function).return_annotation):
            yield fact


def _may_be_scalar(annotation: Any) -> bool:
    """Whether what a property says that it returns is a scalar or a list, or it says nothing."""
    if annotation is inspect.Signature.empty:
        return True
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    words = text.replace("typing.", "").replace("NoneType", "None")
    for mark in "[]|,":
        words = words.replace(mark, " ")
    return set(words.split()) <= _SCALARS | {"Optional", "Union", "List"}


def _value(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value):
        return "|".join(value)
    return value if isinstance(value, (str, int, float, bool)) else None


def _column(fact: str) -> str:
    return RENAMED.get(fact, f"mirdata_{fact}" if fact in RESERVED else fact)

"""Damages to a copy of a corpus's look-alike, and whether its loader tells them well."""

import random
import warnings
from contextlib import contextmanager
from pathlib import Path

from mirbench.corpora.folder import AUDIO_SUFFIXES
from mirbench.errors import DataError

GARBAGE = random.Random(0).randbytes(400)
SEEN = (".mp4", ".jpg")
PARTIAL = "load(partial=True)"
"""How the error of a corpus that isn't whole ends."""


def files(root):
    """Paths of a look-alike in order: sounds, and lists and annotations; what is seen is neither."""
    found = sorted(path for path in root.rglob("*") if path.is_file())
    sounds = [path for path in found if path.suffix.lower() in AUDIO_SUFFIXES]
    other = {*sounds, *(path for path in found if path.suffix.lower() in SEEN)}
    return sounds, [path for path in found if path not in other]


@contextmanager
def restored(*paths):
    """Files as they were afterwards; those that weren't there are gone again."""
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}
    try:
        yield
    finally:
        for path, data in before.items():
            if data is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(data)


def read(module):
    """Table of a look-alike: all of it, or what is there of a corpus whose names are fixed."""
    try:
        return loaded(module), False
    except DataError as error:
        if PARTIAL not in str(error):
            raise
    return loaded(module, partial=True), True


def loaded(module, **options):
    """Item table; warnings are none of its matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return module.load(**options).items


def told(module, *, partial):
    """What the loader says of a damage: an error's message, a warning's, or what its table lacks.

    Returns
    -------
    said : str
        Empty where nothing is said.
    table : DataFrame or None
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            table = module.load(**({"partial": True} if partial else {})).items
        except DataError as error:
            return str(error), None
    return " ".join(str(w.message) for w in caught), table


def names(text, path):
    """Whether a message names a file: its name, stem, or the folder that it is the only kind in."""
    stem = path.name.partition(".")[0] if path.stem.count(".") else path.stem
    return path.name in text or path.stem in text or stem in text


def is_a_sentence(text):
    """Whether a message is one readable sentence that says what to do."""
    return len(text) < 1500 and "Traceback" not in text and ("; " in text or ", or " in text)


def headers(path: Path):
    """Copies of a table's text, each with another column's name changed; none of a list without names."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    between = next((mark for mark in ("\t", ",") if mark in (lines or [""])[0]), None)
    if between is None:
        return
    columns = lines[0].split(between)
    if any(column.strip().strip('"')[:1].isdigit() for column in columns):
        return  # a row, not a header
    for i in range(len(columns)):
        changed = [
            f"x{c.strip()}x".replace('"', "") if j == i else c for j, c in enumerate(columns)
        ]
        yield columns[i].strip().strip('"'), "\n".join([between.join(changed), *lines[1:]]) + "\n"

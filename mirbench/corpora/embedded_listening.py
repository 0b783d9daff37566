"""Embedded listening: 400 tracks with sound, and who of 600 users played which how often.

Synthesised: for a first run and for tests, no substitute for real listening. What is known: the
factors that the counts were drawn from (columns ``audible ...``, sums over tags that are heard), the
users' tastes for them, and each track's popularity, which can't be heard. So a perfect ear would
predict taste, and would not predict popularity. Frozen before any factorisation ran on it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mirbench.audio import file_sha256
from mirbench.corpora import embedding
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.synthetic import render_listening
from mirbench.errors import DataError

TITLE = (
    "400 tracks of 100 artists, 74 tags of what is heard, and the plays of 600 users with their "
    "true factors (synthesised: for a first run and tests)"
)
LICENCE, HOW, FAULTS = embedding.LICENCE, embedding.HOW, embedding.FAULTS
BIBTEX, REMOTES, BY_HAND = embedding.BIBTEX, embedding.REMOTES, embedding.BY_HAND
PROTOCOLS = ("latent/mini",)
EXPECTED_SHA256 = {
    "plays.csv": "5da77586bf853ecd63b9b417f8b8302959e65bd65b0875dfa863fa1230d47306",
    "users.csv": "8530e25b3af404973cc861fd23842cd69f04f88848d5f6289548e4687341e1fd",
}


def load() -> Corpus:
    """The corpus, rendered under ``MIRBENCH_HOME/corpora`` on first use (half a minute)."""
    return embedding.load_embedded("embedded_listening", "listening", render_listening, TITLE)


def load_counts() -> pd.DataFrame:
    """Plays as a long table: ``user``, ``track`` (the id of an item of `load`), ``count``.

    Raises
    ------
    DataError
        The counts aren't the expected ones.
    """
    corpus = load()
    table = _table(corpus, "plays.csv")
    return table.assign(track=corpus.name + "/" + table["track"])


def load_users() -> pd.DataFrame:
    """Users: ``user``, ``genre`` (the favourite), ``plays``, a taste for each true factor."""
    return _table(load(), "users.csv")


def _table(corpus: Corpus, name: str) -> pd.DataFrame:
    path = Path(corpus.source).with_name(name)
    if not path.is_file() or file_sha256(str(path)) != EXPECTED_SHA256[name]:
        raise DataError(
            f"{path}: not the table that belongs to this corpus; delete {path.parent} to render it again"
        )
    return pd.read_csv(path)

"""The embedded listening corpus: the same bytes, and counts that follow from what is said of them."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from mirbench.corpora import embedded_listening as corpus
from mirbench.corpora.synthetic import catalogue, listening, store
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue, tags
from mirbench.corpora.synthetic.catalogue_table import FACTORS
from mirbench.corpora.synthetic.listening_taste import AUDIBLE
from mirbench.errors import DataError

SOME = "f13fa71c2c07a7b8dbfc496fc54d4f44a4470de540d1e0ea6c4cd8e82ad17422"


@pytest.fixture(scope="module")
def plans():
    return draw_catalogue(listening.OWNER, listening.ARTISTS, listening.TRACKS, 0)


@pytest.fixture(scope="module")
def silent(plans, tmp_path_factory):
    """The corpus's folder without its sound: index, plays and users."""
    root = tmp_path_factory.mktemp("listening")
    rows = [
        {
            "path": f"{catalogue.name(listening.FIRST + artist.number).lower()}/{k // 2 + 1}/{k % 2 + 1}.wav",
            "artist": catalogue.name(listening.FIRST + artist.number),
            "genre": artist.genre,
            "tags": "|".join(tags(plan)),
        }
        for artist, tracks in plans
        for k, plan in enumerate(tracks)
    ]
    listening._listened(root, pd.DataFrame(rows), 0)
    return root


@pytest.fixture(scope="module")
def tables(silent):
    return tuple(pd.read_csv(silent / f"{name}.csv") for name in ("index", "users", "plays"))


@pytest.mark.parametrize("name", ["plays.csv", "users.csv"])
def test_the_tables_are_the_same_bytes(silent, name):
    found = hashlib.sha256((silent / name).read_bytes()).hexdigest()
    assert found == corpus.EXPECTED_SHA256[name]


def test_the_sound_of_two_artists_is_the_same_bytes(plans, tmp_path):
    rows = [row for one in plans[:2] for row in listening._artist(tmp_path, *one, 0)]
    assert store.pcm_sha256(tmp_path, pd.DataFrame(rows)) == SOME
    assert {row["duration_s"] for row in rows} == {5.0}


def test_no_artist_is_in_another_catalogue():
    others = {catalogue.name(k) for k in range(listening.FIRST)}
    mine = {catalogue.name(listening.FIRST + k) for k in range(listening.ARTISTS)}
    assert len(mine) == listening.ARTISTS
    assert not mine & others


def test_true_factors_are_made_of_tags_that_exist():
    known = {value for values in FACTORS.values() for value in values if value}
    assert {tag for parts in AUDIBLE.values() for tag in parts} <= known


def test_every_user_plays_and_every_track_is_played(tables):
    index, users, plays = tables
    assert plays["user"].nunique() == len(users) == 600
    assert plays["track"].nunique() == len(index) == 400
    assert plays["count"].min() >= 1
    assert not plays.duplicated(["user", "track"]).any()
    assert (
        plays.groupby("user")["count"].sum().loc[users["user"]].to_numpy() == users["plays"]
    ).all()


def test_popularity_has_a_long_tail(tables):
    _, _, plays = tables
    each = plays.groupby("track")["count"].sum().sort_values(ascending=False)
    assert each.iloc[:40].sum() > 0.3 * each.sum()


def test_counts_follow_the_true_factors_and_popularity(tables):
    """Poisson regression in closed form: the plays expected of a user sum to what was drawn."""
    index, users, plays = tables
    columns = [listening.AUDIBLE + name for name in AUDIBLE]
    weight = index["popularity"].to_numpy() * np.exp(
        users[columns].to_numpy() @ index[columns].to_numpy().T
    )
    expected = users["plays"].to_numpy()[:, None] * weight / weight.sum(axis=1, keepdims=True)
    counts = plays.pivot(index="user", columns="track", values="count").fillna(0.0)
    counts = counts.loc[users["user"], index["path"].str.removesuffix(".wav")].to_numpy()
    residual = (counts - expected) / np.sqrt(expected)
    assert abs(residual.mean()) < 0.01
    # multinomial draws: Pearson's residuals have unit variance, a little less for the sum's constraint
    assert 0.95 < residual.var() < 1.05


def test_popularity_cannot_be_heard(tables):
    index, _, _ = tables
    columns = [listening.AUDIBLE + name for name in AUDIBLE]
    assert np.abs(np.corrcoef(index[["popularity", *columns]].T)[0, 1:]).max() < 0.2


def test_another_table_is_refused(tables, tmp_path, monkeypatch):
    (tmp_path / "plays.csv").write_text("user,track,count\na,b,1\n")
    fake = corpus.Corpus("embedded-listening", pd.DataFrame(), source=str(tmp_path / "index.csv"))
    monkeypatch.setattr(corpus, "load", lambda: fake)
    with pytest.raises(DataError, match=r"plays.csv: .* delete"):
        corpus.load_counts()


@pytest.mark.slow
def test_the_whole_corpus_is_the_same_bytes():
    loaded = corpus.load()
    assert loaded.evidence == "embedded"
    assert set(corpus.load_counts()["track"]) == set(loaded.items["id"])

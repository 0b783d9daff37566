"""Embedded dances, genres and emotions: the same bytes, whole and audible."""

import hashlib
import sys

import numpy as np
import pandas as pd
import pytest
from synthetic_sounds import SR, level_db, made

from mirbench.corpora import load_corpus, synthetic
from mirbench.corpora.synthetic import emotion, genres, rhythms, signals, store
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue
from mirbench.corpora.synthetic.catalogue_table import GENRES

INDEX_SHA256 = {  # labels are frozen with the sound
    "rhythm": "729cb0e3",
    "genres": "78a7ac9a",
    "emotion": "50bff686",
}
SLOW = [
    "rhythm",
    pytest.param("genres", marks=pytest.mark.slow),
    pytest.param("emotion", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("name", SLOW)
def test_same_bytes_and_same_labels(name):
    root, index, _ = made(name)
    synthetic.verify(name, root, index)
    found = hashlib.sha256((root / "index.csv").read_bytes()).hexdigest()
    assert found.startswith(INDEX_SHA256[name])
    assert index["note"].str.contains("no substitute for real recordings").all()


@pytest.mark.parametrize("name", SLOW)
def test_whole_unclipped_and_audible(name):
    _, index, signals_ = made(name)
    for x, duration_s in zip(signals_, index["duration_s"]):
        assert len(x) / SR == duration_s
        assert 0.03 < np.abs(x).max() < 0.9
        assert -38 < level_db(x) < -12


@pytest.mark.slow
def test_interrupted_genres_and_emotions_are_completed(tmp_path, monkeypatch):
    monkeypatch.setattr(genres, "CLIP_S", 0.1)
    monkeypatch.setattr(emotion, "DURATION_S", 0.1)
    for name in ("genres", "emotion"):
        render = getattr(synthetic, f"render_{name}")
        first, other = render(tmp_path / name), render(tmp_path / f"{name}-1", seed=1)
        expected = store.pcm_sha256(tmp_path / name, first)
        assert store.pcm_sha256(tmp_path / f"{name}-1", other) != expected
        (tmp_path / name / first["path"][3]).unlink()
        assert store.pcm_sha256(tmp_path / name, render(tmp_path / name)) == expected


@pytest.mark.parametrize(
    ("name", "error"), [(n, e) for n in ("rhythms", "genres", "emotion") for e in (2e-15, 1e-5)]
)
def test_last_bits_of_transcendental_functions_do_not_reach_the_samples(
    tmp_path, monkeypatch, name, error
):
    """Another machine's sin, exp and pow, imitated by an error before each rounding.

    The large error shows that what is patched does reach the samples.
    """

    def render(folder):
        root = tmp_path / folder
        if name == "rhythms":
            rows = rhythms._band(root, "small", 0, 1, 0)
        elif name == "genres":
            artists = draw_catalogue("genres", 8 * len(GENRES), 2, 0)
            artist, plans = next(a for a in artists if a[0].genre in genres.GENRES)
            rows = genres._artist(root, artist.genre, 0, plans[:1], 0)
        else:
            rows = emotion.render_emotion(root).to_dict("records")
        return store.pcm_sha256(root, pd.DataFrame(rows))

    monkeypatch.setattr(emotion, "SONGS", 3)
    expected = render("exact")
    steady = signals.steady
    for key, module in list(sys.modules.items()):
        if key.startswith("mirbench.corpora.synthetic.") and hasattr(module, "steady"):
            monkeypatch.setattr(module, "steady", lambda v: steady(v * (1 + error)))
    assert (render("other") == expected) == (error < 1e-10)


@pytest.mark.parametrize(
    ("name", "group", "labels"),
    [
        ("embedded-rhythm", "band", ["rhythm", "tempo"]),
        pytest.param("embedded-genres", "artist", ["genre", "track"], marks=pytest.mark.slow),
        pytest.param("embedded-emotion", "song", ["valence", "arousal"], marks=pytest.mark.slow),
    ],
)
def test_corpora_by_name(name, group, labels):
    corpus = load_corpus(name)
    assert corpus.evidence == "embedded"
    assert "synthesised" in corpus.title
    assert (corpus.items["group"] == corpus.items[group]).all()
    assert set(labels) <= set(corpus.items)

"""Embedded catalogues: the same bytes, fair tags, albums with a production of their own."""

import wave
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_sounds import folder

from mirbench.corpora import synthetic
from mirbench.corpora.synthetic import (
    catalogue,
    catalogue_effects,
    catalogue_production,
    catalogue_score,
    catalogue_sounds,
    signals,
    store,
)
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue, settle, tags
from mirbench.corpora.synthetic.catalogue_score import Score, perform
from mirbench.corpora.synthetic.catalogue_table import FACTORS, GENRES
from mirbench.errors import DataError
from mirbench.features.spectral import mfcc

SR = catalogue.SR
SOME_OF_FIVE = "2432c038c51e9045e2469c317a57a5840489b20f199c93072352d3e1e2cd7500"
PLAIN = {factor: "" for factor in FACTORS} | {
    "tempo": "medium tempo",
    "lead": "brass",
    "mode": "major",
}
BACKED = PLAIN | {"backing": "organ", "texture": "repeated chords"}


def score(seed=0, base=PLAIN, **changed):
    plan = base | {k.replace("_", " "): v for k, v in changed.items()}
    return Score(plan, "someone", 4.0, SR, 0, np.random.RandomState(seed))


def sound(seed=0, base=PLAIN, **changed):
    return perform(score(seed, base, **changed))


def rms(x):
    return np.sqrt(np.mean(x**2))


def centroid_hz(x):
    power = np.abs(np.fft.rfft(x)) ** 2
    return np.sum(np.fft.rfftfreq(len(x), 1 / SR) * power) / power.sum()


def read(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SR)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


# --- plans -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn():
    """Plans of all catalogues: name -> artists and their tracks."""
    sizes = {catalogue.SMALL: (40, 4)} | dict.fromkeys(catalogue.CATALOGUES, (100, 6))
    return {name: draw_catalogue(name, *size, 0) for name, size in sizes.items()}


def test_every_tag_is_common_enough_and_every_track_has_some(drawn):
    known = {value for values in FACTORS.values() for value in values if value}
    assert len(known) >= 50
    assert sum(len(values) - ("" in values) for values in FACTORS.values()) == len(known)
    for artists in drawn.values():
        plans = [plan for _, plans in artists for plan in plans]
        counts = Counter(t for plan in plans for t in tags(plan))
        assert set(counts) == known
        assert min(counts.values()) >= 0.03 * len(plans)
        users = Counter(t for _, own in artists for t in {t for p in own for t in tags(p)})
        assert min(users.values()) >= 3
        assert all(6 <= len(tags(plan)) <= 12 for plan in plans)
        genres = Counter(artist.genre for artist, _ in artists)
        assert genres == dict.fromkeys(GENRES, len(artists) // len(GENRES))


def test_too_few_tracks_for_all_tags():
    with pytest.raises(DataError, match="5 artists and 2 tracks"):
        draw_catalogue("tiny", 5, 2, 0)


def test_genres_like_only_what_there_is():
    known = {value for values in FACTORS.values() for value in values}
    for liked in GENRES.values():
        assert liked <= known


@settings(max_examples=200)
@given(st.fixed_dictionaries({f: st.sampled_from(list(v)) for f, v in FACTORS.items()}))
def test_settled_plans_stay_as_they_are(plan):
    settled = settle(plan)
    assert settle(settled) == settled
    assert all(settled[f] in v or settled[f] == "" for f, v in FACTORS.items())
    assert settled["tempo"]
    assert settled["lead"]
    assert settled["mode"]
    assert bool(settled["backing"]) == bool(settled["texture"])


def test_artists_of_a_catalogue_share_little_but_their_own_taste(drawn):
    for artists in drawn.values():
        own, others = [], []
        sets = [[set(tags(plan)) for plan in plans] for _, plans in artists]
        for i, mine in enumerate(sets):
            theirs = sets[(i + 1) % len(sets)]
            own.append(np.mean([len(a & b) / len(a | b) for a in mine[:2] for b in mine[-2:]]))
            others.append(np.mean([len(a & b) / len(a | b) for a in mine for b in theirs]))
        assert np.mean(own) > 2 * np.mean(others)


# --- productions -----------------------------------------------------------------------------


def test_production_does_what_it_says():
    own = np.random.RandomState(0)
    made = catalogue_production.draw_production(own)
    quiet = {"peaks": (), "low": 1.0, "high": 1.0, "echo": 0.0, "wet": 0.0, "squeeze": 0.0}
    x = np.random.RandomState(1).uniform(-1, 1, 4 * SR)

    def recorded(**changed):
        settings_ = {**made.__dict__, **quiet, "top_hz": 7800.0, "noise_db": -90.0, **changed}
        out = catalogue_production.master(
            x, catalogue_production.Production(**settings_), SR, np.random.RandomState(2)
        )
        return out / 32768

    level = 20 * np.log10(rms(recorded(level_db=-25.0)))
    assert level == pytest.approx(-25, abs=0.1)
    assert centroid_hz(recorded(high=4.0)) > centroid_hz(recorded(high=0.25)) + 500
    assert centroid_hz(recorded(low=4.0)) < centroid_hz(recorded(low=0.25))
    assert centroid_hz(recorded(top_hz=2200.0)) < centroid_hz(recorded()) - 500


def test_compression_halves_level_changes_at_one_half():
    loud = np.repeat([1.0, 0.25], 2 * SR) * np.random.RandomState(0).uniform(-1, 1, 4 * SR)
    out = catalogue_production._compress(loud, 0.5, SR)
    before = rms(loud[SR // 2 : SR]) / rms(loud[-SR:])
    after = rms(out[SR // 2 : SR]) / rms(out[-SR:])
    assert np.log(after) / np.log(before) == pytest.approx(0.5, abs=0.02)


# --- files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    """The small catalogue as (root, index)."""
    root = folder("catalogue")
    return root, synthetic.render_catalogue(root)


@pytest.mark.slow
def test_small_catalogue(small):
    root, index = small
    synthetic.verify("catalogue", root, index)
    assert list(index.columns) == [
        *("path", "artist", "album", "title", "genre", "tags", "catalogue", "duration_s", "note")
    ]
    assert len(index) == 160
    assert index["artist"].nunique() == 40
    assert (index.groupby("artist")["album"].nunique() == 2).all()
    assert (index.groupby("album")["artist"].nunique() == 1).all()
    assert (index["album"].value_counts() == 2).all()
    assert index["note"].str.contains("no substitute for real recordings").all()
    for row in index.itertuples():
        x = read(root / row.path)
        assert len(x) / SR == row.duration_s == 4.0
        assert 0.02 < np.abs(x).max() < 0.9
        assert -40 < 20 * np.log10(rms(x)) < -13


@pytest.mark.slow
def test_albums_sound_alike_and_artists_less(small):
    """The nearest neighbour by plain MFCC is of the album far more often than of the other album."""
    root, index = small
    rows = []
    for path in index["path"]:
        frames = mfcc(read(root / path), SR)
        rows.append(np.concatenate([frames.mean(axis=0), frames.std(axis=0)]))
    X = np.array(rows)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    far = np.linalg.norm(X[:, None] - X[None], axis=2)
    np.fill_diagonal(far, np.inf)
    artist, album = (index[c].to_numpy(str) for c in ("artist", "album"))
    found = np.mean(artist[np.argmin(far, axis=1)] == artist)
    far[album[:, None] == album[None]] = np.inf
    filtered = np.mean(artist[np.argmin(far, axis=1)] == artist)
    chance = 2 / 158
    assert found > 0.3
    assert chance < filtered < found / 2


def test_names_are_distinct():
    assert len({catalogue.name(k) for k in range(2048)}) == 2048


def test_four_artists_of_each_of_the_five_catalogues(tmp_path):
    rows = []
    for name in catalogue.CATALOGUES:
        for artist, plans in draw_catalogue(name, 100, 6, 0)[::25]:
            rows += catalogue._artist(tmp_path, name, artist, plans, 0)
    index = pd.DataFrame(rows)
    assert store.pcm_sha256(tmp_path, index) == SOME_OF_FIVE
    assert (index["catalogue"].value_counts() == 24).all()
    assert (index.groupby("artist")["catalogue"].nunique() == 1).all()
    assert (index.groupby("artist")["album"].nunique() == 2).all()
    assert index["artist"].nunique() == 20
    assert index["path"].is_unique


@pytest.mark.slow
def test_number_of_jobs_does_not_change_the_sound(tmp_path, monkeypatch):
    few = draw_catalogue("small", 40, 4, 0)[:3]
    monkeypatch.setattr(catalogue, "draw_catalogue", lambda *_: few)
    one, two = (catalogue._render(tmp_path / str(j), {"small": (3, 2)}, 0, j) for j in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert store.pcm_sha256(tmp_path / "1", one) == store.pcm_sha256(tmp_path / "2", two)


def test_seed_and_track_change_the_sound():
    assert not np.array_equal(sound(0), sound(1))
    np.testing.assert_array_equal(sound(0, BACKED), sound(0, BACKED))
    plans = [draw_catalogue("small", 40, 4, seed)[0][1][0] for seed in (0, 1)]
    assert plans[0] != plans[1]


def test_last_bits_of_transcendental_functions_do_not_reach_the_samples(monkeypatch):
    """Another machine's sin, exp and pow, imitated by an error of 2e-15 before each rounding."""
    artists = draw_catalogue("small", 40, 4, 0)[::8]

    def render(error):
        modules = (
            signals,
            catalogue_effects,
            catalogue_production,
            catalogue_score,
            catalogue_sounds,
        )
        for module in modules:
            monkeypatch.setattr(module, "steady", lambda v: np.round(v * (1 + error), 12))
        out = []
        for artist, plans in artists:
            rng = np.random.RandomState(artist.number)
            made = catalogue_production.draw_production(rng)
            dry = perform(Score(plans[0], "someone", 4.0, SR, 0, rng))
            out.append(catalogue_production.master(dry, made, SR, rng))
        return out

    exact, last_bits, large = (render(error) for error in (0.0, 2e-15, 1e-5))
    for first, second, third in zip(exact, last_bits, large):
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, third)  # what is patched does reach the samples

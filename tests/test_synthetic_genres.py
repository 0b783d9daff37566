"""Embedded genres and emotions: what tells them, and what doesn't."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from synthetic_sounds import SR, level_db, made, rising

from mirbench.corpora.synthetic import emotion, genres
from mirbench.corpora.synthetic.catalogue_table import GENRES
from mirbench.corpora.synthetic.emotion_score import MODES, draw_song, playing
from mirbench.features.spectral import mfcc

# --- genres ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_artists_are_nested_in_genres():
    _, index, _ = made("genres")
    assert (index["genre"].value_counts() == 48).all()
    assert set(index["genre"]) == set(genres.GENRES) <= set(GENRES)
    assert (index.groupby("artist")["genre"].nunique() == 1).all()
    assert (index.groupby("genre")["artist"].nunique() == 8).all()
    assert (index.groupby("artist")["track"].nunique() == 2).all()
    assert (index["track"].value_counts() == 3).all()


@pytest.mark.slow
def test_level_does_not_tell_the_genre():
    _, index, signals_ = made("genres")
    levels = pd.Series([level_db(x) for x in signals_])
    of_genre = levels.groupby(index["genre"])
    assert np.ptp(of_genre.mean()) < 0.5
    assert of_genre.std().min() > 4


@pytest.mark.slow
def test_random_folds_recognise_the_track_and_folds_by_artist_the_genre():
    _, index, signals_ = made("genres")
    frames = [mfcc(x, SR) for x in signals_]
    X = np.array([np.concatenate([f.mean(axis=0), f.std(axis=0)]) for f in frames])
    y, artists = index["genre"].to_numpy(str), index["artist"].to_numpy(str)
    model = make_pipeline(StandardScaler(), SVC(C=10.0))
    folds = StratifiedKFold(8, shuffle=True, random_state=0)
    random = cross_val_score(model, X, y, cv=folds).mean()
    grouped = cross_val_score(model, X, y, groups=artists, cv=StratifiedGroupKFold(8)).mean()
    assert random > 0.9
    assert 1 / 5 < grouped < 0.6


def test_tracks_differ_from_their_artist_in_half_of_the_production():
    own = genres.draw_production(np.random.RandomState(0))
    track = genres._of_track(own, np.random.RandomState(1), -20.0)
    assert track.peaks[:4] == own.peaks[:4]
    assert not set(track.peaks[4:]) & set(own.peaks)
    assert (track.t60_s, track.top_hz, track.low) == (own.t60_s, own.top_hz, own.low)
    assert track.noise_db != own.noise_db
    assert track.level_db == -20.0


# --- emotion ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_values_are_spread_and_songs_have_several():
    _, index, signals_ = made("emotion")
    assert (index["song"].value_counts() == 2).all()
    assert index["song"].nunique() == 60
    levels = [level_db(x) for x in signals_]
    for column in ("valence", "arousal"):
        values = index[column]
        assert values.between(-1, 1).all()
        assert abs(values.mean()) < 0.1
        assert 0.5 < values.std() < 0.65
        assert (index.groupby("song")[column].nunique() == 2).sum() > 55
        assert abs(np.corrcoef(values, levels)[0, 1]) < 0.1
    assert abs(np.corrcoef(index["valence"], index["arousal"])[0, 1]) < 0.2


@pytest.mark.slow
def test_annotations_are_what_was_played_and_some_noise(monkeypatch):
    played = []
    record = emotion.playing
    monkeypatch.setattr(emotion, "playing", lambda *a: played.append(a[1:3]) or record(*a))
    monkeypatch.setattr(emotion, "perform", lambda *_: np.ones(160))
    monkeypatch.setattr(emotion, "master", lambda *_: np.zeros(160, "<i2"))
    monkeypatch.setattr(emotion.store, "finished", lambda *_: None)
    monkeypatch.setattr(emotion.store, "write_wav", lambda *_: None)
    monkeypatch.setattr(emotion.store, "write_index", lambda root, rows, seed: pd.DataFrame(rows))
    index = emotion.render_emotion("unused")
    _, rendered, _ = made("emotion")
    values = index[["valence", "arousal"]].to_numpy()
    np.testing.assert_array_equal(values, rendered[["valence", "arousal"]])
    inside = np.abs(values) < 1
    noise = (values - np.array(played))[inside]
    assert 0.08 < noise.std() < 0.12
    assert abs(noise.mean()) < 0.02


def test_cues_follow_valence_and_arousal():
    song, rng = draw_song("someone", 0, SR), np.random.RandomState(0)
    calm, tense = (playing(song, 0.0, arousal, rng) for arousal in (-1.0, 1.0))
    assert tense.tempo / calm.tempo == pytest.approx(2**1.2)
    assert (tense.density, tense.gate, tense.slope) == pytest.approx(
        (calm.density + 0.8, calm.gate - 0.8, calm.slope - 1.4)
    )
    sad, happy = (playing(song, valence, 0.0, rng) for valence in (-1.0, 1.0))
    assert (sad.mode, happy.mode) == (len(MODES) - 1, 0)
    assert sad.clash - happy.clash == pytest.approx(0.6)
    assert happy.height - sad.height == pytest.approx(14)
    assert (sad.tempo, sad.density, sad.slope) == (happy.tempo, happy.density, happy.slope)


def test_modes_darken_one_note_at_a_time():
    for bright, dark in pairwise(MODES):
        assert Counter(a - b for a, b in zip(bright, dark)) == {0: 6, 1: 1}


@pytest.mark.slow
def test_arousal_is_heard_in_the_onsets():
    """Onsets a second, counted without knowing the song, grow with arousal and not with valence."""
    _, index, signals_ = made("emotion")
    rates = []
    for x in signals_:
        onsets = rising(x)
        peaks = (onsets[1:-1] > onsets[:-2]) & (onsets[1:-1] >= onsets[2:])
        rates.append(np.sum(peaks & (onsets[1:-1] > 1.5 * np.median(onsets))))
    assert np.corrcoef(rates, index["arousal"])[0, 1] > 0.5
    assert abs(np.corrcoef(rates, index["valence"])[0, 1]) < 0.3

"""Embedded dances, genres and emotions: the same bytes, and what determines what."""

import hashlib
import sys
import wave
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mirbench.corpora import load_corpus, synthetic
from mirbench.corpora.synthetic import emotion, genres, rhythms, signals, store
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue
from mirbench.corpora.synthetic.catalogue_table import GENRES
from mirbench.corpora.synthetic.emotion_score import MODES, draw_song, playing
from mirbench.corpora.synthetic.rhythm_band import draw_band
from mirbench.corpora.synthetic.rhythm_performance import Clip
from mirbench.corpora.synthetic.rhythm_table import BASS_NOTES, LEVELS, RHYTHMS, beats, hits
from mirbench.features.spectral import mfcc

SR = 16000
INDEX_SHA256 = {  # labels are frozen with the sound
    "rhythm": "729cb0e3",
    "genres": "78a7ac9a",
    "emotion": "50bff686",
}
ONE_BAND_OF_EACH = "52aabf7169d9819c446f37f250242bc7563fcb4624c34743ebf0eda7fc85e867"


def read(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SR)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def level_db(x):
    return 10 * np.log10(np.mean(x**2))


def rising(x, hop=160, size=1024):
    """Mean rise of the log spectrum from frame to frame of 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop] * np.hanning(size)
    spectra = np.log(np.abs(np.fft.rfft(frames))[:, ::4] + 1e-4)
    return np.maximum(np.diff(spectra, axis=0), 0).mean(axis=1)


def period_s(x):
    """Lag of the highest peak of the onsets' autocorrelation from 0.2 to 3 s."""
    onsets = rising(x) - rising(x).mean()
    r = np.correlate(onsets, onsets, "full")[len(onsets) - 1 :] / np.arange(len(onsets), 0, -1)
    return (20 + np.argmax(r[20:300])) / 100


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Name -> (root, index, list of signals), each rendered once."""
    done = {}

    def make(name):
        if name not in done:
            root = tmp_path_factory.mktemp(name)
            index = getattr(synthetic, f"render_{name}")(root)
            done[name] = root, index, [read(root / path) for path in index["path"]]
        return done[name]

    return make


SLOW = [
    "rhythm",
    pytest.param("genres", marks=pytest.mark.slow),
    pytest.param("emotion", marks=pytest.mark.slow),
]


# --- all of them -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SLOW)
def test_same_bytes_and_same_labels(made, name):
    root, index, _ = made(name)
    synthetic.verify(name, root, index)
    found = hashlib.sha256((root / "index.csv").read_bytes()).hexdigest()
    assert found.startswith(INDEX_SHA256[name])
    assert index["note"].str.contains("no substitute for real recordings").all()


@pytest.mark.parametrize("name", SLOW)
def test_whole_unclipped_and_audible(made, name):
    _, index, signals_ = made(name)
    for x, duration_s in zip(signals_, index["duration_s"]):
        assert len(x) / SR == duration_s
        assert 0.03 < np.abs(x).max() < 0.9
        assert -38 < level_db(x) < -12


@pytest.mark.slow
def test_the_five_rhythm_corpora(tmp_path):
    index = synthetic.render_rhythms(tmp_path)
    synthetic.verify("rhythms", tmp_path, index)
    assert len(index) == 800
    assert (index.groupby(["catalogue", "rhythm"]).size() == 20).all()
    assert (index.groupby("band")["catalogue"].nunique() == 1).all()
    assert index["band"].nunique() == 50


def test_one_band_of_each_of_the_five_corpora_plays_as_ever(tmp_path):
    rows = []
    for number, catalogue in enumerate(rhythms.CATALOGUES):
        rows += rhythms._band(tmp_path, catalogue, 2 * number, 1, 0)
    assert store.pcm_sha256(tmp_path, pd.DataFrame(rows)) == ONE_BAND_OF_EACH
    assert len({row["band"] for row in rows}) == 5


@pytest.mark.slow
def test_number_of_jobs_does_not_change_the_sound(tmp_path):
    one, two = (rhythms._render(tmp_path / str(j), {"small": (2, 1)}, 0, j) for j in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert store.pcm_sha256(tmp_path / "1", one) == store.pcm_sha256(tmp_path / "2", two)


def test_an_interrupted_rendering_is_completed_and_a_stale_one_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(rhythms, "DURATION_S", 0.5)
    first = synthetic.render_rhythm(tmp_path)
    expected = store.pcm_sha256(tmp_path, first)
    (tmp_path / first["path"][3]).unlink()
    assert store.pcm_sha256(tmp_path, synthetic.render_rhythm(tmp_path)) == expected
    (tmp_path / "index.csv").unlink()
    assert store.pcm_sha256(tmp_path, synthetic.render_rhythm(tmp_path)) == expected
    other = synthetic.render_rhythm(tmp_path, seed=1)
    assert store.pcm_sha256(tmp_path, other) != expected
    assert (other["tempo"] != first["tempo"]).any()
    assert store.pcm_sha256(tmp_path, synthetic.render_rhythm(tmp_path)) == expected


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
def test_corpora_by_name(tmp_path, monkeypatch, name, group, labels):
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path))
    corpus = load_corpus(name)
    assert corpus.evidence == "embedded"
    assert "synthesised" in corpus.title
    assert (corpus.items["group"] == corpus.items[group]).all()
    assert set(labels) <= set(corpus.items)


# --- rhythms ---------------------------------------------------------------------------------


def test_patterns_fill_bars_with_known_signs():
    for rhythm in RHYTHMS.values():
        for role in ("low", "high", "tick", "bass", "chords"):
            signs = BASS_NOTES if role == "bass" else LEVELS
            for pattern in getattr(rhythm, role):
                assert beats(pattern) in (rhythm.bar, 2 * rhythm.bar)
                assert {sign for _, sign in hits(pattern)} <= set(signs)
    assert hits("X. .o") == [(0.0, "X"), (1.5, "o")]


def test_tempo_alone_tells_little():
    """The best guess from the tempo, whose distributions are known, is right in a third."""
    bpm = np.arange(80, 205, 0.01)
    spans = [rhythm.tempo for rhythm in RHYTHMS.values()]
    densities = [((bpm >= a) & (bpm < b)) / (b - a) for a, b in spans]
    assert 0.25 < np.sum(np.max(densities, axis=0)) * 0.01 / len(spans) < 0.35


def test_every_band_plays_every_dance(made):
    _, index, _ = made("rhythm")
    counts = index.groupby(["band", "rhythm"]).size()
    assert len(counts) == 4 * len(RHYTHMS)
    assert (counts == 1).all()
    for row in index.itertuples():
        low, high = RHYTHMS[row.rhythm].tempo
        assert low <= row.tempo < high


def test_the_tempo_is_heard(made):
    """Onsets repeat after a whole number of half beats in nearly all clips."""
    _, index, signals_ = made("rhythm")
    found = []
    for x, bpm in zip(signals_, index["tempo"]):
        halves = 2 * period_s(x) * bpm / 60
        found.append(abs(halves - round(halves)) < 0.02 * halves)
    assert np.mean(found) > 0.9  # at random about a fifth of them would


def test_bars_start_anywhere():
    offsets = []
    for seed in range(200):
        clip = Clip(RHYTHMS["waltz"], 10.0, SR, np.random.RandomState(seed))
        offsets.append(clip.offset_s / clip.beat_s)
    assert np.histogram(offsets, bins=6, range=(0, 6))[0].min() > 15


@pytest.mark.parametrize("name", list(RHYTHMS))
def test_the_grid_is_the_dance_s(name):
    clip = Clip(RHYTHMS[name], 10.0, SR, np.random.RandomState(0))
    bar = RHYTHMS[name].bar
    at = [(clip.seconds(b) + clip.offset_s) / clip.beat_s for b in np.arange(0, 8 * bar, 0.5)]
    assert (np.diff(at) > 0).all()
    np.testing.assert_allclose(at[:: 2 * bar], np.arange(0, 8 * bar, bar), atol=1e-9)
    second = (clip.seconds(bar + 1.0) - clip.seconds(float(bar))) / clip.beat_s
    half = (clip.seconds(bar - 0.5) - clip.seconds(bar - 1.0)) / clip.beat_s
    assert (second < 0.95) == (name == "viennese waltz")
    assert (half > 0.58) == (name == "jive")


def test_level_and_long_term_sound_are_the_band_s(made):
    """A mean spectrum tells the band, and of the dance no more than chance."""
    _, index, signals_ = made("rhythm")
    edges = np.geomspace(60, 7800, 21)
    hz = np.fft.rfftfreq(10 * SR, 1 / SR)
    spectra = np.array(
        [
            np.log([np.mean(p[(hz >= a) & (hz < b)]) for a, b in pairwise(edges)])
            for p in (np.abs(np.fft.rfft(x)) ** 2 for x in signals_)
        ]
    )

    def spread(values, column):
        """Between groups over all."""
        table = pd.DataFrame(values)
        means = table.groupby(index[column].to_numpy()).transform("mean")
        return float(means.var(ddof=0).sum() / table.var(ddof=0).sum())

    assert spread(spectra, "band") > 0.6  # chance: 3 of 31 degrees of freedom
    # what the band leaves, shared among dances: chance is 7 of 28
    assert spread(spectra, "rhythm") / (1 - spread(spectra, "band")) < 0.35
    levels = [level_db(x) for x in signals_]
    assert spread(levels, "rhythm") < 0.01


def test_notes_of_a_band_are_the_same_in_whatever_order():
    one, two = (draw_band("someone", "Someone", 0, SR) for _ in range(2))
    first = one.note("lead", (440.0,), 0.3)
    two.note("lead", (220.0, 330.0), 0.5)
    np.testing.assert_array_equal(first, two.note("lead", (440.0,), 0.3))


# --- genres ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_artists_are_nested_in_genres(made):
    _, index, _ = made("genres")
    assert (index["genre"].value_counts() == 48).all()
    assert set(index["genre"]) == set(genres.GENRES) <= set(GENRES)
    assert (index.groupby("artist")["genre"].nunique() == 1).all()
    assert (index.groupby("genre")["artist"].nunique() == 8).all()
    assert (index.groupby("artist")["track"].nunique() == 2).all()
    assert (index["track"].value_counts() == 3).all()


@pytest.mark.slow
def test_level_does_not_tell_the_genre(made):
    _, index, signals_ = made("genres")
    levels = pd.Series([level_db(x) for x in signals_])
    of_genre = levels.groupby(index["genre"])
    assert np.ptp(of_genre.mean()) < 0.5
    assert of_genre.std().min() > 4


@pytest.mark.slow
def test_random_folds_recognise_the_track_and_folds_by_artist_the_genre(made):
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
def test_values_are_spread_and_songs_have_several(made):
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
def test_annotations_are_what_was_played_and_some_noise(made, monkeypatch):
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
def test_arousal_is_heard_in_the_onsets(made):
    """Onsets a second, counted without knowing the song, grow with arousal and not with valence."""
    _, index, signals_ = made("emotion")
    rates = []
    for x in signals_:
        onsets = rising(x)
        peaks = (onsets[1:-1] > onsets[:-2]) & (onsets[1:-1] >= onsets[2:])
        rates.append(np.sum(peaks & (onsets[1:-1] > 1.5 * np.median(onsets))))
    assert np.corrcoef(rates, index["arousal"])[0, 1] > 0.5
    assert abs(np.corrcoef(rates, index["valence"])[0, 1]) < 0.3

"""Embedded dances: what tells the dance, the tempo and the band, and what doesn't."""

from collections import namedtuple
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from synthetic_sounds import SR, level_db, made, period_s

from mirbench.corpora import synthetic
from mirbench.corpora.synthetic import rhythms, store
from mirbench.corpora.synthetic.rhythm_band import draw_band
from mirbench.corpora.synthetic.rhythm_performance import Clip
from mirbench.corpora.synthetic.rhythm_table import BASS_NOTES, LEVELS, RHYTHMS, beats, hits

ONE_BAND_OF_EACH = "52aabf7169d9819c446f37f250242bc7563fcb4624c34743ebf0eda7fc85e867"
Band = namedtuple("Band", "who production", defaults=(None,))


def test_the_five_rhythm_corpora(tmp_path, monkeypatch):
    """Of their plan; the sound of a band of each is tested below."""
    monkeypatch.setattr(rhythms, "cpu_count", lambda: 1)
    monkeypatch.setattr(rhythms, "draw_band", lambda owner, who, seed, sr: Band(who))
    monkeypatch.setattr(rhythms, "perform", lambda band, *_: (None, 100.0))
    monkeypatch.setattr(rhythms, "master", lambda *_: None)
    monkeypatch.setattr(store, "write_wav", lambda *_: None)
    index = synthetic.render_rhythms(tmp_path)
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


def test_every_band_plays_every_dance():
    _, index, _ = made("rhythm")
    counts = index.groupby(["band", "rhythm"]).size()
    assert len(counts) == 4 * len(RHYTHMS)
    assert (counts == 1).all()
    for row in index.itertuples():
        low, high = RHYTHMS[row.rhythm].tempo
        assert low <= row.tempo < high


def test_the_tempo_is_heard():
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


def test_level_and_long_term_sound_are_the_band_s():
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

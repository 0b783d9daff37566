"""Embedded catalogues: the same bytes, tags that are heard, albums with a production of their own."""

import wave
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.corpora import synthetic
from mirbench.corpora.synthetic import (
    catalogue,
    catalogue_drums,
    catalogue_effects,
    catalogue_lead,
    catalogue_production,
    catalogue_score,
    catalogue_sounds,
    signals,
)
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue, settle, tags
from mirbench.corpora.synthetic.catalogue_score import Score, perform
from mirbench.corpora.synthetic.catalogue_table import FACTORS, GENRES, RINGING
from mirbench.features.spectral import mfcc

SR = catalogue.SR
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


def centroid_hz(x):
    power = np.abs(np.fft.rfft(x)) ** 2
    return np.sum(np.fft.rfftfreq(len(x), 1 / SR) * power) / power.sum()


def envelope(x, width=160):
    return np.sqrt(np.mean(x[: len(x) // width * width].reshape(-1, width) ** 2, axis=1))


def modulation_hz(x, low, high):
    """Strongest modulation of the level between two rates."""
    e = envelope(x)
    power = np.abs(np.fft.rfft((e - e.mean()) * np.hanning(len(e)), 8 * len(e)))
    hz = np.fft.rfftfreq(8 * len(e), 0.01)
    inside = (hz > low) & (hz < high)
    return hz[inside][np.argmax(power[inside])]


def read(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SR)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


# --- tags are heard --------------------------------------------------------------------------


@pytest.mark.parametrize(("tempo", "span"), list(catalogue_score.TEMPI.items()))
def test_tempo_is_the_rate_of_the_beat(tempo, span):
    made = score(tempo=tempo, percussion="electronic drums", pattern="four on the floor")
    assert span[0] <= 60 / made.beat_s <= span[1]
    boom = signals.lowpass(catalogue_drums.play(made), 100.0, SR)
    rate = 1 / made.beat_s
    assert modulation_hz(boom, 0.7 * rate, 1.4 * rate) == pytest.approx(rate, abs=0.1)


@pytest.mark.parametrize("lead", [v for v in FACTORS["lead"] if v != "whistle"])
def test_bright_is_brighter_than_mellow(lead):
    found = [
        np.median([centroid_hz(sound(seed, lead=lead, brightness=b)) for seed in range(5)])
        for b in ("mellow", "", "bright")
    ]
    assert found[0] < 0.97 * found[1]
    assert found[1] < 0.97 * found[2]


def test_registers_are_an_octave_apart():
    low, middle, high = (
        np.median([n for _, _, n in _pitches(register=r)])
        for r in ("low register", "", "high register")
    )
    assert 12 <= middle - low <= 22
    assert 12 <= high - middle <= 18


def _pitches(**changed):
    """Notes of the melodies of ten seeds as (beat, length, MIDI number), register included."""
    for seed in range(10):
        made = score(seed, **changed)
        centre = catalogue_lead.CENTRE[made.plan["register"]]
        for beat, length, degree in catalogue_lead._melody(made):
            yield beat, length, round(69 + 12 * np.log2(made.hz(degree, centre) / 440))


@pytest.mark.parametrize("mode", list(FACTORS["mode"]))
def test_melody_and_chords_keep_to_the_mode(mode):
    for seed in range(5):
        made = score(seed, BACKED, mode=mode)
        allowed = {(made.root + step) % 12 for step in catalogue_score.SCALES[mode]}
        heard = {
            round(12 * np.log2(made.hz(degree, 69) / 440) + 69) % 12
            for _, _, degree in catalogue_lead._melody(made)
        }
        for beat in range(4):
            notes = catalogue_score._notes(made, beat)
            heard |= {round(12 * np.log2(hz / 440) + 69) % 12 for hz in notes}
        assert heard <= allowed
        assert len(heard) >= 4


def test_way_of_a_melody():
    def moves(contour):
        out = []
        for seed in range(10):
            degrees = [d for _, _, d in catalogue_lead._melody(score(seed, contour=contour))]
            out.extend(np.diff(degrees))
        return np.array(out)

    assert np.mean(moves("rising melody") > 0) > 0.8
    assert np.mean(moves("falling melody") < 0) > 0.8
    assert np.median(np.abs(moves("leaping melody"))) >= 4
    assert np.mean(moves("repeated notes") == 0) > 0.5
    assert np.mean(np.abs(moves("")) <= 2) > 0.5


def test_density_is_notes_a_beat():
    def notes(density):
        made = [score(seed, BACKED, density=density) for seed in range(10)]
        return np.mean([len(list(catalogue_lead._melody(s))) / s.beats for s in made])

    assert notes("sparse") < 0.7 < notes("") < 1.4 < 2 < notes("busy")


def test_staccato_leaves_more_silence_than_legato():
    def silent(articulation):
        x = np.concatenate([sound(seed, articulation=articulation) for seed in range(5)])
        e = envelope(x)
        return np.mean(e < 0.05 * e.max())

    assert silent("legato") + 0.05 < silent("") < silent("staccato") - 0.2


def test_tremolo_and_vibrato():
    still, trembling = (
        catalogue_lead.play(score(1, BACKED, density="sparse", ornament=o)) for o in ("", "tremolo")
    )
    assert modulation_hz(trembling, 4, 12) == pytest.approx(catalogue_lead.TREMOLO_HZ, abs=0.3)
    np.testing.assert_allclose(np.abs(trembling) <= np.abs(still) + 1e-12, True)
    player = catalogue_sounds.Player("whistle", np.random.RandomState(0), 0.0, SR)
    for vibrato in (False, True):
        x = player.play(880.0, 1.0, np.random.RandomState(0), vibrato=vibrato)
        up = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))[20:-20]
        exact = up - x[up] / (x[up + 1] - x[up])
        cents = 1200 * np.log2(SR / np.diff(exact) / 880)
        assert (np.ptp(np.convolve(cents, np.ones(9) / 9, "valid")) > 30) == vibrato


def test_glide_starts_on_the_note_before():
    player = catalogue_sounds.Player("whistle", np.random.RandomState(0), 0.0, SR)
    x = player.play(880.0, 0.5, np.random.RandomState(0), came_from_hz=440.0)
    rates = [np.sum((p[:-1] < 0) & (p[1:] >= 0)) / (len(p) / SR) for p in (x[:800], x[3200:4800])]
    assert rates[0] < 700
    assert rates[1] == pytest.approx(880, abs=15)


def test_swing_delays_the_second_half_of_a_beat():
    straight, swung = score(swing=""), score(swing="swing")
    for beat in (0, 1, 2):
        assert straight.seconds(beat) == swung.seconds(beat)
        assert straight.seconds(beat + 0.5) == (beat + 0.5) * straight.beat_s
        assert swung.seconds(beat + 0.5) == pytest.approx((beat + 2 / 3) * swung.beat_s)


@given(st.floats(0, 20), st.floats(0, 20))
def test_swing_keeps_the_order(a, b):
    swung = score(swing="swing")
    if a < b:
        assert swung.seconds(a) <= swung.seconds(b)


def test_dynamics_and_stops():
    for seed in range(3):
        quarters = {
            d: [rms(q) for q in np.split(sound(seed, BACKED, dynamics=d), 4)]
            for d in ("", "crescendo", "fade-out")
        }
        assert quarters["crescendo"][3] > 3 * quarters["crescendo"][0]
        assert quarters["fade-out"][0] > 3 * quarters["fade-out"][3]
        assert max(quarters[""]) < 2.5 * min(quarters[""])
        made = score(seed, BACKED, **{"break": "stop-time"})
        x, beat = perform(made), made.beat_s * SR
        assert rms(x[int(3.05 * beat) : int(3.95 * beat)]) == 0
        assert rms(x[int(2.05 * beat) : int(2.9 * beat)]) > 0
        pumped, plain = (sound(seed, BACKED, dynamics=d) for d in ("pumping", ""))
        share = [
            rms(pumped[int(b * beat) : int((b + 0.15) * beat)])
            / rms(plain[int(b * beat) : int((b + 0.15) * beat)])
            for b in range(3)
        ]
        assert max(share) < 0.35


def rms(x):
    return np.sqrt(np.mean(x**2))


def test_effects():
    click = np.zeros(2 * SR)
    click[100] = 1.0
    echoed = catalogue_effects.add_effect(click, "echo", 0.5, SR)
    np.testing.assert_array_equal(np.flatnonzero(echoed), 100 + 6000 * np.arange(4))
    t = np.arange(4 * SR) / SR
    tone = 0.1 * np.sin(2 * np.pi * 440 * t)
    bent = catalogue_effects.add_effect(tone, "distortion", 0.5, SR)
    assert rms(bent) == pytest.approx(rms(tone))
    third = np.abs(np.fft.rfft(bent))[[440 * 4, 1320 * 4]]
    assert third[1] > 0.15 * third[0]
    hiss = np.random.RandomState(0).uniform(-1, 1, 4 * SR)
    swept = catalogue_effects.add_effect(hiss, "filter sweep", 0.5, SR)
    closed, opened = swept[: SR // 8], swept[SR - SR // 16 : SR + SR // 16]
    assert centroid_hz(opened) > 2 * centroid_hz(closed)


def test_doubling_adds_a_second_voice():
    made = score(doubling="in octaves")
    assert catalogue_lead._doubled(made, 0, 69, 440.0) == [(440.0, 1.0), (880.0, 0.7)]
    (low, _), (high, _) = catalogue_lead._doubled(
        score(doubling="in thirds", mode="minor"), 0, 69, 1.0
    )
    root = score(mode="minor").hz(0, 69)
    assert low == 1.0
    assert 12 * np.log2(high / root) == pytest.approx(3)


@pytest.mark.parametrize("texture", list(FACTORS["texture"]))
def test_textures_strike_as_often_as_they_say(texture):
    made = score(0, BACKED, texture=texture)
    struck = []
    made.put = lambda layer, note, beat, level=1.0: struck.append(beat)
    catalogue_score._backing(made)
    beats = sorted(set(struck))
    expected = {
        "arpeggio": np.arange(2 * made.beats) / 2,
        "sustained chords": np.arange(0, made.beats, 2),
        "repeated chords": np.arange(made.beats),
        "off-beat chords": np.arange(made.beats) + 0.5,
        "drone": [0],
    }
    np.testing.assert_array_equal(beats, expected[texture])
    assert (len(struck) == len(beats)) == (texture == "arpeggio")


def test_chords_power_sevenths_and_chorus():
    made = score(0, BACKED, chord="power chords")
    ratios = np.array(catalogue_score._notes(made, 0)) / catalogue_score._notes(made, 0)[0]
    np.testing.assert_allclose(ratios, [1, 1.5, 2, 3])
    made = score(0, BACKED, chord="seventh chords", harmony="static harmony")
    semis = 12 * np.log2(np.array(catalogue_score._notes(made, 7)) / made.hz(0, 54))
    np.testing.assert_allclose(semis, [0, 4, 7, 11], atol=1e-9)
    pair = []
    made = score(0, BACKED, chorus="chorus")
    made.put = lambda layer, note, beat, level=1.0: pair.append(note)
    catalogue_score._strike(made, np.zeros(made.n), 440.0, 0, 2)
    assert len(pair) == 2
    assert not np.allclose(pair[0], pair[1])


def test_harmony_moves_unless_static():
    for seed in range(8):
        moving, still = (score(seed, BACKED, harmony=h) for h in ("", "static harmony"))
        assert len({moving.chord(b) for b in range(4)}) > 1
        assert {still.chord(b) for b in range(8)} == {0}


@pytest.mark.parametrize("name", list(catalogue_sounds.KINDS))
def test_every_instrument_plays_in_tune(name):
    player = catalogue_sounds.Player(name, np.random.RandomState(3), 0.0, SR)
    hz = 55.0 if name.endswith("bass") else 330.0
    x = player.play(hz, 1.0, np.random.RandomState(0))
    assert len(x) == SR
    assert 0.05 < np.abs(x).max() < 4
    spectrum = np.abs(np.fft.rfft(x * np.blackman(len(x)), 8 * len(x)))
    freqs = np.fft.rfftfreq(8 * len(x), 1 / SR)
    near = (freqs > 0.8 * hz) & (freqs < 1.25 * hz)
    assert abs(1200 * np.log2(freqs[near][np.argmax(spectrum[near])] / hz)) < 10
    if name in RINGING:
        assert rms(x[:2000]) > 2 * rms(x[-2000:])


def test_voices_have_the_formants_of_their_vowel():
    player = catalogue_sounds.Player("low voice", np.random.RandomState(0), 0.0, SR)
    for turn in (0, 1):
        first = catalogue_sounds.VOWELS[player.vowels[turn]][0] * player.kind.tract
        x = player.play(60.0, 1.0, np.random.RandomState(0), turn=turn)[SR // 4 :]
        spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x))))
        freqs = np.fft.rfftfreq(len(x), 1 / SR)
        band = (freqs > 0.7 * first) & (freqs < 1.3 * first)
        beside = (freqs > 1.45 * first) & (freqs < 1.6 * first)
        assert spectrum[band].max() > spectrum[beside].max()


@pytest.mark.parametrize("pattern", list(FACTORS["pattern"]))
def test_patterns_put_the_low_drum_where_they_say(pattern):
    made = score(2, percussion="electronic drums", pattern=pattern)
    struck = Counter()
    low = len(catalogue_drums.boom(SR, 48.0))
    made.put = lambda layer, note, beat, level=1.0: struck.update(
        [beat] if len(note) == low else []
    )
    catalogue_drums.play(made)
    expected = [
        bar + beat
        for bar in range(0, made.beats, 4)
        for beat in catalogue_drums.PATTERNS[pattern][0]
        if bar + beat < made.beats
    ]
    assert sorted(struck) == expected


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
def small(tmp_path_factory):
    """The small catalogue as (root, index)."""
    root = tmp_path_factory.mktemp("catalogue")
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


@pytest.mark.slow
def test_five_catalogues(tmp_path):
    index = synthetic.render_catalogues(tmp_path)
    synthetic.verify("catalogues", tmp_path, index)
    assert index["catalogue"].astype(str).value_counts().to_dict() == dict.fromkeys("01234", 600)
    assert (index.groupby("artist")["catalogue"].nunique() == 1).all()
    assert index["artist"].nunique() == 500
    assert index["path"].is_unique


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

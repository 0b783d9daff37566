"""Embedded catalogues: every tag is heard in what is rendered."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirbench.corpora.synthetic import (
    catalogue,
    catalogue_drums,
    catalogue_effects,
    catalogue_lead,
    catalogue_score,
    catalogue_sounds,
    signals,
)
from mirbench.corpora.synthetic.catalogue_score import Score, perform
from mirbench.corpora.synthetic.catalogue_table import FACTORS, RINGING

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


def rms(x):
    return np.sqrt(np.mean(x**2))


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

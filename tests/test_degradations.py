"""Degradations against what their names claim."""

import numpy as np
import pytest
import soundfile as sf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mirbench import degradations
from mirbench.audio import decode, resample
from mirbench.degradation_names import KINDS, parse
from mirbench.degradations import degrade
from mirbench.errors import DataError
from mirbench.items import AudioRef, Item, content_key

SR = 22050
NAMES = [kind.example for kind in KINDS.values()] + ["reverb0.8|snr20", "mp3-24", "speed0.9"]


def noise(seconds=2.0, sr=SR, level=0.1, seed=0):
    signal = level * np.random.default_rng(seed).standard_normal(int(seconds * sr))
    return signal.astype(np.float32)


def tone(hz, seconds=2.0, sr=SR):
    t = np.arange(int(seconds * sr)) / sr
    return (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def rms(signal):
    return np.sqrt(np.mean(np.asarray(signal, dtype=np.float64) ** 2))


def db(ratio):
    return 20 * np.log10(ratio)


def frequency(signal, sr):
    """Frequency (Hz) of a tone: parabola through the peak of a long, windowed log spectrum."""
    spectrum = np.log(np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 1 << 18)))
    k = int(spectrum.argmax())
    a, b, c = spectrum[k - 1 : k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * sr / (1 << 18)


def cents(ratio):
    return 1200 * np.log2(ratio)


def lag(a, b):
    """Delay of ``b`` against ``a`` in samples, and their correlation there."""
    both = np.fft.irfft(np.conj(np.fft.rfft(a, 2 * len(a))) * np.fft.rfft(b, 2 * len(a)))
    k = int(both.argmax())
    return k if k < len(a) else k - 2 * len(a), both[k] / np.linalg.norm(a) / np.linalg.norm(b)


def test_frozen_names_keep_their_samples():
    signal = noise()
    drawn = np.random.default_rng(7).standard_normal(len(signal))
    expected = (signal + 10 ** (-45 / 20) * drawn).astype(np.float32)
    assert degrade(signal, "noise-45", 7, SR).tobytes() == expected.tobytes()
    quieter = (signal * 10 ** (-12 / 20)).astype(np.float32)
    assert degrade(signal, "gain-12", 7, SR).tobytes() == quieter.tobytes()
    assert degrade(signal, "", 7, SR) is signal


@pytest.mark.parametrize("snr", [40, 0, -6])
def test_noise_has_the_ratio_of_its_name_and_is_white(snr):
    signal = tone(1000) * np.linspace(1, 0.1, 2 * SR, dtype=np.float32)
    added = degrade(signal, f"snr{snr}", 3, SR) - signal.astype(np.float64)
    assert db(rms(signal) / rms(added)) == pytest.approx(snr, abs=0.01)
    power = np.abs(np.fft.rfft(added)) ** 2
    quarters = [part.mean() for part in np.array_split(power, 4)]
    assert max(quarters) < 1.1 * min(quarters)


@pytest.mark.parametrize(("name", "hz"), [("lowpass4000", 4000), ("highpass200", 200)])
@pytest.mark.parametrize("ratio", [0.5, 0.8, 1.0, 1.25, 2.0])
def test_filters_follow_the_butterworth_formula(name, hz, ratio):
    signal = tone(hz * ratio)
    after = degrade(signal, name, 0, SR)[SR // 2 :]
    warped = np.tan(np.pi * hz * ratio / SR) / np.tan(np.pi * hz / SR)
    power = 16 if name.startswith("low") else -16
    expected = -10 * np.log10(1 + warped**power)
    assert db(rms(after) / rms(signal[SR // 2 :])) == pytest.approx(expected, abs=0.1)
    if ratio == 1:
        assert expected == pytest.approx(-3.01, abs=0.01)


def test_low_pass_beyond_half_the_rate_does_nothing():
    signal = noise()
    assert np.array_equal(degrade(signal, "lowpass11025", 0, SR), signal)
    assert not np.array_equal(degrade(signal, "lowpass11000", 0, SR), signal)
    with pytest.raises(DataError, match="highpass4000: nothing is left of a signal of 8000 Hz"):
        degrade(signal, "highpass4000", 0, 8000)


def test_clipping_cuts_that_much_off_the_peak():
    signal = noise()
    after = degrade(signal, "clip6", 0, SR)
    limit = np.abs(signal).max() * 10 ** (-6 / 20)
    assert np.abs(after).max() == pytest.approx(limit, rel=1e-6)
    below = np.abs(signal) < limit
    assert np.array_equal(after[below], signal[below])
    assert 0 < (~below).sum() < len(signal) / 4


@pytest.mark.parametrize("rt60", [0.3, 1.2])
def test_room_decays_in_the_time_of_its_name(rt60):
    impulse = np.zeros(4 * SR, dtype=np.float32)
    impulse[0] = 1
    response = degrade(impulse, f"reverb{rt60}", 5, SR).astype(np.float64)
    energy = np.cumsum(response[::-1] ** 2)[::-1]  # Schroeder integration
    decay = 10 * np.log10(energy / energy[0] + 1e-30)
    inside = (decay < -5) & (decay > -35)
    slope = np.polyfit(np.flatnonzero(inside) / SR, decay[inside], 1)[0]
    assert -60 / slope == pytest.approx(rt60, rel=0.05)
    direct = response[0] ** 2
    assert 10 * np.log10(direct / (energy[0] - direct)) == pytest.approx(0, abs=1e-3)
    assert energy[0] == pytest.approx(1, abs=1e-5)


def test_room_acts_by_convolution():
    impulse = np.zeros(SR, dtype=np.float32)
    impulse[0] = 1
    response = degrade(impulse, "reverb0.3", 5, SR)
    signal = noise(1.0)[:2000]
    expected = np.convolve(signal, response[:2000])[:2000]
    assert np.allclose(degrade(signal, "reverb0.3", 5, SR), expected, atol=1e-5)


@pytest.mark.parametrize("sr", [8000, 16000, 22050, 44100, 44056, 96000])
@pytest.mark.parametrize("name", ["mp3-32", "mp3-64", "ogg-2", "ogg-8"])
def test_coded_sound_stays_where_it_was(name, sr):
    # noise under 3 kHz, so that what a coder leaves out at the top doesn't count
    signal = degrade(noise(1.0, sr), "lowpass3000", 0, sr)
    after = degrade(signal, name, 0, sr)
    shift, alike = lag(signal, after)
    assert shift == 0
    assert 0.8 < alike < 1
    assert not np.array_equal(after, signal)


@pytest.mark.parametrize("sr", [8000, 24000, 44100])
@pytest.mark.parametrize("kbit_s", [32, 48, 64])
def test_mp3_has_the_bit_rate_of_its_name(monkeypatch, kbit_s, sr):
    sizes = []

    def spy(file, **kw):
        sizes.append(file.getbuffer().nbytes)
        return sf.read(file, **kw)

    patched = type("sf", (), {"SoundFile": sf.SoundFile, "read": staticmethod(spy)})
    monkeypatch.setattr(degradations, "sf", patched)
    degrade(noise(8.0, sr), f"mp3-{kbit_s}", 0, sr)
    assert sizes[0] * 8 / 8.0 / 1000 == pytest.approx(kbit_s, rel=0.05)


def test_less_bits_are_further_from_the_original():
    signal = noise(2.0, 44100)
    away = [
        rms(degrade(signal, f"mp3-{rate}", 0, 44100) - signal) for rate in (320, 192, 128, 64, 32)
    ]
    assert away == sorted(away)
    away = [rms(degrade(signal, f"ogg-{q}", 0, 44100) - signal) for q in (10, 6, 3, 0)]
    assert away == sorted(away)


@pytest.mark.parametrize(("name", "level"), [("mp3-64", 0.95), ("ogg-8", 1.0)])
def test_coding_keeps_what_is_beyond_full_scale(name, level):
    # LAME itself takes 5 % off the level below 320 kbit/s
    for scale in (1, 40):
        signal = scale * tone(500)
        assert rms(degrade(signal, name, 0, SR)) == pytest.approx(level * rms(signal), rel=0.01)


def test_bit_rates_that_mp3_lacks_are_refused():
    with pytest.raises(DataError, match="MP3 at 8000 Hz has 8 to 64 kbit/s; choose another"):
        degrade(noise(), "mp3-128", 0, 8000)
    with pytest.raises(DataError, match="MP3 at 44100 Hz has 32 to 320 kbit/s, without 144"):
        degrade(noise(), "mp3-144", 0, 44100)


@pytest.mark.parametrize("semitones", ["+1", "-0.5", "+7", "-12"])
def test_pitch_moves_and_length_stays(semitones):
    signal = tone(440)
    signal[int(1.8 * SR) :] = 0
    after = degrade(signal, f"pitch{semitones}", 0, SR)
    found = frequency(after[SR // 4 : -SR // 2], SR)
    assert cents(found / 440) == pytest.approx(100 * float(semitones), abs=3)
    assert rms(after[: int(1.7 * SR)]) > 100 * rms(after[int(1.95 * SR) :])


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_time_is_stretched_and_pitch_stays(factor):
    signal = tone(440)
    signal[SR:] = 0
    after = degrade(signal, f"time{factor}", 0, SR)
    assert cents(frequency(after[: int(0.7 * SR)], SR) / 440) == pytest.approx(0, abs=3)
    ends = np.flatnonzero(np.abs(after) > 0.1)[-1] / SR
    assert ends == pytest.approx(factor, abs=0.03)


@pytest.mark.parametrize("factor", [0.97, 1.1])
def test_speed_moves_pitch_and_time(factor):
    signal = tone(440)
    signal[SR:] = 0
    after = degrade(signal, f"speed{factor}", 0, SR)
    assert cents(frequency(after[: int(0.9 * SR)], SR) / 440) == pytest.approx(cents(factor), abs=1)
    ends = np.flatnonzero(np.abs(after) > 0.1)[-1] / SR
    assert ends == pytest.approx(1 / factor, abs=0.005)


@pytest.mark.parametrize("name", NAMES)
@given(
    n=st.one_of(st.sampled_from([1, 2, 3]), st.integers(4, 6000)),
    sr=st.sampled_from([8000, 11025, 44100, 48000, 96000]),
    content=st.sampled_from(["silence", "noise", "constant", "click"]),
    seed=st.integers(0, 2**32 - 1),
)
@example(n=1, sr=192000, content="noise", seed=0)
@settings(max_examples=12, deadline=None)
def test_any_input_gives_finite_float32_of_its_length_the_same_twice(name, n, sr, content, seed):
    signal = {
        "silence": np.zeros(n),
        "noise": np.random.default_rng(seed).uniform(-1, 1, n),
        "constant": np.full(n, 0.7),
        "click": np.eye(1, n)[0],
    }[content].astype(np.float32)
    before = signal.copy()
    if name == "mp3-24" and sr >= 32000:
        with pytest.raises(DataError, match="32 to 320"):
            degrade(signal, name, seed, sr)
        return
    after = degrade(signal, name, seed, sr)
    assert after.shape == (n,)
    assert after.dtype == np.float32
    assert np.isfinite(after).all()
    assert np.array_equal(signal, before)
    assert degrade(signal, name, seed, sr).tobytes() == after.tobytes()
    if content == "silence" and not name.startswith("noise"):
        assert np.abs(after).max() < 1e-4


def test_noise_and_room_are_the_items_own():
    for name in ("noise-45", "snr20", "reverb0.8"):
        assert not np.array_equal(degrade(noise(), name, 1, SR), degrade(noise(), name, 2, SR))


def test_a_chain_is_one_after_the_other():
    signal = noise()
    both = degrade(signal, "lowpass4000|clip6", 1, SR)
    assert np.array_equal(both, degrade(degrade(signal, "lowpass4000", 1, SR), "clip6", 1, SR))
    assert not np.array_equal(both, degrade(signal, "clip6|lowpass4000", 1, SR))


@pytest.mark.parametrize(
    "name",
    ["hiss", "noise", "noiseabc-45", "snr", "snrx", "Snr20", "snr20|", "|snr20", "cut1.0", "snrnan"]
    + ["gain-inf", "snr1e3", "20snr", "mp364"],
)
def test_unknown_names_list_the_known_forms(name):
    with pytest.raises(DataError, match="unknown degradation") as caught:
        degrade(noise(), name, 0, SR)
    assert all(kind.example in str(caught.value) for kind in KINDS.values())


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("mp3-65", "mp3 takes 8, 16, 24"),
        ("ogg-11", r"ogg takes 0 to 10 \(Vorbis quality"),
        ("ogg--1", "ogg takes 0 to 10"),
        ("reverb0", r"reverb takes 0.05 to 20 \(RT60 in s\)"),
        ("pitch+30", r"pitch takes -24 to 24 \(semitones\)"),
        ("snr20|time3", r"'snr20\|time3': time takes 0.5 to 2"),
    ],
)
def test_values_out_of_range_say_the_range(name, match):
    with pytest.raises(DataError, match=match):
        parse(name)


def test_every_kind_has_its_example_and_its_algorithm():
    for kind in KINDS.values():
        (step,) = parse(kind.example)
        assert step.kind is kind
        assert kind.low <= step.value <= kind.high
    assert degradations._STEPS.keys() == KINDS.keys()


def test_items_are_degraded_at_the_rate_of_their_file(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, noise(1.0, 16000), 16000, subtype="FLOAT")
    key = content_key("a", 0.0, 1.0, "lowpass4000")
    item = Item.from_file(key, AudioRef(str(path), 0.0, 1.0, "lowpass4000"))
    samples, rate = decode(path)
    expected = degrade(samples, "lowpass4000", int(key[:8], 16), rate)
    assert np.array_equal(item.signal(16000), expected)
    assert np.array_equal(item.signal(8000), resample(expected, 16000, 8000))

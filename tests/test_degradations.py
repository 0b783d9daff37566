"""Degradations against what their names claim, sweeps over any protocol, and the board's view."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mirbench import degradations
from mirbench.audio import decode, resample
from mirbench.audit import audit_cells
from mirbench.boards import write_board
from mirbench.boards.judge import block_name
from mirbench.boards.plot_robustness import plot_robustness
from mirbench.boards.robustness import robustness
from mirbench.degradation_names import KINDS, parse
from mirbench.degradations import degrade
from mirbench.errors import DataError, ProtocolError
from mirbench.frames import Grid
from mirbench.items import AudioRef, Item, content_key
from mirbench.protocols import Cell, Protocol, make_protocol
from mirbench.protocols.makers import excerpts
from mirbench.protocols.robustness import sweep_cells, sweep_protocol, thinned
from mirbench.records import Record
from mirbench.running.items import protocol_items
from mirbench.tasks import load_task

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


# --- sweeps ---------------------------------------------------------------------------------------


def test_a_sweep_tests_the_same_fits_on_more_and_runs(make_corpus):
    base = make_protocol("speech-music", [make_corpus()], folds=2)
    swept = sweep_protocol(base, ["snr20", "lowpass1000"], every=2)
    assert swept.name.startswith(f"{base.name}-robustness-")
    assert swept.hash != base.hash
    assert swept.places == base.places
    for before, after in zip(base.cells, swept.cells):
        assert (after.name, after.source, after.train) == (before.name, before.source, before.train)
        assert list(after.tests) == ["tiny", "tiny + snr20", "tiny + lowpass1000"]
        assert after.tests["tiny"] == before.tests["tiny"]
        copies = [i.partition("@")[0] for i in after.tests["tiny + snr20"]]
        assert set(copies) < set(before.tests["tiny"])
        assert copies == [i.partition("@")[0] for i in after.tests["tiny + lowpass1000"]]
    assert audit_cells(swept) == []
    items = protocol_items(swept)  # checks every key
    one = next(i for i in swept.items["id"] if i.endswith("@lowpass1000"))
    clean = items[one.partition("@")[0]].signal(8000)
    seed = int(items[one].key[:8], 16)
    assert np.array_equal(items[one].signal(8000), degrade(clean, "lowpass1000", seed, 8000))
    assert block_name("tiny", "tiny + snr20") == "tiny + snr20"


def test_parts_of_recordings_can_be_swept_where_the_whole_is_known(make_corpus):
    base = make_protocol("speech-music-clip", [make_corpus()], folds=2)
    parts = excerpts(base.items, 4.0)
    held, rest = parts.iloc[:4], parts.iloc[4:]
    cell = Cell("tiny", "tiny", tuple(rest["id"]), {"tiny": tuple(held["id"])})
    made = dataclasses.replace(base, items=parts, cells=(cell,))
    swept = sweep_protocol(made, ["snr20"])
    assert len(protocol_items(swept)) == len(parts) + 4
    with pytest.raises(ProtocolError, match="#4 is part of a recording"):
        sweep_cells(parts, [cell], ["snr20"])


def table(n_groups=5, per_group=3, labels=("music", "speech"), corpora=("A",)):
    rows = [
        {
            "id": f"{corpus}/{label}/{g}/{i}",
            "corpus": corpus,
            "item": f"{label}/{g}/{i}",
            "start_s": 0.0,
            "duration_s": 8.0,
            "degradation": "",
            "key": f"{corpus}{label}{g}{i}",
            "group": f"{corpus}-{label}-{g}",
            "label": label,
        }
        for corpus in corpora
        for label in labels
        for g in range(n_groups)
        for i in range(per_group)
    ]
    return pd.DataFrame(rows)


@given(
    groups=st.integers(1, 6), per_group=st.integers(1, 5), every=st.integers(1, 9),
    seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_thinning_keeps_labels_and_as_many_groups_as_can_be(groups, per_group, every, seed):
    items = table(groups, per_group, corpora=("A", "B"))
    kept = thinned(items, every, seed)
    assert kept["id"].tolist() == [i for i in items["id"] if i in set(kept["id"])]
    assert kept.equals(thinned(items, every, seed))
    size = -(-groups * per_group // every)
    for _, stratum in kept.groupby(["corpus", "label"]):
        assert len(stratum) == size
        assert stratum["group"].nunique() == min(size, groups)
    assert kept.groupby(["corpus", "label"]).ngroups == 4


def test_a_sweep_leaves_changed_copies_alone_and_takes_those_that_are_there():
    items = table()
    ids = tuple(items["id"])
    cell = Cell("A", "A", ids[:5], {"A": ids[5:], "A + first 1.0 s": ids[5:7]})
    once, cells = sweep_cells(items, [cell], ["snr20"])
    assert list(cells[0].tests) == ["A", "A + first 1.0 s", "A + snr20"]
    twice, again = sweep_cells(once, cells, ["snr20", "snr10", "snr10"])
    assert list(again[0].tests) == ["A", "A + first 1.0 s", "A + snr20", "A + snr10"]
    assert twice["id"].is_unique
    assert len(twice) == 30 + 25 + 25


def test_sweeps_that_mean_nothing_are_refused():
    items = table()
    cell = Cell("A", "A", tuple(items["id"][:5]), {"A": tuple(items["id"][5:])})
    for names in ([], [""], ["snr20", ""]):
        with pytest.raises(ProtocolError, match="a sweep needs degradations"):
            sweep_cells(items, [cell], names)
    with pytest.raises(DataError, match="unknown degradation 'hum50'"):
        sweep_cells(items, [cell], ["hum50"])
    with pytest.raises(ProtocolError, match="every 0-th item"):
        sweep_cells(items, [cell], ["snr20"], every=0)
    task = load_task("speech-music-segments")
    made = Protocol("p", "1", task, Grid(), items, (cell,))
    with pytest.raises(ProtocolError, match=r"speed1\.05 moves what is heard against the segments"):
        sweep_protocol(made, ["snr20", "speed1.05"])


# --- the board's view -----------------------------------------------------------------------------

WRONG = {"": 0.1, "snr20": 0.2, "snr0": 0.5, "pitch-1": 0.3, "pitch+2": 0.4, "reverb0.8|snr20": 0.4}


def swept_protocol(every=1, task="speech-music-clip", headline="balanced accuracy"):
    """Within A and from A to B, 20 items each, groups of one item; trained on others."""
    items = table(10, 1, corpora=("A", "B", "T"))
    a, b, t = (tuple(items.loc[items["corpus"] == c, "id"]) for c in "ABT")
    cell = Cell("A/0", "A", t, {"A": a, "B": b})
    given = [name for name in WRONG if name][::-1]
    items, cells = sweep_cells(items, [cell], given, every=every)
    what = load_task(task)
    return Protocol("p", "1", what, Grid(), items, tuple(cells), headline=(headline,))


def swept_record(protocol, spec, shift=0, family="hand-crafted"):
    """Of the ten items of a class the first ``10 * WRONG + shift`` are answered wrong; B: all."""
    rows = []
    for cell in protocol.cells:
        for test, ids in cell.tests.items():
            for i in ids:
                item = protocol.table.loc[i]
                lost = 10 * WRONG[item["degradation"]] + shift
                right = ("music", "speech").index(item["label"])
                wrong = item["corpus"] == "B" or int(item["item"].split("/")[1]) < lost
                answer = np.eye(2)[right ^ wrong]
                if protocol.task.kind == "frames":
                    answer = np.tile(answer, (round(item["duration_s"] / protocol.grid.hop_s), 1))
                rows.append((cell.name, cell.source, test, i, answer))
    outputs = pd.DataFrame(rows, columns=["cell", "source", "test", "id", "scores"])
    identity = {
        "method": spec,
        "params": {},
        "spec": spec,
        "title": spec,
        "family": family,
        "cite": "",
        "trained_on": [],
        "seed": 0,
        "code": "1",
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "task": protocol.task.name,
        "kind": protocol.task.kind,
        "evidence": protocol.evidence,
        "leaks": False,
    }
    provenance = {"environment": {}, "cells": {}}
    header = {"schema": 1, "identity": identity, "provenance": provenance, "status": "complete"}
    return Record(header, outputs)


def test_the_view_has_the_known_values_from_mild_to_severe():
    made = swept_protocol()
    found = robustness([swept_record(made, "m"), swept_record(made, "n", 1, "deep")], made)
    assert found["method"].tolist() == ["m", "n"] * 5
    assert found["family"].tolist() == ["hand-crafted", "deep"] * 5
    own = found[found["method"] == "m"]
    order = ["reverb0.8|snr20", "pitch-1", "pitch+2", "snr20", "snr0"]
    assert own["degradation"].tolist() == order
    assert own["kind"].tolist() == ["reverb|snr", "pitch", "pitch", "snr", "snr"]
    assert own["strength"].tolist()[1:] == [-1, 2, 20, 0]
    assert np.isnan(own["strength"].iloc[0])
    assert own["value"].to_numpy() == pytest.approx([100 * (1 - WRONG[d]) for d in order])
    assert own["clean"].to_numpy() == pytest.approx([90] * 5)
    assert own["drop"].to_numpy() == pytest.approx([100 * WRONG[d] - 10 for d in order])
    assert (own["drop_lo"] < own["drop"]).all()
    assert (own["drop"] < own["drop_hi"]).all()
    assert (own["n_items"] == 20).all()  # A only: the block that the board pools
    assert (own["n_groups"] == 20).all()
    assert found.attrs["metric"] == "balanced accuracy"


def test_clean_figures_are_of_the_same_items():
    made = swept_protocol(every=5)
    kept = {i.partition("@")[0] for i in made.items["id"] if "@" in i and i.startswith("A")}
    assert len(kept) == 4
    record = swept_record(made, "m")
    first = sum(i.split("/")[2] == "0" for i in kept)
    found = robustness([record], made)
    assert found["clean"].to_numpy() == pytest.approx([100 * (1 - first / 4)] * 5)
    assert (found["n_items"] == 4).all()


def test_of_an_error_the_drop_is_its_rise():
    made = swept_protocol(task="speech-music", headline="frame error")
    found = robustness([swept_record(made, "m")], made).set_index("degradation")
    assert found.loc["snr0", "value"] == pytest.approx(50)
    assert found.loc["snr0", "drop"] == pytest.approx(40)


def test_across_corpora_is_pooled_where_nothing_else_is_degraded():
    made = swept_protocol()
    (cell,) = made.cells
    tests = {t: ids for t, ids in cell.tests.items() if not t.startswith("A + ")}
    made = dataclasses.replace(made, cells=(dataclasses.replace(cell, tests=tests),))
    found = robustness([swept_record(made, "m")], made)
    assert found["value"].to_numpy() == pytest.approx([0] * 5)
    assert (found["n_items"] == 20).all()


def test_no_copies_no_view(tmp_path):
    made = swept_protocol()
    (cell,) = made.cells
    made = dataclasses.replace(
        made, cells=(dataclasses.replace(cell, tests={"A": cell.tests["A"]}),)
    )
    record = swept_record(made, "m")
    assert robustness([record], made).empty
    assert not [p for p in write_board([record], made, tmp_path) if "robustness" in p.name]


def test_the_board_draws_the_sweep_and_keeps_it_out_of_the_matrix(tmp_path):
    made = swept_protocol()
    records = [swept_record(made, "m"), swept_record(made, "n", 1, "deep")]
    first = write_board(records, made, tmp_path / "1")
    second = write_board(records[::-1], made, tmp_path / "2")
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))
    written = {p.name: p for p in first}
    assert {"robustness.csv", "robustness.svg", "robustness.png", "matrix.svg"} <= written.keys()
    back = pd.read_csv(written["robustness.csv"])
    assert back["value"].to_numpy() == pytest.approx(robustness(records, made)["value"], rel=1e-5)
    assert "A + snr0" in set(pd.read_csv(written["matrix.csv"])["test"])
    page = written["index.html"].read_text(encoding="utf-8")
    assert "balanced accuracy on degraded copies" in page
    assert "A + snr0" not in page


def test_the_picture_shows_the_values_at_their_places():
    made = swept_protocol(task="speech-music", headline="frame error")
    many = [swept_record(made, f"net-{i}", 0, "deep") for i in range(10)]
    found = robustness([swept_record(made, "m"), *many], made)
    figure = plot_robustness(found)
    panel = next(a for a in figure.axes if a.get_xlabel() == "pitch (semitones)")
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["−1", "clean", "+2"]
    lines = {line.get_label(): line for line in panel.lines}
    assert lines["m"].get_ydata().tolist() == pytest.approx([30, 10, 40])
    assert len(lines) == 1 + 8  # of a family the best 8
    looks = {(x.get_color(), x.get_linestyle(), x.get_mfc()) for x in lines.values()}
    assert len(looks) == len(lines)
    assert panel.get_yscale() == "linear"
    better = found.assign(clean=found["clean"] / 10)
    better.attrs = found.attrs
    assert plot_robustness(better).axes[0].get_yscale() == "log"

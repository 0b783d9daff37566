"""Pitch annotations and the corpora that have them, against numbers worked out by hand and librosa."""

import librosa
import numpy as np
import pytest
from layouts import mdb_stem_synth as layout
from layouts import mir1k as mir1k_layout
from numpy.testing import assert_allclose

from mirbench.corpora import corpus_names, mdb_stem_synth, mir1k
from mirbench.corpora.f0 import read_f0, semitones_to_hz
from mirbench.corpora.facts import facts
from mirbench.errors import DataError


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_semitones_are_midi_numbers():
    midi = np.arange(20.0, 100.0, 0.37)
    assert_allclose(semitones_to_hz(midi), librosa.midi_to_hz(midi))
    assert semitones_to_hz(np.array([0.0, 69.0])).tolist() == [0.0, 440.0]


def test_frames_of_mir1k(tmp_path):
    path = tmp_path / "abjones_1_01.pv"
    path.write_text("0\n0.000\n57\n69.0\n\n", "utf-8")
    times, f0 = read_f0(path)
    assert_allclose(times, [0.02, 0.04, 0.06, 0.08])  # windows of 40 ms from 0, 20, 40 and 60 ms
    assert_allclose(f0, [0, 0, 220, 440])


def test_rows_of_time_and_frequency(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("0.000000,0.000\n0.002902,110.5\n0.005805,111\n", "utf-8")
    times, f0 = read_f0(path)
    assert times.tolist() == [0.0, 0.002902, 0.005805]
    assert f0.tolist() == [0.0, 110.5, 111.0]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "0,1\n0.1;2\n", r"a.csv: line 2 is '0.1;2', not time and frequency"),
        ("a.csv", "time,f0\n", r"line 1 is 'time,f0'"),
        ("a.csv", "0,-1\n", r"line 1 is '0,-1'"),
        ("a.csv", "0,nan\n", r"line 1 is '0,nan'"),
        ("a.csv", "0,1\n0,2\n", r"its times don't ascend"),
        ("a.pv", "1\n2 3\n", r"a.pv: line 2 is '2 3', not one MIDI number"),
        ("a.pv", "\n", r"a.pv: holds no pitch"),
        ("a.txt", "1\n", r"pitch is read from .csv and .pv files, not from '.txt'"),
    ],
)
def test_damaged_pitch(name, text, message, tmp_path):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(DataError, match=message):
        read_f0(tmp_path / name)


def test_no_pitch(tmp_path):
    with pytest.raises(DataError, match=r"no such pitch annotation"):
        read_f0(tmp_path / "a.pv")


def test_mdb_stem_synth(data):
    assert "mdb-stem-synth" in corpus_names()
    assert facts("mdb-stem-synth").remotes[0].checksum.startswith("md5:")
    with pytest.raises(DataError, match=r"holds no mdb_stem_synth.*; get MDB-stem-synth.tar.gz"):
        mdb_stem_synth.load()
    layout.make(data)
    (data / "mdb_stem_synth/MDB-stem-synth/audio_stems/stray.wav").write_bytes(b"no sound")
    items = mdb_stem_synth.load().items.set_index("id")
    assert len(items) == 20
    row = items.loc["mdb-stem-synth/Artist1_Song3_STEM_05"]
    assert row[["group", "track", "stem"]].tolist() == ["Artist1", "Artist1_Song3", "05"]
    times, f0 = read_f0(row["f0_path"])
    assert_allclose(times, np.arange(4) * 128 / 44100, atol=1e-6)
    assert f0.tolist() == [0.0, 110.0, 110.5, 0.0]


def test_mdb_stem_synth_damaged(data):
    layout.make(data)
    root = data / "mdb_stem_synth/MDB-stem-synth"
    name = "Artist0_Song1_STEM_02.RESYN"
    (root / f"annotation_stems/{name}.csv").write_text("damaged\n", "utf-8")
    with pytest.raises(DataError, match=rf"{name}.csv: line 1 is 'damaged'"):
        mdb_stem_synth.load()
    (root / f"audio_stems/{name}.wav").unlink()
    with pytest.raises(DataError, match=rf"1 of 20 listed recordings aren't there .*{name}.wav"):
        mdb_stem_synth.load()
    assert len(mdb_stem_synth.load(partial=True).items) == 19
    (root / "audio_stems/Artist0_Song0_STEM_01.RESYN.wav").rename(root / f"audio_stems/{name}.wav")
    (root / f"annotation_stems/{name}.csv").unlink()
    with pytest.raises(DataError, match=rf"{name}.csv: no such pitch annotation"):
        mdb_stem_synth.load(partial=True)


def test_pitch_of_mir1k(data):
    mir1k_layout.make(data, 5)
    items = mir1k.load().items
    times, f0 = read_f0(items["f0_path"].iloc[0])
    assert_allclose(times, [0.02, 0.04, 0.06, 0.08, 0.1])
    assert_allclose(f0, [0, 0, *[librosa.midi_to_hz(57.5)] * 3])

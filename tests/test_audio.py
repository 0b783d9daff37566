"""Decoding: every fault of a file is one error that names it and the mend."""

import struct

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from mirbench.audio import decode, info
from mirbench.errors import DataError
from mirbench.items import AudioRef, Item, as_items, content_key
from mirbench.truncation import cut_short


def tone(seconds=1.0, sr=22_050, channels=1):
    t = np.arange(int(seconds * sr)) / sr
    wave = 0.3 * np.sin(2 * np.pi * 440 * t)
    return np.repeat(wave[:, None], channels, axis=1)


def test_mono_is_the_mean_of_the_channels(tmp_path):
    path = tmp_path / "eight.wav"
    channels = np.random.default_rng(0).uniform(-0.5, 0.5, (1000, 8))
    sf.write(path, channels, 16_000, subtype="FLOAT")
    signal, sr = decode(path)
    assert sr == 16_000
    np.testing.assert_allclose(signal, channels.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("sr", [8000, 22_050, 44_100, 48_000])
def test_resampled_tone_keeps_its_level(tmp_path, sr):
    path = tmp_path / "tone.wav"
    sf.write(path, tone(sr=sr), sr)
    signal, rate = decode(path, 16_000)
    assert rate == 16_000
    middle = signal[2000:-2000]
    np.testing.assert_allclose(np.sqrt(np.mean(middle**2)), 0.3 / np.sqrt(2), rtol=0.01)


def test_part_of_a_file(tmp_path):
    path = tmp_path / "ramp.wav"
    sf.write(path, np.linspace(0, 0.5, 8000), 8000, subtype="FLOAT")
    part, _ = decode(path, start_s=0.25, duration_s=0.5)
    whole, _ = decode(path)
    np.testing.assert_array_equal(part, whole[2000:6000])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "no such file"),
        ("empty", "empty file"),
        ("text", "not readable as audio"),
        ("no samples", "no samples"),
        ("nan", "NaN"),
    ],
)
def test_faults_name_file_and_mend(tmp_path, fault, words):
    path = tmp_path / "broken.wav"
    if fault == "empty":
        path.touch()
    elif fault == "text":
        path.write_text("this is no audio\n" * 50)
    elif fault == "no samples":
        sf.write(path, np.zeros(0), 8000)
    elif fault == "nan":
        sf.write(path, np.array([0.0, np.nan, 0.1] * 100), 8000, subtype="FLOAT")
    reader = decode if fault == "nan" else info
    with pytest.raises(DataError, match=words) as error:
        reader(path)
    assert str(path) in str(error.value)
    assert ";" in str(error.value), "says what to do"


FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "odd.wav": ("WAV", "PCM_U8"),
    "wavex": ("WAVEX", "PCM_24"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "flac": ("FLAC", "PCM_16"),
}


def noise(path, kind, n=200_001):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, n)
    sf.write(path, samples, 48_000, format=FORMATS[kind][0], subtype=FORMATS[kind][1])
    return path.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_truncated_file(tmp_path, kind):
    path = tmp_path / f"cut.{kind}"
    data = noise(path, kind)
    assert info(path).frames == 200_001
    for kept in (len(data) // 3, len(data) // 2, len(data) - 10):
        path.write_bytes(data[:kept])
        with pytest.raises(DataError, match=r"cut.*(truncated|not readable).*fetch"):
            decode(path)
    if kind != "flac":  # its header tells the whole length: decoding finds out
        with pytest.raises(DataError, match=r"cut.*truncated.*fetch"):
            info(path)


def test_whole_files_of_unusual_form_are_read(tmp_path):
    path = tmp_path / "whole.wav"
    data = noise(path, "odd.wav")
    assert len(data) == 44 + 200_002, "an odd length is padded"
    size = struct.pack("<I", 200_001)
    assert data[40:44] == size
    info_chunk = b"LIST" + struct.pack("<I", 4) + b"INFO"
    forms = {
        "not padded": data[:-1],
        "a chunk behind": data + info_chunk,
        "a chunk before": data[:36] + info_chunk + data[36:],
        "written to a pipe": data[:40] + b"\xff\xff\xff\xff" + data[44:-1],
    }
    for form, content in forms.items():
        path.write_bytes(content)
        assert info(path).frames >= 200_001, form
        assert len(decode(path)[0]) >= 200_001, form


def test_ogg_streams_one_after_another_are_whole(tmp_path):
    path = tmp_path / "chain.ogg"
    path.write_bytes(noise(path, "ogg") + noise(path, "ogg", 5000))
    assert not cut_short(path)
    path.write_bytes(path.read_bytes()[:-100])
    assert cut_short(path)


@given(st.integers(1, 30_000), st.sampled_from([8000, 11_025, 44_100]))
def test_item_has_exactly_floor_of_duration_times_rate(n, sr):
    item = Item.from_array(np.zeros(n, dtype=np.float32) + 0.1, sr)
    for rate in (8000, 22_050):
        assert len(item.signal(rate)) == int(np.floor(n / sr * rate + 1e-6))


def test_item_hides_path_and_predicts_without_group(tmp_path):
    path = tmp_path / "iowa" / "flute.wav"
    path.parent.mkdir()
    sf.write(path, tone()[:, 0], 22_050)
    key = content_key("sha", 0.0, 1.0)
    item = Item.from_file(key, AudioRef(str(path), 0.0, 1.0), group="iowa")
    blind = item.blind()
    shown = [str(getattr(blind, name)) for name in dir(blind) if not name.startswith("__")]
    assert not any("iowa" in text or "flute" in text for text in [*shown, repr(blind)])
    assert blind.group is None
    np.testing.assert_array_equal(blind.signal(22_050), item.signal(22_050))


def test_items_are_a_one_dimensional_array_even_of_one():
    items = as_items([Item.from_array(np.ones(10), 8000)])
    assert items.shape == (1,)
    assert items.dtype == object


@pytest.mark.parametrize("signal", [np.zeros(0), np.zeros((3, 2))])
def test_item_refuses_what_is_no_mono_signal(signal):
    with pytest.raises(DataError, match="mono signal"):
        Item.from_array(signal, 8000)

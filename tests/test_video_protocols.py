"""Embedded clips and the protocols over videos: what is seen is what is heard, frozen and published."""

import hashlib

import numpy as np
import pytest
import soundfile as sf
from layouts import flickr_soundnet as flickr_layout
from layouts import kinetics_sounds as kinetics_layout

from mirbench.corpora.synthetic import films, scenes
from mirbench.corpora.synthetic.pictures import write_apng
from mirbench.corpora.synthetic.signals import random_for
from mirbench.errors import DataError
from mirbench.protocols import load_protocol
from mirbench.protocols.audiovisual import mini
from mirbench.protocols.published_videos import MAKERS
from mirbench.tasks import load_task
from mirbench.testing.protocols import check_protocol

TASK = load_task("music-video")
FROZEN = "a7e9ef1d1b62fbe4"


@pytest.fixture(scope="module")
def clips():
    made = []
    for i in range(20):
        scene = scenes.Scene.drawn(random_for(0, f"scenes/0/{i}"))
        made.append(scenes.play(scene, random_for(0, f"scenes/0/{i}/clip 0")))
    return made


def test_the_generator_plays_and_paints_as_ever(clips):
    digest = hashlib.sha256()
    for sound, frames, boxes, _ in clips[:4]:
        digest.update(sound.astype("<i2").tobytes() + frames.tobytes() + boxes.tobytes())
    sound, frames, cuts = films.play(random_for(0, "films/0"))
    digest.update(sound.astype("<i2").tobytes() + frames.tobytes() + bytes(cuts))
    assert digest.hexdigest()[:16] == FROZEN


def test_what_is_seen_is_what_is_heard_and_brightness_alone_is_not(clips):
    sounds = np.array([s.astype(float) / 32768 for s, *_ in clips])
    level = 20 * np.log10(sounds.std(axis=1))
    light = np.array([f.mean() for _, f, *_ in clips])
    boxes = np.array([b.astype(float).mean(axis=0) for *_, b, _ in clips])
    height, size = -boxes[:, 1::2].mean(axis=1), boxes[:, 2] - boxes[:, 0]
    spectra = np.abs(np.fft.rfft(sounds, axis=1))[:, 300:9000]
    pitch = np.log(300 + spectra.argmax(axis=1))
    assert np.corrcoef(height, pitch)[0, 1] > 0.7
    assert np.corrcoef(size, level)[0, 1] > 0.7
    assert abs(np.corrcoef(light, level)[0, 1]) < 0.45
    assert abs(np.corrcoef(light, pitch)[0, 1]) < 0.45


def test_boxes_hold_what_hops(clips):
    for _, frames, boxes, _ in clips[:6]:
        left, top, right, bottom = boxes[30]
        inside = frames[30, top:bottom, left:right].reshape(-1, 3)
        own = frames[30, (top + bottom) // 2, (left + right) // 2]
        assert (inside == own).all(axis=1).mean() > 0.3
        assert right - left <= 20
        assert bottom - top <= 16


@pytest.mark.parametrize(
    "name", ["audiovisual/mini", "audiovisual/embedded", "audiovisual/segments"]
)
def test_frozen_protocols_keep_their_contract(name):
    protocol = load_protocol(name)
    failed = [c for c in check_protocol(protocol) if not c.passed]
    assert not failed, failed
    assert ("localisation" in protocol.headline) == (name != "audiovisual/segments")


@pytest.mark.slow
def test_the_frozen_protocol_is_what_its_maker_makes():
    assert mini().hash == load_protocol("audiovisual/mini").hash


def test_published_protocols_on_look_alikes(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    flickr_layout.make(tmp_path)
    with pytest.raises(DataError, match="have no video; get the videos"):
        MAKERS["audiovisual/flickr-soundnet"]()
    frames = tmp_path / "flickr_soundnet/frames"
    for path in ("videos2/4/5/6/12.mp4", "videos/7/8/9/13.mp4"):
        (frames / path).mkdir(parents=True)
        write_apng(frames / path / "1.png", np.full((1, 8, 8, 3), len(path), dtype=np.uint8))
    made = load_protocol("audiovisual/flickr-soundnet")
    assert (len(made.cells[0].train), len(made.items)) == (2, 3)
    assert all(c.passed for c in check_protocol(made, recordings=True))
    assert "localisation" not in made.headline


def test_kinetics_takes_the_videos_that_are_there(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    kinetics_layout.make(tmp_path)
    root = tmp_path / "kinetics_sounds"
    for sound in sorted(root.rglob("*.wav")):
        sound.with_suffix(".mp4").write_bytes(sound.name.encode())  # known by its bytes alone
    for n, sound in enumerate(sorted(root.rglob("*.wav"))):
        sf.write(sound, np.random.default_rng(n).normal(0, 0.1, 2000 + 100 * (n > 0)), 8000)
    made = load_protocol("audiovisual/kinetics-sounds")
    assert (len(made.cells[0].train), len(made.items)) == (3, 4)
    assert set(made.items["duration_s"]) == {0.25}
    assert "All pairs are cut to 0.25 s" in made.description
    assert made.evidence == "real"

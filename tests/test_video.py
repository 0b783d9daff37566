"""Videos: frames at a steady rate from any container, parts, content keys, damaged files."""

import pickle
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mirbench.corpora.synthetic.pictures import write_apng
from mirbench.errors import DataError
from mirbench.video import (
    VideoItem,
    duration_of,
    load_frames,
    video_item,
    video_key,
)
from mirbench.video_files import content_of
from mirbench.video_parts import part_path, split_path


@pytest.fixture(scope="module")
def frames():
    made = np.random.default_rng(0).integers(0, 255, (12, 10, 8, 3), dtype=np.uint8)
    made[5] = made[4]  # Pillow writes it once, and shows it twice as long
    return made


@pytest.fixture
def apng(tmp_path, frames):
    path = tmp_path / "clip.png"
    write_apng(path, frames)
    return path


def test_an_apng_loses_nothing(apng, frames):
    found, times = load_frames(apng)
    assert found.dtype == np.uint8
    assert np.array_equal(found, frames)
    assert np.allclose(times, np.arange(12) / 10)
    assert duration_of(apng) == pytest.approx(1.2)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0


@pytest.mark.parametrize("rate", [2.5, 10.0, 23.0])
def test_a_frame_is_the_one_that_is_shown_at_its_time(apng, frames, rate):
    found, times = load_frames(apng, rate=rate)
    assert len(found) == int(1.2 * rate + 1e-6)
    assert np.array_equal(found, frames[np.floor(times * 10 + 1e-6).astype(int)])


def test_parts_sizes_and_blind_videos(apng, frames):
    part = video_item(apng, 0.3, 0.5)
    assert np.array_equal(part.frames()[0], frames[3:8])
    assert part.key != video_item(apng, 0.2, 0.5).key
    assert load_frames(apng, size=4)[0].shape == (12, 4, 4, 3)
    assert load_frames(apng, size=(5, 3))[0].shape == (12, 5, 3, 3)
    blind = part.blind()
    assert "clip" not in repr(blind)
    assert (blind.key, blind.duration_s) == (part.key, part.duration_s)
    assert np.array_equal(pickle.loads(pickle.dumps(blind)).frames()[0], frames[3:8])
    held = load_frames(f"{apng}#t=1,2")[0]
    assert np.array_equal(held, frames[[10, *[11] * 9]])  # the last one for what is later


def test_a_video_in_memory(frames):
    item = VideoItem.from_array(frames, rate=4)
    assert item.duration_s == 3.0
    assert np.array_equal(load_frames(item.path, rate=4)[0], frames)
    assert item.blind() == item
    with pytest.raises(DataError, match=r"shape \(n_frames, height, width, 3\), got \(2, 3\)"):
        VideoItem.from_array(np.zeros((2, 3)))


def test_frames_that_are_no_pictures(frames):
    for wrong in (
        frames / 255,
        frames.astype(float),
        frames.astype(int) + 9,
        frames.astype(int) - 1,
    ):
        with pytest.raises(DataError, match=f"frames of uint8, 0 to 255, got {wrong.dtype}"):
            VideoItem.from_array(wrong)
    same = VideoItem.from_array(frames.astype(int))
    assert same.key == VideoItem.from_array(frames).key
    for rate in (0, -1.0, np.inf, np.nan):
        with pytest.raises(DataError, match=f"rate={rate}"):
            VideoItem.from_array(frames, rate=rate)


def test_items_over_what_is_not_there(apng, tmp_path):
    for start_s, said in ((1.2, "lasts 1.2 s"), (5.0, "starts at 5 s"), (-1.0, "start_s=-1")):
        for duration_s in (None, 1.0):
            with pytest.raises(DataError, match=f"clip.png: .*{said}"):
                video_item(apng, start_s, duration_s)
    for duration_s in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(DataError, match="give duration_s over 0"):
            video_item(apng, 0.0, duration_s)
    Image.new("RGB", (4, 4)).save(tmp_path / "still.png")
    with pytest.raises(DataError, match="a picture or a folder has no length"):
        video_item(tmp_path / "still.png")
    assert video_item(tmp_path / "still.png", 3.0, 2.0).duration_s == 2.0


def test_keys_are_by_content(apng, tmp_path, frames):
    again = tmp_path / "other.png"
    images = [Image.fromarray(f) for f in frames]
    images[0].save(
        again, save_all=True, append_images=images[1:], duration=100, compress_level=1, loop=3
    )
    assert again.read_bytes() != apng.read_bytes()
    assert video_key(again) == video_key(apng)
    images[0].save(again, save_all=True, append_images=images[1:], duration=110)
    assert video_key(again) != video_key(apng)


def test_a_folder_of_pictures_is_spread_over_its_length(tmp_path, frames):
    for i in (3, 1, 2):
        Image.fromarray(frames[i]).save(tmp_path / f"{i:04d}.png")
    found = load_frames(f"{tmp_path}#t=0,6", rate=1)[0]
    assert np.array_equal(found, frames[[1, 1, 2, 2, 3, 3]])
    late = load_frames(f"{tmp_path}#t=4,6", rate=1)[0]
    assert np.array_equal(late, found[4:])
    assert len(video_key(tmp_path)) == 64


def test_pyav_reads_what_pillow_does_not(tmp_path, monkeypatch):
    av = pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for i in range(50):
            picture = np.full((32, 32, 3), 4 * i, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    found, times = load_frames(path, rate=5)
    assert np.abs(found[:, 9, 9, 0].astype(int) - 100 * times).max() < 8
    late = load_frames(f"{path}#t=1.2,1.8", rate=5)[0]
    assert np.abs(late[:, 9, 9, 0].astype(int) - [120, 140, 160]).max() < 8
    monkeypatch.setitem(sys.modules, "av", None)
    path.write_bytes(path.read_bytes() + b"x")  # not the file that was read before
    with pytest.raises(DataError, match=r"clip.mp4: .*pip install mirbench\[video\]"):
        load_frames(path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", b"no picture", "can't be read as pictures"),
        ("a.gif", b"GIF89a", "can't be read as pictures"),
        ("a.webp", b"", "empty file"),
        ("a.mp4", b"no video", "can't be read as a video|mirbench.video"),
    ],
)
def test_damaged_files_are_named(tmp_path, name, data, said):
    path = tmp_path / name
    path.write_bytes(data)
    for read in (load_frames, video_key, duration_of):
        if name == "a.mp4" and read is video_key:
            continue  # its bytes
        with pytest.raises(DataError, match=said) as error:
            read(path)
        assert str(path) in str(error.value)


@pytest.mark.filterwarnings("ignore:Invalid APNG")
@pytest.mark.parametrize(("name", "flips"), [("a.gif", 160), ("a.png", 160), ("a.webp", 0)])
def test_whatever_is_damaged_is_one_error(tmp_path, frames, name, flips):
    path = tmp_path / name
    images = [Image.fromarray(f) for f in frames[:3]]
    images[0].save(path, save_all=True, append_images=images[1:], duration=100)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    cuts = [whole[:n] for n in rng.integers(1, len(whole), 40)]
    for _ in range(flips):
        flipped = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 90), 2):
            flipped[place] = rng.integers(256)
        cuts.append(bytes(flipped))
    refused = {}
    for i, data in enumerate(cuts):
        path = tmp_path / f"{i}{name}"
        path.write_bytes(data)
        try:
            content_of.__wrapped__(str(path), (0, 0))
        except DataError as error:
            refused[str(path)] = str(error)
    assert len(refused) > 20
    assert all(path in said for path, said in refused.items())


@pytest.mark.filterwarnings("ignore:Image size")
def test_a_picture_too_great_to_open_is_one_error(tmp_path):
    path = tmp_path / "great.gif"
    Image.new("P", (4, 4)).save(path)
    data = bytearray(path.read_bytes())
    data[6:10] = np.array([20000, 10000], dtype="<u2").tobytes()
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"great.gif: can't be read as pictures \(Image size"):
        duration_of(path)


def test_pictures_of_a_folder_have_one_size_or_are_given_one(tmp_path, frames):
    Image.fromarray(frames[0]).save(tmp_path / "1.png")
    Image.fromarray(frames[1][:5]).save(tmp_path / "2.png")
    with pytest.raises(DataError, match=r"its pictures differ in size \(8 x 5, 8 x 10\)") as error:
        load_frames(f"{tmp_path}#t=0,2", rate=1)
    assert str(tmp_path) in str(error.value)
    assert load_frames(f"{tmp_path}#t=0,2", rate=1, size=4)[0].shape == (2, 4, 4, 3)


def test_parts_that_are_none(apng, tmp_path):
    for part in ("1.2.3,4", ".,2"):
        with pytest.raises(DataError, match="isn't two times in s"):
            load_frames(f"{apng}#t={part}")
    with pytest.raises(DataError, match=r"clip.png: lasts 1.2 s, and a part of it starts at 50 s"):
        load_frames(f"{apng}#t=50,52")
    with pytest.raises(DataError, match=r"starts at 1.2 s"):
        load_frames(f"{apng}#t=1.2,2")
    Image.new("RGB", (4, 4)).save(tmp_path / "still.png")
    assert len(load_frames(f"{tmp_path / 'still.png'}#t=50,52", rate=1)[0]) == 2


@given(st.floats(0, 1e7), st.floats(1e-5, 1e7))
def test_a_part_keeps_its_times(start_s, duration_s):
    path = part_path("a#t=0,1.png", start_s, duration_s)
    assert split_path(path) == ("a#t=0,1.png", start_s, start_s + duration_s)


def test_what_is_not_there_and_what_makes_no_sense(apng, tmp_path):
    with pytest.raises(DataError, match=r"gone.png: no such video"):
        load_frames(tmp_path / "gone.png")
    with pytest.raises(DataError, match="not a video of this run"):
        load_frames("video:abc")
    for rate in (0, -1.0, np.inf, np.nan):
        with pytest.raises(DataError, match=f"rate={rate}: frames a second"):
            load_frames(apng, rate=rate)
    with pytest.raises(DataError, match="size=0"):
        load_frames(apng, size=0)
    with pytest.raises(DataError, match="ends before it starts"):
        load_frames(f"{apng}#t=3,2")
    (tmp_path / "none").mkdir()
    for read in (load_frames, video_key):
        with pytest.raises(DataError, match="holds no"):
            read(tmp_path / "none")

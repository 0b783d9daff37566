"""Videos for a music: the best path is the best of all, a list covers the music, faults say what to mend."""

import json
import shutil
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mirbench.apply.alignment import CUT_HERE, NEXT, SKIP, STAY, align, best_path
from mirbench.apply.videos import checked, videos_for, videos_in
from mirbench.cli import main
from mirbench.errors import DataError, MethodError
from mirbench.items import Item
from mirbench.video import VideoItem

CUT, BEND = 1.0, 0.3
"""Cheap, so that the best of short paths has some."""


def worth(scores, place, columns, steps, unit):
    """Sum of scores less costs of a path; None where it isn't allowed."""
    total, before = 0.0, None
    for i, (column, step) in enumerate(zip(columns, steps)):
        total += scores[i, column]
        if i == 0:
            if step != CUT_HERE:
                return None
        elif step == CUT_HERE:
            total -= CUT * unit
        elif column - columns[i - 1] != step or place[column] < step or step == before == STAY:
            return None
        elif step != NEXT:
            total -= BEND * unit
        before = step
    return total


def by_hand(scores, lengths, warp):
    """The best of all paths."""
    n, m = scores.shape
    place = np.concatenate([np.arange(k) for k in lengths])
    kinds = (CUT_HERE, STAY, NEXT, SKIP) if warp else (CUT_HERE, NEXT)
    found = [
        worth(scores, place, columns, (CUT_HERE, *steps), scores.std())
        for columns in product(range(m), repeat=n)
        for steps in product(kinds, repeat=n - 1)
    ]
    return max(value for value in found if value is not None)


@pytest.mark.parametrize("warp", [False, True])
@pytest.mark.parametrize(("n", "lengths"), [(4, (2, 1)), (3, (1, 3)), (1, (2,)), (3, (4,))])
def test_no_path_is_better(n, lengths, warp):
    rng = np.random.default_rng(n)
    place = np.concatenate([np.arange(k) for k in lengths])
    for _ in range(3):
        scores = rng.standard_normal((n, sum(lengths)))
        columns, steps = best_path(scores, np.array(lengths), warp=warp, cut=CUT, bend=BEND)
        value = worth(scores, place, columns, steps, scores.std())
        assert value == pytest.approx(by_hand(scores, lengths, warp))


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.booleans(),
    st.floats(0.01, 1.0),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_each_moment_of_the_music_has_one_moment_of_a_video(seed, n, lengths, warp, rest, segment):
    rng = np.random.default_rng(seed)
    tables = [rng.standard_t(1, (n, k)) for k in lengths]
    duration = (n - 1 + rest) * segment
    found = align(tables, duration, segment, warp=warp)
    at = 0.0
    for one in found:
        assert one.music_start_s == pytest.approx(at, abs=1e-5)
        at = one.music_end_s
        assert at > one.music_start_s
        assert 0 <= one.video_start_s < one.video_end_s <= lengths[one.video] * segment + 1e-5
        speed = (one.video_end_s - one.video_start_s) / (at - one.music_start_s)
        slack = 1e-5 / (at - one.music_start_s)
        allowed = (0.5, 1.0, 2.0) if warp else (1.0,)
        assert any(speed == pytest.approx(s, abs=slack) for s in allowed)
    assert at == pytest.approx(duration, abs=1e-5)


def diagonal(places, m, other=3):
    """Two tables, in the first of which the places fit."""
    table = np.full((len(places), m), -1.0)
    table[np.arange(len(places)), places] = 1.0
    return [table, np.full((len(places), other), -1.0)]


def test_a_run_at_equal_speed_is_one_stretch():
    [one] = align(diagonal([2, 3, 4, 5, 6], 9), 4.5)
    assert (one.video, one.video_start_s, one.video_end_s) == (0, 2.0, 6.5)
    assert one.score == 1.0


@pytest.mark.parametrize(
    ("places", "start_s", "end_s", "speed"),
    [([1, 3, 5, 7, 9, 11], 1.0, 12.0, 2.0), ([1, 1, 2, 2, 3, 3], 1.0, 4.0, 0.5)],
)
def test_a_fast_and_a_slow_video_are_followed_with_warping_alone(places, start_s, end_s, speed):
    tables = diagonal(places, 14)
    warped = align(tables, 6.0, warp=True)
    assert {one.video for one in warped} == {0}
    assert (warped[0].video_start_s, warped[-1].video_end_s) == (start_s, end_s)
    for before, after in pairwise(warped):
        assert before.video_end_s == after.video_start_s, "a video goes on where it was"
    longest = max(warped, key=lambda one: one.music_end_s - one.music_start_s)
    length = longest.music_end_s - longest.music_start_s
    assert longest.video_end_s - longest.video_start_s == speed * length
    straight = align(tables, 6.0)
    jumps = [b.video_end_s != a.video_start_s for b, a in pairwise(straight)]
    assert any(jumps) or np.mean([one.score for one in straight]) < 1.0


# the command

SR = 8000
LEVELS = {"a": [0.1, 0.9, 0.5, 0.3, 0.7], "b": [0.8, 0.2, 0.6]}
"""Of each second, of loudness and of light alike."""
METHOD = '''
import numpy as np
from sklearn.base import BaseEstimator


class Levels(BaseEstimator):
    """Loudness and light of each second."""

    def fit(self, X, y):
        assert len(X) == len(y) == 2
        assert all(v.frames(rate=10)[0].shape[1:] == (4, 4, 3) for v in y)
        return self

    def match(self, X, V):
        return np.zeros((len(X), len(V)))

    def match_seconds(self, item, V):
        sound = item.signal(8000)
        loud = [np.abs(sound[k : k + 8000]).max() for k in range(0, len(sound), 8000)]
        light = [v.frames(rate=1)[0].mean(axis=(1, 2, 3)) / 255 for v in V]
        return [-np.abs(np.subtract.outer(loud, one)) for one in light]


class Astray(Levels):
    def match_seconds(self, item, V):
        return [table * np.nan for table in super().match_seconds(item, V)]


class Blind(BaseEstimator):
    def fit(self, X, y):
        return self


def levels():
    """Loudness is light."""
    return Levels()


def astray():
    """Scores nothing."""
    return Astray()


def blind():
    """Tells nothing."""
    return Blind()
'''


def write_sound(path, levels):
    sf.write(path, np.repeat(levels, SR), SR, subtype="PCM_16")
    return path


def write_video(path, levels):
    frames = [Image.new("RGB", (4, 4), (int(255 * level),) * 3) for level in levels for _ in "12"]
    for i, frame in enumerate(frames):
        frame.putpixel((0, 0), (i, 0, 0))  # Pillow joins equal frames
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=500)
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two videos, the same with their sounds as a corpus, a music of both, and a method."""
    root = tmp_path_factory.mktemp("videos")
    (root / "videos" / "more").mkdir(parents=True)
    write_video(root / "videos" / "a.png", LEVELS["a"])
    write_video(root / "videos" / "more" / "b.gif", LEVELS["b"])
    corpus = root / "corpus"
    corpus.mkdir()
    for name in LEVELS:
        write_sound(corpus / f"{name}.wav", LEVELS[name])
        shutil.copy(next((root / "videos").rglob(f"{name}.*")), corpus)
    rows = pd.DataFrame({"path": ["a.wav", "b.wav"], "video_path": ["a.png", "b.gif"]})
    rows.assign(group=["a", "b"]).to_csv(corpus / "index.csv", index=False)
    write_sound(root / "music.wav", [*LEVELS["a"], *LEVELS["b"]] * 3)
    (root / "mine.py").write_text(METHOD)
    return root


def run(place, *arguments, method="levels"):
    spec = f"{place / 'mine.py'}:{method}"
    return main(["apply", spec, *map(str, arguments), "--train", str(place / "corpus")])


@pytest.mark.parametrize("warp", ["--warp", "--no-warp"])
def test_videos_are_put_where_they_were_taken_from(home, place, tmp_path, capsys, warp):
    out = tmp_path / "found.csv"
    given = ("--music", place / "music.wav", "--videos", place / "videos", "-o", out, warp)
    assert run(place, *given) == 0
    assert f"{'with' if warp == '--warp' else 'without'} time warping" in capsys.readouterr().out
    table = pd.read_csv(out)
    assert list(table) == [
        *("music_start_s", "music_end_s", "video", "video_start_s", "video_end_s", "score")
    ]
    assert [Path(v).name for v in table["video"]] == ["a.png", "b.gif"] * 3
    assert table["music_start_s"].tolist() == [0, 5, 8, 13, 16, 21]
    assert table["music_end_s"].tolist() == [5, 8, 13, 16, 21, 24]
    assert table["video_end_s"].tolist() == [5, 3] * 3
    assert (table["video_start_s"] == 0).all()


def test_json_says_where_it_came_from(home, place, tmp_path):
    out = tmp_path / "found.json"
    spec, train = f"{place / 'mine.py'}:levels", [str(place / "corpus")]
    words = videos_for(spec, place / "music.wav", place / "videos", train, output=out)
    told = json.loads(out.read_text())
    assert told["warp"] is False
    assert len(told["stretches"]) == 6
    assert "6 stretches of 2 of 2 videos" in words


def broken(place, tmp_path, what):
    """Music and folder with one fault."""
    music, videos = place / "music.wav", tmp_path / "none"
    videos.mkdir()
    if what == "silent":
        music = write_sound(tmp_path / "m.wav", [0.0, 0.0])
    elif what == "short":
        music = tmp_path / "m.wav"
        sf.write(music, np.full(SR // 2, 0.1), SR)
    elif what == "unreadable":
        (videos / "x.gif").write_bytes(b"GIF89a nothing")
    elif what == "still":
        Image.new("RGB", (4, 4)).save(videos / "x.png")
    elif what == "missing":
        videos = tmp_path / "missing"
    if what in ("silent", "short"):
        videos = place / "videos"
    return music, videos


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("silent", "m.wav: silent"),
        ("short", "0.50 s, shorter than a segment of 1 s"),
        ("empty", "holds no video"),
        ("unreadable", "none of its 1 videos can be used"),
        ("still", "0.00 s, shorter than a segment"),
        ("missing", "no such folder"),
    ],
)
def test_faults_are_one_sentence(home, place, tmp_path, capsys, what, words):
    music, videos = broken(place, tmp_path, what)
    assert run(place, "--music", music, "--videos", videos, "-o", tmp_path / "o.csv") == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "o.csv").exists()


def test_a_video_that_cannot_be_read_is_named_and_left_out(place, tmp_path):
    shutil.copy(place / "videos" / "a.png", tmp_path)
    (tmp_path / "bad.webp").write_bytes(b"RIFF")
    great = bytearray((place / "videos" / "more" / "b.gif").read_bytes())
    great[6:10] = np.array([20000, 10000], dtype="<u2").tobytes()
    (tmp_path / "great.gif").write_bytes(great)
    with (
        pytest.warns(UserWarning, match=r"bad\.webp.*left out"),
        pytest.warns(UserWarning, match=r"great\.gif: can't be read as pictures .*left out"),
    ):
        assert [path.name for path, _ in videos_in(tmp_path)] == ["a.png"]


GOOD = [np.zeros((3, 2)), np.zeros((3, 1))]


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (GOOD[:1], "1 tables for 2 videos"),
        (None, "no list of tables for 2 videos"),
        ([GOOD[0], np.full((3, 1), np.nan)], "NaN, infinite"),
        ([GOOD[0], np.zeros((3, 1), dtype=complex)], "no real numbers"),
        ([GOOD[0], np.zeros((1, 3))], r"shape \(1, 3\) .* give \(3, 1\)"),
        ([np.zeros(3), GOOD[1]], r"shape \(3,\) .* give \(3, 2\)"),
    ],
)
def test_tables_that_are_none(tables, words):
    item = Item.from_array(np.ones(2 * SR + 100), SR)
    frames = np.zeros((5, 4, 4, 3), dtype=np.uint8)
    shown = [VideoItem.from_array(frames, rate=2), VideoItem.from_array(frames, rate=4)]
    assert [t.shape for t in checked(GOOD, item, shown, "m")] == [(3, 2), (3, 1)]
    with pytest.raises(MethodError, match=f"m: match_seconds gave .*{words}"):
        checked(tables, item, shown, "m")


def test_what_cannot_be_asked(home, place, tmp_path, capsys):
    music, videos = place / "music.wav", place / "videos"
    with pytest.raises(MethodError, match="no match_seconds"):
        videos_for(f"{place / 'mine.py'}:blind", music, videos, output=tmp_path / "x.csv")
    with pytest.raises(DataError, match=r"must end in \.csv or \.json"):
        videos_for("ave-net", music, videos, output=tmp_path / "x.txt")
    (place / "music.videos.csv").touch()
    with pytest.raises(DataError, match="exists already"):
        videos_for("ave-net", music, videos)
    assert main(["apply", "--music", str(music)]) == 1
    assert "--music is given, --videos DIR is missing" in capsys.readouterr().err
    assert main(["apply", "--videos", str(videos)]) == 1
    assert "--videos is given, --music FILE is missing" in capsys.readouterr().err
    assert main(["apply", "--music", "none.wav", "--videos", str(videos)]) == 1
    assert capsys.readouterr().err == "mirbench: none.wav: no such file; correct the path\n"
    given = ("--music", music, "--videos", videos, "-o", tmp_path / "x.csv", "--stream")
    assert run(place, *given) == 1
    assert "leave --stream out" in capsys.readouterr().err
    given = given[:-1]
    assert run(place, *given, method="astray") == 1
    said = capsys.readouterr().err
    assert "astray: match_seconds gave scores that are NaN" in said
    assert said.startswith("training mine.py:astray on 2 items of ")
    assert said.count("\n") == 2
    assert main(["apply"]) == 1
    assert "name a method" in capsys.readouterr().err

"""apply: files and streams agree, latency and memory are what they say, labels and pictures."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import mir_eval
import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from baselines.segmentation.joint import JointViterbi
from baselines.segmentation.label_then_segment import LabelThenSegment
from baselines.segmentation.methods import segment_a
from baselines.segmentation.segment_then_label import SegmentThenLabel
from mirbench.apply.lab import write_lab
from mirbench.apply.offline import apply_file
from mirbench.apply.picture import plot_segments
from mirbench.apply.stream import (
    context_of,
    method_rate,
    report,
    resampled,
    segmenter,
    stream_file,
)
from mirbench.audio import decode, fit_length, info, resample
from mirbench.errors import DataError, MethodError
from mirbench.estimators import PerFrame
from mirbench.features import Extract
from mirbench.frames import Grid
from mirbench.items import Item, as_items, ragged
from mirbench.tasks import load_task

SR = 22_050
FRAMES = load_task("speech-music")
SEGMENTS = load_task("speech-music-segments")


def memory_of_a_second(signal: np.ndarray, sr: float) -> np.ndarray:
    """Level and zero crossings of each 20-ms frame, and their means over the last 50 frames."""
    hop = round(0.02 * sr)
    rows = signal[: len(signal) // hop * hop].astype(float).reshape(-1, hop)
    level = np.log(1e-4 + np.sqrt((rows**2).mean(axis=1)))
    crossings = (np.diff(np.sign(rows), axis=1) != 0).mean(axis=1)
    now = np.stack([level, crossings], axis=1)
    padded = np.vstack([np.zeros((49, 2)), now])
    sums = np.lib.stride_tricks.sliding_window_view(padded, 50, axis=0).sum(axis=2)
    return np.hstack([now, sums / np.minimum(np.arange(1, len(now) + 1), 50)[:, None]])


def looks_ahead(signal: np.ndarray, sr: float) -> np.ndarray:
    """The same, each row taken from 10 frames later."""
    rows = memory_of_a_second(signal, sr)
    return rows[np.minimum(np.arange(len(rows)) + 10, max(len(rows) - 1, 0))]


def sound(seconds: float, sr: int, seed: int = 0) -> np.ndarray:
    """Noise and tones in turn, each of one to three seconds."""
    rng = np.random.default_rng(seed)
    parts, tone = [], False
    while sum(map(len, parts)) < seconds * sr:
        n = int(rng.uniform(1, 3) * sr)
        wave = np.sin(2 * np.pi * 300 * np.arange(n) / sr) if tone else rng.standard_normal(n)
        parts.append(rng.uniform(0.05, 0.15) * wave)
        tone = not tone
    return np.concatenate(parts)[: round(seconds * sr)].astype(np.float32)


def frame_method(func=memory_of_a_second, sr: int = SR):
    return make_pipeline(Extract(func, sr=sr), PerFrame(LogisticRegression(), scored_from_s=0.0))


def trained(model=None):
    """Fitted on one item of tone (0) and one of noise (1)."""
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(3 * SR) / SR)
    noise = 0.1 * np.random.default_rng(1).standard_normal(3 * SR)
    X = as_items(Item.from_array(x.astype(np.float32), SR) for x in (tone, noise))
    return (model or frame_method()).fit(X, np.array([0, 1]))


@pytest.fixture
def programme(tmp_path):
    path = tmp_path / "programme.wav"
    sf.write(path, sound(14.013, 16_000), 16_000)
    return path


def stream_scores(*args, **kw_args):
    blocks = list(stream_file(*args, **kw_args))
    for block, following in itertools.pairwise(blocks):
        assert block.end_s == following.start_s
    return np.concatenate([block.scores for block in blocks]), blocks


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (48_000, 2), (44_100, 1), (SR, 1)])
def test_stream_equals_offline(tmp_path, suffix, rate, channels):
    path = tmp_path / f"sound.{suffix}"
    wave = sound(9.7, rate)
    sf.write(path, np.stack([wave] * channels, axis=1), rate)
    model = trained()
    offline = apply_file(model, path, FRAMES).scores
    online, blocks = stream_scores(model, path, block_s=0.7, past_s=1.2)
    np.testing.assert_allclose(online, offline, atol=1e-6)
    assert len(offline) == Grid().n_frames(info(path).duration_s)
    assert blocks[0].start_s == 0.0


@settings(deadline=None, max_examples=20)
@given(block_s=st.floats(0.02, 5.0), past_s=st.floats(1.0, 3.0), seconds=st.floats(0.03, 6.0))
def test_stream_equals_offline_for_any_block(tmp_path_factory, block_s, past_s, seconds):
    path = tmp_path_factory.mktemp("stream") / "sound.wav"
    sf.write(path, sound(seconds, 11_025), 11_025)
    model = trained()
    offline = apply_file(model, path, FRAMES).scores
    online, _ = stream_scores(model, path, block_s=block_s, past_s=past_s)
    np.testing.assert_allclose(online, offline, atol=1e-6)


def test_future_context_is_needed_where_a_method_looks_ahead(programme):
    model = trained(frame_method(looks_ahead))
    offline = apply_file(model, programme, FRAMES).scores
    causal, _ = stream_scores(model, programme, past_s=1.2)
    seeing, blocks = stream_scores(model, programme, past_s=1.2, future_s=0.2)
    assert np.abs(causal - offline).max() > 0.01
    np.testing.assert_allclose(seeing, offline, atol=1e-6)
    # block and context, and no more than two reads and the resampler beyond
    assert 1.2 <= report(blocks).latency_s < 1.2 + 0.3


def level_on_half_samples(signal: np.ndarray, sr: float) -> np.ndarray:
    """Level of each 20-ms frame where a frame isn't a whole number of samples."""
    n = int(np.floor(len(signal) / (0.02 * sr) + 1e-6))
    edges = np.floor(np.arange(n + 1) * 0.02 * sr + 1e-6).astype(int)
    pairs = itertools.pairwise(edges)
    return np.array([[np.mean(signal[a:b] ** 2), signal[a]] for a, b in pairs]).reshape(-1, 2)


def test_a_rate_without_whole_frames_is_aligned(programme):
    """At 11 025 Hz a frame has 220.5 samples: windows begin on even frames."""
    model = trained(frame_method(level_on_half_samples, sr=11_025))
    offline = apply_file(model, programme, FRAMES).scores
    online, _ = stream_scores(model, programme, block_s=0.5, past_s=0.1)
    np.testing.assert_allclose(online, offline, atol=1e-6)


def test_report_says_latency_and_speed(programme):
    _, blocks = stream_scores(trained(), programme, block_s=0.5)
    said = report(blocks)
    assert 0.5 <= said.latency_s < 0.8
    assert 0 < said.compute_s < 5
    assert said.real_time_factor == pytest.approx(
        sum(b.compute_s for b in blocks) / blocks[-1].end_s
    )
    with pytest.raises(DataError, match="shorter than a frame"):
        report([])


@pytest.mark.parametrize(("rate", "sr"), [(16_000, SR), (48_000, 16_000), (SR, SR), (8_000, SR)])
def test_resampled_stream_is_the_items_signal(tmp_path, rate, sr):
    path = tmp_path / "sound.wav"
    sf.write(path, sound(3.3337, rate), rate)
    pieces = list(resampled(path, sr))
    signal, _ = decode(path)
    n = int(np.floor(info(path).duration_s * sr + 1e-6))
    expected = fit_length(resample(signal, rate, sr), n)
    np.testing.assert_array_equal(np.concatenate([piece for piece, *_ in pieces]), expected)
    assert [last for *_, last in pieces] == [False] * (len(pieces) - 1) + [True]


@pytest.mark.parametrize("wrapper", [LabelThenSegment, JointViterbi])
def test_segments_of_a_stream_are_those_of_the_file(programme, wrapper):
    model = trained(wrapper(frame_method()))
    applied = apply_file(model, programme, SEGMENTS)
    online, _ = stream_scores(model, programme, past_s=1.2)
    np.testing.assert_allclose(online, applied.scores[:, :2], atol=1e-6)
    assert segmenter(model, SEGMENTS)(online, applied.duration_s) == applied.segments


def test_a_frame_method_streams_into_segments_and_a_whole_file_method_does_not(programme):
    model = trained()
    applied = apply_file(model, programme, FRAMES)
    assert segmenter(model, FRAMES)(applied.scores, applied.duration_s) == applied.segments
    with pytest.raises(MethodError, match="SegmentThenLabel needs the whole recording"):
        segmenter(trained(SegmentThenLabel(frame_method())), SEGMENTS)


def test_apply_gives_segments_of_every_kind_of_task(programme):
    model = trained()
    frames = apply_file(model, programme, FRAMES)
    assert frames.segments[0][0] == 0
    assert frames.segments[-1][1] == pytest.approx(14.013)
    assert len(frames.segments) >= 4
    same = apply_file(trained(LabelThenSegment(frame_method())), programme, SEGMENTS)
    assert same.segments == frames.segments
    assert same.scores.shape == (700, 3)
    assert not same.scores[:, 2].any()
    clip = trained(make_pipeline(Extract(mean_level), LogisticRegression()))
    applied = apply_file(clip, programme, load_task("speech-music-clip"))
    assert [row[:2] for row in applied.segments] == [(0.0, pytest.approx(14.013))]
    cut = apply_file(trained(SegmentThenLabel(frame_method())), programme, SEGMENTS)
    assert cut.segments[-1][1] == pytest.approx(14.013)


def mean_level(signal: np.ndarray, sr: float) -> np.ndarray:
    """Mean square, shape (1,)."""
    return np.array([np.mean(signal**2)])


class Wrong(ClassifierMixin, BaseEstimator):
    """Answers with what it is told to."""

    def __init__(self, rows=None, sr=SR):
        self.rows = rows
        self.sr = sr
        self.classes_ = np.array([0, 1])

    def predict_proba(self, X):
        return ragged([self.rows])


def test_wrong_answers_are_one_clear_error(programme):
    with pytest.raises(MethodError, match=r"\(699, 2\), \(700, 2\) are due"):
        apply_file(Wrong(np.ones((699, 2))), programme, FRAMES)
    with pytest.raises(MethodError, match="NaN"):
        apply_file(Wrong(np.full((700, 2), np.nan)), programme, FRAMES)
    with pytest.raises(MethodError, match="are due"):
        list(stream_file(Wrong(np.ones((3, 2))), programme))


def test_bad_files_are_one_clear_error(tmp_path, programme):
    text = tmp_path / "text.wav"
    text.write_text("hello")
    nan = tmp_path / "nan.wav"
    sf.write(nan, np.full(SR, np.nan, dtype=np.float32), SR, subtype="FLOAT")
    cut = tmp_path / "cut.flac"
    sf.write(cut, sound(5, SR), SR)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    for path in (tmp_path / "none.wav", text, nan, cut):
        for use in (
            lambda p: apply_file(trained(), p, FRAMES),
            lambda p: list(stream_file(trained(), p)),
        ):
            with pytest.raises(DataError, match=path.name):
                use(path)


def test_a_stream_needs_one_known_rate(programme):
    assert method_rate(LabelThenSegment(frame_method(sr=16_000))) == 16_000
    assert (
        method_rate(SegmentThenLabel(frame_method(sr=16_000), features=Extract(mean_level)))
        == 16_000
    )
    assert method_rate(Wrong()) == SR
    with pytest.raises(MethodError, match="16000 Hz, 22050 Hz"):
        method_rate(make_pipeline(Extract(mean_level, sr=16_000), Extract(mean_level)))
    with pytest.raises(MethodError, match="no rate"):
        method_rate(LogisticRegression())
    with pytest.raises(MethodError, match="shorter than a frame"):
        list(stream_file(trained(), programme, block_s=0))


def test_context_is_declared_by_the_method():
    assert context_of(frame_method, {}) == (8.0, 0.0)
    assert context_of(segment_a, {}) == (8.0, 0.0)
    assert context_of(segment_a, {"frames": "cnn"})[1] > 1


@given(
    st.lists(st.integers(1, 100_000), min_size=1, max_size=20, unique=True),
    st.integers(0, 1000),
)
def test_lab_round_trip_through_mir_eval(tmp_path_factory, ends_ms, seed):
    path = tmp_path_factory.mktemp("lab") / "out.lab"
    times = [0.0, *(k / 1000 for k in sorted(ends_ms))]
    codes = np.random.default_rng(seed).integers(0, 3, len(ends_ms))
    segments = [(a, b, int(c)) for a, b, c in zip(times[:-1], times[1:], codes, strict=True)]
    write_lab(path, segments, SEGMENTS.labels)
    intervals, labels = mir_eval.io.load_labeled_intervals(str(path))
    np.testing.assert_allclose(intervals, [row[:2] for row in segments])
    assert labels == [SEGMENTS.labels[c] for c in codes]


def test_lab_and_picture_say_where_they_cannot_be_written(tmp_path, programme):
    with pytest.raises(DataError, match="nowhere"):
        write_lab(tmp_path / "nowhere" / "out.lab", [(0, 1, 0)], ["a"])
    for name in ("nowhere/out.png", "out.noformat"):
        with pytest.raises(DataError, match="out"):
            plot_segments(programme, tmp_path / name, [(0, 14.013, 0)], ["music"])


def test_picture_is_drawn_with_scores_and_truth(tmp_path, programme):
    applied = apply_file(trained(), programme, FRAMES)
    picture = tmp_path / "out.png"
    plot_segments(
        programme, picture, applied.segments, applied.labels, applied.scores, truth=applied.segments
    )
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert picture.stat().st_size > 20_000


def test_memory_of_a_stream_does_not_grow_with_the_file(tmp_path):
    model, peaks = trained(), []
    for seconds in (20, 80):
        path = tmp_path / f"{seconds}.wav"
        sf.write(path, sound(seconds, SR), SR)
        tracemalloc.start()
        for _ in stream_file(model, path, past_s=1.2):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def peak_kib():
    """Peak resident memory of this process. Not ru_maxrss: that starts at the parent's peak."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_resident_memory_does_not_grow_with_the_file(tmp_path):
    """Nine minutes more, 24 MB as they lie in the file and 48 MB as float32, take none of it."""
    minute = (sound(60, SR) * 32_767).astype(np.int16)
    for minutes in (1, 10):
        with sf.SoundFile(tmp_path / f"{minutes}.flac", "w", SR, 1, subtype="PCM_16") as file:
            for _ in range(minutes):
                file.write(minute)
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from test_apply import peak_kib, stream_file, trained\n"
        "for minutes in (1, 10):\n"
        f"    path = {str(tmp_path)!r} + f'/{{minutes}}.flac'\n"
        "    blocks = stream_file(trained(), path, block_s=10, past_s=1.2)\n"
        "    print(sum(len(b.scores) for b in blocks), peak_kib())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (short, before), (long, after) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert (short, long) == (60 * 50, 10 * 60 * 50)
    assert after - before < 12 << 10

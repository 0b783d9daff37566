"""Pitch: the compact truth, the metrics against mir_eval, records, boards, protocols, the line corpus."""

import json

import mir_eval.melody
import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from layouts import mdb_stem_synth as mdb_layout
from layouts import mir1k as mir1k_layout

from mirbench.apply.pitch import in_words, track_file, write_f0
from mirbench.corpora.f0 import read_f0
from mirbench.corpora.synthetic.line_players import KINDS, LinePlayer
from mirbench.corpora.synthetic.lines import play
from mirbench.corpora.synthetic.signals import random_for
from mirbench.errors import DataError, MethodError, ProtocolError
from mirbench.frames import Grid
from mirbench.metrics import metrics_for
from mirbench.pitch import HOP_S, as_label, at_times, frame_times, from_label, n_frames, nearest
from mirbench.protocols import load_protocol, make_protocol
from mirbench.protocols.our_pitch import pitch_mini
from mirbench.protocols.published_pitch import MAKERS
from mirbench.records import decode_outputs, encode_outputs
from mirbench.tasks import load_task
from mirbench.testing.metrics import check_metric
from mirbench.testing.protocols import check_protocol

TASK = load_task("pitch")
GRID = Grid(HOP_S, scored_from_s=0.0)


def line(seed, n=300):
    """A truth and an answer with all kinds of mistakes in it."""
    rng = np.random.default_rng(seed)
    f0 = 220 * 2 ** np.cumsum(rng.normal(0, 0.02, n))
    truth = np.stack([frame_times(n), np.where(rng.random(n) < 0.3, 0.0, f0)], axis=1)
    cents = rng.choice([0, 20, 40, 60, 1200, -1210, 2400, 700], n)
    found = np.where(rng.random(n) < 0.1, 0.0, f0 * 2 ** (cents / 1200))
    return truth, np.stack([found, rng.random(n)], axis=1)


def test_a_truth_survives_being_written_to_a_fifth_of_a_cent():
    truth, _ = line(0)
    again = from_label(as_label(truth[:, 0], truth[:, 1], 3.0))
    voiced = truth[:, 1] > 0
    assert np.allclose(again[:, 0], truth[:, 0])
    assert np.array_equal(again[:, 1] > 0, voiced)
    assert np.abs(1200 * np.log2(again[voiced, 1] / truth[voiced, 1])).max() <= 0.1 + 1e-9


def test_a_coarse_annotation_keeps_its_times_and_a_fine_one_is_brought_to_the_grid():
    coarse = json.loads(as_label(0.02 * np.arange(1, 50), np.full(49, 200.0), 1.0))
    assert (coarse["start_s"], coarse["hop_s"]) == (0.02, 0.02)
    times = np.arange(600) * 128 / 44100
    fine = from_label(as_label(times, 100 + times, 1.0))
    assert np.allclose(fine[:, 0], frame_times(101)[: len(fine)])
    assert np.abs(fine[:, 1] - (100 + fine[:, 0])).max() < 0.01


def test_a_truth_ends_with_its_sound():
    assert from_label(as_label(frame_times(100), np.full(100, 200.0), 0.5))[-1, 0] == pytest.approx(
        0.5
    )
    with pytest.raises(DataError, match="no time within"):
        as_label(np.array([3.0, 4.0]), np.array([200.0, 200.0]), 1.0)


@pytest.mark.parametrize("hz", [3.0, 30_000.0, np.nan])
def test_frequencies_that_are_none_are_told(hz):
    with pytest.raises(DataError, match="mend the annotation"):
        as_label(frame_times(2), np.array([hz, 200.0]), 1.0)


def test_a_label_that_is_no_pitch_is_told():
    with pytest.raises(ProtocolError, match="make the protocol anew"):
        TASK.target('{"start_s": 0, "hop_s": 0.01, "f0": "%"}')


def test_nearest_is_the_nearest():
    rng = np.random.default_rng(1)
    times, wanted = np.sort(rng.random(40)), rng.random(60)
    brute = np.abs(times[None] - wanted[:, None]).argmin(axis=1)
    assert np.array_equal(nearest(times, wanted), brute)
    answer = np.arange(20.0)
    assert at_times(answer, np.array([0.0, 0.06, 0.149, 9.0])).tolist() == [0, 6, 15, 19]


def by_mir_eval(truth, answer):
    """Sums over items of what mir_eval's own functions give, weighted to be pooled."""
    voicing = (answer[:, 1] >= 0.5).astype(float)
    given = truth[:, 0], truth[:, 1].copy(), frame_times(len(answer)), answer[:, 0].copy(), voicing
    return mir_eval.melody.evaluate(*given), (truth[:, 1] > 0).sum(), len(truth)


NAMES = {
    "RPA": ("Raw Pitch Accuracy", "voiced"),
    "RCA": ("Raw Chroma Accuracy", "voiced"),
    "overall accuracy": ("Overall Accuracy", "all"),
    "voicing recall": ("Voicing Recall", "voiced"),
    "voicing false alarm": ("Voicing False Alarm", "unvoiced"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", [1, 2])
def test_metrics_are_those_of_mir_eval_item_by_item_and_pooled(name, step):
    pairs = [line(seed, 200 + 50 * seed) for seed in range(4)]
    truth, answers = [t[::step] for t, _ in pairs], [a for _, a in pairs]
    metric = next(m for m in metrics_for(TASK, GRID) if m.name == name)
    total = weight = 0.0
    for t, a in zip(truth, answers):
        found, voiced, frames = by_mir_eval(t, a)
        word, of = NAMES[name]
        value = found[word]
        assert metric.score([t], [a], TASK, GRID) == pytest.approx(100 * value)
        n = {"voiced": voiced, "all": frames, "unvoiced": frames - voiced}[of]
        total, weight = total + value * n, weight + n
    assert metric.score(truth, answers, TASK, GRID) == pytest.approx(100 * total / weight)


def test_a_narrower_tolerance_is_that_of_mir_eval():
    truth, answer = line(5)
    metric = metrics_for(TASK, GRID)[-1]
    voicing = np.ones(len(answer))
    both = mir_eval.melody.to_cent_voicing(
        truth[:, 0], truth[:, 1], frame_times(len(answer)), answer[:, 0], voicing
    )
    wanted = mir_eval.melody.raw_pitch_accuracy(*both, cent_tolerance=25)
    assert metric.score([truth], [answer], TASK, GRID) == pytest.approx(100 * wanted)


@pytest.mark.parametrize("metric", metrics_for(TASK, GRID), ids=lambda m: m.name)
def test_metrics_keep_their_contract(metric):
    failed = [c for c in check_metric(metric, TASK, GRID) if not c.passed]
    assert not failed, failed


def test_what_is_no_answer_is_told():
    truth, answer = line(0)
    with pytest.raises(MethodError, match="a row a frame"):
        metrics_for(TASK, GRID)[0].counts([truth], [answer[:, 0]], TASK, GRID)


def test_records_keep_the_cents():
    _, answer = line(3)
    rows = pd.DataFrame({c: ["a"] for c in ("cell", "source", "test", "id")})
    rows["scores"] = pd.Series([answer], dtype=object)
    back = decode_outputs(encode_outputs(rows, "f0"), "f0")["scores"][0]
    assert back.shape == answer.shape
    known = answer[:, 0] > 0
    assert np.abs(1200 * np.log2(back[known, 0].astype(float) / answer[known, 0])).max() < 0.86


@pytest.mark.parametrize("kind", ["low voice", "clarinet", "bass", "whistle"])
def test_a_line_has_the_pitch_that_its_truth_says(kind):
    player = LinePlayer(kind, f"test/{kind}", 1, 16000)
    player.snr_db = 60.0
    sound, f0 = play(player, random_for(1, f"test/{kind}/line"))
    assert (len(sound), len(f0)) == (80000, n_frames(5.0))
    voiced = f0[f0 > 0]
    assert 0.3 < len(voiced) / len(f0) < 0.95
    assert 60 < voiced.min() < voiced.max() < 1510
    # where the pitch stands still the spectrum is empty between the partials
    shares = []
    for i in range(10, 480):
        around = f0[i - 4 : i + 5]
        if around.min() > 0 and np.ptp(np.log2(around)) < 0.01:
            piece = sound[160 * i - 700 : 160 * i + 701] * np.hanning(1401)
            power = np.abs(np.fft.rfft(piece, 32768)) ** 2
            off = np.fft.rfftfreq(32768, 1 / 16000) / f0[i]
            near = np.abs(off - np.rint(off)) * f0[i] < 40
            shares.append(power[near & (off > 0.5)].sum() / power.sum())
    assert len(shares) > 5
    assert np.median(shares) > 0.9


def test_players_stay_in_their_range():
    for kind, facts in KINDS.items():
        player = LinePlayer(kind, f"range/{kind}", 2, 16000)
        assert facts.low <= player.low < player.high <= facts.high


def test_the_pitch_of_a_recording_is_written_as_our_annotations_are(tmp_path):
    answer = np.array([[220.0, 0.9], [221.0, 0.4], [0.0, 0.0]])
    write_f0(tmp_path / "own.csv", answer)
    times, f0 = read_f0(tmp_path / "own.csv")
    assert times.tolist() == [0.0, 0.01, 0.02]
    assert f0.tolist() == [220.0, 0.0, 0.0]
    assert in_words(answer) == "33 % of frames voiced, mostly 220 to 220 Hz, median 220 Hz"
    assert in_words(answer[2:]) == "no frame is voiced"


def test_a_method_of_another_task_is_told(tmp_path):
    class Other:
        def predict(self, X):
            return [np.zeros((3, 2))]

    sf.write(tmp_path / "own.wav", np.zeros(16000), 16000)
    with pytest.raises(MethodError, match="use a method of task pitch"):
        track_file(Other(), tmp_path / "own.wav")


def test_published_corpora_give_protocols(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "home"))
    mir1k_layout.make(tmp_path, 10)
    mdb_layout.make(tmp_path, 60)
    for name, maker in MAKERS.items():
        made = maker(partial=True)
        assert made.name == f"{name}-partial"
        assert (made.grid.hop_s, made.grid.scored_from_s) == (HOP_S, 0.0)
        failed = [c for c in check_protocol(made) if not c.passed]
        assert not failed, failed
    sung = made.task.target(made.items["label"].iloc[0])
    assert np.allclose(sung[:, 0], 0.02 * np.arange(1, len(sung) + 1))
    assert np.allclose(sung[sung[:, 1] > 0, 1], 440 * 2 ** (-11.5 / 12), rtol=1e-4)


@pytest.mark.parametrize("name", ["pitch/mini", "pitch/embedded"])
def test_frozen_protocols_keep_their_contract(name):
    protocol = load_protocol(name)
    failed = [c for c in check_protocol(protocol) if not c.passed]
    assert not failed, failed
    assert protocol.headline == ("RPA", "RCA", "overall accuracy")


@pytest.mark.slow
def test_the_frozen_protocol_is_what_its_maker_makes():
    assert pitch_mini().hash == load_protocol("pitch/mini").hash


def test_a_folder_of_ones_own_is_a_protocol(tmp_path):
    rows = []
    for i in range(4):
        sf.write(tmp_path / f"{i}.wav", 0.1 * np.ones(8000), 16000)
        text = "".join(f"{t:.2f},{200 + i}\n" for t in frame_times(50))
        (tmp_path / f"{i}.csv").write_text(text, "utf-8")
        rows.append({"path": f"{i}.wav", "f0_path": f"{i}.csv", "group": f"g{i}"})
    pd.DataFrame(rows).to_csv(tmp_path / "index.csv", index=False)
    made = make_protocol("pitch", [tmp_path], folds=2)
    assert len(made.cells) == 2
    assert made.task.target(made.items["label"].iloc[1])[0, 1] == pytest.approx(201, rel=1e-4)
    (tmp_path / "0.csv").unlink()
    with pytest.raises(DataError, match=r"0.csv: no such pitch annotation"):
        make_protocol("pitch", [tmp_path], folds=2)

"""Sound and picture: truth, blind matching, records, boards."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from sklearn.base import BaseEstimator
from test_pair_metrics import brute

from baselines.audiovisual.methods import cca_pairs
from mirbench.audit import audit_cells
from mirbench.boards.judge import Judge
from mirbench.boards.table import board
from mirbench.boxes import Boxes, boxes_of, read_boxes
from mirbench.corpora.synthetic.pictures import write_apng
from mirbench.errors import DataError, MethodError, ProtocolError, RecordError
from mirbench.export import to_frame
from mirbench.items import Item, as_items, ragged
from mirbench.metrics import metrics_for
from mirbench.metrics.pairs import Pair, box_share
from mirbench.pairs import as_label, from_label, part_label, place
from mirbench.predictions import record_of_predictions
from mirbench.protocols import make_protocol
from mirbench.protocols.pair_lengths import cut_to_one
from mirbench.records import decode_outputs, encode_outputs
from mirbench.running import run_protocol
from mirbench.running.items import protocol_items, select, training, videos
from mirbench.running.pairs import matched
from mirbench.tasks import load_task
from mirbench.testing import check_method
from mirbench.testing.protocols import check_protocol
from mirbench.trust.answers import answers_fault
from mirbench.video import VideoItem

TASK = load_task("music-video")
METRICS = {m.name: m for m in metrics_for(TASK, None)}
N = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve sounds of a pitch and a level, videos of a height and a brightness that go with them."""
    root = tmp_path_factory.mktemp("own")
    rng, rows = np.random.default_rng(0), []
    for i in range(N):
        pitch = rng.random()
        t = np.arange(8000) / 8000
        sf.write(root / f"{i}.wav", 0.2 * np.sin(2 * np.pi * (200 + 800 * pitch) * t), 8000)
        frames = np.zeros((10, 16, 16, 3), dtype=np.uint8)
        top = int(12 * pitch)
        frames[:, top : top + 4, 6:10] = 200
        frames[:, :, :3] = rng.integers(0, 99, (10, 1, 1, 3))
        write_apng(root / f"v{i}.png", frames)
        lines = "".join(f"6,{top},10,{top + 4}\n" for _ in frames)
        (root / f"v{i}.csv").write_text(f"# rate=10 width=16 height=16\n{lines}", "utf-8")
        rows.append((f"{i}.wav", f"v{i}.png", f"v{i}.csv", f"g{i // 2}"))
    index = pd.DataFrame(rows, columns=["path", "video_path", "boxes_path", "group"])
    index.to_csv(root / "index.csv", index=False)
    return root


@pytest.fixture(scope="module")
def protocol(folder):
    return make_protocol("music-video", [folder], folds=2)


class Spy(BaseEstimator):
    """Keeps what it is shown, and answers as it is told."""

    def __init__(self, answer):
        self.answer = answer

    def fit(self, X, y):
        self.trained, self.seen, self.shown = list(zip(X, y)), [], []
        return self

    def match(self, X, V):
        assert not self.shown, "match after localise"
        self.seen.append((list(X), list(V)))
        return self.answer(X, V)

    def localise(self, X, V):
        self.shown.append((list(X), list(V)))
        maps = []
        for video in V:
            frames, _ = video.frames()
            maps.append((frames[:, :, :, 0] == 200).astype(float))
        return maps


def told(X, V):
    return np.eye(len(X), len(V))


def by_key(X, V):
    return np.array([[-abs(int(x.key[:6], 16) - int(v.key[:6], 16)) for v in V] for x in X])


def not_finite(X, V):
    return np.full((len(X), len(V)), np.nan)


def transposed(X, V):
    return np.zeros((len(X), len(V) + 1))


def imaginary(X, V):
    return np.zeros((len(X), len(V)), dtype=complex)


@pytest.fixture(scope="module")
def tested(protocol):
    """The first cell as the runner has it: training items and videos, test items and videos."""
    items, cell = protocol_items(protocol), protocol.cells[0]
    tests = {name: select(items, ids) for name, ids in cell.tests.items()}
    return *training(protocol, cell, items), tests, videos(protocol, cell)


def test_sounds_and_videos_come_blind_and_in_orders_of_their_own(tested):
    X, y, tests, shown = tested
    assert len(X) == len(y) == N // 2
    assert all(isinstance(video, VideoItem) for video in y)
    spy = Spy(told).fit(X, y)
    [answers] = matched(spy, tests, shown, "m").values()
    [(heard, seen)], [(together, own)] = spy.seen, spy.shown
    assert all(x.group is None and x.corpus is None for x in heard)
    assert [x.key for x in heard] == sorted(x.key for x in heard)
    assert [v.key for v in seen] == sorted(v.key for v in seen)
    assert all(v.path == f"video:{v.key}" for v in seen)
    assert all(len(v.frames()[0]) == 10 for v in seen)
    # who says that what comes at one place belongs together gets what the order of content gives
    belongs = {x.key: v.key for x, v in zip(together, own)}
    right = [belongs[x.key] == v.key for x, v in zip(heard, seen)]
    truth = [Pair(0, i) for i in range(len(heard))]
    value = METRICS["R@1 (sound to video)"].score(truth, answers, TASK, None)
    assert value == pytest.approx(100 * np.mean(right))
    assert value < 50


def test_scores_come_back_in_the_order_of_the_items(tested):
    _, _, tests, shown = tested
    [X], [V] = tests.values(), shown.values()
    [answers] = matched(Spy(by_key).fit([], []), tests, shown, "m").values()
    assert np.array_equal([scores for scores, _ in answers], by_key(X, V).astype(np.float32))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (not_finite, "NaN, infinite"),
        (transposed, r"shape \(6, 7\) for 6 sounds and 6 videos"),
        (imaginary, "real numbers"),
    ],
)
def test_answers_that_are_none(tested, answer, said):
    with pytest.raises(MethodError, match=said):
        matched(Spy(answer).fit([], []), *tested[2:], "m")


def test_a_method_without_match_and_maps_that_are_none(tested):
    with pytest.raises(MethodError, match=r"no match\(X, V\)"):
        matched(BaseEstimator(), *tested[2:], "m")
    for maps, said in (
        (np.zeros((3, 4)), r"finite maps of shape \(n_frames, h, w\)"),
        (np.full((3, 4, 4), np.nan), "finite maps"),
        (np.zeros((300, 1, 1)), "300 maps of 1 s"),
    ):
        spy = Spy(told).fit([], [])
        spy.localise = lambda X, V, maps=maps: [maps] * len(V)
        with pytest.raises(MethodError, match=said):
            matched(spy, *tested[2:], "m")


def test_localisation_is_by_the_box_of_what_sounds(tested, protocol):
    _, _, tests, shown = tested
    [answers] = matched(Spy(told).fit([], []), tests, shown, "m").values()
    labels = [protocol.labels[i] for i in next(iter(protocol.cells[0].tests.values()))]
    truth = [Pair(0, i, boxes_of(label), 1.0) for i, label in enumerate(labels)]
    assert METRICS["localisation"].score(truth, answers, TASK, None) == 100.0
    elsewhere = [(scores, found + 0.3) for scores, found in answers]
    assert METRICS["localisation"].score(truth, elsewhere, TASK, None) == 0.0
    assert box_share(truth[0]) == (pytest.approx(10 / 16), 10)


def test_an_item_counts_by_its_boxes_not_by_its_maps():
    corners = np.zeros((8, 4), dtype=np.uint8)
    corners[:6] = [0, 0, 4, 4]  # the last two frames are silent
    corners[4:6] += 4
    truth = [Pair(0, i, Boxes(corners, 2.0, 8, 8), 4.0) for i in range(2)]
    scores, in_box, off = np.zeros(2), np.full((1, 2), 0.25), np.full((400, 2), 0.9)
    counts = METRICS["localisation"].counts(truth, [(scores, in_box), (scores, off)], TASK, None)
    assert counts.tolist() == [[4, 6], [2, 6]]  # one map, and four hundred
    moved = np.repeat([[0.25, 0.25], [0.75, 0.75]], 2, axis=0)  # four maps of a second
    counts = METRICS["localisation"].counts(truth[:1], [(scores, moved)], TASK, None)
    assert counts.tolist() == [[6, 6]]
    short = Pair(0, 0, truth[0].boxes, 1.5)
    assert box_share(short) == (0.75, 3)
    counts = METRICS["localisation"].counts([short], [(scores, off)], TASK, None)
    assert counts.tolist() == [[0, 3]]


def test_a_truth_holds_the_video_by_its_content(folder):
    boxes = read_boxes(folder / "v3.csv")
    label = as_label(folder / "v3.png", 0.0, 1.0, boxes)
    again = boxes_of(label)
    assert np.array_equal(again.corners, boxes.corners)
    assert "v3" not in label
    assert json.loads(label)["video"] in label
    assert from_label(label).duration_s == 1.0
    with pytest.raises(ProtocolError, match="can't be cut at its start"):
        part_label(label, 0.2, 0.3)
    first = boxes_of(part_label(label, 0.0, 0.31))
    assert np.array_equal(first.corners, boxes.corners[:4])
    part = part_label(as_label(folder / "v3.png", 0.0, 1.0), 0.2, 0.3)
    assert json.loads(part)["start_s"] == 0.2
    with pytest.raises(ProtocolError, match="make the protocol anew"):
        from_label("{}")
    with pytest.raises(DataError, match="isn't within its picture"):
        as_label(folder / "v3.png", 0.0, 1.0, Boxes(boxes.corners, 10.0, 4, 4))
    with pytest.raises(DataError, match=r"v3.png: not boxes"):
        read_boxes(folder / "v3.png")


HEAD = "# rate=10 width=16 height=16"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}\n", "no frame"),
        (f"{HEAD}\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n", "line 2: '1,2,3'"),
        (f"{HEAD}\n1,2,3,4\n\n1,2,3,4,5,6,7,8\n", "line 4: '1,2,3,4,5,6,7,8'"),
        (f"{HEAD}\n1,2,3,256\n", "line 2"),
        (f"{HEAD}\n-1,2,3,4\n", "line 2"),
        (f"{HEAD}\n0,0,0,0\n1,2,1,4\n", "line 3: a box of no width or no height"),
        (f"{HEAD}\n1,4,3,2\n", "line 2: a box of no width or no height"),
        ("# rate=0 width=16 height=16\n1,2,3,4\n", "rate=0"),
        ("# rate=-2 width=16 height=16\n1,2,3,4\n", "rate=-2"),
        ("# rate=nan width=16 height=16\n1,2,3,4\n", "rate=nan"),
        ("# rate=10 width=0 height=16\n1,2,3,4\n", "width=0"),
    ],
)
def test_boxes_that_are_none(tmp_path, text, said):
    path = tmp_path / "b.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"b.csv: not boxes \(.*; write '# rate") as error:
        read_boxes(path)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration_s": float("nan")},
        {"duration_s": -1.0},
        {"duration_s": 0.0},
        {"start_s": -0.5},
        {"start_s": float("inf")},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"width": float("inf")},
    ],
)
def test_truths_that_are_none(folder, wrong):
    label = as_label(folder / "v3.png", 0.0, 1.0, read_boxes(folder / "v3.csv"))
    with pytest.raises(ProtocolError, match="make the protocol anew"):
        from_label(json.dumps(json.loads(label) | wrong))


def test_another_video_under_the_old_name_is_refused(folder, protocol):
    label = protocol.items["label"].iloc[0]
    place(label, folder / "v0.png")
    with pytest.raises(ProtocolError, match="another video than the one"):
        place(label, folder / "v1.png")


def test_records_boards_frames_and_predictions(home, protocol):
    records, failures = run_protocol(["prior-pairs"], protocol, n_jobs=1, progress=False)
    assert not failures
    outputs = records[0].outputs
    assert answers_fault(outputs, protocol) == ""
    again = decode_outputs(encode_outputs(outputs, "pairs"), "pairs")
    for (a, b), (c, d) in zip(outputs["matched"], again["matched"]):
        assert np.array_equal(a, c)
        assert np.array_equal(b, d)
        assert (a.dtype, b.shape[1]) == (np.float32, 2)
    said = board(records, protocol).attrs["chance"]
    assert said["R@1 (sound to video)"] == pytest.approx(100 / 6)
    assert said["R@25 (video to sound)"] == 100
    assert said["median rank (video to sound)"] == 3.5
    assert to_frame(records, protocol)["videos"].map(len).eq(6).all()
    rows = [
        (cell.name, test, i, other, float(i == other))
        for cell in protocol.cells
        for test, ids in cell.tests.items()
        for i in ids
        for other in ids
    ]
    table = pd.DataFrame(rows, columns=["cell", "test", "id", "video", "score"])
    perfect = record_of_predictions(table, protocol, "oracle")
    judge = Judge([perfect], protocol)
    value = judge.interval(perfect.spec, judge.metric("R@1 (video to sound)"), judge.main).value
    assert value == 100.0
    with pytest.raises(RecordError, match="give each of its 6 videos one score"):
        record_of_predictions(table.iloc[1:], protocol, "less")


@pytest.mark.parametrize("spec", ["prior-pairs", pytest.param("cca-pairs", marks=pytest.mark.slow)])
def test_the_baselines_keep_the_contract(home, spec):
    failed = [c for c in check_method(spec, "music-video") if not c.passed]
    assert not failed, failed


def test_canonical_correlation_finds_what_goes_together():
    rng, sounds, seen = np.random.default_rng(0), [], []
    for pitch in rng.random(48):
        t = np.arange(4000) / 8000
        sounds.append(Item.from_array(0.2 * np.sin(2 * np.pi * (200 + 1800 * pitch) * t), 8000))
        frames = rng.integers(0, 20, (5, 24, 24, 3))
        for i, frame in enumerate(frames):
            frame[int(18 * pitch) : int(18 * pitch) + 4, 3 * i : 3 * i + 4] += 200
        seen.append(VideoItem.from_array(frames))
    X, V = as_items(sounds), ragged(seen)
    method = cca_pairs().fit(X[:32], V[:32])
    scores = method.match(X[32:], V[32:])
    assert scores.shape == (16, 16)
    assert brute(scores, 0)[2] > 0.75
    assert [m.shape for m in method.localise(X[:2], V[:2])] == [(5, 12, 12)] * 2


@pytest.fixture
def uneven(folder, tmp_path):
    """Eight of the sounds, each of a length of its own, and their videos."""
    index = pd.read_csv(folder / "index.csv")[:8]
    for i, row in enumerate(index.to_dict("records")):
        sound, sr = sf.read(folder / row["path"])
        sf.write(tmp_path / row["path"], sound[: len(sound) - 400 * i], sr)
        for name in (row["video_path"], row["boxes_path"]):
            shutil.copy(folder / name, tmp_path)
    index.to_csv(tmp_path / "index.csv", index=False)
    return tmp_path


def by_length(X, V):
    return np.array([[-abs(x.duration_s - v.duration_s) for v in V] for x in X])


def test_a_length_does_not_tell_the_pair(uneven):
    made = make_protocol("music-video", [uneven], folds=2)
    assert set(made.items["duration_s"]) == {0.65}
    assert "cut to 0.65 s, the length of" in made.description
    assert all(c.passed for c in check_protocol(made, recordings=True))
    items, cell = protocol_items(made), made.cells[0]
    tests = {name: select(items, ids) for name, ids in cell.tests.items()}
    spy = Spy(by_length).fit([], [])
    [answers] = matched(spy, tests, videos(made, cell), "m").values()
    truth = [Pair(0, i) for i in range(len(answers))]
    assert METRICS["correspondence"].score(truth, answers, TASK, None) == 50.0
    assert {len(x.signal(8000)) for x in spy.seen[0][0]} == {5200}
    assert {len(boxes_of(label).corners) for label in made.items["label"]} == {7}


def test_one_video_of_two_sounds_is_found(home, protocol):
    cell = protocol.cells[0]
    [(name, ids)] = cell.tests.items()
    files = dict(zip(protocol.items["id"], protocol.items["label"]))
    assert audit_cells(protocol) == []

    def with_label(item, label, **more):
        labels = [label if i == item else old for i, old in files.items()]
        return replace(protocol, items=protocol.items.assign(label=labels, **more))

    def leaks(made):
        return [said for said in audit_cells(made) if said.startswith(f"cell {cell.name}, ")]

    train, test, other = cell.train[0], ids[0], ids[1]
    [said] = leaks(with_label(test, files[train]))
    assert f"test set {name}: video {train} = {test} in training and in test" in said
    [said] = leaks(with_label(test, files[other]))
    assert f"one video with two sounds, {test} = {other}" in said
    data = json.loads(files[test])
    [said] = leaks(with_label(test, json.dumps(data | {"duration_s": 0.9})))
    assert "2 lengths, which tell what belongs together" in said
    [said] = leaks(
        with_label(
            "", "", duration_s=protocol.items["duration_s"].where(protocol.items["id"] != test, 0.9)
        )
    )
    assert "2 lengths" in said
    with pytest.raises(ProtocolError, match="one video with two sounds"):
        run_protocol(["prior-pairs"], with_label(test, files[other]), n_jobs=1, progress=False)


def test_pairs_are_not_cut_to_nothing():
    items = pd.DataFrame({"id": ["a", "b"], "duration_s": [3.0, 0.05]})
    with pytest.raises(ProtocolError, match=r"b: 0\.05 s, .* drop it from the index"):
        cut_to_one(items)

"""A method's worst mistakes: which, in which order, and their page on recordings made for it."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from conftest import FRAMES_BODY
from made_records import (
    HOSTILE,
    SCORED,
    learning_protocol,
    matrix_protocol,
    record,
    segment_protocol,
)
from PIL import Image

from mirbench.boards.judge import Judge
from mirbench.errors import DataError, ProtocolError, RecordError
from mirbench.items import Item, as_items
from mirbench.methods import load_method
from mirbench.mistakes import worst, write_report
from mirbench.mistakes.nearest import mfcc_statistics, nearest_training
from mirbench.mistakes.page import strip
from mirbench.mistakes.spectrogram import spectrogram
from mirbench.protocols import make_protocol
from mirbench.protocols.ranking import ranking_protocol
from mirbench.records import load_records, record_path, save_record
from mirbench.running import run_protocol
from mirbench.tasks import load_task

LABELS = ("music", "speech")


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.inside = [], "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def test_classes_are_sorted_by_the_score_of_the_wrong_label():
    protocol = learning_protocol()
    ids = protocol.items["id"].tolist()[10:13]
    sure = dict(zip(ids, (0.6, 0.9, 0.7)))

    def answer(cell, test, item):
        right = LABELS.index(item["label"])
        wrong = sure.get(item["id"], 0.2) + (0.05 if cell.source == "n=20" else 0)
        return np.eye(2)[right] * (1 - wrong) + np.eye(2)[1 - right] * wrong

    found, words = worst(Judge([record(protocol, "m", answer)], protocol), "m")
    assert [m.id for m in found] == [ids[1], ids[2], ids[0]]
    assert found[0].badness == pytest.approx(0.9)
    assert {m.cell for m in found} == {"n=80"}, "the rows that the board pools"
    assert (found[0].truth, found[0].decided) == ("music", "speech")
    assert found[0].scores == (("speech", pytest.approx(0.9)), ("music", pytest.approx(0.1)))
    assert words.startswith("3 of 20 decisions are wrong")
    assert len(worst(Judge([record(protocol, "m", answer)], protocol), "m", 2)[0]) == 2


def test_frames_are_sorted_by_their_share_of_wrong_frames():
    protocol = matrix_protocol()
    wrong = dict(zip(protocol.items["id"][:3], (10, 200, 30)))

    def answer(cell, test, item):
        codes = np.full(SCORED, LABELS.index(item["label"]))
        codes[: wrong.get(item["id"], 0)] ^= 1
        return np.eye(2, dtype=np.float16)[codes]

    found, words = worst(Judge([record(protocol, "m", answer)], protocol), "m")
    assert [round(m.badness * SCORED) for m in found] == [200, 30, 10]
    assert found[0].decided == "speech"
    assert found[1].decided == "music"
    assert (found[1].frames[:30] == 1).all()
    assert "76.9 % of 260 scored frames are wrong" in found[0].said
    assert words.startswith("3 of 48 items have wrong frames")


def ranking(n=6):
    rows = [(f"a{a}", f"{a}{t}") for a in range(n) for t in (0, 1)]
    items = pd.DataFrame(rows, columns=["label", "id"])
    items = items.assign(
        corpus="made", item=items["id"], key=items["id"], group=items["label"], degradation=""
    )
    items["start_s"], items["duration_s"] = 0.0, 1.0
    return ranking_protocol("similarity/made", load_task("same-artist"), [items], evidence="real")


def test_rankings_are_sorted_by_average_precision():
    protocol = ranking()

    def answer(cell, test, item):
        ids = list(cell.tests[test])
        own, twin = ids.index(item["id"]), ids.index(item["id"][0] + "10"[int(item["id"][1])])
        rank = {"00": 9, "01": 4}.get(item["id"], 0)
        order = [i for i in range(len(ids)) if i not in (own, twin)]
        order.insert(rank, twin)
        return np.array(order, dtype=np.int32), np.arange(len(order), dtype=np.float32)

    found, words = worst(Judge([record(protocol, "m", answer)], protocol), "m")
    assert [m.id for m in found] == ["00", "01"]
    assert found[0].badness == pytest.approx(0.9)
    assert found[0].tracks[-1] == ("01", 10, 9.0, True)
    assert [t[3] for t in found[0].tracks] == [False] * 5 + [True]
    assert found[1].tracks[4][3]
    assert "the first of them has rank 10" in found[0].said
    assert words.startswith("2 of 12 queries")


def test_segments_are_refused_with_a_way_out():
    protocol = segment_protocol()
    made = record(protocol, "m", lambda cell, test, item: [(0.0, 20.0, "music")])
    with pytest.raises(ProtocolError, match="not segments; 'mirbench apply'"):
        worst(Judge([made], protocol), "m")


def test_strip_holds_runs_on_the_items_time():
    boxes = strip(np.array([0, 0, 1, 1, 1, 0]), 0, 5.0, 0.5, 10.0)
    assert [(b["x"], b["width"], b["wrong"]) for b in boxes] == [
        ("500.0", "100.0", False),
        ("600.0", "150.0", True),
        ("750.0", "50.0", False),
    ]


def test_spectrogram_is_a_small_png_with_the_tone_where_it_belongs():
    t = np.arange(3 * 22_050) / 22_050
    pictures = []
    for frequency in (200, 5000):
        sound = np.sin(2 * np.pi * frequency * t).astype(np.float32)
        address = spectrogram(Item.from_array(sound, 22_050), columns=100)
        data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
        assert len(data) < 10_000
        pictures.append(np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float))
    low, high = (p[:, 10:-10].mean(axis=1).argmax() for p in pictures)
    assert pictures[0].shape == (64, 100)
    assert high < 20 < 55 < low, "high tones lie above"


def noise(n, seed=0):
    rng = np.random.default_rng(seed)
    return as_items(
        Item.from_array((0.02 * (i + 1) * rng.standard_normal(8000)).astype(np.float32), 8000, "g")
        for i in range(n)
    )


def test_nearest_by_the_methods_own_features(method_file):
    method = load_method(method_file(FRAMES_BODY, "clips"))
    train, tested = noise(6), noise(6, seed=1)
    y = np.array([0, 1] * 3)
    distances, order, words = nearest_training(method, 0, train, y, tested)
    assert words == "the features that mine.py:clips gives its GaussianNB"
    assert (np.diff(np.take_along_axis(distances, order, axis=1)) >= 0).all()
    rows, asked = (method.build().steps[0][1].transform(x) for x in (train, tested))
    scale = rows.std(axis=0)
    expected = np.linalg.norm((asked[:, None] - rows[None]) / scale, axis=-1)
    np.testing.assert_allclose(distances, expected, rtol=1e-4)


SEARCHED = (
    FRAMES_BODY
    + '''
from sklearn.base import BaseEstimator, ClassifierMixin, clone

class Around(ClassifierMixin, BaseEstimator):
    def __init__(self, inner):
        self.inner = inner
    def fit(self, X, y):
        return self

def around():
    """Hides its pipeline."""
    return Around(method())

class Whole(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        return self

def whole():
    """Extracts nothing."""
    return Whole()
'''
)


def test_nearest_says_what_it_fell_back_on(method_file):
    train, y, tested = noise(4), np.array([0, 1, 0, 1]), noise(2, seed=1)
    spec = method_file(SEARCHED, "around")
    words = nearest_training(load_method(spec), 0, train, y, tested)[2]
    assert words == "the features that mine.py:around extracts"
    for method in (None, load_method(spec.replace(":around", ":whole"))):
        distances, order, words = nearest_training(method, 0, train, y, tested)
        assert "MFCC, not the method's own" in words
        assert distances.shape == order.shape == (2, 4)
    assert mfcc_statistics(train[0].signal(22_050), 22_050).shape == (40,)


@pytest.fixture
def ran(home, make_corpus, plain_method):
    """A frame method run on a small corpus, and where its records are."""
    folder = make_corpus(groups=4, per_group=1, seconds=6.0)
    protocol = make_protocol("speech-music", [str(folder)], folds=2)
    root = home / "records"
    _, failures = run_protocol([plain_method], protocol, n_jobs=1, records=root, progress=False)
    assert not failures
    return folder, protocol, root


def spoilt(protocol, root, spec):
    """The run's record with some frames turned round, under another name."""
    (right,) = load_records(root)

    def answer(cell, test, item):
        rows = right.outputs
        where = (rows["cell"] == cell.name) & (rows["test"] == test) & (rows["id"] == item["id"])
        scores = np.array(rows.loc[where, "scores"].iloc[0])
        scores[:20] = scores[:20, ::-1]
        return scores

    made = record(protocol, spec, answer)
    save_record(made, record_path(root, made.identity))


def test_page_plays_what_lies_on_this_machine_and_asks_for_nothing_else(ran, plain_method):
    folder, protocol, root = ran
    spoilt(protocol, root, HOSTILE)
    path = folder / "pages" / "report.html"
    said = write_report(HOSTILE, protocol, path, records=root, n=3, progress=False)
    assert "3 mistakes" in said
    text = path.read_text("utf-8")
    page = Reader(text)
    players = page.all("audio")
    assert len(page.all("article")) == 3
    assert len(players) >= 3 * 4
    for player in players:
        url = urlparse(player["src"])
        assert url.scheme in ("", "file")
        at = unquote(url.path)
        assert (Path(at) if url.scheme else path.parent / at).is_file()
    assert all(image["src"].startswith("data:image/png") for image in page.all("img"))
    assert "MFCC, not the method's own features" in page.text
    assert HOSTILE in page.text
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"sha256-{digest}" in page.all("meta")[2]["content"]
    assert not re.search(r"https?:|//\w", re.sub(r"file://|data:image\S+|http-equiv", "", text))
    before = path.read_bytes()
    write_report(HOSTILE, protocol, path, records=root, n=3, progress=False)
    assert path.read_bytes() == before


def test_page_of_a_method_that_is_here_uses_its_features(ran, plain_method):
    folder, protocol, root = ran
    path = folder / "report.html"
    write_report(plain_method, protocol, path, records=root, progress=False)
    page = Reader(path.read_text("utf-8"))
    assert "features that mine.py:method gives its PerFrame" in page.text or not page.all("article")
    assert all(not urlparse(a["src"]).scheme for a in page.all("audio")), "below the page's folder"


def test_parts_of_a_file_are_linked_as_parts(home, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    rng = np.random.default_rng(0)
    sf.write(folder / "long.wav", 0.1 * rng.standard_normal(16 * 8000), 8000)
    rows = [
        {"id": f"p{i}", "path": "long.wav", "start_s": 2.0 * i, "duration_s": 2.0, "artist": f"a{i // 2}"}
        for i in range(8)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "index.csv", index=False)
    protocol = make_protocol("same-artist", [str(folder)])

    def answer(cell, test, item):
        ids = list(cell.tests[test])
        order = [i for i in range(len(ids)) if i != ids.index(item["id"])]
        return np.array(order, dtype=np.int32), np.arange(len(order), dtype=np.float32)

    made = record(protocol, "m", answer)
    save_record(made, record_path(home, made.identity))
    path = folder / "report.html"
    write_report("m", protocol, path, records=home, n=2, progress=False)
    page = Reader(path.read_text("utf-8"))
    assert all(re.fullmatch(r"long\.wav#t=\d+\.000,\d+\.000", a["src"]) for a in page.all("audio"))
    assert "not relevant" in page.text
    assert "rank 1, distance 0" in page.text


def test_faults_are_named(ran, plain_method):
    folder, protocol, root = ran
    with pytest.raises(RecordError, match=r"no usable record of 'prior-frames'.*mine\.py:method"):
        write_report("prior-frames", protocol, folder / "x.html", records=root)
    with pytest.raises(DataError, match=r"name a \.html"):
        write_report(plain_method, protocol, folder / "x.txt", records=root)

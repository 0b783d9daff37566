"""Ranking protocols end to end: what a method is shown, what is kept, what boards say."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

import mirbench
from mirbench.audit import audit_cells
from mirbench.boards import compare, write_board
from mirbench.boards.judge import Judge
from mirbench.boards.text import to_markdown
from mirbench.cli import main
from mirbench.errors import MethodError, ProtocolError, RecordError
from mirbench.predictions import record_of_predictions
from mirbench.protocols import Protocol, make_protocol
from mirbench.records import Record, load_record, load_records, save_record
from mirbench.running import run_protocol
from mirbench.testing import check_method, check_protocol

SR = 8000
ARTISTS = 15
N = 4 * ARTISTS
METHOD = '''
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from mirbench.features import Extract

def centroid(signal, sr):
    size = np.abs(np.fft.rfft(signal)) ** 2
    return np.array([(size * np.arange(len(size))).sum() / (size.sum() + 1e-9)])

def method():
    """Spectral centroid, Euclidean."""
    return make_pipeline(Extract(centroid, sr=8000), StandardScaler())
'''
SPY = '''
import json
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

LOG = Path(__file__).with_suffix(".log")

class Spy(TransformerMixin, BaseEstimator):
    def fit(self, X, y):
        shown = {"y": np.asarray(y).tolist(), "groups": [x.group for x in X], "keys": [x.key for x in X]}
        LOG.write_text(json.dumps(shown))
        return self

    def transform(self, X):
        assert all(x.group is None and x.corpus is None for x in X)
        return np.array([[float(int(x.key[:6], 16))] for x in X])

def method():
    """Writes down what it is shown."""
    return Spy()
'''


@pytest.fixture
def tracks(tmp_path):
    """Fifteen artists with two albums of two tracks; an artist's tracks hum near one frequency."""
    root = tmp_path / "tracks"
    root.mkdir()
    rng, rows = np.random.default_rng(0), []
    t = np.arange(SR) / SR
    for artist in range(ARTISTS):
        for album in range(2):
            for track in range(2):
                name = f"{artist:02}{album}{track}.wav"
                hum = np.sin(2 * np.pi * (300 + 220 * artist + 20 * rng.random()) * t)
                level = 0.1 + 0.3 * album
                sf.write(root / name, level * hum, SR, subtype="PCM_16")
                tags = f"tag{artist % 3}|tag{3 + artist % 2}|all"
                row = {"path": name, "artist": f"a{artist}", "album": f"b{album}", "tags": tags}
                rows.append(row | {"genre": f"g{artist % 3}"})
    pd.DataFrame(rows).to_csv(root / "index.csv", index=False)
    return root


@pytest.fixture
def spec(tmp_path):
    def write(text, name="mine.py"):
        (tmp_path / name).write_text(text)
        return f"{tmp_path / name}:method"

    return write


def run(spec, protocol, **options):
    records, failures = run_protocol([spec], protocol, n_jobs=1, progress=False, **options)
    assert not failures
    return records


def test_a_collection_shows_no_label_and_no_artist(home, tracks, spec, tmp_path):
    protocol = make_protocol("same-artist", [tracks])
    assert audit_cells(protocol) == []
    run(spec(SPY), protocol)
    shown = json.loads((tmp_path / "mine.log").read_text())
    assert shown["y"] == [-1] * N
    assert shown["groups"] == [None] * N
    assert sorted(shown["keys"]) == sorted(protocol.items["key"])


def test_an_oracle_holds_artists_out_and_shows_tags_in_training(home, tracks, spec, tmp_path):
    protocol = make_protocol("tag-similarity", [tracks])
    assert protocol.task.labels == ("all", "tag0", "tag1", "tag2", "tag3", "tag4")
    assert audit_cells(protocol) == []
    (cell,) = protocol.cells
    held = set(protocol.table.loc[list(cell.tests["tracks"]), "group"])
    assert len(held) == 3
    run(spec(SPY), protocol)
    shown = json.loads((tmp_path / "mine.log").read_text())
    assert not held & set(shown["groups"])
    names = [protocol.items.set_index("key").loc[k, "label"] for k in shown["keys"]]
    assert [json.loads(n) for n in names] == [
        [tag for tag, has in zip(protocol.task.labels, row) if has] for row in shown["y"]
    ]


def test_another_collection_can_be_trained_on(home, tracks, spec, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    index = pd.read_csv(tracks / "index.csv")
    for i, path in enumerate(index["path"]):
        sound, sr = sf.read(tracks / path)
        sf.write(other / path, sound * 0.5 + 1e-3 * i, sr, subtype="PCM_16")
    index.assign(artist="o" + index["artist"]).to_csv(other / "index.csv", index=False)
    protocol = make_protocol("same-artist", [tracks], [other])
    run(spec(SPY), protocol)
    shown = json.loads((tmp_path / "mine.log").read_text())
    assert shown["groups"] == [f"a{i // 4}" for i in range(N)]
    assert [protocol.task.labels[code] for code in shown["y"]] == shown["groups"]


def test_run_board_page_and_comparison(home, tracks, spec, tmp_path):
    protocol = make_protocol("same-artist", [tracks])
    records = [*run(spec(METHOD), protocol), *run(spec(SPY, "spy.py"), protocol)]
    table = mirbench.board(protocol)
    best = table.iloc[0]
    assert best["R-precision"] > 90
    assert best["title"] == "Spectral centroid, Euclidean."
    assert {"R-precision (album filter)", "hubness (k=5)"} <= set(table.columns)
    files = write_board(records, protocol, tmp_path / "page")
    again = write_board(records, protocol, tmp_path / "again")
    assert [f.read_bytes() for f in files] == [f.read_bytes() for f in again]
    result = compare(*[[r] for r in records], protocol, "precision@1")
    assert result.winner.endswith("mine.py:method")
    assert set(result.per_class["label"]) == {f"a{i}" for i in range(ARTISTS)}


def test_a_record_comes_back_as_it_was(home, tracks, spec, tmp_path):
    (record,) = run(spec(METHOD), make_protocol("same-genre", [tracks]))
    again = load_record(record.path)
    for (ids, distances), (ids2, distances2) in zip(
        record.outputs["ranked"], again.outputs["ranked"], strict=True
    ):
        assert len(ids) == N - 1
        assert (ids == ids2).all()
        assert (distances == distances2).all()
        assert (np.diff(distances) >= 0).all()


@pytest.mark.parametrize("fault", ["twice", "itself", "beyond", "nan"])
def test_a_tampered_list_is_refused(home, tracks, spec, tmp_path, fault):
    protocol = make_protocol("same-artist", [tracks])
    (record,) = run(spec(METHOD), protocol)
    ids, distances = (np.array(a) for a in record.outputs["ranked"][0])
    if fault == "nan":
        distances[0] = np.nan
    else:
        ids[0] = {"twice": ids[1], "itself": 0, "beyond": 999}[fault]
    outputs = record.outputs.copy()
    outputs.at[0, "ranked"] = (ids, distances)
    forged = save_record(Record(record.header, outputs), tmp_path / "forged.json")
    judge = Judge([load_record(forged.path)], protocol)
    with pytest.raises(RecordError, match=r"forged\.json: a ranked list"):
        judge.interval(record.spec, judge.headline[0], judge.main)


def test_albums_are_part_of_the_hash_and_titles_are_not(tracks):
    protocol = make_protocol("same-artist", [tracks])
    moved = protocol.items.assign(album="one")
    assert dataclasses.replace(protocol, items=moved).hash != protocol.hash
    assert Protocol.from_dict(protocol.to_dict()).hash == protocol.hash


@pytest.mark.parametrize("task", ["same-artist", "same-genre", "tag-similarity"])
def test_contracts(home, tracks, spec, task):
    assert all(c.passed for c in check_protocol(make_protocol(task, [tracks])))
    failed = [c for c in check_method(spec(METHOD), task) if not c.passed]
    assert not failed


def test_predictions_made_elsewhere(home, tracks, spec):
    protocol = make_protocol("same-artist", [tracks])
    (record,) = run(spec(METHOD), protocol)
    ids = protocol.cells[0].tests["tracks"]
    rows = [
        {"id": query, "neighbour": ids[i], "distance": d}
        for query, (near, distances) in zip(record.outputs["id"], record.outputs["ranked"])
        for i, d in zip(near, distances)
    ]
    made = record_of_predictions(pd.DataFrame(rows), protocol)
    values = [
        float(Judge([r], protocol).interval(r.spec, m, np.ones(N, dtype=bool)).value)
        for m in Judge([made], protocol).headline
        for r in (made, record)
    ]
    assert values[::2] == values[1::2]
    for column, value, message in (
        ("neighbour", "tracks/nobody", "isn't in test set"),
        ("neighbour", rows[0]["id"], "or the query itself"),
        ("distance", 99.0, "that ascend"),
    ):
        spoilt = [rows[0] | {column: value}, *rows[1:]]
        with pytest.raises(RecordError, match=message):
            record_of_predictions(pd.DataFrame(spoilt), protocol)


def test_a_classifier_is_told_what_a_ranking_needs(home, tracks, spec):
    text = METHOD.replace("StandardScaler())", "GaussianNB())").replace(
        "import numpy as np", "import numpy as np\nfrom sklearn.naive_bayes import GaussianNB"
    )
    with pytest.raises(MethodError, match="has no transform; 'mirbench check"):
        run_protocol([spec(text)], make_protocol("tag-similarity", [tracks]), progress=False)
    told = [check.detail for check in check_method(spec(text), "same-artist")]
    assert any("by what transform gives" in detail for detail in told)


def test_collections_with_nothing_to_find_are_refused(tracks):
    index = pd.read_csv(tracks / "index.csv")
    index.assign(artist=[f"a{i}" for i in range(N)]).to_csv(tracks / "index.csv", index=False)
    with pytest.raises(ProtocolError, match="no two tracks have one artist"):
        make_protocol("same-artist", [tracks])
    index.assign(artist=[f"a{i % 3}" for i in range(N)]).to_csv(tracks / "index.csv", index=False)
    with pytest.raises(ProtocolError, match="3 artists; a fifth of them is held out"):
        make_protocol("tag-similarity", [tracks])


def test_damaged_lists_are_left_out_of_the_board(home, tracks, spec, tmp_path):
    protocol = make_protocol("same-artist", [tracks])
    (record,) = run(spec(METHOD), protocol)
    data = record.path.with_suffix(".parquet").read_bytes()
    record.path.with_suffix(".parquet").write_bytes(data[:-9])
    with pytest.warns(UserWarning, match="doesn't match the hash"):
        assert load_records(home / "records") == []


def test_the_command_line_from_run_to_listening_test(home, tracks, spec, tmp_path, capsys):
    method, records = spec(METHOD), str(home / "records")
    assert main(["run", method, "--task", "same-artist", "--train", str(tracks), "-j", "1"]) == 0
    assert "R-precision" in capsys.readouterr().out
    query, m3u = str(tracks / "0000.wav"), tmp_path / "near.m3u8"
    asked = ["apply", method, "--query", query, "--catalogue", str(tracks)]
    assert main([*asked, "-k", "3", "-o", str(m3u), "--page", str(tmp_path / "near.html")]) == 0
    assert len([line for line in m3u.read_text().splitlines() if line.endswith(".wav")]) == 3
    assert main(["apply", method, "--query", query]) == 1
    assert "needs --query FILE and --catalogue" in capsys.readouterr().err
    name = next(home.glob("records/*/*/protocol.json")).parent.name.replace(".", "/", 1)
    made = ["listen", "make", "mine.py:method", "-p", name, "-o", str(tmp_path / "test")]
    assert main([*made, "--queries", "4", "--records", records]) == 0
    assert (tmp_path / "test" / "key.json").is_file()
    ratings = ["listen", "score", str(tmp_path / "none.csv"), "--key"]
    assert main([*ratings, str(tmp_path / "test" / "key.json")]) == 1
    assert "none.csv" in capsys.readouterr().err


ORDER = '''
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

class Order(TransformerMixin, BaseEstimator):
    def fit(self, X, y):
        self.place_ = {x.key: i for i, x in enumerate(X)}
        return self

    def transform(self, X):
        return np.array([[float(self.place_[x.key])] for x in X])

def method():
    """Remembers the order of a collection, hears nothing."""
    return Order()
'''


def test_the_order_of_a_collection_says_nothing(home, tracks, spec):
    protocol = make_protocol("same-artist", [tracks])
    (record,) = run(spec(ORDER), protocol)
    judge = Judge([record], protocol)
    assert judge.interval(record.spec, judge.headline[0], judge.main).value < 25


def test_the_artist_filter_goes_by_artist(tracks):
    index = pd.read_csv(tracks / "index.csv")
    given = index.assign(group="one", artist=index["artist"] + " ")
    given.to_csv(tracks / "index.csv", index=False)
    protocol = make_protocol("same-genre", [tracks])
    assert set(protocol.items["group"]) == {f"a{i}" for i in range(ARTISTS)}
    index.drop(columns="artist").to_csv(tracks / "index.csv", index=False)
    assert "has no column 'artist'" in make_protocol("same-genre", [tracks]).description


def test_tracks_without_a_label_are_counted(tracks):
    index = pd.read_csv(tracks / "index.csv")
    index.loc[::4, "tags"] = None
    index.to_csv(tracks / "index.csv", index=False)
    assert (
        f"{N // 4} items of tracks labelled"
        in make_protocol("tag-similarity", [tracks]).description
    )


@pytest.mark.parametrize("tags", ["rock", "{i}"])
def test_tags_that_rank_nobody_are_refused(tracks, tags):
    index = pd.read_csv(tracks / "index.csv")
    index.assign(tags=[tags.format(i=i) for i in range(N)]).to_csv(
        tracks / "index.csv", index=False
    )
    with pytest.raises(ProtocolError, match="the oracle can't rank them"):
        make_protocol("tag-similarity", [tracks])


def test_far_distances_are_one_methods_failure(home, tracks, spec):
    far = METHOD.replace("StandardScaler())", "FunctionTransformer(lambda x: 1e39 * x))")
    far = far.replace("import StandardScaler", "import FunctionTransformer")
    protocol = make_protocol("same-artist", [tracks])
    specs = [spec(far, "far.py"), spec(METHOD)]
    records, failures = run_protocol(specs, protocol, n_jobs=1, progress=False)
    assert [r.spec.endswith("mine.py:method") for r in records] == [True]
    assert "beyond single precision" in next(iter(failures.values()))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("FunctionTransformer(lambda x: [np.ones((3, 2)) for _ in x])", "gave matrices"),
        ("Unfitted()", "fit sets no attribute ending in '_'"),
    ],
)
def test_what_a_transformer_lacks_is_said(home, tracks, spec, step, message):
    text = METHOD.replace("StandardScaler())", f"{step})").replace(
        "import StandardScaler",
        "import FunctionTransformer\nfrom sklearn.base import BaseEstimator, TransformerMixin",
    )
    text += """
class Unfitted(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X
"""
    protocol = make_protocol("same-artist", [tracks])
    _, failures = run_protocol([spec(text)], protocol, n_jobs=1, progress=False)
    assert message in next(iter(failures.values()))


def test_a_collection_on_both_sides_is_one_collection(tracks, tmp_path):
    one = make_protocol("same-artist", [tracks])
    assert make_protocol("same-artist", [tracks], [tracks]).hash == one.hash
    with pytest.raises(ProtocolError, match="leave out --test"):
        make_protocol("same-artist", [tracks, tmp_path], [tracks])


def test_a_board_says_how_many_queries_count(home, tracks, spec):
    index = pd.read_csv(tracks / "index.csv")
    index.loc[index["artist"] == "a0", "album"] = "b0"
    index.loc[index["artist"] == "a1", "artist"] = [f"lone{i}" for i in range(4)]
    index.to_csv(tracks / "index.csv", index=False)
    protocol = make_protocol("same-artist", [tracks])
    table = mirbench.board(protocol) if run(spec(METHOD), protocol) else None
    assert table.attrs["n_left_out"] == 4
    assert table.attrs["counted"]["R-precision (album filter)"] == [N - 8, ARTISTS - 2]
    text = to_markdown(table)
    assert f"{N - 4} answers, {ARTISTS - 1} groups (4 queries have nothing to find)" in text
    assert f"R-precision (album filter) is of {N - 8} queries of {ARTISTS - 2} groups" in text

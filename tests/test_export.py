"""Records in pandas, DuckDB and MLflow say what the board says."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_records import (
    HOSTILE,
    SCORED,
    good_to_bad,
    learner,
    learning_protocol,
    matrix_protocol,
    record,
    segment_protocol,
)

from mirbench.boards import board
from mirbench.errors import MirbenchError, RecordError
from mirbench.export import export_mlflow, scores_frame, to_frame, to_parquet
from mirbench.protocols.ranking import ranking_protocol
from mirbench.records import record_path, save_record
from mirbench.tasks import load_task


@pytest.fixture(scope="module")
def frames():
    protocol = matrix_protocol()
    return protocol, good_to_bad(protocol)


def test_a_row_an_answer_and_seed():
    protocol = learning_protocol()
    records = [learner(protocol), learner(protocol, "n")]
    records.append(record(protocol, "n", lambda *_: np.array([0.2, 0.8]), seed=1))
    table = to_frame(records, protocol)
    assert len(table) == 3 * 2 * 20
    assert table.columns.is_unique
    assert table[["method", "seed", "cell", "test", "id"]].duplicated().sum() == 0
    assert (table["correct"] == (table["decision"] == table["truth"])).all()
    fixed = table[table["seed"] == 1]
    assert set(fixed["decision"]) == {"speech"}
    assert fixed["score speech"].tolist() == pytest.approx([0.8] * 40)
    assert set(fixed.loc[fixed["pooled"], "cell"]) == {"n=80"}
    for method in ("m", "n"):
        own = table[(table["method"] == method) & table["pooled"]]
        recalls = own.groupby(["seed", "truth"])["correct"].mean().groupby("seed").mean()
        expected = board(records, protocol).set_index("method").loc[method, "balanced accuracy"]
        assert 100 * recalls.mean() == pytest.approx(expected)


def test_frames_are_kept_and_their_values_average_to_the_board(frames):
    protocol, records = frames
    table = to_frame(records, protocol)
    assert set(table["metric"]) == {"frame error"}
    own = table[(table["method"] == "good") & table["pooled"]]
    assert own["frames"].map(len).eq(SCORED).all()
    wrong = [
        100 * np.mean(f != ("music", "speech").index(t))
        for f, t in zip(own["frames"], own["truth"])
    ]
    np.testing.assert_allclose(own["value"], wrong)
    expected = board(records, protocol).set_index("method").loc["good", "frame error"]
    assert own["value"].mean() == pytest.approx(expected)


def ranking():
    rows = [(f"a{a}", f"{a}{t}") for a in range(5) for t in (0, 1)]
    items = pd.DataFrame(rows, columns=["label", "id"])
    items = items.assign(
        corpus="made", item=items["id"], key=items["id"], group=items["label"], degradation=""
    )
    items["start_s"], items["duration_s"] = 0.0, 1.0
    protocol = ranking_protocol(
        "similarity/made", load_task("same-artist"), [items], evidence="real"
    )

    def answer(cell, test, item):
        order = [i for i, name in enumerate(cell.tests[test]) if name != item["id"]]
        return np.array(order, dtype=np.int32), np.arange(len(order), dtype=np.float32)

    return protocol, record(protocol, "m", answer)


def test_segments_and_lists_are_lists():
    protocol = segment_protocol()
    made = record(protocol, "m", lambda *_: [(0.0, 20.0, "music")])
    table = to_frame([made], protocol)
    assert table["segments"][0] == [{"start_s": 0.0, "end_s": 20.0, "label": "music"}]
    protocol, made = ranking()
    table = to_frame([made], protocol, top=3).set_index("id")
    assert table.loc["10", "neighbours"] == ["00", "01", "11"]
    assert table.loc["10", "distances"].tolist() == [0, 1, 2]
    assert table.loc["00", "value"] == 100


def test_scores_are_the_boards(frames):
    protocol, records = frames
    scores = scores_frame(records, protocol).set_index(["method", "metric"])
    for row in board(records, protocol).to_dict("records"):
        for name in ("frame error", "2.4-s error"):
            one = scores.loc[(row["method"], name)]
            expected = [row[f"{name}{end}"] for end in ("", " lo", " hi")]
            assert one[["value", "lo", "hi"]].tolist() == pytest.approx(expected, nan_ok=True)
            assert one["n_groups"] == row["n_groups"]


def saved(root, frames):
    protocol, records = frames
    segments = segment_protocol()
    ranked, lists = ranking()
    cut = record(segments, "m", lambda *_: [(0.0, 20.0, "music")])
    for one in (*records, cut, lists):
        save_record(one, record_path(root, one.identity), small=False)
    return [protocol, segments, ranked]


def test_duckdb_reads_what_was_written(tmp_path, frames):
    duckdb = pytest.importorskip("duckdb")
    protocols = saved(tmp_path / "records", frames)
    paths, faults = to_parquet(tmp_path / "records", tmp_path / "out", protocols)
    assert not faults
    assert [p.name for p in paths] == [
        "speech-music.fake.parquet",
        "p.parquet",
        "similarity.made.parquet",
        "scores.parquet",
    ]
    base = duckdb.connect()

    def ask(query):
        return base.execute(query.replace("OUT", str(tmp_path / "out"))).fetchall()

    errors = ask(
        "select method, avg(value) from 'OUT/items/speech-music.fake.parquet' where pooled "
        "group by method order by 2"
    )
    scores = ask(
        "select method, value from 'OUT/scores.parquet' where metric = 'frame error' order by 2"
    )
    assert [m for m, _ in errors] == [m for m, _ in scores]
    assert [v for _, v in errors] == pytest.approx([v for _, v in scores])
    assert HOSTILE in dict(errors)
    ends = ask("select distinct segments[1].end_s from 'OUT/items/p.parquet'")
    assert ends == [(20.0,)]
    nearest = ask("select neighbours[1] from 'OUT/items/similarity.made.parquet' where id = '10'")
    assert nearest == [("00",)]
    together = ask("select count(*) from read_parquet('OUT/items/*.parquet', union_by_name = true)")
    assert together == [(4 * 96 + 6 + 10,)]


def test_the_same_bytes_twice_and_a_clear_refusal(tmp_path, frames):
    protocols = saved(tmp_path / "records", frames)
    one, two = (to_parquet(tmp_path / "records", tmp_path / d, protocols)[0] for d in "ab")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    with pytest.raises(RecordError, match="no usable record of p; run a method first"):
        to_parquet(tmp_path / "records", tmp_path / "c", [learning_protocol()])


class Client:
    """What the adapter uses of MLflow's client."""

    store: dict = {}  # noqa: RUF012

    def __init__(self, tracking_uri):
        self.runs = self.store.setdefault(tracking_uri, {})

    def get_experiment_by_name(self, name):
        return SimpleNamespace(experiment_id=name) if name in self.runs else None

    def create_experiment(self, name):
        self.runs[name] = []
        return name

    def search_runs(self, experiments, query, max_results):
        return [r for r in self.runs[experiments[0]] if r.tags["mirbench.row"] in query]

    def create_run(self, experiment, tags):
        run = SimpleNamespace(tags=tags, params={}, metrics={}, open=True)
        run.info = SimpleNamespace(run_id=run)
        self.runs[experiment].append(run)
        return run

    def log_param(self, run, name, value):
        run.params[name] = value

    def log_metric(self, run, name, value):
        assert np.isfinite(value)
        run.metrics[name] = value

    def set_terminated(self, run):
        run.open = False


def test_mlflow_gets_a_run_a_row_once(monkeypatch, frames):
    monkeypatch.setitem(sys.modules, "mlflow", module := ModuleType("mlflow"))
    module.MlflowClient = Client
    protocol, records = frames
    table = board(records, protocol)
    made = export_mlflow(table, "sqlite:///x")
    assert len(made) == len(table)
    assert export_mlflow(table, "sqlite:///x") == []
    best, row = made[0], table.iloc[0]
    assert best.params["method"] == row["method"]
    assert best.params["protocol.hash"] == protocol.hash
    assert best.metrics["frame error lo"] == row["frame error lo"]
    assert best.metrics["fit_s"] == row["fit_s"]
    assert not best.open
    clip = learning_protocol()
    (run,) = export_mlflow(board([learner(clip)], clip), "sqlite:///x")
    assert "F _speech_" in run.metrics, "MLflow takes no brackets"


def test_without_mlflow_the_extra_is_named(monkeypatch, frames):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    protocol, records = frames
    with pytest.raises(MirbenchError, match=r"pip install 'mirbench\[mlflow\]'"):
        export_mlflow(board(records, protocol), "sqlite:///x")

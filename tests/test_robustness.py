"""Sweeps of degradations over any protocol, and the board's view of them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.audit import audit_cells
from mirbench.boards import write_board
from mirbench.boards.judge import block_name
from mirbench.boards.plot_robustness import plot_robustness
from mirbench.boards.robustness import by_degradation, robustness
from mirbench.degradations import degrade
from mirbench.errors import DataError, ProtocolError
from mirbench.frames import Grid
from mirbench.protocols import Cell, Protocol, load_protocol, make_protocol, protocol_names
from mirbench.protocols.makers import excerpts
from mirbench.protocols.robustness import sweep_cells, sweep_protocol, thinned
from mirbench.records import Record
from mirbench.running.items import protocol_items
from mirbench.tasks import load_task

# Sweeps -------------------------------------------------------------------------------------------


def test_a_sweep_tests_the_same_fits_on_more_and_runs(make_corpus):
    base = make_protocol("speech-music", [make_corpus()], folds=2)
    swept = sweep_protocol(base, ["snr20", "lowpass1000"], every=2)
    assert swept.name.startswith(f"{base.name}-robustness-")
    assert swept.hash != base.hash
    assert swept.places == base.places
    for before, after in zip(base.cells, swept.cells):
        assert (after.name, after.source, after.train) == (before.name, before.source, before.train)
        assert list(after.tests) == ["tiny", "tiny + snr20", "tiny + lowpass1000"]
        assert after.tests["tiny"] == before.tests["tiny"]
        copies = [i.partition("@")[0] for i in after.tests["tiny + snr20"]]
        assert set(copies) < set(before.tests["tiny"])
        assert copies == [i.partition("@")[0] for i in after.tests["tiny + lowpass1000"]]
    assert audit_cells(swept) == []
    items = protocol_items(swept)  # checks every key
    one = next(i for i in swept.items["id"] if i.endswith("@lowpass1000"))
    clean = items[one.partition("@")[0]].signal(8000)
    seed = int(items[one].key[:8], 16)
    assert np.array_equal(items[one].signal(8000), degrade(clean, "lowpass1000", seed, 8000))
    assert block_name("tiny", "tiny + snr20") == "tiny + snr20"


def test_parts_of_recordings_can_be_swept_where_the_whole_is_known(make_corpus):
    base = make_protocol("speech-music-clip", [make_corpus()], folds=2)
    parts = excerpts(base.items, 4.0)
    held, rest = parts.iloc[:4], parts.iloc[4:]
    cell = Cell("tiny", "tiny", tuple(rest["id"]), {"tiny": tuple(held["id"])})
    made = dataclasses.replace(base, items=parts, cells=(cell,))
    swept = sweep_protocol(made, ["snr20"])
    assert len(protocol_items(swept)) == len(parts) + 4
    with pytest.raises(ProtocolError, match="#4 is part of a recording"):
        sweep_cells(parts, [cell], ["snr20"])


def table(n_groups=5, per_group=3, labels=("music", "speech"), corpora=("A",)):
    rows = [
        {
            "id": f"{corpus}/{label}/{g}/{i}",
            "corpus": corpus,
            "item": f"{label}/{g}/{i}",
            "start_s": 0.0,
            "duration_s": 8.0,
            "degradation": "",
            "key": f"{corpus}{label}{g}{i}",
            "group": f"{corpus}-{label}-{g}",
            "label": label,
        }
        for corpus in corpora
        for label in labels
        for g in range(n_groups)
        for i in range(per_group)
    ]
    return pd.DataFrame(rows)


@given(
    groups=st.integers(1, 6), per_group=st.integers(1, 5), every=st.integers(1, 9),
    seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_thinning_keeps_labels_and_as_many_groups_as_can_be(groups, per_group, every, seed):
    items = table(groups, per_group, corpora=("A", "B"))
    kept = thinned(items, every, seed)
    assert kept["id"].tolist() == [i for i in items["id"] if i in set(kept["id"])]
    assert kept.equals(thinned(items, every, seed))
    size = -(-groups * per_group // every)
    for _, stratum in kept.groupby(["corpus", "label"]):
        assert len(stratum) == size
        assert stratum["group"].nunique() == min(size, groups)
    assert kept.groupby(["corpus", "label"]).ngroups == 4


def test_a_sweep_leaves_changed_copies_alone_and_takes_those_that_are_there():
    items = table()
    ids = tuple(items["id"])
    cell = Cell("A", "A", ids[:5], {"A": ids[5:], "A + first 1.0 s": ids[5:7]})
    once, cells = sweep_cells(items, [cell], ["snr20"])
    assert list(cells[0].tests) == ["A", "A + first 1.0 s", "A + snr20"]
    twice, again = sweep_cells(once, cells, ["snr20", "snr10", "snr10"])
    assert list(again[0].tests) == ["A", "A + first 1.0 s", "A + snr20", "A + snr10"]
    assert twice["id"].is_unique
    assert len(twice) == 30 + 25 + 25


def test_sweeps_that_mean_nothing_are_refused():
    items = table()
    cell = Cell("A", "A", tuple(items["id"][:5]), {"A": tuple(items["id"][5:])})
    for names in ([], [""], ["snr20", ""]):
        with pytest.raises(ProtocolError, match="a sweep needs degradations"):
            sweep_cells(items, [cell], names)
    with pytest.raises(DataError, match="unknown degradation 'hum50'"):
        sweep_cells(items, [cell], ["hum50"])
    with pytest.raises(ProtocolError, match="every 0-th item"):
        sweep_cells(items, [cell], ["snr20"], every=0)
    task = load_task("speech-music-segments")
    made = Protocol("p", "1", task, Grid(), items, (cell,))
    with pytest.raises(ProtocolError, match=r"speed1\.05 moves what is heard against the segments"):
        sweep_protocol(made, ["snr20", "speed1.05"])


# The board's view ---------------------------------------------------------------------------------

WRONG = {"": 0.1, "snr20": 0.2, "snr0": 0.5, "pitch-1": 0.3, "pitch+2": 0.4, "reverb0.8|snr20": 0.4}


def swept_protocol(every=1, task="speech-music-clip", headline="balanced accuracy"):
    """Within A and from A to B, 20 items each, groups of one item; trained on others."""
    items = table(10, 1, corpora=("A", "B", "T"))
    a, b, t = (tuple(items.loc[items["corpus"] == c, "id"]) for c in "ABT")
    cell = Cell("A/0", "A", t, {"A": a, "B": b})
    given = [name for name in WRONG if name][::-1]
    items, cells = sweep_cells(items, [cell], given, every=every)
    what = load_task(task)
    return Protocol("p", "1", what, Grid(), items, tuple(cells), headline=(headline,))


def swept_record(protocol, spec, shift=0, family="hand-crafted"):
    """Of the ten items of a class the first ``10 * WRONG + shift`` are answered wrong; B: all."""
    rows = []
    for cell in protocol.cells:
        for test, ids in cell.tests.items():
            for i in ids:
                item = protocol.table.loc[i]
                lost = 10 * WRONG[item["degradation"]] + shift
                right = ("music", "speech").index(item["label"])
                wrong = item["corpus"] == "B" or int(item["item"].split("/")[1]) < lost
                answer = np.eye(2)[right ^ wrong]
                if protocol.task.kind == "frames":
                    answer = np.tile(answer, (round(item["duration_s"] / protocol.grid.hop_s), 1))
                rows.append((cell.name, cell.source, test, i, answer))
    outputs = pd.DataFrame(rows, columns=["cell", "source", "test", "id", "scores"])
    identity = {
        "method": spec,
        "params": {},
        "spec": spec,
        "title": spec,
        "family": family,
        "cite": "",
        "trained_on": [],
        "seed": 0,
        "code": "1",
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "task": protocol.task.name,
        "kind": protocol.task.kind,
        "evidence": protocol.evidence,
        "leaks": False,
    }
    provenance = {"environment": {}, "cells": {}}
    header = {"schema": 1, "identity": identity, "provenance": provenance, "status": "complete"}
    return Record(header, outputs)


def test_the_view_has_the_known_values_from_mild_to_severe():
    made = swept_protocol()
    found = robustness([swept_record(made, "m"), swept_record(made, "n", 1, "deep")], made)
    assert found["method"].tolist() == ["m", "n"] * 5
    assert found["family"].tolist() == ["hand-crafted", "deep"] * 5
    own = found[found["method"] == "m"]
    order = ["reverb0.8|snr20", "pitch-1", "pitch+2", "snr20", "snr0"]
    assert own["degradation"].tolist() == order
    assert own["kind"].tolist() == ["reverb|snr", "pitch", "pitch", "snr", "snr"]
    assert own["strength"].tolist()[1:] == [-1, 2, 20, 0]
    assert np.isnan(own["strength"].iloc[0])
    assert own["value"].to_numpy() == pytest.approx([100 * (1 - WRONG[d]) for d in order])
    assert own["clean"].to_numpy() == pytest.approx([90] * 5)
    assert own["drop"].to_numpy() == pytest.approx([100 * WRONG[d] - 10 for d in order])
    assert (own["drop_lo"] < own["drop"]).all()
    assert (own["drop"] < own["drop_hi"]).all()
    assert (own["n_items"] == 20).all()  # A only: the block that the board pools
    assert (own["n_groups"] == 20).all()
    assert found.attrs["metric"] == "balanced accuracy"


def test_clean_figures_are_of_the_same_items():
    made = swept_protocol(every=5)
    kept = {i.partition("@")[0] for i in made.items["id"] if "@" in i and i.startswith("A")}
    assert len(kept) == 4
    record = swept_record(made, "m")
    first = sum(i.split("/")[2] == "0" for i in kept)
    found = robustness([record], made)
    assert found["clean"].to_numpy() == pytest.approx([100 * (1 - first / 4)] * 5)
    assert (found["n_items"] == 4).all()


def test_of_an_error_the_drop_is_its_rise():
    made = swept_protocol(task="speech-music", headline="frame error")
    found = robustness([swept_record(made, "m")], made).set_index("degradation")
    assert found.loc["snr0", "value"] == pytest.approx(50)
    assert found.loc["snr0", "drop"] == pytest.approx(40)


def test_across_corpora_is_pooled_where_nothing_else_is_degraded():
    made = swept_protocol()
    (cell,) = made.cells
    tests = {t: ids for t, ids in cell.tests.items() if not t.startswith("A + ")}
    made = dataclasses.replace(made, cells=(dataclasses.replace(cell, tests=tests),))
    found = robustness([swept_record(made, "m")], made)
    assert found["value"].to_numpy() == pytest.approx([0] * 5)
    assert (found["n_items"] == 20).all()


def test_no_copies_no_view(tmp_path):
    made = swept_protocol()
    (cell,) = made.cells
    made = dataclasses.replace(
        made, cells=(dataclasses.replace(cell, tests={"A": cell.tests["A"]}),)
    )
    record = swept_record(made, "m")
    assert robustness([record], made).empty
    assert not [p for p in write_board([record], made, tmp_path) if "robustness" in p.name]


def test_the_board_draws_the_sweep_and_keeps_it_out_of_the_matrix(tmp_path):
    made = swept_protocol()
    records = [swept_record(made, "m"), swept_record(made, "n", 1, "deep")]
    first = write_board(records, made, tmp_path / "1")
    second = write_board(records[::-1], made, tmp_path / "2")
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))
    written = {p.name: p for p in first}
    assert {"robustness.csv", "robustness.svg", "robustness.png", "matrix.svg"} <= written.keys()
    back = pd.read_csv(written["robustness.csv"])
    assert back["value"].to_numpy() == pytest.approx(robustness(records, made)["value"], rel=1e-5)
    assert "A + snr0" in set(pd.read_csv(written["matrix.csv"])["test"])
    page = written["index.html"].read_text(encoding="utf-8")
    assert "balanced accuracy on degraded copies" in page
    assert "A + snr0" not in page


def test_the_picture_shows_the_values_at_their_places():
    made = swept_protocol(task="speech-music", headline="frame error")
    many = [swept_record(made, f"net-{i}", 0, "deep") for i in range(10)]
    found = robustness([swept_record(made, "m"), *many], made)
    figure = plot_robustness(found)
    panel = next(a for a in figure.axes if a.get_xlabel() == "pitch (semitones)")
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["−1", "clean", "+2"]
    lines = {line.get_label(): line for line in panel.lines}
    assert lines["m"].get_ydata().tolist() == pytest.approx([30, 10, 40])
    assert len(lines) == 1 + 8  # of a family the best 8
    looks = {(x.get_color(), x.get_linestyle(), x.get_mfc()) for x in lines.values()}
    assert len(looks) == len(lines)
    assert panel.get_yscale() == "linear"
    better = found.assign(clean=found["clean"] / 10)
    better.attrs = found.attrs
    assert plot_robustness(better).axes[0].get_yscale() == "log"


@pytest.mark.parametrize("name", protocol_names())
def test_frozen_sweeps_can_be_heard_at_the_usual_rate(name):
    noise = np.random.default_rng(0).normal(0, 0.1, 22_050).astype(np.float32)
    for degradation in set(load_protocol(name).items["degradation"]) - {""}:
        assert np.isfinite(degrade(noise, degradation, 0, 44_100)).all()


def test_by_degradation_has_a_row_for_each_and_the_clean_values_drop():
    made = swept_protocol()
    found = robustness([swept_record(made, "m"), swept_record(made, "n", 1)], made)
    table = by_degradation(found)
    assert table["degradation"].tolist() == list(dict.fromkeys(found["degradation"]))
    assert set(table.columns) == {"degradation", "m", "n"}
    value = found.set_index(["degradation", "method"])["value"]
    for name, row in table.set_index("degradation").iterrows():
        assert row["m"].split()[0] == f"{value[name, 'm']:.1f}"

"""Protocol sensitivity: the same items under three splits, on one board."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_records import record

from mirbench.boards import board
from mirbench.boards.judge import Judge
from mirbench.boards.looks import image
from mirbench.boards.plot_sensitivity import plot_sensitivity
from mirbench.boards.sensitivity import sensitivity
from mirbench.boards.text import summary, to_markdown
from mirbench.boards.write import write_board
from mirbench.cli import main
from mirbench.protocols.tracks import ARTISTS_KNOWN, TRACKS_KNOWN, three_units, track_protocol
from mirbench.records import Record, record_path, save_record
from mirbench.site.views import sensitivity_tables
from mirbench.tasks import load_task

RIGHT = {"c": 0.5, ARTISTS_KNOWN: 0.7, TRACKS_KNOWN: 0.9}


def protocol():
    rows = [
        (f"c/{a}-{t}-{c}", f"artist {a}", f"{a}-{t}", "rock" if a % 2 else "jazz")
        for a in range(20)
        for t in range(2)
        for c in range(5)
    ]
    items = pd.DataFrame(rows, columns=["id", "group", "track", "label"]).assign(
        corpus="c", start_s=0.0, duration_s=5.0, degradation=""
    )
    items = items.assign(item=items["id"], key=items["id"])
    task = load_task("genre")
    cells = three_units(items, items["track"], 4, task)
    shares = (TRACKS_KNOWN, ARTISTS_KNOWN)
    kept = items.drop(columns="track")
    return track_protocol("genre/x", task, kept, cells, evidence="real", shares=shares)


def made(spec, what, right=RIGHT):
    """Of every ten clips of an artist, as many are right as the split says."""

    def answer(cell, test, item):
        _, track, clip = map(int, item["id"].removeprefix("c/").split("-"))
        code = what.task.code(item["label"])
        hit = 5 * track + clip < 10 * right[cell.source]
        return np.eye(2, dtype=np.float32)[code if hit else 1 - code]

    return record(what, spec, answer)


def test_what_a_split_adds_is_paired_and_on_the_board():
    what = protocol()
    table = sensitivity([made("m", what)], what)
    found = table.set_index("split")
    assert found["value"].to_dict() == pytest.approx({"c": 50, ARTISTS_KNOWN: 70, TRACKS_KNOWN: 90})
    assert found.loc[TRACKS_KNOWN, "added"] == pytest.approx(40)
    assert found.loc[ARTISTS_KNOWN, "added"] == pytest.approx(20)
    assert np.isnan(found.loc["c", "added"])
    shown = board([made("m", what)], what)
    assert shown["balanced accuracy"].tolist() == pytest.approx([50])  # the main folds alone
    assert shown[f"added by {TRACKS_KNOWN}"].tolist() == pytest.approx([40])
    assert f"added by {TRACKS_KNOWN}" in summary(shown)
    assert "Protocol sensitivity: points of balanced accuracy" in to_markdown(shown)


def test_the_terminal_prints_the_splits_side_by_side(tmp_path, capsys):
    what = protocol()
    one = made("m", what)
    save_record(one, record_path(tmp_path, one.identity))
    what.save(tmp_path / "x.json")
    assert main(["board", "-p", str(tmp_path / "x.json"), "--records", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "balanced accuracy of the same items" in said
    assert ARTISTS_KNOWN in said.partition("of the same items")[2]


def test_pairing_uses_the_same_items():
    """A method that gains on every artist alike has an interval of no width to speak of."""
    what = protocol()
    rng = np.random.default_rng(0)
    noisy = made("noisy", what)
    flipped = rng.permutation(len(noisy.outputs))[:160]
    scores = noisy.outputs["scores"].tolist()
    for i in flipped:
        scores[i] = scores[i][::-1].copy()
    noisy = Record(noisy.header, noisy.outputs.assign(scores=pd.Series(scores)))
    judge = Judge([made("m", what), noisy], what)
    table = sensitivity(judge, what).set_index(["method", "split"])
    gain = table.loc[("noisy", TRACKS_KNOWN)]
    assert gain["added_lo"] < gain["added"] < gain["added_hi"]
    assert gain["added"] == pytest.approx(
        gain["value"] - table.loc[("noisy", "c"), "value"], abs=1e-9
    )


def test_no_column_without_such_splits():
    what = protocol()
    alone = replace(what, shares=(), cells=tuple(c for c in what.cells if c.source == "c"))
    assert sensitivity([made("m", alone)], alone).empty
    assert not [c for c in board([made("m", alone)], alone) if str(c).startswith("added")]


def test_pictures_and_files(tmp_path):
    what = protocol()
    records = [made("m", what), made("a-much-longer-name:with=1", what, {**RIGHT, "c": 0.3})]
    table = sensitivity(records, what)
    assert image(plot_sensitivity(table, 50.0), "png").startswith(b"\x89PNG")
    write_board(records, what, tmp_path)
    assert (tmp_path / "sensitivity.csv").is_file()
    assert (tmp_path / "sensitivity.png").is_file()
    made_site = sensitivity_tables(Judge(records, what))
    assert len(made_site) == 2
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Protocol sensitivity" in page

"""Views of ranked lists, from made-up records whose figures are known."""

import numpy as np
import pandas as pd
import pytest
from made_records import record

from baselines.similarity.ceiling import ceiling, plot_ceiling
from mirbench.boards.judge import Judge
from mirbench.boards.looks import image
from mirbench.boards.ranking import every_metric, filtered, met
from mirbench.protocols.ranking import ranking_protocol
from mirbench.tasks import load_task

N_ARTISTS = 12


@pytest.fixture
def protocol():
    """Twelve artists of two albums of two tracks, and four lone tracks."""
    rows = [
        (f"a{a}", f"b{b}", f"{a}{b}{t}") for a in range(N_ARTISTS) for b in (0, 1) for t in (0, 1)
    ] + [(f"lone{i}", "single", f"lone{i}") for i in range(4)]
    items = pd.DataFrame(rows, columns=["label", "album", "id"])
    items = items.assign(
        corpus="made", item=items["id"], key=items["id"], group=items["label"], degradation=""
    )
    items["start_s"], items["duration_s"] = 0.0, 1.0
    return ranking_protocol("similarity/made", load_task("same-artist"), [items], evidence="real")


def lists_of(protocol, distance):
    """Answers by ``distance(query row, candidate row)``."""
    rows = protocol.table.to_dict("records")
    place = {row["id"]: i for i, row in enumerate(rows)}

    def answer(cell, test, item):
        own = place[item["id"]]
        away = np.array([distance(rows[own], row) for row in rows], dtype=np.float32)
        order = np.argsort(away, kind="stable")
        order = order[order != own].astype(np.int32)
        return order, away[order]

    return answer


def by_album(a, b):
    """The other track of the album first, the artist's others last."""
    if a["label"] != b["label"]:
        return 1.0
    return 0.0 if a["album"] == b["album"] else 2.0


def by_artist(a, b):
    return float(a["label"] != b["label"])


@pytest.fixture
def judge(protocol):
    made = [
        record(protocol, name, lists_of(protocol, distance))
        for name, distance in (("albums", by_album), ("artists", by_artist))
    ]
    return Judge(made, protocol)


def test_a_filter_takes_away_what_only_albums_gave(judge):
    table = filtered(judge).set_index(["method", "metric"])
    assert set(table["filter"]) == {"album filter"}
    assert set(table["n_items"]) == {4 * N_ARTISTS}
    one = table.loc["albums", "precision@1"]
    assert (one["value"], one["filtered"], one["loss"]) == (100, 0, 100)
    same = table.loc["artists", "R-precision"]
    assert (same["value"], same["filtered"], same["loss"]) == (100, 100, 0)


def test_lone_tracks_are_left_out_and_counted(judge):
    every = every_metric(judge).set_index(["method", "metric"])
    assert every.loc["artists", "R-precision"]["n_items"] == 4 * N_ARTISTS
    assert every.loc["artists", "R-precision"]["n_groups"] == N_ARTISTS
    share = 100 * 4 / (4 * N_ARTISTS + 4)
    assert every.loc["artists", "no relevant track"]["value"] == pytest.approx(share)
    assert every.loc["artists", "hubness (k=5)"]["n_items"] == 4 * N_ARTISTS + 4


def test_every_list_is_counted_once(judge):
    times = met(judge)
    assert times.groupby("method")["N"].sum().tolist() == [5 * (4 * N_ARTISTS + 4)] * 2


def test_the_ceiling_reads_sizes_from_parameters(protocol):
    made = [
        record(
            protocol,
            spec,
            lists_of(protocol, by_artist if spec != "random-order" else by_album),
            method=spec.partition(":")[0],
            params=params,
        )
        for spec, params in (
            ("aucouturier-pachet-2004", {}),
            ("aucouturier-pachet-2004:n_components=3", {"n_components": 3}),
            ("aucouturier-pachet-2004:n_mfcc=8", {"n_mfcc": 8}),
            ("aucouturier-pachet-2004:covariance=full", {"covariance": "full"}),
            ("random-order", {}),
        )
    ]
    table = ceiling(Judge(made, protocol))
    assert table[["parameter", "size"]].to_numpy().tolist() == [
        ["n_components", 3],
        ["n_components", 50],
        ["n_mfcc", 8],
        ["n_mfcc", 20],
    ]
    assert set(table["value"]) == {100}
    assert table.attrs["chance"] == pytest.approx(100 / 3)
    assert image(plot_ceiling(table), "svg").startswith(b"<?xml")

"""Recommendation: what is cold, and the table."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_plays import FACTORS, half, long, loss, made, tiny_corpus, tiny_plays, tiny_protocol
from scipy import sparse

from mirbench.errors import DataError, RecordError
from mirbench.recommendation import table, wmf
from mirbench.recommendation.data import Listening, predicted
from mirbench.recommendation.evaluate import judge, value
from mirbench.recommendation.plays import Plays, play_matrix
from mirbench.recommendation.setting import cold_start, targets, user_factors
from mirbench.records import Record


@pytest.fixture
def plays():
    return tiny_plays()


@pytest.fixture
def protocol():
    pytest.importorskip("implicit")
    return tiny_protocol()


@pytest.fixture
def setting(plays):
    return cold_start(plays, plays.tracks[:9])


# --- setting ---------------------------------------------------------------------------------


def test_plays_are_parted_and_none_is_lost(plays, setting):
    total = setting.train.sum() + setting.held.sum() + setting.asked.sum()
    assert total == plays.counts.sum()
    assert not (setting.train.toarray() * setting.held.toarray()).any()
    assert set(setting.warm).isdisjoint(setting.cold)
    per_user = (setting.held > 0).sum(axis=1)
    n = per_user + (setting.train > 0).sum(axis=1)
    assert (per_user == np.floor(0.2 * n)).all()


def test_cold_plays_touch_no_training_target(plays, setting):
    pytest.importorskip("implicit")
    changed = plays.counts.toarray()
    changed[:, :9] = np.roll(changed[:, :9], 7, axis=0)
    other = cold_start(Plays(plays.users, plays.tracks, sparse.csr_array(changed)), setting.cold)
    artists = [name.split("/")[1] for name in setting.warm]
    (warm, cold), (warm_too, cold_too) = (targets(s, artists, FACTORS) for s in (setting, other))
    assert (warm == warm_too).all()
    assert np.abs(cold - cold_too).max() > 0.1
    np.testing.assert_allclose(np.linalg.norm(warm, axis=1), 1)


def test_a_target_is_a_half_step_on_users_without_its_artist(setting):
    pytest.importorskip("implicit")
    artists = np.array([name.split("/")[1] for name in setting.warm])
    warm, cold = targets(setting, artists, FACTORS)
    _, items = wmf.factorise(setting.train, FACTORS)
    dense, own = setting.train.toarray(), artists == artists[0]
    users = half(dense[:, ~own], items[~own])
    np.testing.assert_allclose(warm[own], wmf.unit_norm(half(dense[:, own].T, users)), atol=1e-6)
    users = half(dense, items)
    np.testing.assert_allclose(
        cold, wmf.unit_norm(half(setting.asked.toarray().T, users)), atol=1e-6
    )


def test_a_user_of_cold_tracks_alone_is_refused():
    table_ = long(("a", "x", 1), ("a", "y", 1), ("b", "y", 1))
    with pytest.raises(DataError, match="training plays: user b has no plays"):
        cold_start(play_matrix(table_), ["y"])
    with pytest.raises(DataError, match="nobody played track z"):
        cold_start(play_matrix(table_), ["z"])


# --- protocol and table ----------------------------------------------------------------------


@pytest.fixture
def data(protocol, plays):
    setting = cold_start(plays, protocol.cells[0].tests["tiny"])
    warm, cold = (
        np.array([json.loads(protocol.labels[i]) for i in ids])
        for ids in (setting.warm, setting.cold)
    )
    return Listening(setting, warm, cold, tiny_corpus().items.set_index("id", drop=False))


def record(protocol, spec, answers, seed=0):
    ids = list(protocol.cells[0].tests["tiny"])
    outputs = pd.DataFrame({"cell": "tiny", "source": "tiny", "test": "tiny", "id": ids})
    outputs["scores"] = [np.asarray(a, dtype=np.float32) for a in answers]
    return Record({"identity": {"spec": spec, "seed": seed}}, outputs)


def test_users_follow_from_the_labels_and_the_plays(data):
    users = user_factors(data.setting, data.warm)
    dense = data.setting.train.toarray()
    base = loss(dense, users, data.warm)
    assert loss(dense, 1.01 * users, data.warm) > base
    assert loss(dense, 0.99 * users, data.warm) > base


def test_good_answers_serve_users_and_constant_ones_do_not(protocol, data):
    rng = np.random.default_rng(0)
    near = [
        record(protocol, "good", data.cold + 0.05 * rng.standard_normal(data.cold.shape), seed)
        for seed in (0, 1)
    ]
    constant = record(protocol, "prior", np.tile(data.warm.mean(axis=0), (len(data.cold), 1)))
    scores = table.cold_scores(data, [*near, constant])
    judged = table.judged_cold(data, scores)
    found = table.values(judged)["AUC"]
    assert len(scores["predicted: good"]) == 2
    assert found["predicted: prior"] == pytest.approx(50)
    assert found["mean factor"] == pytest.approx(50)
    assert found["random"] < 57
    assert found["true factors"] > found["predicted: good"] > 60
    each = [
        value(judge(s, data.setting.asked.toarray() > 0), "AUC") for s in scores["predicted: good"]
    ]
    assert found["predicted: good"] == pytest.approx(np.mean(each))


def test_a_perfect_ear_is_judged_where_the_truth_is_known(data):
    assert table.EAR not in table.cold_scores(data, [])
    true = dict(zip(made()[0].tracks, made()[1]))
    rows_ = np.array([true[track] for track in data.items["id"]])
    told = data.items.assign(**{f"audible {k}": rows_[:, k] for k in range(FACTORS)})
    scores = table.cold_scores(replace(data, items=told), [])
    found = table.values(table.judged_cold(data, scores))["AUC"]
    assert found["true factors"] + 3 > found[table.EAR] > found["random"] + 5


def test_warm_rows_beat_guessing(data):
    scores = table.warm_scores(data, {"warm": data.warm, "cold": data.cold})
    found = table.values(table.judged_warm(data, scores))["AUC"]
    assert found["factorisation"] > found["random"] + 10
    assert found["factorisation at unit norm"] > found["random"] + 10
    assert found["MFCC distance (mean)"] > found["random"]


def test_the_table_says_what_it_knows(protocol, data):
    s = data.setting
    judged = table.judged_cold(data, table.cold_scores(data, [record(protocol, "told", data.cold)]))
    artists = data.artists(s.cold)
    board = table.board(judged, artists, s.users)
    assert board["row"].tolist() == list(judged)
    assert board["AUC [by artist]"].str.match(r"\d+\.\d \[").all()
    tenths = table.deciles(judged, np.asarray((s.asked > 0).sum(axis=0)).ravel())
    assert list(tenths) == ["row", *map(str, range(1, 11))]
    claims = [("predicted: told", "random"), ("predicted: net", "random")]
    said = table.compare(judged, claims, artists, s.users).set_index(["claim", "metric"])["verdict"]
    assert said["predicted: net above random", "AUC"] == "no record of predicted: net"
    assert said["predicted: told above random", "AUC"] in ("reproduced", "not separable")


def test_a_record_that_lacks_a_track_is_refused(protocol, data):
    one = record(protocol, "short", data.cold)
    with pytest.raises(RecordError, match="no answer for"):
        predicted(Record(one.header, one.outputs.iloc[1:]), data.setting.cold)

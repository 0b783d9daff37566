"""Recommendation: checked plays, the factorisation against its definition, what is cold, the table."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mirbench.corpora import Corpus
from mirbench.errors import DataError, MethodError, ProtocolError, RecordError
from mirbench.protocols import Protocol
from mirbench.protocols.latent import latent_protocol
from mirbench.recommendation import table, wmf
from mirbench.recommendation.data import Listening, listening_of, predicted
from mirbench.recommendation.evaluate import (
    judge,
    value,
)
from mirbench.recommendation.plays import Plays, play_matrix
from mirbench.recommendation.setting import cold_start, targets, user_factors
from mirbench.records import Record

FACTORS = 3


def long(*triples):
    return pd.DataFrame(triples, columns=["user", "track", "count"])


def made(n_users=120, n_artists=20, per_artist=3, seed=0):
    """Plays drawn from true factors that an artist's tracks nearly share."""
    rng = np.random.default_rng(seed)
    artists = np.repeat(rng.standard_normal((n_artists, FACTORS)), per_artist, axis=0)
    items = artists + 0.3 * rng.standard_normal(artists.shape)
    users = rng.standard_normal((n_users, FACTORS))
    counts = rng.poisson(0.2 * np.exp(users @ items.T)).clip(max=60)
    counts[:, 0] += 1
    counts[0] += 1
    tracks = tuple(f"tiny/{a:02d}/{k}" for a in range(n_artists) for k in range(per_artist))
    names = tuple(f"u{k}" for k in range(n_users))
    return Plays(names, tracks, sparse.csr_array(counts.astype(float))), items


@pytest.fixture(scope="module")
def plays():
    return made()[0]


@pytest.fixture(scope="module")
def setting(plays):
    return cold_start(plays, plays.tracks[:9])


# --- plays -----------------------------------------------------------------------------------


def test_a_long_table_becomes_a_matrix():
    found = play_matrix(long(("b", "y", 2), ("a", "x", 1), ("b", "x", 5)))
    assert (found.users, found.tracks) == (("a", "b"), ("x", "y"))
    assert found.counts.toarray().tolist() == [[1, 0], [5, 2]]
    assert found.of(["y", "x"]).toarray().tolist() == [[0, 1], [2, 5]]


@pytest.mark.parametrize(
    ("rows_", "asked", "said"),
    [
        ([("a", "x", 1), ("a", "x", 2)], {}, "a and x stand in two rows; add"),
        ([("a", "x", -1)], {}, "count of a and x is -1; .* mend"),
        ([("a", "x", 1.5)], {}, r"count of a and x is 1.5"),
        ([("a", "x", np.nan)], {}, "count of a and x is nan"),
        ([("a", "x", 1), ("b", "x", 0)], {}, "user b has no plays"),
        ([("a", "x", 1), ("a", "y", 0)], {}, "nobody played track y"),
        ([("a", "x", 1)], {"users": ["a", "c"]}, "user c has no plays"),
        ([("a", "x", 1)], {"tracks": ["x", "z"]}, "nobody played track z"),
        ([("a", "x", 1)], {"tracks": ["z"]}, "track x is not one of those"),
        ([("a", None, 1)], {}, "row 0 has no user or no track"),
        ([], {}, "holds no play"),
    ],
)
def test_what_is_wrong_with_plays_is_said_in_one_sentence(rows_, asked, said):
    with pytest.raises(DataError, match=f"^plays.csv: .*{said}"):
        play_matrix(long(*rows_), source="plays.csv", **asked)


def test_a_table_without_counts_is_refused():
    with pytest.raises(DataError, match="no column 'count'"):
        play_matrix(pd.DataFrame({"user": ["a"], "track": ["x"]}))


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(1, 9), min_size=1)
)
def test_a_matrix_holds_what_the_table_holds(counts):
    found = play_matrix(long(*[(f"u{u}", f"t{t}", n) for (u, t), n in counts.items()]))
    back = {
        (int(found.users[u][1:]), int(found.tracks[t][1:])): n
        for u, t, n in zip(*sparse.find(found.counts)[:2], sparse.find(found.counts)[2])
    }
    assert back == counts


# --- factorisation ---------------------------------------------------------------------------


def half(counts, other):
    """Ridge regressions by the definition, with every confidence and preference written out."""
    c, p = 1 + 2.0 * np.log(1 + counts / 1e-6), (counts > 0).astype(float)
    ridge = 1e-5 * np.eye(other.shape[1])
    return np.array(
        [
            np.linalg.solve(other.T @ np.diag(c_) @ other + ridge, other.T @ np.diag(c_) @ p_)
            for c_, p_ in zip(c, p)
        ]
    )


def dense_als(counts, items, sweeps):
    for _ in range(sweeps):
        users = half(counts, items)
        items = half(counts.T, users)
    return users, items


def loss(counts, users, items):
    c, p = 1 + 2.0 * np.log(1 + counts / 1e-6), counts > 0
    return np.sum(c * (p - users @ items.T) ** 2) + 1e-5 * (np.sum(users**2) + np.sum(items**2))


def start(n_users, n_items, seed):
    """Items that the library starts from; it draws the users first."""
    rng = np.random.default_rng(seed)
    rng.random((n_users, FACTORS))
    return rng.random((n_items, FACTORS)) * 0.01


@pytest.mark.parametrize("sweeps", [1, 5, 25])
def test_the_library_solves_the_normal_equations_of_the_definition(plays, sweeps):
    pytest.importorskip("implicit")
    users, items = wmf.factorise(plays.counts, FACTORS, sweeps=sweeps, random_state=3)
    dense = plays.counts.toarray()
    other = dense_als(dense, start(*dense.shape, 3), sweeps)
    np.testing.assert_allclose(users @ items.T, other[0] @ other[1].T, atol=2e-5)


def test_factorising_is_the_same_at_each_run_and_leaves_the_global_seed_alone(plays):
    pytest.importorskip("implicit")
    np.random.seed(7)  # noqa: NPY002
    first, again = (wmf.factorise(plays.counts, FACTORS, random_state=1) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again))
    drawn = np.random.random()  # noqa: NPY002
    assert drawn == np.random.RandomState(7).random_sample()


def test_factors_lie_on_the_items_principal_axes(plays):
    pytest.importorskip("implicit")
    _, items = wmf.factorise(plays.counts, FACTORS)
    gram = items.T @ items
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 1e-9 * gram.max()
    assert (np.diff(np.diag(gram)) < 0).all()
    assert (items[np.abs(items).argmax(axis=0), range(FACTORS)] > 0).all()


def test_one_play_weighs_what_the_paper_says_and_none_weighs_one():
    found = wmf.confidence(sparse.csr_array(np.array([[0.0, 1.0, 100.0]])))
    assert found.toarray()[0] == pytest.approx(
        [0, 1 + 2 * np.log(1e6 + 1), 1 + 2 * np.log(1e8 + 1)]
    )


def test_a_half_step_finds_the_least_loss(plays):
    """No nearby factors have a smaller loss than those of a half-step."""
    rng = np.random.default_rng(0)
    fixed, dense = rng.standard_normal((plays.counts.shape[1], FACTORS)), plays.counts.toarray()
    found = wmf.half_step(plays.counts, fixed)
    least = loss(dense, found, fixed)
    for _ in range(20):
        assert loss(dense, found + 1e-3 * rng.standard_normal(found.shape), fixed) > least


def test_cold_tracks_land_where_factorised_ones_are(plays):
    """The library's last half-sweep is one half-step: for its own tracks both give the same factors."""
    pytest.importorskip("implicit")
    users, items = wmf.factorise(plays.counts, FACTORS)
    found = wmf.half_step(sparse.csr_array(plays.counts.T), users)
    np.testing.assert_allclose(found, items, atol=1e-5)


def test_too_many_factors_are_refused(plays):
    with pytest.raises(MethodError, match=r"n_factors=99 .* fewer"):
        wmf.factorise(plays.counts, 99)


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


@pytest.fixture(scope="module")
def corpus(plays):
    names = list(plays.tracks)
    items = pd.DataFrame(
        {
            "id": names,
            "path": names,
            "key": [f"key {k}" for k in range(len(names))],
            "start_s": 0.0,
            "duration_s": 5.0,
            "group": [name.split("/")[1] for name in names],
            "tags": [f"tag {int(name.split('/')[1]) % 4}|every" for name in names],
        }
    )
    return Corpus("tiny", items, evidence="embedded")


@pytest.fixture(scope="module")
def protocol(corpus, plays):
    pytest.importorskip("implicit")
    return latent_protocol("latent/tiny", corpus, plays, n_factors=FACTORS)


@pytest.fixture
def data(protocol, corpus, plays):
    setting = cold_start(plays, protocol.cells[0].tests["tiny"])
    warm, cold = (
        np.array([json.loads(protocol.labels[i]) for i in ids])
        for ids in (setting.warm, setting.cold)
    )
    return Listening(setting, warm, cold, corpus.items.set_index("id", drop=False))


def record(protocol, spec, answers, seed=0):
    ids = list(protocol.cells[0].tests["tiny"])
    outputs = pd.DataFrame({"cell": "tiny", "source": "tiny", "test": "tiny", "id": ids})
    outputs["scores"] = [np.asarray(a, dtype=np.float32) for a in answers]
    return Record({"identity": {"spec": spec, "seed": seed}}, outputs)


def test_a_latent_protocol_holds_artists_out_and_unit_targets(protocol, tmp_path):
    assert protocol.task.labels == ("factor 0", "factor 1", "factor 2")
    assert protocol.headline == ("R2", "MSE", "cosine")
    groups = protocol.table["group"]
    cell = protocol.cells[0]
    assert set(groups[list(cell.train)]).isdisjoint(groups[list(cell.tests["tiny"])])
    truth = np.array([json.loads(label) for label in protocol.items["label"]])
    np.testing.assert_allclose(np.linalg.norm(truth, axis=1), 1, atol=1e-5)
    assert all(
        len(number.rpartition(".")[2]) <= 6
        for label in protocol.items["label"]
        for number in re.findall(r"\d+\.\d+", label)
    )
    protocol.save(tmp_path / "tiny.json")
    assert Protocol.load(tmp_path / "tiny.json").hash == protocol.hash


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


def test_another_protocol_makes_no_recommendations():
    from mirbench.protocols import load_protocol

    with pytest.raises(ProtocolError, match=r"need a protocol of latent factors"):
        listening_of(load_protocol("speech-music/mini"))


@pytest.mark.slow
def test_the_frozen_protocol_is_what_its_maker_makes():
    """Renders the corpus and factorises its counts: labels may differ in the last digit only."""
    pytest.importorskip("implicit")
    from mirbench.protocols import load_protocol
    from mirbench.protocols.latent import mini

    frozen, again = load_protocol("latent/mini"), mini()
    assert frozen.cells == again.cells
    assert frozen.items["key"].tolist() == again.items["key"].tolist()
    both = (np.array([json.loads(v) for v in p.items["label"]]) for p in (frozen, again))
    np.testing.assert_allclose(*both, atol=2e-6)


@pytest.mark.slow
def test_the_command_prints_the_tables(tmp_path, capsys):
    from mirbench.recommendation.__main__ import main

    main([str(tmp_path)])
    said = capsys.readouterr().out
    for row in ("true factors", "MFCC distance (nearest)", "factorisation at unit norm"):
        assert f"| {row} |" in said
    assert "no record of predicted: latent-cnn" in said

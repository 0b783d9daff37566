"""Ranking metrics against definitions written out, scikit-learn and scipy."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import skew
from sklearn.metrics import average_precision_score, ndcg_score
from sklearn.neighbors import KNeighborsClassifier

from mirbench.errors import MethodError, ProtocolError
from mirbench.metrics import metrics_for
from mirbench.metrics.hubs import occurrences
from mirbench.metrics.relevance import Catalogue, Query
from mirbench.oracle import idf, oracle_similarity, ranked_lists
from mirbench.tasks import load_task

ARTIST, GENRE, TAGS = (load_task(n) for n in ("same-artist", "same-genre", "tag-similarity"))


def scores(task, truth, outputs):
    return {m.name: m.score(truth, outputs, task, None) for m in metrics_for(task, None)}


def ranked(distances, depth=None):
    """Each row's other positions, nearest first."""
    lists = []
    for i, row in enumerate(distances):
        order = [int(j) for j in np.argsort(row, kind="stable") if j != i][:depth]
        lists.append((np.array(order, dtype=np.int32), row[order].astype(np.float32)))
    return lists


def collection(labels, artists, albums=None, oracle=""):
    n = len(labels)
    albums = albums if albums is not None else [""] * n
    catalogue = Catalogue([f"t{i}" for i in range(n)], labels, artists, albums, oracle)
    return [Query(catalogue, i) for i in range(n)]


@st.composite
def collections(draw):
    n = draw(st.integers(6, 20))
    artists = draw(st.lists(st.sampled_from("abcde"), min_size=n, max_size=n))
    albums = draw(st.lists(st.sampled_from(["x", "y", ""]), min_size=n, max_size=n))
    genres = draw(st.lists(st.sampled_from(["rock", "jazz", "folk"]), min_size=n, max_size=n))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    return artists, albums, genres, rng.permutation(n * n).reshape(n, n).astype(float)


def by_hand(labels, drop, lists):
    """R-precision, MAP, MRR, precision@k over the queries that something is relevant to."""
    found = {"R-precision": [], "MAP": [], "MRR": []} | {
        f"precision@{k}": [] for k in (1, 5, 10, 20)
    }
    lost = 0
    for q, (ids, _) in enumerate(lists):
        kept = [i for i in ids if not drop(q, i)]
        relevant = {i for i in range(len(labels)) if i != q and labels[i] == labels[q]}
        relevant = {i for i in relevant if not drop(q, i)}
        if not relevant:
            lost += 1
            continue
        hits = [i in relevant for i in kept]
        found["R-precision"].append(sum(hits[: len(relevant)]) / len(relevant))
        precisions = [sum(hits[: r + 1]) / (r + 1) for r, hit in enumerate(hits) if hit]
        found["MAP"].append(sum(precisions) / len(relevant))
        found["MRR"].append(1 / (hits.index(True) + 1))
        for k in (1, 5, 10, 20):
            found[f"precision@{k}"].append(sum(hits[:k]) / k)
    means = {name: 100 * np.mean(v) if v else math.nan for name, v in found.items()}
    return means | {"no relevant track": 100 * lost / len(labels)}


@settings(max_examples=60, deadline=None)
@given(collections())
def test_same_artist_with_and_without_album_filter(case):
    artists, albums, _, distances = case
    lists = ranked(distances)
    ours = scores(ARTIST, collection(artists, artists, albums), lists)

    def same_album(q, i):
        return artists[q] == artists[i] and albums[q] == albums[i] != ""

    for drop, suffix in ((same_album, " (album filter)"), (lambda q, i: False, "")):
        for name, value in by_hand(artists, drop, lists).items():
            assert ours[f"{name}{suffix}"] == pytest.approx(value, nan_ok=True), name


@settings(max_examples=60, deadline=None)
@given(collections())
def test_same_genre_with_and_without_artist_filter(case):
    artists, albums, genres, distances = case
    lists = ranked(distances)
    ours = scores(GENRE, collection(genres, artists, albums), lists)
    for drop, suffix in (
        (lambda q, i: artists[q] == artists[i], " (artist filter)"),
        (lambda q, i: False, ""),
    ):
        for name, value in by_hand(genres, drop, lists).items():
            assert ours[f"{name}{suffix}"] == pytest.approx(value, nan_ok=True), name


def test_map_is_scikit_learns_average_precision_over_whole_lists():
    rng = np.random.default_rng(0)
    labels = [str(c) for c in rng.integers(0, 4, 40)]
    distances = rng.random((40, 40))
    truth = collection(labels, labels)
    expected = []
    for q in range(40):
        others = np.arange(40) != q
        same = np.array(labels)[others] == labels[q]
        expected.append(average_precision_score(same, -distances[q][others]))
    found = scores(ARTIST, truth, ranked(distances))
    assert found["MAP"] == pytest.approx(100 * np.mean(expected))


def test_nearest_neighbour_accuracy_is_scikit_learns():
    rng = np.random.default_rng(1)
    points, labels = rng.standard_normal((50, 3)), rng.integers(0, 3, 50)
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    ours = scores(
        GENRE,
        collection([str(v) for v in labels], [str(i) for i in range(50)]),
        ranked(distances),
    )
    right = [
        KNeighborsClassifier(1)
        .fit(np.delete(points, i, 0), np.delete(labels, i))
        .predict(points[[i]])[0]
        == labels[i]
        for i in range(50)
    ]
    assert ours["k-NN accuracy (k=1)"] == pytest.approx(100 * np.mean(right))


def test_votes_of_several_neighbours_by_hand():
    labels = ["a", "b", "b", "a", "a", "c"]
    lists = [np.array(order) for order in ([1, 2, 3, 4, 5], [3, 2, 0, 4, 5])]
    outputs = [(ids, np.arange(5.0)) for ids in lists]
    truth = collection(labels, list("uvwxyz"))[:2]
    ours = scores(GENRE, truth, outputs)
    votes = [Counter(labels[i] for i in ids[:5]).most_common(1)[0][0] for ids in lists]
    # the first list votes b, b, a, a, c: the nearer label of two equals decides
    assert votes[1] == "a"
    assert ours["k-NN accuracy (k=5)"] == 0
    assert ours["precision@5"] == pytest.approx(100 * (2 / 5 + 1 / 5) / 2)


def tags_of(rng, n, n_tags=12):
    return rng.random((n, n_tags)) < 0.3


@pytest.mark.parametrize("oracle", ["idf-cosine", "jaccard"])
def test_oracle_metrics_by_hand_and_scikit_learn(oracle):
    rng = np.random.default_rng(2)
    n = 60
    tags = tags_of(rng, n)
    tags[0] = False  # a track without tags has ties with all
    artists = [f"a{i // 3}" for i in range(n)]
    labels = [json.dumps([f"t{t}" for t in np.flatnonzero(row)]) for row in tags]
    truth = collection(labels, artists, oracle=oracle)
    distances = rng.random((n, n))
    similarity = oracle_similarity(tags, oracle)
    task = type("Task", (), {"kind": "ranking", "oracle": oracle, "column": "tags"})
    ours = scores(task, truth, ranked(distances))
    lists = ranked_lists(similarity, artists, [f"t{i}" for i in range(n)])
    ap, recall, rr, ndcg, over_hits, graded = [], [], [], [], [], []
    for q in range(n):
        candidates = np.array([i for i in range(n) if artists[i] != artists[q]])
        relevant = {int(i) for i in lists[q][:5] if similarity[q, i] > 1e-9}
        if not relevant:  # no track is alike at all: not a query
            continue
        order = candidates[np.argsort(distances[q][candidates])][:20]
        hits = [int(i) in relevant for i in order]
        precisions = [sum(hits[: r + 1]) / (r + 1) for r, hit in enumerate(hits) if hit]
        ap.append(sum(precisions) / len(relevant))
        over_hits.append(np.mean(precisions) if precisions else 0)
        recall.append(sum(hits) / len(relevant))
        rr.append(1 / (hits.index(True) + 1) if any(hits) else 0)
        binary = np.array([[i in relevant for i in candidates]], dtype=float)
        ndcg.append(ndcg_score(binary, -distances[q][candidates][None], k=20))
        gain = 2 ** similarity[q][candidates][None] - 1
        graded.append(ndcg_score(gain, -distances[q][candidates][None], k=20))
    assert n - 5 < len(ap) < n
    for name, values in (
        ("MAP@20", ap),
        ("recall@20", recall),
        ("RR@20", rr),
        ("nDCG@20", ndcg),
        ("MAP@20 (over hits)", over_hits),
        ("nDCG@20 (graded)", graded),
    ):
        assert ours[name] == pytest.approx(100 * np.mean(values)), name
    assert ours["recall@20 (own artist allowed)"] != ours["recall@20"]


def test_a_perfect_list_scores_full_marks_and_a_reversed_one_none():
    rng = np.random.default_rng(3)
    tags = tags_of(rng, 80, 30)
    artists = [f"a{i // 2}" for i in range(80)]
    labels = [json.dumps([f"t{t}" for t in np.flatnonzero(row)]) for row in tags]
    truth = collection(labels, artists, oracle="idf-cosine")
    lists = ranked_lists(oracle_similarity(tags), artists, [f"t{i}" for i in range(80)])
    best = scores(TAGS, truth, [(ids, np.arange(len(ids))) for ids in lists])
    worst = scores(TAGS, truth, [(ids[::-1], np.arange(len(ids))) for ids in lists])
    for name in ("MAP@20", "recall@20", "RR@20", "nDCG@20", "nDCG@20 (graded)"):
        assert best[name] == pytest.approx(100)
        assert worst[name] < 60 if "graded" in name else worst[name] == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 60), st.integers(0, 999))
def test_hubness_is_scipys_skewness_of_occurrences(n, seed):
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((n, 8)) ** 3
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    lists = ranked(distances)
    truth = collection(["a"] * n, ["a"] * n)
    counted = Counter(int(i) for ids, _ in lists for i in ids[:5])
    times = np.array([counted[i] for i in range(n)])
    assert (occurrences(truth, lists) == times).all()
    ours = scores(ARTIST, truth, lists)
    if times.std() > 1e-4:
        assert ours["hubness (k=5)"] == pytest.approx(skew(times), abs=1e-9)
    assert ours["anti-hubs (k=5)"] == pytest.approx(100 * np.mean(times == 0))
    assert ours["hubs (k=5)"] == pytest.approx(100 * np.mean(times > 25))


def test_two_test_sets_are_counted_apart():
    a, b = collection(["x"] * 8, ["x"] * 8), collection(["x"] * 8, ["x"] * 8)
    rng = np.random.default_rng(0)
    first, second = ranked(rng.random((8, 8))), ranked(rng.random((8, 8)))
    together = occurrences([*a, *b], [*first, *second])
    assert (together == np.r_[occurrences(a, first), occurrences(b, second)]).all()


def test_an_albums_name_is_an_album_only_with_its_artist():
    truth = collection(list("aabb"), list("aabb"), ["Live"] * 4)
    catalogue = truth[0].catalogue
    assert catalogue.allowed(0, "album").tolist() == [False, False, True, True]
    blank = collection(list("aa"), list("aa"), ["", ""])[0].catalogue
    assert blank.allowed(0, "album").tolist() == [False, True]  # no album: nothing to filter


def test_the_oracle_breaks_ties_by_name_not_by_place():
    tags = np.ones((6, 3), dtype=bool)
    names = list("abcdef")
    lists = ranked_lists(oracle_similarity(tags, "jaccard"), None, names)
    back = ranked_lists(oracle_similarity(tags, "jaccard"), None, names[::-1])
    assert [names[i] for i in lists[0]] == [names[::-1][i] for i in back[5]]


def test_idf_by_hand():
    tags = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]])
    assert idf(tags) == pytest.approx([0, math.log(2), 0])


def test_an_unknown_oracle_is_named():
    with pytest.raises(ProtocolError, match="unknown oracle 'taste'; known: idf-cosine, jaccard"):
        oracle_similarity(np.ones((3, 3)), "taste")


@pytest.mark.parametrize(
    ("ids", "distances", "message"),
    [
        ([1, 1, 2], [0, 1, 2], "a track twice"),
        ([0, 1, 2], [0, 1, 2], "the query itself"),
        ([1, 9, 2], [0, 1, 2], "names position 9; there are 4"),
        ([1, 2, 3], [1, 0, 2], "must be finite and ascend"),
        ([1, 2, 3], [0, 1, np.nan], "must be finite and ascend"),
        ([1, 2], [0, 1], "holds 2 tracks; give 3 or more"),
        ([1.5, 2], [0, 1], "one whole number"),
        ([1, 2], [0], "one whole number"),
    ],
)
def test_what_is_no_ranked_list_is_refused(ids, distances, message):
    truth = collection(list("aabb"), list("aabb"))[:1]
    with pytest.raises(MethodError, match=message):
        scores(ARTIST, truth, [(np.array(ids), np.array(distances, dtype=float))])

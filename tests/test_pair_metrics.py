"""Metrics of sounds and videos that belong together, against brute force."""

import numpy as np
import pytest

from mirbench.errors import MethodError
from mirbench.metrics import metrics_for
from mirbench.metrics.pairs import STEPS, Pair, median, rank_counts
from mirbench.pairs import peaks
from mirbench.tasks import load_task
from mirbench.testing.metrics import check_metric

TASK = load_task("music-video")
METRICS = {m.name: m for m in metrics_for(TASK, None)}


def test_peaks_of_maps():
    maps = np.zeros((3, 4, 5))
    maps[0, 1, 2] = maps[1, 3, 0] = maps[1, 3, 2] = 1
    assert np.allclose(peaks(maps), [[0.5, 0.375], [0.3, 0.875], [0.5, 0.5]])


def brute(scores, way):
    """R@k, ranks and correspondence by counting, ties broken in every way that there is."""
    scores = scores.T if way else scores
    hits, ranks, right = [], [], []
    for i, row in enumerate(scores):
        others = np.delete(row, i)
        at = 1 + (others > row[i]).sum() + np.arange((others == row[i]).sum() + 1)
        ranks.append(at.mean())
        hits.append([(at <= k).mean() for k in (1, 10, 25)])
        right.append([(row[i] > o) + (row[i] == o) / 2 for o in others])
    return np.array(hits), np.array(ranks), np.mean(right)


@pytest.mark.parametrize("seed", range(3))
def test_retrieval_against_brute_force(seed):
    rng = np.random.default_rng(seed)
    truth, outputs, expected = [], [], [[], []]
    for test, n in enumerate((40, 7)):
        scores = np.round(rng.normal(size=(n, n)) + 1.2 * np.eye(n), seed).astype(np.float32)
        truth += [Pair(test, i) for i in range(n)]
        outputs += [(row, np.zeros((0, 2))) for row in scores]
        for way in (0, 1):
            expected[way].append(brute(scores, way))
    mixed = rng.permutation(len(truth))
    truth, outputs = [truth[i] for i in mixed], [outputs[i] for i in mixed]
    for way, name in enumerate(("sound to video", "video to sound")):
        hits = 100 * np.concatenate([e[0] for e in expected[way]]).mean(axis=0)
        for k, wanted in zip((1, 10, 25), hits):
            found = METRICS[f"R@{k} ({name})"].score(truth, outputs, TASK, None)
            assert found == pytest.approx(wanted)
        ranks = np.concatenate([e[1] for e in expected[way]])
        found = METRICS[f"median rank ({name})"].score(truth, outputs, TASK, None)
        assert abs(found - np.median(ranks)) <= 1
    triples = (40 * expected[0][0][2] + 7 * expected[0][1][2]) / 47
    assert METRICS["correspondence"].score(truth, outputs, TASK, None) == pytest.approx(
        100 * triples
    )


def test_one_score_for_all_is_chance():
    truth = [Pair(0, i) for i in range(40)]
    outputs = [(np.zeros(40), np.zeros((0, 2)))] * 40
    for name, wanted in {
        "R@1 (sound to video)": 2.5,
        "R@10 (video to sound)": 25,
        "median rank (sound to video)": 20.5,
        "correspondence": 50,
    }.items():
        assert METRICS[name].score(truth, outputs, TASK, None) == pytest.approx(wanted)
    assert np.isnan(METRICS["localisation"].score(truth, outputs, TASK, None))
    with pytest.raises(MethodError, match="rows of"):
        rank_counts(0)(truth, outputs[:39] + [(np.zeros(3), None)], TASK, None)


def test_the_median_of_grouped_ranks():
    counts = np.zeros((3, len(STEPS)))
    counts[0, 0] = 5  # all first
    counts[1, [1, 2, 7]] = 1, 1, 1
    counts[2, [0, 9]] = 2, 2
    assert np.allclose(median(counts), [1.0, 3.0, (1.5 + 9.5) / 2])
    assert np.isnan(median(np.zeros(len(STEPS))))
    assert median(np.eye(len(STEPS))[-1]) == pytest.approx(STEPS[-1], rel=0.02)


@pytest.mark.parametrize("name", METRICS)
def test_contract_of_the_metrics(name):
    assert all(c.passed for c in check_metric(METRICS[name], TASK))

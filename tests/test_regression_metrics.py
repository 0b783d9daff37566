"""Metrics of numbers against scikit-learn, SciPy and closed forms."""

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_squared_error, r2_score

from mirbench.errors import MethodError
from mirbench.frames import Grid
from mirbench.metrics import metrics_for
from mirbench.tasks import Task, load_task
from mirbench.testing.metrics import check_metric

TASK = load_task("emotion")
METRICS = {m.name: m for m in metrics_for(TASK, Grid())}
FACTORS = Task("latent", "values", ("f0", "f1", "f2"), column="factors")


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    x = rng.normal([5, 3], [1.5, 0.8], size=(80, 2))
    return x, (0.6 * x + [2.5, 1] + rng.normal(size=x.shape)).astype(np.float32)


def score(name, x, y, metrics=METRICS, task=TASK):
    return metrics[name].score(list(x), list(y), task, None)


def closed_form(x, y):
    together = ((x - x.mean()) * (y - y.mean())).mean()
    return 2 * together / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)


def test_each_dimension_and_the_mean(pair):
    x, y = pair
    y = y.astype(float)
    references = {
        "R2": r2_score,
        "CCC": closed_form,
        "Pearson": lambda a, b: pearsonr(a, b).statistic,
        "MSE": mean_squared_error,
        "RMSE": lambda a, b: mean_squared_error(a, b) ** 0.5,
    }
    for name, reference in references.items():
        expected = [reference(x[:, i], y[:, i]) for i in (0, 1)]
        for i, label in enumerate(TASK.labels):
            assert score(f"{name} ({label})", x, y) == pytest.approx(expected[i], abs=1e-9)
        assert score(name, x, y) == pytest.approx(np.mean(expected), abs=1e-9)


@pytest.mark.parametrize("offset", [1e3, 1e6, -1e6])
def test_numbers_far_from_zero_lose_no_digits(pair, offset):
    """As scikit-learn, which centres first; sums of two calls, each about its own centre, too."""
    x, y = (side.astype(float) + offset for side in pair)
    expected = {
        "R2": np.mean([r2_score(x[:, i], y[:, i]) for i in (0, 1)]),
        "CCC": np.mean([closed_form(x[:, i], y[:, i]) for i in (0, 1)]),
        "Pearson": np.mean([pearsonr(x[:, i], y[:, i]).statistic for i in (0, 1)]),
    }
    for name, value in expected.items():
        assert score(name, x, y) == pytest.approx(value, rel=1e-7)
        halves = [METRICS[name].counts(x[k], y[k], TASK, None) for k in (slice(40), slice(40, 80))]
        pooled = float(METRICS[name].value(np.concatenate(halves).sum(axis=0)))
        assert pooled == pytest.approx(value, rel=1e-7)


def test_counts_made_about_other_centres_can_be_summed(pair):
    x, y = pair
    order = np.argsort(x[:, 0])  # the halves' means differ by more than their spread
    for name in ("R2", "CCC", "Pearson", "MSE"):
        halves = [METRICS[name].counts(x[k], y[k], TASK, None) for k in (order[:40], order[40:])]
        pooled = METRICS[name].value(np.concatenate(halves).sum(axis=0))
        assert pooled == pytest.approx(score(name, x, y), rel=1e-12)
        assert np.isnan(METRICS[name].value(np.zeros_like(halves[0][0])))


def test_a_constant_answer_explains_nothing(pair):
    x, _ = pair
    mean = np.tile(x.mean(axis=0), (len(x), 1))
    assert score("R2", x, mean) == pytest.approx(0, abs=1e-9)
    assert score("R2", x, mean + 1) < 0
    for answer in (mean, mean + 1):
        assert score("CCC", x, answer) == pytest.approx(0, abs=1e-9)
        assert np.isnan(score("Pearson", x, answer))


def test_a_constant_truth_has_no_value(pair):
    x, y = pair
    x = x.copy()
    x[:, 0] = 0.1 + 0.2
    for name in ("R2", "CCC", "Pearson"):
        assert np.isnan(score(f"{name} (valence)", x, y))
        assert score(name, x, y) == pytest.approx(score(f"{name} (arousal)", x, y))
    assert np.isnan(score("R2", x[:1], y[:1]))
    assert score("MSE (valence)", x, y) > 0


def test_identity_and_the_price_of_scale_and_shift(pair):
    x, _ = pair
    assert score("CCC", x, x) == pytest.approx(1)
    assert score("R2", x, x) == pytest.approx(1)
    for other in (x + 1, 2 * x):
        assert score("Pearson", x, other) == pytest.approx(1)
        assert score("CCC", x, other) < 0.95


def test_cosines():
    metrics = {m.name: m for m in metrics_for(FACTORS, Grid())}
    x = np.array([[1.0, 0, 0], [0, 2, 0], [1, 1, 0], [0, 0, 0]])
    y = np.array([[3.0, 0, 0], [0, -1, 0], [0, 0, 0], [1, 1, 1]])
    # alike, opposite, nothing said; the last has no direction to find
    assert score("cosine", x, y, metrics, FACTORS) == pytest.approx(0)
    assert score("cosine", x[:1], y[:1], metrics, FACTORS) == pytest.approx(1)
    assert np.isnan(score("cosine", x[3:], y[3:], metrics, FACTORS))


def test_wrong_answers_are_named(pair):
    x, y = pair
    with pytest.raises(MethodError, match="79 outputs"):
        METRICS["CCC"].counts(list(x), list(y[1:]), TASK, None)
    for wrong in (y[3, :1], np.array([np.nan, 1])):
        with pytest.raises(MethodError, match="item 3 have shape"):
            METRICS["CCC"].counts(list(x[:4]), [*y[:3], wrong], TASK, None)


@pytest.mark.parametrize("task", [TASK, FACTORS], ids=lambda t: t.name)
def test_the_contract_of_metrics(task):
    for metric in metrics_for(task, Grid()):
        failed = [c for c in check_metric(metric, task) if not c.passed]
        assert not failed, failed

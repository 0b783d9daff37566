"""Tags that nobody looked for: they count nowhere, per tag against scikit-learn on the known items only."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_labels import TAGS, made, tags_protocol
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from mirbench.boards import board, render
from mirbench.boards.judge import Judge
from mirbench.boards.labels import by_label, prevalence
from mirbench.corpora import load_folder
from mirbench.errors import MethodError, ProtocolError
from mirbench.export import to_frame
from mirbench.frames import Grid
from mirbench.items import AudioRef, Item, as_items
from mirbench.methods import load_method
from mirbench.metrics import metrics_for
from mirbench.metrics.tagging import Marks, area, f1, precision_counts, roc_counts
from mirbench.mistakes.find import worst
from mirbench.protocols import Protocol
from mirbench.protocols.kept_items import protocol_items
from mirbench.running.cell import run_cell
from mirbench.running.items import targets, training
from mirbench.running.job import Job
from mirbench.running.plan import cell_hash
from mirbench.running.thresholds import thresholds_of
from mirbench.stats import Grouping, interval_of_sums
from mirbench.tasks import Task, load_task
from mirbench.tuning import best_thresholds, hold_out

N_TAGS = 6
TASK = Task("tags", "tags", tuple(f"t{i}" for i in range(N_TAGS)), column="tags")
METRICS = {m.name: m for m in metrics_for(TASK, Grid())}


def answers(n=150, n_tests=3, seed=0, levels=None, share=0.6):
    """Truth, scores, test sets, and which pairs are known: tag by tag other items."""
    rng = np.random.default_rng(seed)
    tags = (rng.random((n, N_TAGS)) < np.linspace(0.1, 0.6, N_TAGS)).astype(int)
    scores = 1 / (1 + np.exp(-1.5 * tags - rng.normal(size=tags.shape)))
    scores = np.round(scores * levels) / levels if levels else scores
    known = rng.random(tags.shape) < np.linspace(0.2, 1.0, N_TAGS)
    known[:, -1] = True
    return tags, scores.astype(np.float32), rng.integers(0, n_tests, n), known


def marks(tags, tests, known):
    return [Marks(t * k, int(test), k) for t, test, k in zip(tags, tests, known)]


@pytest.mark.parametrize("levels", [None, 4])
@pytest.mark.parametrize(
    ("counts", "reference"),
    [(precision_counts, average_precision_score), (roc_counts, roc_auc_score)],
)
def test_areas_are_scikit_learns_on_the_known_items(counts, reference, levels):
    tags, scores, tests, known = answers(levels=levels)
    found = counts(marks(tags, tests, known), list(scores), TASK)
    for test in np.unique(tests):
        values = area(found[tests == test].sum(axis=0))
        for tag in range(N_TAGS):
            at = (tests == test) & known[:, tag]
            held = tags[at, tag]
            if 0 < held.sum() < len(held):
                expected = 100 * reference(held, scores[at, tag])
                assert values[tag] == pytest.approx(expected, abs=1e-10)
            elif held.sum() == 0 or reference is roc_auc_score:
                assert np.isnan(values[tag])


def test_f1_is_scikit_learns_on_the_known_items():
    tags, scores, tests, known = answers()
    truth = marks(tags, tests, known)
    counts = METRICS["macro F1"].counts(truth, list(scores), TASK, Grid()).sum(axis=0)
    each = [
        100 * f1_score(tags[known[:, t], t], scores[known[:, t], t] >= 0.5) for t in range(N_TAGS)
    ]
    assert f1(counts) == pytest.approx(each)
    assert METRICS["macro F1"].value(counts) == pytest.approx(np.mean(each))
    micro = f1_score(tags[known], scores[known] >= 0.5)
    assert METRICS["micro F1"].value(counts) == pytest.approx(100 * micro)


@pytest.mark.parametrize("name", ["PR-AUC", "ROC-AUC", "macro F1", "micro F1", "F1 (t1)"])
def test_an_unknown_pair_changes_no_count(name):
    tags, scores, tests, known = answers()
    other = np.where(known, scores, np.random.default_rng(9).random(scores.shape))
    metric = METRICS[name]
    truth = marks(tags, tests, known)
    claimed = [Marks(np.where(k, t, 1), int(i), k) for t, i, k in zip(tags, tests, known)]
    expected = metric.counts(truth, list(scores), TASK, Grid())
    assert np.array_equal(metric.counts(truth, list(other), TASK, Grid()), expected)
    assert np.array_equal(metric.counts(claimed, list(scores), TASK, Grid()), expected)
    full = [Marks(t, int(i)) for t, i in zip(tags, tests)]
    said = [Marks(t, int(i), np.ones(N_TAGS, dtype=bool)) for t, i in zip(tags, tests)]
    assert np.array_equal(
        metric.counts(full, list(scores), TASK, Grid()),
        metric.counts(said, list(scores), TASK, Grid()),
    )


def test_the_interval_has_the_areas_own_derivative():
    """Leaving out a group changes the sum as it changes scikit-learn's area over the known items."""
    tags, scores, tests, known = answers(n=90, n_tests=1)
    counts = roc_counts(marks(tags, tests, known), list(scores), TASK)
    tag, step = 2, 1e-6
    at = known[:, tag]
    whole = area(counts.sum(axis=0))[tag]
    for i in np.flatnonzero(at)[:8]:
        weights = np.ones(len(tags))
        weights[i] += step
        summed = area((counts * weights[:, None]).sum(axis=0))[tag]
        expected = 100 * roc_auc_score(tags[at, tag], scores[at, tag], sample_weight=weights[at])
        assert (summed - whole) / step == pytest.approx((expected - whole) / step, abs=1e-3)
    groups = Grouping.of(np.arange(90).astype(str), np.full(90, "all")).sum(counts[None])
    found = interval_of_sums(groups, METRICS["ROC-AUC"].value, limits=(0, 100), linear=True)
    assert found.lo < found.value < found.hi


def test_a_tag_known_of_no_item_is_left_out_of_the_mean():
    tags, scores, tests, known = answers(n_tests=1)
    known[:, 0] = False
    counts = precision_counts(marks(tags, tests, known), list(scores), TASK).sum(axis=0)
    assert np.isnan(area(counts)[0])
    assert METRICS["PR-AUC"].value(counts) == pytest.approx(area(counts)[1:].mean())


def test_thresholds_depend_on_known_items_alone():
    tags, scores, _, known = answers(n=80)

    class Fixed(BaseEstimator):
        """Answers with the scores of the items that it is shown, by their key."""

        def fit(self, X, y):
            return self

        def predict_proba(self, X):
            return np.stack([scores[int(x.key)] for x in X])

    X = as_items(thing(i, f"g{i % 20}") for i in range(80))
    truth = np.where(known, tags, -1)
    found = thresholds_of(Fixed(), X, np.maximum(truth, 0), truth)
    held = hold_out([x.group for x in X])
    for tag in range(N_TAGS):
        at = held & known[:, tag]
        expected = best_thresholds(tags[at, tag, None], scores[at, tag, None])[0]
        assert found[tag] == expected
    plain = thresholds_of(Fixed(), X, tags)
    assert np.array_equal(plain, thresholds_of(Fixed(), X, tags, tags))


def thing(i, group):
    return Item.from_file(str(i), AudioRef(f"/none/{i}.wav", 0.0, 1.0, ""), group, "made")


class Told(ClassifierMixin, BaseEstimator):
    """Writes down the y that it is shown."""

    seen: list = []  # noqa: RUF012 - one list for all copies, on purpose

    def fit(self, X, y):
        Told.seen.append(np.array(y))
        self.thresholds_ = np.full(y.shape[1], 0.125)
        self.n_ = y.shape[1]
        return self

    def predict_proba(self, X):
        return np.full((len(X), self.n_), 0.25)


def plain():
    """Shown 0 for what is unknown."""
    return Told()


def gaps():
    """Shown -1 for what is unknown."""
    return Told()


gaps.masked = True


@pytest.mark.parametrize(("method", "least"), [(plain, 0), (gaps, -1)])
def test_a_method_is_shown_gaps_only_if_it_says_so(method, least):
    tags, _, _, known = answers(n=40)
    truth = np.where(known, tags, -1)
    found = load_method(method)
    assert found.masked == (least < 0)
    X = as_items(thing(i, f"g{i % 8}") for i in range(40))
    args = (method.__name__, method, found.code, 0, TASK, Grid(), X[:30], truth[:30])
    Told.seen.clear()
    answer = run_cell(Job(*args, {"all": X[30:]}))
    assert not answer.error
    assert np.array_equal(Told.seen[0], np.maximum(truth[:30], least))
    # thresholds that a method found itself count only where it knew what is unknown
    own = answer.cost["thresholds"] == [0.125] * N_TAGS
    assert own == (least < 0)


def masked_protocol(seed=3):
    """The made-up protocol of tags, half of what doesn't hold unknown."""
    protocol = tags_protocol()
    rng = np.random.default_rng(seed)
    unknown = []
    for label in protocol.items["label"]:
        absent = [tag for tag in TAGS if tag not in json.loads(label)]
        unknown.append(json.dumps([tag for tag in absent if rng.random() < 0.5]))
    return replace(protocol, items=protocol.items.assign(unknown=unknown))


def test_gaps_are_part_of_a_protocols_identity(tmp_path):
    full, masked = tags_protocol(), masked_protocol()
    empty = replace(full, items=full.items.assign(unknown=None))
    assert empty.hash == full.hash
    assert masked.hash != full.hash
    assert masked_protocol(4).hash != masked.hash
    cell = full.cells[0]
    assert cell_hash(empty, cell) == cell_hash(full, cell) != cell_hash(masked, cell)
    masked.save(tmp_path / "masked.json")
    again = Protocol.load(tmp_path / "masked.json")
    assert again.hash == masked.hash
    assert again.unknown == masked.unknown


def test_targets_say_minus_one_where_asked_to():
    protocol = masked_protocol()
    ids = protocol.cells[0].train
    y = targets(protocol, ids)
    gaps_too = targets(protocol, ids, masked=True)
    assert set(np.unique(y)) == {0, 1}
    assert np.array_equal(np.maximum(gaps_too, 0), y)
    gone = np.array(
        [[tag in json.loads(protocol.unknown.get(i, "[]")) for tag in TAGS] for i in ids]
    )
    assert np.array_equal(gaps_too == -1, gone)
    X = {i: thing(n, "g") for n, i in enumerate(protocol.items["id"])}
    assert np.array_equal(training(protocol, protocol.cells[0], X)[1], gaps_too)


def test_an_item_cannot_have_a_tag_that_is_unknown_of_it(tmp_path):
    protocol = tags_protocol()
    task = protocol.task
    assert task.target('["drums"]', '["guitar", "elsewhere"]') == [1, -1, 0, 0, 0]
    with pytest.raises(ProtocolError, match="'drums'"):
        task.target('["drums"]', '["drums"]')
    labels = protocol.items["label"]
    replace(protocol, items=protocol.items.assign(unknown=labels)).save(tmp_path / "both.json")
    with pytest.raises(ProtocolError, match="say one of the two"):
        Protocol.load(tmp_path / "both.json")
    replace(protocol, items=protocol.items.assign(unknown='{"a": 1}')).save(tmp_path / "odd.json")
    with pytest.raises(ProtocolError, match="JSON list"):
        Protocol.load(tmp_path / "odd.json")


def test_a_board_of_gaps_is_that_of_the_known_items():
    full, masked = tags_protocol(), masked_protocol()
    record = made(masked, "good", 0.6)
    judge = Judge([record], masked)
    told = by_label(judge, masked).set_index("label")
    shares = prevalence(judge)
    scores = np.stack(judge.outputs(record))
    rows = judge.rows
    y = np.array([full.task.target(label) for label in rows["label"]])
    gone = np.array([[t in json.loads(u) for t in TAGS] for u in rows["unknown"]])
    for code, tag in enumerate(TAGS):
        values, weights, chance = [], [], []
        for _, places in rows[judge.main].groupby(["cell", "test"]).indices.items():
            at = np.flatnonzero(judge.main)[places]
            at = at[~gone[at, code]]
            if y[at, code].any():
                values.append(100 * average_precision_score(y[at, code], scores[at, code]))
                weights.append(y[at, code].sum())
                chance.append(100 * y[at, code].mean())
        if values:
            assert told.loc[tag, "PR-AUC"] == pytest.approx(np.average(values, weights=weights))
            assert shares[tag] == pytest.approx(np.average(chance, weights=weights))
        else:
            assert np.isnan(told.loc[tag, "PR-AUC"])
    said = render(board([record], masked), "markdown")
    share = 100 * gone[judge.main].mean()
    assert f"{share:.1f} % of pairs (item, tag) are unknown" in said
    assert "unknown" not in render(board([made(full, "good", 0.6)], full), "markdown")


def test_an_unknown_tag_is_no_mistake_and_is_exported_as_such():
    masked = masked_protocol()
    record = made(masked, "good", 0.6)
    judge = Judge([record], masked)
    outputs, rows = judge.outputs(record), judge.rows
    wrong = set()
    for where, scores, main in zip(rows.to_dict("records"), outputs, judge.main):
        if not main:
            continue
        holds = np.array(masked.task.target(where["label"], where["unknown"]))
        if ((scores >= 0.5) != (holds > 0))[holds >= 0].any():
            wrong.add(where["id"])
    found, _ = worst(judge, record.spec, n=10**6)
    assert {mistake.id for mistake in found} == wrong
    frame = to_frame(judge, masked)
    assert frame["unknown"].tolist() == rows["unknown"].tolist()


def test_a_corpus_says_what_is_unknown(make_corpus):
    corpus = load_folder(make_corpus("c", groups=3))
    n = len(corpus.items)
    tags, unknown = ["a|b"] + ["a"] * (n - 1), ["c|z"] + [""] * (n - 1)
    task = replace(load_task("tags"), labels=("a", "b", "c"))
    told = replace(corpus, items=corpus.items.assign(tags=tags, unknown=unknown))
    items = protocol_items(told, task)
    assert items["unknown"].iloc[0] == '["c"]'
    assert items["unknown"].iloc[1:].isna().all()
    silent = replace(corpus, items=corpus.items.assign(tags=tags, unknown=""))
    assert "unknown" not in protocol_items(silent, task)
    genres = replace(load_task("genre"), labels=("a",))
    other = replace(corpus, items=corpus.items.assign(genre="a", unknown="a"))
    assert "unknown" not in protocol_items(other, genres)


def test_scores_must_still_be_finite_where_a_tag_is_unknown():
    tags, scores, tests, known = answers(n=10)
    scores[0] = np.nan
    with pytest.raises(MethodError, match="finite"):
        roc_counts(marks(tags, tests, known), list(scores), TASK)


def test_rows_without_gaps_keep_their_truth_as_it_was():
    protocol = tags_protocol()
    judge = Judge([made(protocol, "good", 0.6)], protocol)
    assert all(m.known is None for m in judge.truth)
    assert pd.Series([m.test for m in judge.truth]).nunique() == 6

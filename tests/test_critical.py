"""Critical differences against scipy, scikit-posthocs and autorank; which protocols are compared."""

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from made_records import good_to_bad, learner, learning_protocol, matrix_protocol
from scipy import stats

from mirbench.boards.across import across
from mirbench.boards.judge import Judge
from mirbench.boards.looks import image
from mirbench.boards.plot_cd import plot_cd
from mirbench.boards.write_across import write_across
from mirbench.errors import RecordError
from mirbench.stats.critical import critical_difference


def table(n_blocks=12, n_methods=5, seed=0, step=0.3):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n_blocks, n_methods)) + step * np.arange(n_methods)
    return pd.DataFrame(scores, columns=[f"m{i}" for i in range(n_methods)])


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scipy_and_scikit_posthocs(seed):
    scores = table(seed=seed)
    found = critical_difference(scores)
    expected = stats.friedmanchisquare(*scores.to_numpy().T)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    order = list(found.methods)
    nemenyi = scikit_posthocs.posthoc_nemenyi_friedman(scores).loc[order, order]
    np.testing.assert_allclose(found.nemenyi, nemenyi, atol=1e-12)
    long = scores.melt(var_name="method", value_name="score")
    wilcoxon = scikit_posthocs.posthoc_wilcoxon(
        long, val_col="score", group_col="method", p_adjust="holm"
    )
    np.testing.assert_allclose(found.wilcoxon, wilcoxon.loc[order, order], atol=1e-12)


@pytest.mark.parametrize(("n_blocks", "n_methods"), [(3, 3), (10, 4), (30, 12)])
def test_critical_difference_is_that_of_autorank(n_blocks, n_methods):
    autorank = pytest.importorskip("autorank._util")
    found = critical_difference(table(n_blocks, n_methods))
    expected = autorank._critical_distance(0.05, n_methods, n_blocks)
    assert found.difference == pytest.approx(expected, rel=2e-3)  # it interpolates a table


def test_critical_difference_is_where_nemenyi_separates():
    found = critical_difference(table(20, 4, step=0.8))
    gaps = np.abs(found.mean_ranks[:, None] - found.mean_ranks)
    assert ((gaps >= found.difference) == (found.nemenyi <= 0.05)).all()
    assert found.p < 0.001
    assert len(set(found.nemenyi_letters)) > 1


def test_the_best_comes_first_and_direction_counts():
    scores = table(10, 4, step=3.0)
    assert critical_difference(scores).methods == ("m3", "m2", "m1", "m0")
    errors = critical_difference(scores, greater_is_better=False)
    assert errors.methods == ("m0", "m1", "m2", "m3")
    assert list(errors.mean_ranks) == sorted(errors.mean_ranks)


def test_nothing_is_separated_where_friedman_does_not_reject():
    found = critical_difference(table(6, 4, step=0.0))
    assert set(found.nemenyi_letters) == set(found.wilcoxon_letters) == {"a"}
    assert "no method is separable" in found.sentence
    alike = critical_difference(pd.DataFrame(np.ones((4, 3)), columns=list("abc")))
    assert (alike.p, alike.wilcoxon.min()) == (1.0, 1.0)


def test_too_few_blocks_for_wilcoxon_are_said():
    scores = pd.DataFrame(np.tile([1.0, 2, 3], (5, 1)), columns=list("abc"))
    found = critical_difference(scores)
    assert "5 blocks are too few for Wilcoxon and Holm" in found.sentence
    assert "Of 3 pairs 1 are separable after Nemenyi" in found.sentence


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (0, 0)])
def test_refused_under_3_blocks_or_3_methods(shape):
    with pytest.raises(ValueError, match=f"there are {shape[0]} blocks and {shape[1]} methods"):
        critical_difference(pd.DataFrame(np.zeros(shape)))


def test_refused_with_gaps_or_one_name_twice():
    scores = table(4, 3)
    scores.iloc[1, 1] = np.nan
    with pytest.raises(ValueError, match="missing or infinite"):
        critical_difference(scores)
    with pytest.raises(ValueError, match="one name"):
        critical_difference(table(4, 3).set_axis(list("aab"), axis=1))


def judges(n, drop=()):
    made = []
    for i in range(n):
        protocol = matrix_protocol(name=f"speech-music/{i}", description=str(i), version=str(i))
        records = [r for j, r in enumerate(good_to_bad(protocol)) if (i, j) not in drop]
        made.append(Judge(records, protocol))
    return made


def test_protocols_that_share_most_are_compared_and_errors_are_negative():
    made = judges(4, drop={(3, 0), (3, 1)})
    scores = across(made)
    assert list(scores.index) == ["speech-music/0", "speech-music/1", "speech-music/2"]
    assert scores.shape[1] == 4
    assert (scores["good"] > scores["bad"]).all()
    assert (scores.to_numpy() < 0).all()
    assert scores.attrs["metrics"] == ("frame error",) * 3
    assert "test some of the same recordings" in scores.attrs["note"]
    found = critical_difference(scores)
    assert found.methods[-1] == max(scores, key=len)


def test_protocols_that_share_too_little_are_refused():
    with pytest.raises(RecordError, match="no 3 of the 2 protocols share 3 methods"):
        across(judges(2))
    other = learning_protocol()
    with pytest.raises(RecordError, match="one kind of task"):
        across([*judges(2), Judge([learner(other)], other)])


def test_picture_says_what_it_shows_and_is_the_same_twice():
    scores = across(judges(3))
    found = critical_difference(scores)
    about = scores.attrs | {"evidence": "embedded"}
    one, two = (image(plot_cd(found, about, {"good": "deep"}), "svg") for _ in "ab")
    assert one == two
    figure = plot_cd(found, about)
    assert next(t.get_text() for t in figure.axes[0].get_yticklabels()) == found.methods[0]
    said = figure.get_suptitle().replace("\n", " ")
    assert "not a result" in said
    assert "p-values are too small" in said
    letters = [t.get_text() for axes in figure.axes[1:] for t in axes.texts]
    assert letters.count("a") >= 2


def test_files_are_written_for_each_kind_that_shares_enough(tmp_path):
    other = learning_protocol()
    made = [*judges(3), Judge([learner(other)], other)]
    paths = write_across(made, tmp_path / "one")
    assert [p.name for p in paths] == [
        f"across.frames.real.{e}" for e in ("csv", "png", "svg", "txt")
    ]
    table = pd.read_csv(paths[0])
    assert table["mean rank"].is_monotonic_increasing
    assert {"method", "ties (Nemenyi)", "speech-music/0"} <= set(table)
    assert "Friedman's test of 4 methods over 3 blocks" in paths[-1].read_text("utf-8")
    again = write_across(made, tmp_path / "two")
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in again]
    assert write_across(made[:2], tmp_path / "none") == []
    assert not (tmp_path / "none").exists()

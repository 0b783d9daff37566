"""The discriminant across databases, its search, and the view of a note's first second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from baselines.note_lda import note_lda
from baselines.notes.discriminant import DatabaseLDA, pitch_terms
from baselines.notes.features import NAMES, first_second
from baselines.searched import AcrossCorpora, mean_log_likelihood, mean_recall
from mirbench.errors import DataError, MethodError
from mirbench.features import Extract
from mirbench.items import Item, as_items
from mirbench.methods import chosen_params, find_all, load_method

SR = 44_100
PLAIN = {"clip": np.inf, "temper": 1.0}


def blobs(seed, n=90, d=5, classes=3, databases=3):
    """Unbalanced classes in databases that shift them: X, y, database names."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
    names = rng.integers(0, databases, n)
    centres = 2 * rng.normal(size=(classes, d))
    shifts = rng.normal(size=(databases, classes, d))
    X = centres[y] + shifts[names, y] + rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    return X, y, np.array([f"db{k}" for k in names])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]))
def test_without_databases_it_is_scikit_learns_lda(seed, ridge):
    X, y, _ = blobs(seed)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    ours = DatabaseLDA(ridge=ridge, **PLAIN).fit(X[:70], y[:70])
    scaled = (X - ours.mean_) / ours.scale_
    priors = np.full(3, 1 / 3)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=ridge, priors=priors)
    theirs.fit(scaled[:70], y[:70])
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(scaled), atol=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 2.0]), st.booleans())
def test_scatter_is_the_sum_over_cells_written_out(seed, between, follow):
    X, y, names = blobs(seed)
    X[:, 0] = 8 + np.tanh(X[:, 0])
    model = DatabaseLDA(
        ridge=0.1,
        between=between,
        stiffness=3.0,
        clip=1.5,
        pitch_column=0 if follow else None,
        temper=1.0,
    )
    model.fit(X, y, databases=names)
    Z = np.clip((X - X.mean(axis=0)) / X.std(axis=0), -1.5, 1.5)
    P = pitch_terms(X[:, 0]) if follow else np.zeros((len(X), 2))
    cells = sorted({(k, name) for k, name in zip(y, names, strict=True)})
    inside = {c: (y == c[0]) & (names == c[1]) for c in cells}
    flat = Z.copy()
    for k in range(3):
        left, right = np.zeros((2, 2)), np.zeros((2, Z.shape[1]))
        for c in cells:
            if c[0] == k:
                p = P[inside[c]] - P[inside[c]].mean(axis=0)
                left += p.T @ p
                right += p.T @ (Z[inside[c]] - Z[inside[c]].mean(axis=0))
        flat[y == k] -= P[y == k] @ np.linalg.inv(left + 3 * np.eye(2)) @ right
    W = sum(np.cov(flat[inside[c]].T, bias=True) for c in cells) / len(cells)
    means = {c: flat[inside[c]].mean(axis=0) for c in cells}
    B, freedom = np.zeros_like(W), 0
    for k in range(3):
        own = [means[c] for c in cells if c[0] == k]
        B += sum(np.outer(m - np.mean(own, axis=0), m - np.mean(own, axis=0)) for m in own)
        freedom += len(own) - 1
        np.testing.assert_allclose(model.intercepts_[k], np.mean(own, axis=0), atol=1e-9)
    S = W + between * B / freedom
    S = 0.9 * S + 0.1 * np.trace(S) / len(S) * np.eye(len(S))
    np.testing.assert_allclose(model.scatter_, S, atol=1e-9)
    offsets = Z[:, None] - model.intercepts_ - np.einsum("np,kpd->nkd", P, model.shapes_)
    scores = -0.5 * np.einsum("nkd,de,nke->nk", offsets, np.linalg.inv(S), offsets)
    np.testing.assert_allclose(model.decision_function(X), scores, rtol=1e-6, atol=1e-6)


def test_copies_of_a_cells_rows_change_nothing():
    X, y, names = blobs(3)
    again = np.flatnonzero((y == 1) & (names == "db2"))
    more = np.concatenate([np.arange(len(y)), again, again])
    once = DatabaseLDA(ridge=0.0, **PLAIN).fit(X, y, databases=names)
    thrice = DatabaseLDA(ridge=0.0, **PLAIN).fit(X[more], y[more], databases=names[more])
    np.testing.assert_allclose(once.predict_proba(X), thrice.predict_proba(X), atol=1e-8)


def test_scatter_between_databases_mutes_what_differs_between_them():
    rng = np.random.default_rng(0)

    def database(tilt, n=60):
        y = np.arange(n) % 2
        told = np.where(y, 1.0, -1.0) + rng.normal(size=n)
        fooled = tilt * np.where(y, 1, -1) + 0.3 * rng.normal(size=n)
        return np.stack([told, fooled], axis=1), y

    parts = [database(tilt) for tilt in (3.0, -1.0, 2.0)]
    X, y = (np.concatenate(part) for part in zip(*parts, strict=True))
    names = np.repeat(["a", "b", "c"], 60)
    test_X, test_y = database(-2.0, 400)
    wary = DatabaseLDA(ridge=0.0, between=2.0, **PLAIN).fit(X, y, databases=names)
    naive = DatabaseLDA(ridge=0.0, between=0.0, **PLAIN).fit(X, y, databases=names)
    assert mean_recall(wary, test_X, test_y) > mean_recall(naive, test_X, test_y) + 0.3


def test_means_follow_pitch():
    rng = np.random.default_rng(1)
    y, pitch = np.arange(400) % 2, rng.uniform(5.5, 10.5, 400)
    z = (pitch - 8) / 1.3
    crossing = np.where(y, z + 0.5 * z**2, -z + 0.5 * z**2) + 0.05 * rng.normal(size=400)
    X = np.stack([pitch, crossing], axis=1)
    follow = DatabaseLDA(pitch_column=0, clip=np.inf, stiffness=0.1).fit(X[:300], y[:300])
    still = DatabaseLDA(clip=np.inf).fit(X[:300], y[:300])
    apart = np.abs(z[300:]) > 0.3
    assert mean_recall(follow, X[300:][apart], y[300:][apart]) > 0.97
    assert mean_recall(still, X[300:][apart], y[300:][apart]) < 0.7
    rigid = clone(follow).set_params(stiffness=np.inf).fit(X[:300], y[:300])
    np.testing.assert_allclose(rigid.predict_proba(X), still.predict_proba(X))


def test_one_database_or_one_class_a_database_has_no_scatter_between():
    X, y, _ = blobs(5)
    plain = DatabaseLDA(between=0.0).fit(X, y).predict_proba(X)
    for names in (None, np.full(len(y), "a"), np.array(["x", "y", "z"])[y]):
        fitted = DatabaseLDA(between=9.0).fit(X, y, databases=names)
        np.testing.assert_array_equal(fitted.predict_proba(X), plain)


def test_rows_are_judged_alone_and_a_fit_repeats():
    X, y, names = blobs(6)
    X = np.column_stack([X, np.ones(len(X))])  # a constant feature says nothing
    model = DatabaseLDA(pitch_column=0).fit(X, y, databases=names)
    together = model.predict_proba(X)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    np.testing.assert_allclose([model.predict_proba(row[None])[0] for row in X], together)
    np.testing.assert_array_equal(
        clone(model).fit(X, y, databases=names).predict_proba(X), together
    )
    two = DatabaseLDA().fit(X[y < 2], y[y < 2])
    np.testing.assert_array_equal(two.predict(X), (two.decision_function(X) > 0).astype(int))


def test_errors_say_what_is_missing():
    X, y, names = blobs(7)
    with pytest.raises(MethodError, match="two classes"):
        DatabaseLDA().fit(X, np.zeros(len(y)))
    with pytest.raises(MethodError, match="one a row"):
        DatabaseLDA().fit(X, y, databases=names[:-1])


def numbers(signal, sr):
    """The first five samples: features without acoustics."""
    return signal[:5]


def note_items(X, names, groups=None):
    items = [
        Item.from_array(row, SR, group=str(k), corpus=name)
        for k, (row, name) in enumerate(zip(X.astype(np.float32), names, strict=True))
    ]
    return as_items(items)


def test_settings_are_those_of_a_search_written_out():
    X, y, names = blobs(11, n=120, databases=4)
    X = X.astype(np.float32)
    grid = {"ridge": [0.05, 0.9], "between": [0.0, 1.0]}
    tempers = {"temper": [0.01, 0.3, 3.0]}
    method = AcrossCorpora(Extract(numbers, sr=SR), DatabaseLDA(), grid, tempers)
    fitted = method.fit(note_items(X, names), y)

    def mean_over_corpora(score, **setting):
        values = []
        for out in np.unique(names):
            train, test = names != out, names == out
            model = DatabaseLDA(**setting).fit(X[train], y[train], databases=names[train])
            values.append(score(model, X[test], y[test]))
        return np.mean(values)

    wanted = {
        (ridge, between): mean_over_corpora(mean_recall, ridge=ridge, between=between)
        for ridge in grid["ridge"]
        for between in grid["between"]
    }
    assert fitted.inner_recall_ == pytest.approx(wanted)
    ridge, between = max(wanted, key=wanted.__getitem__)
    best = {"ridge": ridge, "between": between}
    likelihood = {
        temper: mean_over_corpora(mean_log_likelihood, temper=temper, **best)
        for temper in tempers["temper"]
    }
    best["temper"] = max(likelihood, key=likelihood.__getitem__)
    assert fitted.best_params_ == best == chosen_params(fitted)
    alone = DatabaseLDA(**best).fit(X, y, databases=names)
    blind = as_items(item.blind() for item in note_items(X, names))
    np.testing.assert_array_equal(fitted.predict_proba(blind), alone.predict_proba(X))
    np.testing.assert_array_equal(fitted.predict(blind), alone.predict(X))


def test_each_fit_chooses_its_own_settings():
    """A choice carried over from another cell may have been made on what this one tests."""
    grid = {"ridge": [0.05, 0.9], "between": [0.0, 1.0]}
    method = AcrossCorpora(Extract(numbers, sr=SR), DatabaseLDA(), grid)
    chosen = set()
    for seed in range(11, 17):
        X, y, names = blobs(seed, n=120, databases=4)
        fitted = clone(method).fit(note_items(X, names), y)
        best = max(fitted.inner_recall_, key=fitted.inner_recall_.__getitem__)
        assert tuple(fitted.best_params_.values()) == best
        chosen.add(best)
    assert len(chosen) > 1


@pytest.mark.parametrize("corpus", ["only", None])
def test_a_single_corpus_leaves_the_settings_alone(corpus):
    X, y, _ = blobs(12)
    grid = {"ridge": [0.05, 0.9]}
    method = AcrossCorpora(Extract(numbers, sr=SR), DatabaseLDA(), grid, {"temper": [0.9]})
    fitted = method.fit(note_items(X, [corpus] * len(y)), y)
    assert fitted.best_params_ == {"ridge": 0.3, "temper": 0.1}
    assert fitted.inner_recall_ == {}


def test_folds_that_can_not_be_used_are_left_out():
    X, y, _ = blobs(13)
    method = AcrossCorpora(Extract(numbers, sr=SR), DatabaseLDA(), {"ridge": [0.05, 0.9]})
    disjoint = np.where(y == 2, "other", "main")  # nothing in common: no fold
    assert method.fit(note_items(X, disjoint), y).inner_recall_ == {}
    part = np.where((y == 2) & (np.arange(len(y)) % 2 > 0), "other", "main")
    train, test = part == "main", part == "other"  # training on "other" alone knows one class
    X = X.astype(np.float32)
    wanted = {
        (ridge,): mean_recall(DatabaseLDA(ridge=ridge).fit(X[train], y[train]), X[test], y[test])
        for ridge in (0.05, 0.9)
    }
    assert method.fit(note_items(X, part), y).inner_recall_ == pytest.approx(wanted)


def tone(f0, seconds=1.5, partials=20, decay_db=0.0, vibrato_cents=0.0, exponent=1.0, rise_s=0.02):
    """Partials 1 / h ** exponent under a ramp, decaying by ``decay_db`` dB/s, vibrato of 5.5 Hz."""
    t = np.arange(int(seconds * SR)) / SR
    bend = vibrato_cents / 1200 * np.log(2) / (2 * np.pi * 5.5) * np.sin(2 * np.pi * 5.5 * t)
    orders = [h for h in range(1, partials + 1) if h * f0 < 20_000]
    wave = sum(np.sin(2 * np.pi * h * f0 * (t + bend)) / h**exponent for h in orders)
    return (wave * np.minimum(t / rise_s, 1) * 10 ** (-decay_db * t / 20)).astype(np.float32)


def values(signal):
    return dict(zip(NAMES, first_second(signal, SR), strict=True))


def test_first_second_measures_what_its_names_say():
    steady, fading = values(tone(220)), values(tone(220, decay_db=30))
    assert len(set(NAMES)) == len(NAMES)
    assert steady["f0 (log2 Hz)"] == pytest.approx(np.log2(220), abs=5 / 1200)
    share = 1 / np.arange(1, 21) ** 2
    levels = 10 * np.log10(share / share.sum())
    measured = [steady[f"partial {h}"] for h in range(1, 21)]
    np.testing.assert_allclose(measured, levels, atol=0.5)
    assert steady["tristimulus 1"] == pytest.approx(share[0] / share.sum(), abs=0.02)
    assert steady["slope of partials"] == pytest.approx(-6.02, abs=0.1)
    assert steady["decay"] == pytest.approx(0, abs=0.5)
    assert fading["decay"] == pytest.approx(-30, abs=1)
    assert fading["partials 1-1, slope"] == pytest.approx(-30, abs=1)
    assert fading["broad band 3, decay"] == pytest.approx(-30, abs=1)
    slow = values(tone(220, rise_s=0.4))
    assert slow["log rise 0.1 to 0.9"] == pytest.approx(np.log10(0.8 * 0.4), abs=0.05)
    wavering = values(tone(220, vibrato_cents=30))
    assert wavering["log vibrato energy"] > steady["log vibrato energy"] + 3
    assert wavering["vibrato share"] > -0.5
    dull = values(tone(220, exponent=2))
    assert dull["centroid, body"] < steady["centroid, body"] - 0.3
    assert dull["amplitude centroid of partials"] < steady["amplitude centroid of partials"] - 0.5


def test_noise_between_partials_is_noise():
    rng = np.random.default_rng(0)
    clean, white = tone(440), rng.normal(size=int(1.5 * SR)).astype(np.float32)
    loud, soft = values(clean + 0.1 * white), values(clean + 0.01 * white)
    for band in ("noise 700-1500 Hz", "noise 1500-3000 Hz", "noise 3000-6000 Hz"):
        assert loud[band] - soft[band] == pytest.approx(20, abs=1.5)


def test_only_the_first_second_from_the_onset_counts():
    note, rng = tone(196, seconds=3, decay_db=10), np.random.default_rng(1)
    other = note.copy()
    other[SR + 500 :] = 0.05 * rng.normal(size=len(note) - SR - 500)
    np.testing.assert_array_equal(first_second(note, SR), first_second(other, SR))
    late = np.concatenate([np.zeros(100 * 220, dtype=np.float32), note])
    np.testing.assert_array_equal(first_second(note, SR), first_second(late, SR))
    assert not np.array_equal(first_second(note, SR), first_second(note[: SR // 2], SR))


@settings(max_examples=10, deadline=None)
@given(st.integers(-12, 12), st.floats(30, 4000), st.floats(0, 40))
def test_gain_does_not_count(power, f0, decay_db):
    note = tone(f0, seconds=0.6, decay_db=decay_db)
    np.testing.assert_allclose(
        first_second(note * np.float32(2.0**power), SR), first_second(note, SR), atol=1e-3
    )


@pytest.mark.parametrize("sr", [16_000, SR])
def test_anything_gives_finite_values(sr):
    rng = np.random.default_rng(2)
    t = np.arange(sr) / sr
    signals = [
        np.zeros(sr),
        np.ones(1),
        np.ones(sr),
        np.array([1.0, -1.0]),
        rng.normal(size=100),
        rng.normal(size=sr),
        np.eye(1, sr, sr // 2)[0],
        np.sign(np.sin(2 * np.pi * 440 * t)),
        np.sin(2 * np.pi * 27.5 * t),
        np.sin(2 * np.pi * 4186 * t),
        np.sin(2 * np.pi * 0.45 * sr * t),
    ]
    for signal in signals:
        row = first_second(signal.astype(np.float32), sr)
        assert row.shape == (len(NAMES),)
        assert row.dtype == np.float32
        assert np.isfinite(row).all()
    with pytest.raises(DataError):
        first_second(np.zeros(0, dtype=np.float32), sr)


def test_the_method_runs_on_notes_of_three_collections():
    rng = np.random.default_rng(3)
    items, labels = [], []
    for corpus, tilt in (("one", 0.9), ("two", 1.1), ("three", 1.3)):
        for k, f0 in enumerate(110 * 2 ** rng.uniform(0, 2, 6)):
            plucked = k % 2
            note = tone(f0, seconds=0.5, exponent=tilt, decay_db=40 * plucked, rise_s=0.05)
            items.append(Item.from_array(note, SR, group=f"{corpus}{k}", corpus=corpus))
            labels.append(plucked)
    X, y = as_items(items), np.array(labels)
    built = load_method(note_lda).build()
    assert [part.func for part in find_all(built, Extract)] == [first_second]
    fitted = built.fit(X[:12], y[:12])
    assert set(fitted.best_params_) == {"ridge", "stiffness", "temper"}
    blind = as_items(item.blind() for item in X[12:])
    np.testing.assert_array_equal(fitted.predict(blind), y[12:])
    assert fitted.predict_proba(blind).shape == (6, 2)
    assert note_lda.family == "hand-crafted"
    assert note_lda(pitch=False, search=False).fit(X, y).best_params_ == {}


def test_one_note_a_class_leaves_the_nearest_mean():
    X = np.random.default_rng(14).normal(size=(3, 5))
    fitted = DatabaseLDA(pitch_column=0).fit(X, [0, 1, 2], databases=["a", "a", "a"])
    np.testing.assert_array_equal(fitted.scatter_, np.eye(5))
    np.testing.assert_array_equal(fitted.predict(X), [0, 1, 2])
    assert np.isfinite(fitted.predict_proba(1e3 * X)).all()


def test_folds_with_one_note_a_class_to_train_on_choose_nothing():
    X, y, _ = blobs(15)
    names = np.full(len(y), "many")
    names[[np.flatnonzero(y == k)[0] for k in np.unique(y)]] = "one"
    method = AcrossCorpora(Extract(numbers, sr=SR), DatabaseLDA(), {"ridge": [0.05, 0.9]})
    fitted = method.fit(note_items(X, names), y)
    train, test = names == "many", names == "one"
    X = X.astype(np.float32)
    wanted = {
        (ridge,): mean_recall(DatabaseLDA(ridge=ridge).fit(X[train], y[train]), X[test], y[test])
        for ridge in (0.05, 0.9)
    }
    assert fitted.inner_recall_ == pytest.approx(wanted)  # the other fold would train on singles

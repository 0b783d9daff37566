"""SVM and random forest on flattened 5-s inputs."""

import numpy as np
import pytest
from sklearn.base import clone

from baselines.flat import flat_rf, flat_svm, flatten
from mirbench.errors import MethodError
from mirbench.items import Item, as_items

SR = 22_050


def clips(n, seed=0, seconds=5):
    """Noise (code 1) and chords (code 0), each a group of its own."""
    rng = np.random.default_rng(seed)
    time = np.arange(seconds * SR) / SR
    items = []
    for i in range(n):
        chord = sum(np.sin(2 * np.pi * f * time) for f in rng.uniform(100, 2000, 4))
        signal = rng.standard_normal(len(time)) if i % 2 else chord
        items.append(Item.from_array(signal * rng.uniform(0.01, 1), SR, f"{seed}-{i}"))
    return as_items(items), np.arange(n) % 2


@pytest.fixture(scope="module")
def training():
    return clips(20)


def test_flatten_gives_the_printed_3888_values(training):
    extract = flat_rf().steps[0][1]
    rows = extract.transform(training[0][:2])
    flat = flatten(rows)
    assert flat.shape == (2, 3888)
    np.testing.assert_array_equal(flat[1], np.ravel(rows[1]))


def test_flatten_refuses_unequal_lengths():
    with pytest.raises(MethodError, match="different length"):
        flatten([np.zeros((3, 2)), np.zeros((4, 2))])


@pytest.mark.parametrize("method", [flat_svm, flat_rf])
def test_learns_noise_from_chords_and_repeats(method, training):
    X, y = training
    estimator = method().fit(X, y)
    test, truth = clips(9, seed=1)
    probabilities = estimator.predict_proba(test)
    assert probabilities.shape == (9, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (estimator.predict(test) == truth).all()
    np.testing.assert_array_equal(clone(estimator).fit(X, y).predict_proba(test), probabilities)


@pytest.mark.parametrize("method", [flat_svm, flat_rf])
def test_an_unknown_input_is_one_clear_error(method):
    with pytest.raises(MethodError, match="no input"):
        method(input="wavelet")

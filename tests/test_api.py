"""From Python: run, board, items and splits, embeddings and functions of one's own."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import mirbench
from mirbench.errors import DataError, MethodError


def levels(signal, sr):
    rms = np.sqrt(np.mean(signal[: len(signal) // 160 * 160].reshape(-1, 160) ** 2, axis=1))
    return np.array([rms.mean(), rms.std()])


def method():
    """Mean and deviation of the level."""
    return make_pipeline(mirbench.Extract(levels, sr=8000), GaussianNB())


@pytest.fixture
def protocol(home, make_corpus):
    return mirbench.make_protocol("speech-music-clip", [make_corpus("a")], folds=3)


def test_run_takes_a_function_and_returns_a_table(protocol):
    table = mirbench.run(method, protocol, progress=False)
    assert isinstance(table, pd.DataFrame)
    assert table["balanced accuracy"].iloc[0] > 90
    assert len(mirbench.board(protocol)) == 1


def test_run_raises_where_nothing_came_of_it(protocol):
    def broken():
        """No estimator."""

    with pytest.raises(MethodError, match="not a scikit-learn estimator"):
        mirbench.run(broken, protocol, progress=False)


def test_items_and_splits_suit_scikit_learn(protocol):
    X, y, splits = mirbench.load_items(protocol)
    said = cross_val_predict(method(), X, y, cv=splits)
    assert np.mean(said == y) > 0.9


def test_precomputed_embeddings_are_marked_external(home, tmp_path, protocol):
    path = tmp_path / "p.json"
    protocol.save(path)
    for name, label in zip(protocol.items["id"], protocol.items["label"]):
        file = tmp_path / "embeddings" / f"{name}.npy"
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, np.array([float(label == "speech"), 1.0]))

    def precomputed():
        """Embeddings made elsewhere."""
        front = mirbench.Precomputed(str(tmp_path / "embeddings"), str(path))
        return make_pipeline(front, LogisticRegression())

    table = mirbench.run(precomputed, protocol, progress=False)
    assert table["family"].tolist() == ["external"]
    assert table["balanced accuracy"].iloc[0] == 100
    next((tmp_path / "embeddings").rglob("*.npy")).unlink()
    X, y, _ = mirbench.load_items(protocol)
    with pytest.raises(DataError, match=r"\.npy"):
        precomputed().fit(X, y)

"""Linear metrics on statistics of timbre: LDA and LMNN as similarities."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from baselines.lmnn import LMNN
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.features.spectral import mfcc

SR = 22_050


def timbre_statistics(
    signal: np.ndarray,
    sr: float,
    *,
    n_fft: int = 1024,
    hop_length: int = 512,
    n_mels: int = 40,
    n_mfcc: int = 20,
) -> np.ndarray:
    """Mean and deviation of MFCC, deviation of their first and second derivatives.

    Of c0, the level, the mean is left out: a gain changes nothing. Frames 60 dB and more under the
    loudest are left out. Our choice.

    Parameters
    ----------
    signal, sr, n_fft, hop_length, n_mels, n_mfcc
        As in `mirbench.features.spectral.mfcc`, frames centred. Hz and samples.

    Returns
    -------
    ndarray of float32, shape (4 * n_mfcc - 1,)
        Zeros for silence.
    """
    peak = float(np.abs(signal).max(initial=0))
    rows = mfcc(
        signal / peak if peak > 0 else signal,
        sr,
        n_mfcc=n_mfcc,
        deltas=2,
        n_fft=n_fft,
        hop_length=hop_length,
        n_mels=n_mels,
        framing="center",
    ).astype(np.float64)
    if peak == 0:
        return np.zeros(4 * n_mfcc - 1, dtype=np.float32)
    loud = rows[:, 0] >= rows[:, 0].max() - 60 * np.sqrt(n_mels)  # c0 is sqrt(n_mels) times the dB
    mean, deviation = rows[loud].mean(axis=0), rows[loud].std(axis=0)
    return np.concatenate([mean[1:n_mfcc], deviation]).astype(np.float32)


class LDA(TransformerMixin, BaseEstimator):
    """Linear discriminant analysis as a map: rows in, discriminants out.

    scikit-learn's eigenvalue solver. Discriminants have unit variance within classes, so Euclidean
    distances between mapped rows are Mahalanobis distances. Features are divided by their deviation
    within classes, then the scatter within classes is shrunk by Ledoit and Wolf's formula for all
    rows, each less its class's mean: asked class by class, as ``shrinkage="auto"`` does, the
    formula leaves little of small classes.

    Parameters
    ----------
    n_components : int
        At most; there are no more than features, or than classes but one.

    Attributes
    ----------
    lda_ : LinearDiscriminantAnalysis
    scale_ : ndarray of shape (n_features,)
    """

    def __init__(self, n_components: int = 32) -> None:
        self.n_components = n_components

    def fit(self, X: np.ndarray, y: Any) -> LDA:
        """Learn from rows (n, n_features) and their classes (n,); MethodError where these are one,
        or as many as rows."""
        classes, codes = np.unique(y, return_inverse=True)
        if not 1 < len(classes) < len(X):
            raise MethodError(
                "discriminants need two classes or more, with more rows than classes; "
                f"got {len(X)} rows of {len(classes)} classes"
            )
        X = np.asarray(X, dtype=float)
        n = min(self.n_components, len(classes) - 1, X.shape[1])
        means = np.array([np.mean(X[codes == k], axis=0) for k in range(len(classes))])
        within = X - means[codes]
        deviation = within.std(axis=0)
        self.scale_ = np.where(deviation > 1e-12, deviation, 1)
        shrinkage = ledoit_wolf_shrinkage(within / self.scale_, assume_centered=True)
        lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage, n_components=n)
        self.lda_ = lda.fit(X / self.scale_, y)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Mapped rows, (n, n_discriminants)."""
        check_is_fitted(self)
        return self.lda_.transform(np.asarray(X) / self.scale_)


class LinearMetric(TransformerMixin, BaseEstimator):
    """A linear map of features that is learned from classes, as a similarity of items.

    Classes are the codes that training gives; where it gives tags instead, the artist
    (``item.group``) is the class: a linear map needs one class a track.

    Parameters
    ----------
    extract : Extract
        Gives a vector for an item.
    learner : transformer
        ``fit(rows, classes)``, ``transform(rows)``; gets standardised features.

    Attributes
    ----------
    scaler_ : StandardScaler
    learner_ : fitted learner
    """

    def __init__(self, extract: Extract, learner: Any) -> None:
        self.extract = extract
        self.learner = learner

    def fit(self, X: np.ndarray, y: Any) -> LinearMetric:
        """Learn from items.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : array of int, shape (n,) or (n, n_tags)
            Codes, or tags.

        Raises
        ------
        MethodError
            No labels (-1); tags, but items without an artist; classes that teach nothing.
        """
        classes = np.asarray(y)
        if len(classes) != len(X):
            raise MethodError(f"{len(X)} items but {len(classes)} labels: one an item is needed")
        if classes.ndim == 2:
            if any(item.group is None for item in X):
                raise MethodError(
                    "a linear metric takes the artist for the class where tracks have tags; "
                    "name the training tracks' artists"
                )
            classes = np.array([str(item.group) for item in X])
        elif (classes < 0).any():
            raise MethodError(
                "a linear metric needs labels: this protocol is a collection without; run it "
                "under one whose training tracks have tags, genres or artists, such as "
                "similarity/mini"
            )
        rows = self.extract.transform(X)
        self.scaler_ = StandardScaler().fit(rows)
        self.learner_ = clone(self.learner).fit(self.scaler_.transform(rows), classes)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Mapped features, (n_items, n_components); compare them by Euclidean distance."""
        check_is_fitted(self)
        return self.learner_.transform(self.scaler_.transform(self.extract.transform(X)))


def lda_similarity(n_components: int = 32) -> LinearMetric:
    """MFCC statistics, linear discriminant analysis.

    Mean and deviation of 20 MFCC, deviation of their derivatives; discriminants with a shrunk scatter
    within classes (Fisher 1936), the Euclidean distance. Classes are the labels, or the artists where the labels
    are tags. A fit takes a second on 500 tracks.

    Parameters
    ----------
    n_components : int
        Discriminants kept.
    """
    return LinearMetric(Extract(timbre_statistics, sr=SR), LDA(n_components))


def lmnn_similarity(
    n_components: int = 32, n_neighbors: int = 3, push: float = 0.5, max_iter: int = 50
) -> LinearMetric:
    """MFCC statistics, large margin nearest neighbours.

    Mean and deviation of 20 MFCC, deviation of their derivatives; the linear map of Weinberger and
    Saul 2009 (`baselines.lmnn`), the Euclidean distance. Classes are the labels, or the artists
    where the labels are tags. A fit takes some seconds on 500 tracks.

    Parameters
    ----------
    n_components : int
        Of the map.
    n_neighbors : int
        Targets of a track.
    push : float
        Weight of what keeps other classes away, 0 to 1.
    max_iter : int
    """
    learner = LMNN(n_components, n_neighbors, push, max_iter)
    return LinearMetric(Extract(timbre_statistics, sr=SR), learner)


lda_similarity.cite = "fisher1936use"  # type: ignore[attr-defined]
lmnn_similarity.cite = "weinberger2009lmnn"  # type: ignore[attr-defined]
lda_similarity.family = lmnn_similarity.family = "hand-crafted"  # type: ignore[attr-defined]

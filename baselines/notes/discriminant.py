"""A linear discriminant for labels that several databases share, with class means that follow pitch."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mirbench.errors import MethodError

CENTRE, OCTAVES = 8.0, 1.3
"""Pitch is counted from 256 Hz (2^8) in units of 1.3 octaves, between -2 and 2: 22 Hz to 1.6 kHz."""

LEAST = 1e-9
"""Least variance of a direction, relative to the largest."""


class DatabaseLDA(ClassifierMixin, BaseEstimator):
    """Linear discriminant analysis over several databases.

    All class x database cells weigh the same. Features are standardised and clipped. The mean of a
    class is a parabola in log f0, with an intercept for each database; the class has the mean of its
    intercepts. The scatter is that within cells, about the parabola, plus ``between`` times that of a
    class's intercepts over databases: directions in which the same instrument differs from database
    to database count less, as within-class covariance normalisation has it for speakers and sessions
    [1]_. Equal priors.

    Parameters
    ----------
    ridge : float in [0, 1]
        Share of the scatter that gives way to its mean variance in all directions.
    between : float
        Weight of the scatter between databases; it is absent where no class has two.
    stiffness : float
        Ridge penalty of a class's parabola, in notes: its shape is forgotten for ``inf``.
    clip : float
        Largest absolute value of a standardised feature.
    pitch_column : int or None
        Feature that holds log2 of f0 (Hz); None for means that don't follow pitch.
    temper : float
        Factor of the log likelihoods: correlated features overstate what they know.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    mean_, scale_ : ndarray of shape (n_features,)
    intercepts_ : ndarray of shape (n_classes, n_features)
    shapes_ : ndarray of shape (n_classes, 2, n_features)
        Coefficients of ``pitch_terms``; 0 without a pitch column.
    scatter_ : ndarray of shape (n_features, n_features)
        After ``ridge``.
    whitening_ : ndarray of shape (n_features, n_features)

    Notes
    -----
    With one database, or none named, ``ridge=0``, ``clip=inf``, ``pitch_column=None`` and
    ``temper=1`` this is scikit-learn's `LinearDiscriminantAnalysis` with equal priors. The design is
    ours.

    References
    ----------
    .. [1] A. Hatch, S. Kajarekar, A. Stolcke, "Within-class covariance normalization for SVM-based
       speaker recognition", Interspeech 2006 (from memory).
    """

    def __init__(
        self,
        ridge: float = 0.3,
        between: float = 0.5,
        stiffness: float = 5.0,
        clip: float = 1.5,
        pitch_column: int | None = None,
        temper: float = 0.1,
    ) -> None:
        self.ridge = ridge
        self.between = between
        self.stiffness = stiffness
        self.clip = clip
        self.pitch_column = pitch_column
        self.temper = temper

    def fit(self, X: Any, y: Any, databases: Any = None) -> DatabaseLDA:
        """Fit on features.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        y : array-like of shape (n,)
        databases : array-like of shape (n,), optional
            Name of the database of each row; by default all are of one.

        Raises
        ------
        MethodError
            There are fewer than two classes, or not as many names of databases as rows.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise MethodError(
                f"training needs two classes or more, got 1 class ({self.classes_[0]}): "
                "check the labels of the training items"
            )
        names = np.zeros(len(y)) if databases is None else np.asarray(databases, dtype=str)
        if len(names) != len(y):
            raise MethodError(f"{len(names)} names of databases for {len(y)} rows: give one a row")
        pairs = np.stack([codes, np.unique(names, return_inverse=True)[1]], axis=1)
        cells, cell, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
        owner = cells[:, 0]
        weights = 1 / (counts[cell] * len(cells))
        self.mean_ = X.mean(axis=0)
        deviation = X.std(axis=0)
        self.scale_ = np.where(deviation > LEAST * np.abs(self.mean_), deviation, 1.0)
        rows, terms = self._standardised(X), self._terms(X)
        self.shapes_ = self._shapes(rows, terms, codes, cell, len(cells))
        flat = rows - np.einsum("np,npd->nd", terms, self.shapes_[codes])
        levels = cell_means(flat, cell, len(cells))
        self.intercepts_ = cell_means(levels, owner, len(self.classes_))
        rest = flat - levels[cell]
        scatter = (rest * weights[:, None]).T @ rest
        spread = levels - self.intercepts_[owner]
        freedom = len(cells) - len(self.classes_)
        if freedom:
            scatter += self.between / freedom * spread.T @ spread
        self.scatter_ = shrunk(scatter, self.ridge)
        values, vectors = linalg.eigh(self.scatter_)
        floor = max(LEAST * values[-1], np.finfo(float).tiny)
        self.whitening_ = vectors / np.sqrt(np.maximum(values, floor))
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Log likelihood of each class times ``temper``, but for a term that classes share.

        Returns
        -------
        ndarray of shape (n, n_classes), or (n,) for two classes: second less first.
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> np.ndarray:
        """Class probabilities, shape (n, n_classes)."""
        return softmax(self._scores(X), axis=1)

    def predict(self, X: Any) -> np.ndarray:
        """Likeliest class, shape (n,)."""
        return self.classes_[self._scores(X).argmax(axis=1)]

    def _scores(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        rows, terms = self._standardised(X) @ self.whitening_, self._terms(X)
        distances = []
        for intercept, shape in zip(self.intercepts_, self.shapes_, strict=True):
            mean = (intercept + terms @ shape) @ self.whitening_
            distances.append(np.square(rows - mean).sum(axis=1))
        return -0.5 * self.temper * np.stack(distances, axis=1)

    def _standardised(self, X: np.ndarray) -> np.ndarray:
        return np.clip((X - self.mean_) / self.scale_, -self.clip, self.clip)

    def _terms(self, X: np.ndarray) -> np.ndarray:
        if self.pitch_column is None:
            return np.zeros((len(X), 2))
        return pitch_terms(X[:, self.pitch_column])

    def _shapes(
        self, rows: np.ndarray, terms: np.ndarray, codes: np.ndarray, cell: np.ndarray, n_cells: int
    ) -> np.ndarray:
        """Parabola of each class, by ridge regression inside its cells: (n_classes, 2, d)."""
        shapes = np.zeros((len(self.classes_), terms.shape[1], rows.shape[1]))
        if self.pitch_column is None or np.isinf(self.stiffness):
            return shapes
        rows = rows - cell_means(rows, cell, n_cells)[cell]
        terms = terms - cell_means(terms, cell, n_cells)[cell]
        for k in range(len(shapes)):
            own = terms[codes == k]
            penalty = max(self.stiffness, LEAST) * np.eye(terms.shape[1])
            shapes[k] = linalg.solve(
                own.T @ own + penalty, own.T @ rows[codes == k], assume_a="pos"
            )
        return shapes


def pitch_terms(log2_f0: np.ndarray) -> np.ndarray:
    """z and z^2 - 1, where z is pitch in units of 1.3 octaves from 256 Hz: shape (n, 2)."""
    z = np.clip((np.asarray(log2_f0) - CENTRE) / OCTAVES, -2, 2)
    return np.stack([z, np.square(z) - 1], axis=1)


def cell_means(rows: np.ndarray, cell: np.ndarray, n_cells: int) -> np.ndarray:
    """Mean of the rows of each cell 0 ... n_cells - 1, none of which is empty."""
    sums = np.zeros((n_cells, rows.shape[1]))
    np.add.at(sums, cell, rows)
    return sums / np.bincount(cell, minlength=n_cells)[:, None]


def shrunk(scatter: np.ndarray, ridge: float) -> np.ndarray:
    """(1 - ridge) scatter + ridge times its mean variance in all directions.

    Without any scatter (one item a cell) the identity: the nearest mean decides.
    """
    variance = np.trace(scatter) / len(scatter)
    if variance <= LEAST:
        return np.eye(len(scatter))
    return (1 - ridge) * scatter + ridge * variance * np.eye(len(scatter))

"""Weighted matrix factorisation of listening counts (Hu, Koren & Volinsky 2008), as in van den Oord et
al. (2013).

    c_ui = 1 + alpha log(1 + r_ui / epsilon),  p_ui = 1 where r_ui > 0
    minimise  sum_ui c_ui (p_ui - x_u . y_i)^2 + lambda (sum_u |x_u|^2 + sum_i |y_i|^2)

by alternating least squares: with all y fixed each x_u is a ridge regression, and the other way
round. alpha = 2, epsilon = 1e-6 and lambda = 1e-5 are the authors' defaults (their published code);
how many factors, sweeps and where they start from is our choice (the paper has 50 factors, from memory).

How the confidence goes into the library `implicit`: as it is. Its input matrix holds c_ui itself
where r_ui > 0 (its own ``alpha``, which multiplies, stays 1); what isn't stored has c = 1 and p = 0.
Its solver uses the surplus form, Y'Y + sum (c_ui - 1) y_i y_i' on the left and sum c_ui y_i on the
right, so that one play weighs 28.6 times as much as none. Exact solver (not conjugate gradients), double precision
(confidences single), one thread: the same factors at each run.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from mirbench.errors import MethodError

ALPHA, EPSILON, REGULARISATION = 2.0, 1e-6, 1e-5
SWEEPS = 60


def confidence(counts: sparse.csr_array) -> sparse.csr_array:
    """Confidence c of the pairs that were played; those that weren't have 1 and aren't stored."""
    out = sparse.csr_array(counts, dtype=float, copy=True)
    out.eliminate_zeros()
    out.data = 1 + ALPHA * np.log1p(out.data / EPSILON)
    return out


def factorise(
    counts: sparse.csr_array, n_factors: int, *, sweeps: int = SWEEPS, random_state: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Factors of users and items.

    Parameters
    ----------
    counts : sparse array of shape (n_users, n_items)
    n_factors : int
    sweeps : int
        Times that users, then items, are solved for.
    random_state : int

    Returns
    -------
    users : ndarray of shape (n_users, n_factors)
    items : ndarray of shape (n_items, n_factors)
        Turned together so that factor 0 has the largest sum of squares over the items, and so on,
        and its largest item is positive: no product x_u . y_i changes.

    Raises
    ------
    MethodError
        The library `implicit` isn't there, or there are more factors than users or items.
    """
    if not 0 < n_factors <= min(counts.shape):
        raise MethodError(
            f"n_factors={n_factors} for {counts.shape[0]} users and {counts.shape[1]} items; "
            "ask for fewer factors than either"
        )
    try:
        from implicit.cpu.als import AlternatingLeastSquares
    except ImportError as error:
        raise MethodError(
            "factorising listening counts needs the library implicit: pip install implicit"
        ) from error
    with threadpool_limits(1):
        model = AlternatingLeastSquares(
            factors=n_factors,
            regularization=REGULARISATION,
            alpha=1.0,
            dtype=np.float64,
            use_cg=False,
            iterations=sweeps,
            num_threads=1,
            random_state=random_state,
        )
        model.fit(sparse.csr_matrix(confidence(counts)), show_progress=False)
        turn = _turn(model.item_factors)
    return model.user_factors @ turn, model.item_factors @ turn


def half_step(counts: sparse.csr_array, fixed: np.ndarray) -> np.ndarray:
    """Factors of rows (users, or items of the transposed counts) with the other side's fixed.

    Shapes (n, m), (m, n_factors) -> (n, n_factors). This is one half of a sweep, so what it gives for
    a track that wasn't factorised lives in the same space as the factors of those that were.
    """
    weights = confidence(counts)
    gram = fixed.T @ fixed + REGULARISATION * np.eye(fixed.shape[1])
    out = np.empty((weights.shape[0], fixed.shape[1]))
    for row in range(weights.shape[0]):
        part = slice(weights.indptr[row], weights.indptr[row + 1])
        own, c = fixed[weights.indices[part]], weights.data[part]
        left = gram + own.T @ ((c - 1)[:, None] * own)
        out[row] = np.linalg.solve(left, c @ own)
    return out


def unit_norm(factors: np.ndarray) -> np.ndarray:
    """Rows at length 1 (rows of zeros stay): popularity, most of a factor's length, doesn't then make
    most of the squared error (targets of Dieleman's 2014 system)."""
    length = np.linalg.norm(factors, axis=1, keepdims=True)
    return factors / np.where(length > 0, length, 1.0)


def _turn(items: np.ndarray) -> np.ndarray:
    """Orthogonal matrix to the items' principal axes, signs by each axis's largest item."""
    _, _, axes = np.linalg.svd(items, full_matrices=False)
    turned = items @ axes.T
    largest = turned[np.abs(turned).argmax(axis=0), np.arange(turned.shape[1])]
    return axes.T * np.sign(largest)

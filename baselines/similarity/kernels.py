"""Compiled loops: logs of sums of exponentials, log determinants of merged covariances, products.

The processor's vector units do 16 numbers at a time if a loop is plain, free of calls, and runs over
1-D slices; hence a polynomial for ``2**x`` and the split of a product into exponent and mantissa.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.polynomial import Chebyshev, Polynomial

LANES = 128
"""Samples handled side by side."""
_WIDE = 32
"""Pairs handled side by side."""

_FAST = {"contract", "nnan", "ninf", "nsz"}  # every argument is finite
_int32, _float32 = np.int32, np.float32
_EXP2 = Chebyshev.interpolate(np.exp2, 5, domain=[0, 1]).convert(kind=Polynomial).coef
_c0, _c1, _c2, _c3, _c4, _c5 = _EXP2.astype(np.float32)
"""2**x on [0, 1] within 2e-7."""
_BIAS, _SHIFT = _int32(127), _int32(23)
_MANTISSA = _int32((1 << 23) - 1)
_LOWEST = _float32(-126)


def _reinterpret(source: Any, target: Any, kind: ir.Type) -> Any:
    """Function for compiled code that reads the 32 bits of a number as another type's."""

    def typed(context: Any, number: Any) -> Any:
        def build(_: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], kind)

        return target(source), build

    return intrinsic(typed)


_as_float: Any = _reinterpret(types.int32, types.float32, ir.FloatType())
_as_bits: Any = _reinterpret(types.float32, types.int32, ir.IntType(32))


@numba.njit(fastmath=_FAST, inline="always")
def _exp2(x):  # type: ignore[no-untyped-def]
    """2**x for x <= 0, float32; at least 2**-126."""
    x = max(x, _LOWEST)
    whole = np.floor(x)
    f = x - whole
    fraction = ((((_c5 * f + _c4) * f + _c3) * f + _c2) * f + _c1) * f + _c0
    return fraction * _as_float((_int32(whole) + _BIAS) << _SHIFT)


@numba.njit(nogil=True, fastmath=_FAST, error_model="numpy")
def mean_log2_sum_exp2(terms, out):  # type: ignore[no-untyped-def]
    """``mean_s log2 sum_k 2**terms[j, k, s]`` into ``out[j]``.

    Logarithms of sums become one logarithm of their product, whose exponent is taken out as it
    grows: a pair costs K exponentials a sample and one logarithm in all.

    Parameters
    ----------
    terms : ndarray of float32, shape (J, K, S), finite
    out : ndarray of float, shape (J,)
        Within 2e-6 of float64.
    """
    n_models, n_components, n_samples = terms.shape
    top = np.empty(LANES, np.float32)
    total = np.empty(LANES, np.float32)
    product = np.empty(LANES, np.float32)
    whole = np.empty(LANES, np.float32)
    for j in range(n_models):
        product[:] = 1
        whole[:] = 0
        for start in range(0, n_samples, LANES):
            width = min(LANES, n_samples - start)
            row = terms[j, 0, start : start + width]
            for c in range(width):
                top[c] = row[c]
                total[c] = 0
            for k in range(1, n_components):
                row = terms[j, k, start : start + width]
                for c in range(width):
                    top[c] = max(top[c], row[c])
            for k in range(n_components):
                row = terms[j, k, start : start + width]
                for c in range(width):
                    total[c] += _exp2(row[c] - top[c])
            for c in range(width):
                bits = _as_bits(product[c] * total[c])
                whole[c] += top[c] + _float32((bits >> _SHIFT) - _BIAS)
                product[c] = _as_float((bits & _MANTISSA) | (_BIAS << _SHIFT))
        exponents, mantissas = 0.0, 1.0
        for c in range(LANES):
            exponents += whole[c]
            mantissas *= product[c]
        out[j] = (exponents + np.log2(mantissas)) / n_samples


@numba.njit(nogil=True, fastmath=_FAST, error_model="numpy")
def log_det_merged(means, covariances, others, other_covariances, out):  # type: ignore[no-untyped-def]
    """``log |(S_i + S_j) / 2 + (m_i - m_j)(m_i - m_j)^T / 4|`` into ``out[i, j]``, by Cholesky.

    Parameters
    ----------
    means, covariances : ndarray, shapes (n, d), (n, d, d)
    others, other_covariances : ndarray, shapes (d, m), (d, d, m): models on the last axis
    out : ndarray, shape (n, m)
    """
    n, d = means.shape
    m = others.shape[1]
    factor = np.empty((d, d, _WIDE))
    delta = np.empty((d, _WIDE))
    scale = np.empty(_WIDE)
    for i in range(n):
        for start in range(0, m, _WIDE):
            width = min(_WIDE, m - start)
            total = out[i, start : start + width]
            total[:] = 0
            for r in range(d):
                row, other = delta[r], others[r, start : start + width]
                for c in range(width):
                    row[c] = (means[i, r] - other[c]) / 2
            for r in range(d):
                for q in range(r, d):
                    cell, a, b = factor[r, q], delta[r], delta[q]
                    other = other_covariances[r, q, start : start + width]
                    for c in range(width):
                        cell[c] = (covariances[i, r, q] + other[c]) / 2 + a[c] * b[c]
                    for k in range(r):
                        a, b = factor[k, r], factor[k, q]
                        for c in range(width):
                            cell[c] -= a[c] * b[c]
                    if q == r:
                        for c in range(width):
                            total[c] += np.log(cell[c])
                            scale[c] = 1 / np.sqrt(cell[c])
                    for c in range(width):
                        cell[c] *= scale[c]


@numba.njit(nogil=True, fastmath={"contract", "reassoc"}, error_model="numpy")
def products(rows, chosen, vector, out):  # type: ignore[no-untyped-def]
    """``rows[chosen] @ vector`` into ``out``, without a copy of the rows.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
    chosen : ndarray of int, shape (m,), not negative
    vector : ndarray, shape (p,)
    out : ndarray, shape (m,)
    """
    for i in range(len(chosen)):
        row = rows[chosen[i]]
        total = 0.0
        for c in range(len(vector)):
            total += row[c] * vector[c]
        out[i] = total

"""Criteria judged on what was measured: the difference of two quantities, and Student's t over the sets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from deep.criteria.criteria import CRITERIA, Criterion
from deep.criteria.measured import read
from mirbench.boards.claims import over_cells, p_over_cells, verdict


def judged(folder: Path, criteria: Iterable[Criterion] = CRITERIA) -> pd.DataFrame:
    """A row a criterion: ``claim``, ``figures`` (means of both sides), ``difference``, ``sets`` in which it has
    the claim's sign, ``p`` (two-sided, NaN for a tie) and ``verdict``.

    Parameters
    ----------
    folder : path
        Of the files of `deep.criteria.measured.measure_missing`; a criterion whose quantities are in none
        says so.
    criteria : iterable of Criterion
    """
    tables = [read(path) for path in sorted(folder.glob("*.csv"))]
    known: dict[str, np.ndarray] = {}
    for table in tables:
        for quantity, rows in table.groupby("quantity"):
            known[str(quantity)] = rows.sort_values("set")["value"].to_numpy(dtype=float)
    return pd.DataFrame([_row(one, known) for one in criteria])


def _row(one: Criterion, known: dict[str, np.ndarray]) -> dict[str, object]:
    row: dict[str, object] = {
        "claim": one.words,
        "figures": "–",
        "difference": "–",
        "sets": "–",
        "p": np.nan,
    }
    missing = [side for side in (one.more, one.less) if isinstance(side, str) and side not in known]
    if missing:
        return row | {"verdict": f"no record of {missing[0]}"}
    more, less = (known[side] if isinstance(side, str) else side for side in (one.more, one.less))
    gains = np.atleast_1d(np.subtract(more, less))
    found = over_cells(gains.tolist())
    row["figures"] = f"{np.mean(more):.3g}, {np.mean(less):.3g}"
    row["difference"] = f"{found.value:+.2g} [{found.lo:+.2g}, {found.hi:+.2g}]"
    if not one.tie:
        row["sets"] = f"{(gains > 0).sum()} of {len(gains)}"
        row["p"] = p_over_cells(gains.tolist(), one.slack)
    return row | {"verdict": verdict(found, one.tie, one.slack)}

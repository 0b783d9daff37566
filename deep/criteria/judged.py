"""Criteria judged on what was measured: the difference of two quantities, and Student's t over the sets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from deep.criteria.criteria import CRITERIA, Criterion
from deep.criteria.measured import MEASURES, code_of, protocol_of, read
from mirbench.boards.claims import over_cells, p_over_cells, verdict


def judged(folder: Path, criteria: Iterable[Criterion] = CRITERIA) -> pd.DataFrame:
    """A row a criterion: ``claim``, ``figures`` (means of both sides), ``difference``, ``sets`` in which it
    holds, ``p`` (two-sided, NaN for a tie) and ``verdict``.

    Parameters
    ----------
    folder : path
        Of the files of `deep.criteria.measured.measure_missing`; a criterion whose quantities are in none,
        or not of all sets, or of other code than today's, says so and isn't judged.
    criteria : iterable of Criterion

    Raises
    ------
    DataError
        A damaged file.
    """
    known: dict[str, pd.Series] = {}
    faults: dict[str, str] = {}
    for name in MEASURES:
        if (path := folder / f"{name}.csv").is_file():
            table = read(path)
            values = table.pivot(index="set", columns="quantity", values="value")
            known |= {str(quantity): values[quantity] for quantity in values}
            faults |= dict.fromkeys(map(str, values), _fault(name, table))
    return pd.DataFrame([_row(one, known, faults) for one in criteria])


def _fault(name: str, table: pd.DataFrame) -> str:
    """Why a measure can't be judged; "" where it can."""
    n, n_sets = table["set"].nunique(), len(protocol_of(name).cells)
    if n < n_sets:
        return f"no record of all sets: measured on {n} of {n_sets}"
    if len(table) != n * table["quantity"].nunique():
        return "no record of all quantities of all sets"
    return "" if set(table["code"]) == {code_of(name)} else "no record of today's code"


def _row(one: Criterion, known: dict[str, pd.Series], faults: dict[str, str]) -> dict[str, object]:
    row: dict[str, object] = {"claim": one.words, "figures": "–", "difference": "–"}
    row |= {"sets": "–", "p": np.nan}
    sides = [side for side in (one.more, one.less) if isinstance(side, str)]
    for side in sides:
        if fault := faults.get(side, f"no record of {side}"):
            return row | {"verdict": fault}
    more, less = (known[side] if isinstance(side, str) else side for side in (one.more, one.less))
    gains = np.asarray(more - less, dtype=float)  # set by set, by name
    found = over_cells(gains.tolist())
    row["figures"] = f"{np.mean(more):.3g}, {np.mean(less):.3g}"
    row["difference"] = f"{found.value:+.2g} [{found.lo:+.2g}, {found.hi:+.2g}]"
    if not one.tie:
        row["sets"] = f"{(gains > -one.slack).sum()} of {len(gains)}"
        row["p"] = p_over_cells(gains.tolist(), one.slack)
    return row | {"verdict": verdict(found, one.tie, one.slack)}

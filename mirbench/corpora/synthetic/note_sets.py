"""Five sets of the three note databases, each from a seed of its own: no build of an instrument in two of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from joblib import Parallel, cpu_count, delayed

from mirbench.corpora.synthetic import store
from mirbench.corpora.synthetic.note_table import DATABASES
from mirbench.corpora.synthetic.notes import render_notes

SETS = (1, 2, 3, 4, 5)
"""Seeds of `render_notes`; 0 is that of the databases for a first run, on which methods were tried."""


def render_note_sets(root: str | Path) -> pd.DataFrame:
    """Render five sets of 450 notes below ``root``, or return the index if they are there.

    Parameters
    ----------
    root : path-like
        Folder of the corpus; receives ``SET/DATABASE/INSTRUMENT`` and, last, ``index.csv``. All cores
        are used.

    Returns
    -------
    DataFrame
        Columns as of `render_notes`, and ``catalogue``: the set, "1" to "5".
    """
    root = Path(root)
    index = store.finished(root, 0)
    if index is not None:
        return index
    parts = [(number, database) for number in SETS for database in DATABASES]
    done = Parallel(n_jobs=cpu_count())(
        delayed(render_notes)(database, root / str(number) / database, number)
        for number, database in parts
    )
    tables = [
        table.assign(path=f"{number}/{database}/" + table["path"], catalogue=str(number))
        for (number, database), table in zip(parts, done, strict=True)
    ]
    rows = pd.concat(tables, ignore_index=True).drop(columns="note").to_dict("records")
    return store.write_index(root, rows, 0)

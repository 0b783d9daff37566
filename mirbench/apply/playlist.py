"""The tracks nearest to a recording: a table, a playlist, a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.apply import catalogue_page, m3u
from mirbench.apply.catalogue import rows_of
from mirbench.apply.ranking import rank


def playlist(
    spec: str | Callable[..., Any],
    query: str | Path,
    catalogue: str | Path,
    k: int = 20,
    *,
    train: Sequence[str | Path] = (),
    task: str = "same-artist",
    output: str | Path | None = None,
    page: str | Path | None = None,
    colour: str | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """The tracks of a catalogue that a method holds to be nearest to a recording.

    Parameters
    ----------
    spec : str or callable
        A method whose estimator has ``transform``, see :func:`mirbench.methods.load_method`.
    query : path-like
        A recording. Where it is in the catalogue too, by its bytes and not by its name, the catalogue's
        copies are left out.
    catalogue : str or path
        A corpus, or a folder of recordings, see :func:`mirbench.apply.catalogue.read_catalogue`.
    k : int
        Length of the list; a smaller catalogue gives all its tracks.
    train : sequence of str or path
        Corpora or folders whose labels the method learns from. Without any it is fitted on the
        catalogue, without labels.
    task : str
        Ranking task that says what the labels are.
    output : path-like, optional
        Playlist to write, ``.m3u8`` or ``.m3u``.
    page : path-like, optional
        Page to write, see :func:`mirbench.apply.catalogue_page.catalogue_page`.
    colour : str, optional
        Column of the catalogue that colours the page's map.
    progress : bool
        Show progress on a terminal.

    Returns
    -------
    DataFrame
        See :meth:`mirbench.apply.ranking.Ranking.table`.

    Raises
    ------
    DataError
        The query or the whole catalogue can't be read, or nothing but the query is in it; ``output``
        or ``page`` has another suffix, or ``colour`` is no column.
    MethodError
        A method that can't rank, that needs labels where there are none, or that fails.
    """
    for path, suffixes in ((output, m3u.SUFFIXES), (page, catalogue_page.SUFFIXES)):
        if path is not None:
            m3u.named(path, suffixes)  # fail before the long work
    ranking = rank(
        spec, query, catalogue, k, train=train, task=task, colour=colour, progress=progress
    )
    table = ranking.table()
    if output is not None:
        m3u.write_m3u(output, rows_of(table))
    if page is not None:
        catalogue_page.write_page(page, ranking, colour=colour)
    return table


def listing(table: pd.DataFrame) -> pd.DataFrame:
    """A playlist's table as it is printed: ``rank``, ``distance``, ``track``, and ``album`` if known."""
    shown = table[["rank", "distance"]].assign(track=[m3u.name_of(row) for row in rows_of(table)])
    shown["distance"] = [f"{distance:.4g}" for distance in table["distance"]]
    return (
        shown.assign(album=[m3u.one_line(v) for v in table["album"]]) if "album" in table else shown
    )

"""Listening counts: a checked matrix of users and tracks, from a long table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from mirbench.errors import DataError

COLUMNS = ("user", "track", "count")


@dataclass(frozen=True)
class Plays:
    """Who played what how often.

    Attributes
    ----------
    users, tracks : tuple of str
    counts : sparse array of shape (n_users, n_tracks)
        Whole numbers, 0 where a user never played a track.
    """

    users: tuple[str, ...]
    tracks: tuple[str, ...]
    counts: sparse.csr_array

    def of(self, tracks: Sequence[str]) -> sparse.csr_array:
        """The columns of these tracks, in their order."""
        where = {name: i for i, name in enumerate(self.tracks)}
        return sparse.csr_array(self.counts[:, [where[name] for name in tracks]])


def play_matrix(
    table: pd.DataFrame,
    users: Sequence[str] | None = None,
    tracks: Sequence[str] | None = None,
    source: str = "plays",
) -> Plays:
    """Matrix of a long table of counts.

    Parameters
    ----------
    table : DataFrame
        ``user``, ``track``, ``count`` (0 or more); a pair stands in one row at most.
    users, tracks : sequence of str, optional
        Names of the rows and columns; by default those of the table, sorted.
    source : str
        File to name in errors.

    Raises
    ------
    DataError
        A column is missing or blank, a count isn't a whole number or is negative, a pair stands twice, the
        table names someone or something that isn't listed, or a user without plays or a track that
        nobody played is left.
    """
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise DataError(
            f"{source}: no column {missing[0]!r}; it needs user, track and count, a row a pair"
        )
    if not len(table):
        raise DataError(f"{source}: holds no play; give a row for each user and track")
    blank = table[["user", "track"]].isna().any(axis=1).to_numpy()
    if blank.any():
        raise DataError(f"{source}: row {int(blank.argmax())} has no user or no track; fill it in")
    counts = pd.to_numeric(table["count"], errors="coerce").to_numpy(dtype=float)
    wrong = ~np.isfinite(counts) | (counts != np.floor(counts)) | (counts < 0)
    if wrong.any():
        row = table[wrong].iloc[0]
        raise DataError(
            f"{source}: count of {row['user']} and {row['track']} is {row['count']}; counts are whole "
            "numbers of 0 or more: mend or drop the row"
        )
    twice = table.duplicated(["user", "track"]).to_numpy()
    if twice.any():
        row = table[twice].iloc[0]
        raise DataError(
            f"{source}: {row['user']} and {row['track']} stand in two rows; add their counts up"
        )
    who, i = _coded(table["user"], users, "user", source)
    what, j = _coded(table["track"], tracks, "track", source)
    matrix = sparse.csr_array((counts, (i, j)), shape=(len(who), len(what)))
    matrix.eliminate_zeros()
    plays = Plays(who, what, matrix)
    check_played(plays, source)
    return plays


def check_played(plays: Plays, source: str = "plays") -> None:
    """DataError where a user has no plays, or a track has none: nothing is known of either."""
    per_user = np.asarray(plays.counts.sum(axis=1)).ravel()
    per_track = np.asarray(plays.counts.sum(axis=0)).ravel()
    if (per_user == 0).any():
        name = plays.users[int(per_user.argmin())]
        raise DataError(
            f"{source}: user {name} has no plays ({(per_user == 0).sum()} such users); leave them out"
        )
    if (per_track == 0).any():
        name = plays.tracks[int(per_track.argmin())]
        raise DataError(
            f"{source}: nobody played track {name} ({(per_track == 0).sum()} such tracks); leave them out"
        )


def _coded(
    names: pd.Series, listed: Sequence[str] | None, what: str, source: str
) -> tuple[tuple[str, ...], np.ndarray]:
    """The listed names, or the column's own, and each row's position among them."""
    values = names.astype(str)
    known = tuple(listed) if listed is not None else tuple(sorted(values.unique()))
    codes = pd.Index(known).get_indexer(pd.Index(values))
    if (codes < 0).any():
        raise DataError(
            f"{source}: {what} {values.iloc[int((codes < 0).argmax())]} is not one of those asked for; "
            "drop its rows, or list it"
        )
    return known, codes

"""Ratings that come back from raters: CSV files, checked against the key of their test."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.errors import DataError
from mirbench.listen.page import COLUMNS, RATER, SCALES

Where = tuple[Path, int]


def read_key(path: str | Path) -> dict[str, Any]:
    """The key of a test.

    Raises
    ------
    DataError
        Missing, damaged, or another kind of file.
    """
    path = Path(path).expanduser()
    try:
        key = json.loads(path.read_text(encoding="utf-8"))
        methods, k = set(key["methods"]), int(key["k"])
        sound = key["schema"] == 1 and key["scale"] in SCALES and isinstance(key["test"], str)
        for query in key["queries"]:
            ranks = [c["ranks"] for c in query["candidates"].values()]
            for method in methods:
                sound &= sorted(r[method] for r in ranks if method in r) == list(range(1, k + 1))
            sound &= all(set(r) <= methods for r in ranks) and isinstance(query["name"], str)
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}); mend the path") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: {_NO_KEY} ({type(error).__name__}: {error})") from error
    if not sound or not methods or not key["queries"]:
        raise DataError(f"{path}: {_NO_KEY}")
    return key


_NO_KEY = "not the key of a listening test; give the key.json that 'mirbench listen make' wrote"


def read_ratings(paths: Sequence[str | Path], key: Mapping[str, Any]) -> pd.DataFrame:
    """All ratings of a test.

    Parameters
    ----------
    paths : sequence of path-like
        CSV files as the page saves them: columns ``test``, ``rater``, ``query``, ``candidate``,
        ``rating``; further columns don't matter.
    key : mapping
        From `read_key`.

    Returns
    -------
    DataFrame
        ``rater``, ``query``, ``candidate`` (str), ``rating`` (int).

    Raises
    ------
    DataError
        A missing column, another test's rating, an unknown rater, query or candidate, a rating that
        isn't on the scale, a candidate rated twice by one rater, no rating at all; names the file, the
        line and the mend.
    """
    queries = {c: query["name"] for query in key["queries"] for c in query["candidates"]}
    most = len(SCALES[key["scale"]]) - 1
    rows: list[tuple[str, str, str, int]] = []
    seen: dict[tuple[str, str], Where] = {}
    for path in map(Path, paths):
        for line, row in _rows(path):
            here = f"{path}: line {line}"
            if row["test"] != key["test"]:
                raise DataError(
                    f"{here}: of test {row['test']!r}, the key is of {key['test']!r}; "
                    "give the key of that test, or leave the file out"
                )
            rater, candidate = row["rater"], row["candidate"]
            if not re.fullmatch(RATER, rater):
                raise DataError(
                    f"{here}: rater {rater!r}; fill in a name of letters A-Z, digits, _ . or -"
                )
            if queries.get(candidate) != row["query"]:
                known = candidate in queries
                what = f"is one of query {queries[candidate]}" if known else "is not in this test"
                raise DataError(
                    f"{here}: candidate {candidate!r} of query {row['query']!r} {what}; "
                    "use the file as the page saved it"
                )
            rating = _rating(row["rating"], most, here)
            if (rater, candidate) in seen:
                file, before = seen[rater, candidate]
                raise DataError(
                    f"{here}: {rater} rates {candidate} again, first in {file}, line {before}; "
                    "drop one of the two, or rename a rater if two share a name"
                )
            seen[rater, candidate] = (path, line)
            rows.append((rater, row["query"], candidate, rating))
    if not rows:
        raise DataError(
            f"{', '.join(map(str, paths)) or 'no file'}: no rating; give files that raters saved"
        )
    return pd.DataFrame(rows, columns=["rater", "query", "candidate", "rating"])


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each line that isn't blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [cell.strip() for cell in next(reader, [])]
            missing = [column for column in COLUMNS if column not in header]
            if missing:
                raise DataError(
                    f"{path}: line 1: no column {', '.join(missing)}, found "
                    f"{', '.join(header) or 'nothing'}; use the file as the page saved it "
                    "(UTF-8, separated by commas)"
                )
            twice = {name for name in header if header.count(name) > 1}
            if twice:
                raise DataError(
                    f"{path}: line 1: column {', '.join(sorted(twice))} twice; use the file as the "
                    "page saved it"
                )
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    raise DataError(
                        f"{path}: line {reader.line_num}: {len(cells)} cells under "
                        f"{len(header)} columns; use the file as the page saved it"
                    )
                yield reader.line_num, dict(zip(header, map(str.strip, cells)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(
            f"{path}: can't be read as CSV ({reason}); use the file as the page saved it"
        ) from error


def _rating(text: str, most: int, here: str) -> int:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= most or value != int(value):
        raise DataError(
            f"{here}: rating {text!r}; a whole number from 0 to {most} is due, drop the line if "
            "there is none"
        )
    return int(value)

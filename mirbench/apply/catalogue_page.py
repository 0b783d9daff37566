"""A query, its neighbours and a map of the catalogue on one page that works from a file.

The recordings are linked where they lie, nothing is copied or loaded from elsewhere. Names come from
files and indexes of strangers: the template escapes every one.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from mirbench.apply.catalogue import grouping, rows_of
from mirbench.apply.layout import layout
from mirbench.apply.m3u import address, name_of, named, one_line, write_text
from mirbench.apply.ranking import Ranking

SUFFIXES = (".html", ".htm")

GROUPS = 8
"""Groups that have a colour and a sign of their own."""

MOST_DRAWN = 3000
"""Points of a map; of a larger catalogue a sample is drawn, and all neighbours."""

SIZE = 800  # of the map's drawing, in its own units
MARGIN = 30
SIGNS = (
    "M-1 0A1 1 0 1 0 1 0A1 1 0 1 0-1 0Z",
    "M-.85-.85H.85V.85H-.85Z",
    "M0-1.25 1.15.8H-1.15Z",
    "M0-1.3 1.3 0 0 1.3-1.3 0Z",
)
STAR = "M0-1.5.44-.46 1.43-.46.62.16.88 1.21 0 .58-.88 1.21-.62.16-1.43-.46-.44-.46Z"


def write_page(path: str | Path, ranking: Ranking, *, colour: str | None = None) -> None:
    """Write `catalogue_page`; ``path`` ends in ``.html``, its folder is made where it is missing.

    Raises
    ------
    DataError
        Another suffix, an unknown ``colour``, or the file can't be written.
    """
    path = named(path, SUFFIXES)
    write_text(path, catalogue_page(ranking, path.parent.resolve(), colour=colour))


def catalogue_page(ranking: Ranking, folder: Path, *, colour: str | None = None) -> str:
    """The page; the same ranking gives the same text.

    Parameters
    ----------
    ranking : Ranking
        See :func:`mirbench.apply.ranking.rank`.
    folder : Path
        Absolute, where the page will lie: recordings in or below it are linked relative to it.
    colour : str, optional
        Column of the catalogue that groups the map; by default the first of ``genre``, ``artist``,
        ``label`` and ``folder`` that makes groups.

    Raises
    ------
    DataError
        The catalogue has no such column.
    """
    column, groups = grouping(ranking.tracks, colour)
    places, kept = layout(ranking.rows, ranking.distance)
    counts = groups[groups != ""].value_counts(sort=False).sort_index()
    largest = counts.sort_values(ascending=False, kind="stable").index[:GROUPS].tolist()
    shown = drawn(len(ranking.tracks), ranking.order)
    ranks = {int(i): rank for rank, i in enumerate(ranking.order, start=1)}
    at = MARGIN + (SIZE - 2 * MARGIN) * places
    tracks = rows_of(ranking.tracks)
    points = []
    for i in [*[i for i in shown if i not in ranks], *reversed(ranking.order.tolist())]:
        group = largest.index(groups[i]) if groups[i] in largest else None
        points.append(
            {
                **_shown(tracks[i], folder),
                "distance": f"{ranking.distances[i]:.4g}",
                "group": group,
                "said": groups[i],
                "sign": SIGNS[0 if group is None else group % len(SIGNS)],
                "rank": ranks.get(i),
                "x": f"{at[i + 1, 0]:.1f}",
                "y": f"{at[i + 1, 1]:.1f}",
            }
        )
    radius = np.clip(160 / np.sqrt(len(points)), 3.5, 11)
    here = Path(__file__).parent
    script = (here / "catalogue_page.js").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(here), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("catalogue_page.html").render(
        method=ranking.method,
        query={
            **_shown(ranking.query, folder),
            "x": f"{at[0, 0]:.1f}",
            "y": f"{at[0, 1]:.1f}",
        },
        neighbours=[p for p in reversed(points) if p["rank"]],
        points=points,
        column=column,
        legend=[
            {"name": name, "n": int(counts[name]), "sign": SIGNS[g % len(SIGNS)]}
            for g, name in enumerate(largest)
        ],
        rest={"groups": len(counts) - len(largest), "n": int((~groups.isin(largest)).sum())},
        n_tracks=len(tracks),
        kept=None if np.isnan(kept) else f"{100 * kept:.0f}",
        size=SIZE,
        star=STAR,
        radius=f"{radius:.1f}",
        near_radius=f"{np.clip(2 * radius, 10, 14):.1f}",
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def drawn(n: int, order: np.ndarray) -> list[int]:
    """Tracks that a map shows, at most `MOST_DRAWN` and the neighbours, in the catalogue's order."""
    if n <= MOST_DRAWN:
        return list(range(n))
    some = np.random.default_rng(0).choice(n, MOST_DRAWN, replace=False)
    return np.union1d(some, order).tolist()


def _shown(track: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A track as the template prints it."""
    link = address(Path(track["path"]), folder)
    start = track["start_s"]
    if track["part"]:
        link += f"#t={start:.3f},{start + track['duration_s']:.3f}"
    minutes, seconds = divmod(round(track["duration_s"]), 60)
    about = [one_line(track.get(key)) for key in ("album", "genre")]
    return {
        "link": link,
        "name": name_of(track),
        "about": " · ".join(filter(None, about)),
        "length": f"{minutes}:{seconds:02d}",
    }

"""The page of a method's worst mistakes: works from a file, everything from strangers is escaped."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

GROUPS = 8
"""Labels that have a colour of their own in strips of frames."""

SCRIPT = """"use strict";
const players = [...document.querySelectorAll("audio")];
for (const player of players) {
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
  });
  player.addEventListener("error", () => player.parentElement.classList.add("broken"));
}"""


def to_html(page: dict[str, Any]) -> str:
    """The page, from plain data as `mirbench.mistakes.command` lays it out."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return environment.get_template("page.html").render(page, script=SCRIPT, script_hash=digest)


def strip(
    codes: np.ndarray, truth: int, first_s: float, hop_s: float, duration_s: float
) -> list[dict[str, Any]]:
    """Runs of decided frames as boxes on a line 0 to 1000 wide, over the item's length.

    Parameters
    ----------
    codes : ndarray of int, shape (n_frames,)
    truth : int
    first_s, hop_s, duration_s : float
        Start of the first frame, frame period and length of the item (s).
    """
    edges = np.flatnonzero(np.diff(codes)) + 1
    starts, ends = np.r_[0, edges], np.r_[edges, len(codes)]
    scale = 1000 / duration_s
    return [
        {
            "x": f"{scale * (first_s + hop_s * a):.1f}",
            "width": f"{max(0.5, scale * hop_s * (b - a)):.1f}",
            "group": int(codes[a]) % GROUPS,
            "wrong": bool(codes[a] != truth),
        }
        for a, b in zip(starts, ends)
    ]

"""Valence and arousal of a word for a mood: its place on Russell's circle of affect."""

from __future__ import annotations

import json
from functools import cache
from math import cos, radians, sin
from pathlib import Path

from mirbench.errors import ProtocolError
from mirbench.labelmaps.facet import plain


def circumplex(word: str) -> tuple[float, float]:
    """Valence and arousal of a mood, each from -1 to 1, at distance 1 from neutral.

    Where a corpus tagged with moods meets one rated for emotion: the mean over an item's moods is a
    coarse guess of where raters would put it. The circle knows directions only, not how strong a
    mood is, so compare ranks or signs (correlation), never values (CCC, errors).

    Parameters
    ----------
    word : str
        One of the 28 words of Russell (1980; angles from memory, see ``mood_circumplex.json``), or a
        tag that we take for one of them; in any spelling.

    Raises
    ------
    ProtocolError
        A word without a place; most themes (``film``, ``summer``) have none.

    Examples
    --------
    >>> valence, arousal = circumplex("sad")
    >>> round(valence, 2), round(arousal, 2)
    (-0.89, -0.46)
    """
    degrees = _degrees()
    if plain(word) not in degrees:
        raise ProtocolError(
            f"mood {word!r} has no place on the circumplex; known: {', '.join(sorted(degrees))}"
        )
    angle = radians(degrees[plain(word)])
    return cos(angle), sin(angle)


@cache
def _degrees() -> dict[str, float]:
    path = Path(__file__).with_name("mood_circumplex.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    given = data["degrees"] | {word: data["degrees"][other] for word, other in data["as"].items()}
    return {plain(word): degrees for word, degrees in given.items()}

"""Names that somebody may have meant, for errors about unknown ones."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
LEAST_ALIKE = 0.7


def nearest_names(name: str, known: Iterable[str]) -> list[str]:
    """At most three known names near what was typed: the most alike first, then those that hold it.

    Case and the difference between ``_`` and ``-`` don't count.

    >>> nearest_names("genre/mni", ["genre/mini", "rhythm/mini", "tags/embedded"])
    ['genre/mini']
    """
    plain: dict[str, list[str]] = {}
    for one in dict.fromkeys(map(str, known)):
        plain.setdefault(_plain(one), []).append(one)
    typed = _plain(name)
    near = get_close_matches(typed, plain, MOST, LEAST_ALIKE)
    near += [one for one in sorted(plain, key=len) if len(typed) > 2 and typed in one]
    return [one for key in dict.fromkeys(near) for one in plain[key]][:MOST]


def asked(name: str, known: Iterable[str], otherwise: str) -> str:
    """End of a message about an unknown name: whether a near one was meant, and what to do otherwise.

    >>> asked("mfc-lr", ["mfcc-lr", "fcn"], "see 'mirbench list methods'")
    ": did you mean mfcc-lr? See 'mirbench list methods'"
    >>> asked("opera", ["mfcc-lr", "fcn"], "see 'mirbench list methods'")
    "; see 'mirbench list methods'"
    """
    near = nearest_names(name, known)
    if not near:
        return f"; {otherwise}"
    words = " or ".join([", ".join(near[:-1]), near[-1]] if len(near) > 1 else near)
    return f": did you mean {words}? {otherwise[:1].upper()}{otherwise[1:]}"


def _plain(name: str) -> str:
    return name.strip().casefold().replace("_", "-")

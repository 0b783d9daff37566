"""Many names of one form as one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

MANY = 5
"""Names of one form from which on they are folded."""


def folded_names(names: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Names in their order, those of one form once: ``"tags/a-{x,y,z}-split{0..1}"``, with what it stands for.

    Names have one form if they start alike up to their first hyphen, have as many hyphens, and are all
    that the values at each place make together.

    >>> [form for form, _ in folded_names(["a/b", *(f"a/c-{x}{n}" for x in "xy" for n in (0, 1, 2))])]
    ['a/b', 'a/c-{x0,x1,x2,y0,y1,y2}']
    >>> [form for form, _ in folded_names([f"a/c-{x}-n{n}" for x in "xy" for n in (0, 1, 2)])]
    ['a/c-{x,y}-n{0..2}']
    """
    alike: dict[tuple[str, int], list[str]] = {}
    for name in dict.fromkeys(names):
        parts = name.split("-")
        alike.setdefault((parts[0], len(parts)), []).append(name)
    found: list[tuple[str, list[str]]] = []
    for every in alike.values():
        places = [list(dict.fromkeys(values)) for values in zip(*(n.split("-") for n in every))]
        whole = {"-".join(parts) for parts in product(*places)} == set(every)
        if len(every) >= MANY and whole:
            found.append(("-".join(map(_braced, places)), every))
        else:
            found += [(name, [name]) for name in every]
    return found


def _braced(values: Sequence[str]) -> str:
    """``"x"``, ``"{x,y}"``, or ``"n{0..4}"`` of numbers in a row behind the same letters."""
    if len(values) == 1:
        return values[0]
    head = values[0].rstrip("0123456789")
    numbers = [value.removeprefix(head) for value in values]
    if numbers == [str(k) for k in range(len(values))]:
        return f"{head}{{0..{len(values) - 1}}}"
    return f"{{{','.join(values)}}}"

"""Coverage as Markdown: how many classes any two corpora share."""

from __future__ import annotations

from mirbench.labelmaps.coverage import coverage
from mirbench.labelmaps.facet import FACETS, load_facet


def markdown(facet: str) -> str:
    """Table of all pairs of a facet: classes shared exactly, and in brackets with close labels too.

    On the diagonal is how many labels a corpus has. Corpora of one label set stand in one row.
    """
    known = load_facet(facet)
    names = _one_each(facet)
    exact = _counts(list(names), facet, ("exact",))
    close = _counts(list(names), facet, ("exact", "close"))
    lines = [
        f"| {facet} | {' | '.join(map(str, range(1, len(names) + 1)))} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for number, (a, alike) in enumerate(names.items(), 1):
        cells = []
        for b in names:
            n, more = exact.get((a, b), 0), close.get((a, b), 0)
            text = str(n) if n == more else f"{n} ({more})"
            cells.append(f"*{len(known.labels[a])}*" if a == b else text)
        lines.append(
            f"| {number} {', '.join(f'`{name}`' for name in alike)} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def page() -> str:
    """Tables of all facets."""
    return "\n\n".join(markdown(facet) for facet in FACETS)


def _one_each(facet: str) -> dict[str, list[str]]:
    """The first corpus of each label set, with all that have it; of tags, corpora of several facets."""
    sets: dict[frozenset[str], list[str]] = {}
    parts = [load_facet(part).labels for part in FACETS[facet] if part in FACETS and part != facet]
    for corpus, labels in load_facet(facet).labels.items():
        if not parts or sum(corpus in part for part in parts) > 1:
            sets.setdefault(frozenset(labels), []).append(corpus)
    return {names[0]: names for names in sets.values()}


def _counts(
    corpora: list[str], facet: str, relations: tuple[str, ...]
) -> dict[tuple[str, str], int]:
    pairs = coverage(corpora, facet, relations)
    found = dict(zip(zip(pairs["a"], pairs["b"]), pairs["n_classes"].astype(int)))
    return found | {(b, a): n for (a, b), n in found.items()}

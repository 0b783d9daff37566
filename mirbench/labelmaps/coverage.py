"""What a crossing of corpora keeps: shared classes, and the labels and items that fall away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from mirbench.errors import ProtocolError
from mirbench.labelmaps.classes import shared_classes
from mirbench.labelmaps.facet import load_facet


def coverage(
    corpora: Sequence[str],
    facet: str,
    relations: Sequence[str] = ("exact",),
    counts: Mapping[str, Mapping[str, int | None]] | None = None,
) -> pd.DataFrame:
    """Shared classes of every pair of corpora.

    Parameters
    ----------
    corpora : sequence of str
        Names that the facet lists or ``counts`` holds.
    facet : str
        As :func:`load_facet` takes it.
    relations : sequence of {"exact", "close", "broader"}
        As :func:`shared_classes` takes them.
    counts : mapping of str to mapping, optional
        Words of further corpora, as of a folder of one's own, and how many items have each.

    Returns
    -------
    DataFrame
        A row a pair: ``a``, ``b``, ``n_classes``, ``classes`` (names), and of each side ``dropped_a``
        (labels), ``kept_a`` and ``items_a`` (how many; of tags, given tags; None where the published
        counts weren't seen), then the same of ``b``. Lists are tuples.

    Raises
    ------
    ProtocolError
        Fewer than two corpora, an unknown facet or relation, or a corpus of unknown labels.
    """
    known = load_facet(facet)
    if len(set(corpora)) < 2:
        raise ProtocolError("labels are compared between corpora: name two or more")
    labels = {**known.labels, **(counts or {})}
    if unknown := [corpus for corpus in corpora if corpus not in labels]:
        raise ProtocolError(
            f"facet {facet} lists no labels of {unknown[0]!r}; it lists {', '.join(known.labels)}"
        )
    rows = []
    for a, b in combinations(dict.fromkeys(corpora), 2):
        found = shared_classes({a: labels[a], b: labels[b]}, facet, relations)
        names = tuple(dict.fromkeys(found[a].values()))
        row: dict[str, object] = {"a": a, "b": b, "n_classes": len(names), "classes": names}
        for side, corpus in (("a", a), ("b", b)):
            its = labels[corpus]
            row[f"dropped_{side}"] = tuple(label for label in its if label not in found[corpus])
            row[f"kept_{side}"] = _items(its, found[corpus])
            row[f"items_{side}"] = _items(its, its)
        rows.append(row)
    return pd.DataFrame(rows, dtype=object).astype({"n_classes": int})


def _items(counts: Mapping[str, int | None], labels: Mapping[str, object]) -> int | None:
    """Items with one of the labels; None where one's number isn't known."""
    numbers = [counts[label] for label in labels]
    return None if None in numbers else sum(n for n in numbers if n is not None)

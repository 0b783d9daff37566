"""Labels of one corpus as labels of another."""

from __future__ import annotations

from collections.abc import Sequence

from mirbench.errors import ProtocolError
from mirbench.labelmaps.facet import Facet, load_facet

RELATIONS = ("exact", "close", "broader", "narrower")


def relate(
    a: str, b: str, facet: str, relations: Sequence[str] = ("exact",)
) -> dict[str, tuple[str, ...]]:
    """Labels of corpus ``b`` that the labels of corpus ``a`` correspond to, through concepts.

    Parameters
    ----------
    a, b : str
        Corpora that the facet lists.
    facet : str
        As :func:`load_facet` takes it.
    relations : sequence of {"exact", "close", "broader", "narrower"}
        ``exact``: both mean the same concept, or are one label of subsets of one corpus; symmetric and
        transitive. ``close``: one or both
        mean it nearly. ``broader``: the label of ``b`` means a concept above that of ``a``'s;
        ``narrower`` the other way round.

    Returns
    -------
    dict of str to tuple of str
        Labels of ``a`` that have a counterpart, in their order, with their counterparts.

    Raises
    ------
    ProtocolError
        An unknown facet or relation, or a corpus that the facet doesn't list.

    Examples
    --------
    >>> relate("gtzan", "fma", "genre")["hiphop"]
    ('Hip-Hop',)
    >>> relate("medley-solos-db", "nsynth", "instrument", ("broader",))["violin"]
    ('string',)
    """
    known = load_facet(facet)
    check_relations(relations)
    of_a, of_b = (_concepts(known, corpus, "close" in relations) for corpus in (a, b))
    over_a = _all_above(known, of_a) if "broader" in relations else {}
    over_b = _all_above(known, of_b) if "narrower" in relations else {}
    alike = not {"exact", "close"}.isdisjoint(relations)
    found = {}
    for label, means in of_a.items():
        same = tuple(
            other
            for other, its in of_b.items()
            if (alike and its == means)
            or its in over_a.get(means, ())
            or means in over_b.get(its, ())
        )
        if same:
            found[label] = same
    return found


def check_relations(relations: Sequence[str]) -> None:
    """ProtocolError where one isn't of ``RELATIONS``."""
    wrong = [r for r in relations if r not in RELATIONS]
    if wrong or not relations or isinstance(relations, str):
        raise ProtocolError(
            f"unknown relation of labels {wrong or relations!r}; known: {', '.join(RELATIONS)}"
        )


def _concepts(facet: Facet, corpus: str, close: bool) -> dict[str, str]:
    if corpus not in facet.labels:
        raise ProtocolError(
            f"facet {facet.name} lists no labels of {corpus!r}; it lists {', '.join(facet.labels)}"
        )
    means = {label: facet.meaning(corpus, label, close=close) for label in facet.labels[corpus]}
    return {label: concept for label, concept in means.items() if concept is not None}


def _all_above(facet: Facet, labels: dict[str, str]) -> dict[str, set[str]]:
    return {c: {up for level in facet.above(c) for up in level} for c in labels.values()}

"""Classes that corpora share: one word for their labels of one meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from mirbench.labelmaps.facet import Facet, load_facet, plain
from mirbench.labelmaps.relate import check_relations


def shared_classes(
    words: Mapping[str, Iterable[str]], facet: str, relations: Sequence[str] = ("exact",)
) -> dict[str, dict[str, str]]:
    """The class behind each word that another corpus has too, in any spelling.

    Parameters
    ----------
    words : mapping of str to iterable of str
        Words of each corpus. A corpus that the facet doesn't list may be there: its words are
        taken by their spelling, those of no concept too.
    facet : str
        As :func:`load_facet` takes it.
    relations : sequence of {"exact", "close", "broader"}
        With ``broader`` a label that no other corpus has becomes the nearest wider one that
        another has: against NSynth violins and cellos are ``string``. Where that puts a class
        inside another, both become the wider one; a label in two that don't hold each other (a
        double bass, in ``bass`` and ``string``) has no class.

    Returns
    -------
    dict of str to dict of str to str
        Class of each shared word, by corpus: the concept's name, or the word itself where all
        corpora write it alike. Words that aren't there are shared by no two corpora.

    Examples
    --------
    >>> shared_classes({"gtzan": ["hiphop", "disco"], "mine": ["Hip Hop"]}, "genre")
    {'gtzan': {'hiphop': 'hip hop'}, 'mine': {'Hip Hop': 'hip hop'}}
    """
    check_relations(relations)
    known = load_facet(facet)
    means: Mapping[str, Mapping[str, str | None]] = {
        corpus: {word: _meaning(known, corpus, word, "close" in relations) for word in given}
        for corpus, given in words.items()
    }
    if "broader" in relations:
        means = _lifted(known, means)
    members: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for corpus, its in means.items():
        for word, meaning in its.items():
            if meaning is not None:
                members[meaning].append((corpus, word))
    found: dict[str, dict[str, str]] = {corpus: {} for corpus in words}
    for meaning, those in members.items():
        if len({corpus for corpus, _ in those}) < 2:
            continue
        spellings = {word for _, word in those}
        known_name = known.concepts[meaning].name if meaning in known.concepts else those[0][1]
        name = those[0][1] if len(spellings) == 1 else known_name
        for corpus, word in those:
            found[corpus][word] = name
    return found


def _meaning(facet: Facet, corpus: str, word: str, close: bool) -> str:
    """Meaning of a word; for a word of no concept that isn't listed its plain spelling, marked."""
    return facet.meaning(corpus, word, close=close) or f"={plain(word)}"


def _lifted(
    facet: Facet, means: Mapping[str, Mapping[str, str | None]]
) -> dict[str, dict[str, str | None]]:
    """Meanings, each replaced by the nearest above it that another corpus has."""
    lifted: dict[str, dict[str, str | None]] = {}
    for corpus, its in means.items():
        others = {m for name, theirs in means.items() if name != corpus for m in theirs.values()}
        lifted[corpus] = {word: _nearest(facet, m, others) for word, m in its.items()}
    used = {m for its in lifted.values() for m in its.values() if m is not None}
    return {
        corpus: {word: _widest(facet, m, used) for word, m in its.items()}
        for corpus, its in lifted.items()
    }


def _nearest(facet: Facet, meaning: str | None, others: set[str | None]) -> str | None:
    if meaning is None or meaning in others or meaning not in facet.concepts:
        return meaning
    there = [up for level in facet.above(meaning) for up in level if up in others]
    if not there:
        return meaning
    over = {there[0], *(up for level in facet.above(there[0]) for up in level)}
    return there[0] if over.issuperset(there) else None


def _widest(facet: Facet, meaning: str | None, used: set[str]) -> str | None:
    """The topmost class that holds a meaning; None where it is in two that don't hold each other."""
    if meaning is None or meaning not in facet.concepts:
        return meaning
    above = [up for level in facet.above(meaning) for up in level if up in used]
    tops = {up for up in above if not any(u in used for lv in facet.above(up) for u in lv)}
    if not tops:
        return meaning
    return tops.pop() if len(tops) == 1 else None

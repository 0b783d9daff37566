"""A facet: concepts, labels of corpora, and which label means which concept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from mirbench.errors import ProtocolError

FACETS: Mapping[str, tuple[str, ...]] = {
    "genre": ("genre",),
    "rhythm": ("rhythm",),
    "instrument": ("instrument",),
    "mood": ("mood",),
    "speech-music": ("speech-music",),
    "tags": ("genre", "instrument", "mood", "tags"),
}
"""Files of each facet; tags say anything, so that theirs are joined."""


@dataclass(frozen=True)
class Concept:
    """What a label may mean: its name, other names, and the ids of the concepts right above it."""

    name: str
    other_names: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facet:
    """A facet.

    Attributes
    ----------
    name : str
    concepts : mapping of str to Concept
        By id.
    labels : mapping of str to mapping
        For each corpus its labels, as its loader gives them, and how many items have each (None
        where that isn't known; of tags an item counts once a tag).
    sources : mapping of str to str
        Where each corpus's label set was read.
    matches : mapping of (corpus, label) to (id, {"exact", "close"})
    unmapped : mapping of (corpus, label) to str
        Labels without a concept, and why.
    columns : mapping of str to str
        Column that holds the labels, of corpora where it isn't the task's.
    bases : mapping of (corpus, label) to str
        The corpus whose label it is: of subsets of one corpus the same.
    """

    name: str
    concepts: Mapping[str, Concept]
    labels: Mapping[str, Mapping[str, int | None]]
    sources: Mapping[str, str]
    matches: Mapping[tuple[str, str], tuple[str, str]]
    unmapped: Mapping[tuple[str, str], str]
    columns: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def concept(self, corpus: str, label: str, *, close: bool = False) -> str | None:
        """Id of the concept that a label means; None where there is none.

        A word that isn't one of a corpus's listed labels, as in a folder of one's own, means the
        concept of that name in any spelling (case, spaces, hyphens and underscores don't matter).
        """
        if (corpus, label) in self.matches:
            found, kind = self.matches[corpus, label]
            return found if close or kind == "exact" else None
        return None if (corpus, label) in self.unmapped else self._names.get(plain(label))

    def meaning(self, corpus: str, label: str, *, close: bool = False) -> str | None:
        """The concept of a label; of a listed one without any a mark that subsets of one corpus share.

        They have their labels in common as they stand, those that mean a concept only nearly too.
        """
        found, base = self.concept(corpus, label, close=close), self.bases.get((corpus, label))
        return found if found or base is None else f"={base}:{label}"

    def above(self, concept: str) -> tuple[tuple[str, ...], ...]:
        """Ids of the concepts above one, level by level, the nearest first; none above a mark."""
        levels: list[tuple[str, ...]] = []
        here: tuple[str, ...] = (concept,)
        while here := tuple(dict.fromkeys(up for c in here for up in self._broader(c))):
            levels.append(here)
        return tuple(levels)

    def _broader(self, concept: str) -> tuple[str, ...]:
        return self.concepts[concept].broader if concept in self.concepts else ()

    @cached_property
    def _names(self) -> dict[str, str]:
        return {
            plain(name): key
            for key, concept in self.concepts.items()
            for name in (concept.name, *concept.other_names)
        }


def plain(word: str) -> str:
    """A word without what spellings differ in: ``Hip-Hop`` and ``hip_hop`` are ``hiphop``."""
    return "".join(c for c in word.casefold() if c.isalnum())


@cache
def load_facet(name: str) -> Facet:
    """Facet of that name.

    Parameters
    ----------
    name : {"genre", "rhythm", "instrument", "mood", "speech-music", "tags"}

    Raises
    ------
    ProtocolError
        An unknown name; the message lists the known ones.
    """
    if name not in FACETS:
        raise ProtocolError(f"unknown facet {name!r} of labels; known: {', '.join(FACETS)}")
    concepts: dict[str, Concept] = {}
    labels: dict[str, dict[str, int | None]] = {}
    sources: dict[str, str] = {}
    matches: dict[tuple[str, str], tuple[str, str]] = {}
    unmapped: dict[tuple[str, str], str] = {}
    columns: dict[str, str] = {}
    bases: dict[tuple[str, str], str] = {}
    for file in FACETS[name]:
        data = json.loads((Path(__file__).parent / f"{file}.json").read_text(encoding="utf-8"))
        for corpus, entry in data["corpora"].items():
            base = data["corpora"][entry.get("of", corpus)]
            prefix = base.get("prefix", "")
            counts = _counts(entry, base, prefix)
            labels.setdefault(corpus, {}).update(counts)
            bases |= {(corpus, label): entry.get("of", corpus) for label in counts}
            sources[corpus] = entry["source"]
            columns |= {corpus: entry["column"]} if "column" in entry else {}
            for label, why in base.get("unmapped", {}).items():
                unmapped[corpus, prefix + label] = why
        _add_concepts(data, concepts, matches)
    matches = {k: v for k, v in matches.items() if k[1] in labels[k[0]]}
    unmapped = {k: v for k, v in unmapped.items() if k[1] in labels[k[0]]}
    return Facet(name, concepts, labels, sources, matches, unmapped, columns, bases)


def _counts(entry: Mapping[str, Any], base: Mapping[str, Any], prefix: str) -> dict:
    """Items of each label of a corpus; those that its base counts where it counts none itself."""
    given = entry.get("labels", base["labels"])
    known = base["labels"] if isinstance(base["labels"], dict) and given is not base else {}
    counts = given if isinstance(given, dict) else {label: None for label in given}
    lent = {label: known.get(label) for label in counts} if "of" in entry else {}
    return {prefix + label: lent.get(label) if n is None else n for label, n in counts.items()}


def _add_concepts(
    data: Mapping[str, Any],
    concepts: dict[str, Concept],
    matches: dict[tuple[str, str], tuple[str, str]],
) -> None:
    """Concepts of one file, and the matches of every corpus that has the labels.

    A label that is wider than a concept is a concept above it, named after the label. A concept of two
    files has what both say.
    """
    corpora = data["corpora"]
    sharing = {base: [c for c, e in corpora.items() if e.get("of", c) == base] for base in corpora}
    for key, entry in data["concepts"].items():
        wider = {f"{corpus}:{label}": (corpus, label) for corpus, label in _given(entry, "broad")}
        above = (*entry.get("broader", ()), *wider)
        before = concepts.get(key, Concept(entry["prefLabel"]))
        concepts[key] = Concept(
            entry["prefLabel"],
            (*before.other_names, *entry.get("altLabel", ())),
            (*before.broader, *above),
        )
        concepts |= {up: Concept(f"{label} ({base})") for up, (base, label) in wider.items()}
        met = [(key, kind, *its) for kind in ("exact", "close") for its in _given(entry, kind)]
        met += [(up, "exact", *its) for up, its in wider.items()]
        for concept, kind, base, label in met:
            for corpus in sharing[base]:
                matches[corpus, corpora[base].get("prefix", "") + label] = (concept, kind)


def _given(entry: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    """Corpora and labels of one kind of match of a concept."""
    given = entry.get(f"{kind}Match", {})
    return [(corpus, label) for corpus, labels in given.items() for label in labels]

"""A datasheet: all that is known of a corpus, as data."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from mirbench import corpora
from mirbench.audit import Report, between
from mirbench.audit import audit as audit_items
from mirbench.corpora import corpus_names, load_corpus
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.facts import Facts, facts
from mirbench.datasheets.composition import Composition, composition
from mirbench.datasheets.getting import in_words, layout
from mirbench.datasheets.uses import Use, uses
from mirbench.errors import DataError
from mirbench.home import data_root, home


@dataclass(frozen=True)
class Datasheet:
    """All that is known of a corpus; no text of it names a folder of this machine.

    Attributes
    ----------
    name : str
    about : str
        What the corpus's module says of it.
    evidence : str
        "real" or "embedded" (synthesised: for a first run and tests only).
    facts : Facts
        Licence, faults, references, addresses.
    way : str
        How to get it, a sentence.
    layout : str
        Where its loader looks, and which columns it gives.
    uses : tuple of Use
        Protocols with their task and metrics, the usual one first.
    composition : Composition or None
        Counts; None where the recordings aren't on this machine.
    missing : str
        Why there are none.
    report : Report or None
        The audit, where it was asked for.
    own : bool
        Whether it's a folder of one's own, or a corpus of another package.
    """

    name: str
    about: str
    evidence: str
    facts: Facts
    way: str
    layout: str
    uses: tuple[Use, ...]
    composition: Composition | None = None
    missing: str = ""
    report: Report | None = None
    own: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        data = asdict(replace(self, report=None))
        data["report"] = json.loads(self.report.to_json()) if self.report else None
        return data

    def to_json(self) -> str:
        """Everything, as JSON."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)


def datasheet(name: str, *, audit: bool = False) -> Datasheet:
    """Datasheet of a corpus.

    Parameters
    ----------
    name : str
        As ``mirbench list corpora`` has it, or a folder of one's own. Where the recordings of one of ours
        aren't on this machine the sheet holds the facts only, and says so.
    audit : bool
        Whether to audit it, which decodes every item.

    Raises
    ------
    DataError
        Neither a corpus nor a folder.
    """
    made = _known(name) if name in our_names() else None
    try:
        corpus = load_corpus(name)
    except DataError as error:
        if made is None:
            raise
        return replace(made, missing=without_places(str(error)))
    if made is None:
        made = _unpublished(corpus)
    told = made.facts
    licence, bibtex = told.licence or corpus.licence, told.bibtex or corpus.bibtex
    return replace(
        made,
        facts=replace(told, licence=licence, bibtex=bibtex),
        evidence=corpus.evidence,
        composition=composition(corpus, [use.task for use in made.uses]),
        report=_audited(corpus) if audit else None,
    )


def our_names() -> list[str]:
    """Names of the corpora that are modules of `mirbench.corpora`; those of other packages are not."""
    ours = {module.name for module in iter_modules(corpora.__path__)}
    return [name for name in corpus_names() if name.replace("-", "_") in ours]


def _known(name: str) -> Datasheet:
    """What is known of one of our corpora without its recordings."""
    known = facts(name)
    return Datasheet(
        name=name,
        about=inspect.getdoc(import_module(f"mirbench.corpora.{name.replace('-', '_')}")) or "",
        evidence="embedded" if name.startswith("embedded-") else "real",
        facts=known,
        way=in_words(name, known),
        layout=layout(name),
        uses=uses(name, known),
    )


def _unpublished(corpus: Corpus) -> Datasheet:
    """A folder of one's own, or a corpus of another package."""
    told = Facts(title=corpus.title or "a collection of one's own", faults=corpus.faults)
    about = f"{told.title[:1].upper()}{told.title[1:]}."
    way = "Ask whoever made it."
    return Datasheet(corpus.name, about, corpus.evidence, told, way, layout="", uses=(), own=True)


def _audited(corpus: Corpus) -> Report:
    report = audit_items(*between([corpus]))
    findings = tuple(
        f._replace(detail=without_places(f.detail), mend=without_places(f.mend))
        for f in report.findings
    )
    return replace(report, findings=findings)


def without_places(text: str) -> str:
    """A message with the folders of this machine written as the variables that name them."""
    roots = {"MIRBENCH_DATA": data_root(), "MIRBENCH_HOME": home()}
    for variable, root in roots.items():
        for place in (root, root.resolve()) if root else ():
            text = text.replace(f"{place}/", f"${variable}/").replace(str(place), f"${variable}")
    return text

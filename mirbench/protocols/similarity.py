"""Our protocols of music similarity; frozen like all others, see `mirbench.protocols.ours`."""

from __future__ import annotations

from dataclasses import replace

from mirbench.corpora import load_corpus
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.ranking import ranking_protocol
from mirbench.tasks import load_task

BUDGET = "one CPU core a cell; a deep method says its epochs in its card"


def albums() -> Protocol:
    """Real tracks of 33 artists: same artist, with and without the query's album."""
    return _of_corpora("similarity/albums", "same-artist", ["cc-albums"], "real")


def genres() -> Protocol:
    """Real clips of five loose styles: same genre, with and without the query's artist."""
    return _of_corpora("similarity/genres", "same-genre", ["cc-styles"], "real")


def mini() -> Protocol:
    """An embedded catalogue: the ranking that tags give, artists held out."""
    return _of_corpora("similarity/mini", "tag-similarity", ["embedded-catalogue"], "embedded")


def mini_artists() -> Protocol:
    """The same catalogue as one collection: same artist, with and without the query's album."""
    return _of_corpora("similarity/mini-artists", "same-artist", ["embedded-catalogue"], "embedded")


def embedded() -> Protocol:
    """Five embedded catalogues, each a corpus seed: the ranking that tags give."""
    task = load_task("tag-similarity")
    corpus = load_corpus("embedded-catalogues")
    whole = protocol_items(corpus, task)
    number = corpus.items.set_index("id").loc[whole["id"], "catalogue"].to_numpy()
    tables = [whole[number == n].assign(corpus=f"catalogue {n}") for n in sorted(set(number))]
    made = ranking_protocol(
        "similarity/embedded",
        task,
        tables,
        evidence="embedded",
        budget=BUDGET,
        description="Five catalogues of one generator, frozen before any method but a plain distance of MFCC "
        "statistics had been tried on it.",
    )
    return replace(made, items=made.items.assign(corpus=corpus.name))


def _of_corpora(name: str, task: str, corpora: list[str], evidence: str) -> Protocol:
    what = load_task(task)
    tables = [protocol_items(load_corpus(c), what) for c in corpora]
    return ranking_protocol(name, what, tables, evidence=evidence, budget=BUDGET)


SIMILARITY = {
    "similarity/mini": mini,
    "similarity/mini-artists": mini_artists,
    "similarity/embedded": embedded,
    "similarity/albums": albums,
    "similarity/genres": genres,
}

"""Which labels of one corpus are those of another: concepts, and how corpora's words relate to them.

A facet (``FACETS``) is a file of concepts in the manner of SKOS: ``prefLabel``, ``altLabel``,
``broader``, and matches to the labels of corpora. ``exactMatch``: the same word in another spelling or
number, or another name of the same thing; a label has at most one. ``closeMatch``: a synonym or a use
that differs a little (``female vocalists``, ``woman``). ``broadMatch``: the corpus's label is wider than
the concept. Label sets are facts with their source; relations are ours unless a note says whose.
"""

from mirbench.labelmaps.circumplex import circumplex
from mirbench.labelmaps.classes import shared_classes
from mirbench.labelmaps.coverage import coverage
from mirbench.labelmaps.facet import FACETS, Concept, Facet, load_facet
from mirbench.labelmaps.relate import RELATIONS, relate

__all__ = [
    "FACETS",
    "RELATIONS",
    "Concept",
    "Facet",
    "circumplex",
    "coverage",
    "load_facet",
    "relate",
    "shared_classes",
]

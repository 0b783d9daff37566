"""Datasheets of corpora, after Gebru et al. (2021): made from facts, counts and an audit, never typed.

T. Gebru, J. Morgenstern, B. Vecchione et al., "Datasheets for datasets", Communications of the ACM
64(12), 2021. Of its questions those are answered here that a corpus's module, its recordings and the
protocols answer by themselves: motivation, composition, collection, uses, distribution.

``python -m mirbench.datasheets`` makes ``docs/corpora.md`` and the sheets beside it.
"""

from mirbench.datasheets.sheet import Datasheet, datasheet

__all__ = ["Datasheet", "datasheet"]

"""Blind listening tests of ranking methods: make a page for raters, score what they send back.

- :mod:`mirbench.listen.lists`: the first tracks of each method's list, from records.
- :mod:`mirbench.listen.make`: queries drawn, lists merged and shuffled, sound and key written.
- :mod:`mirbench.listen.page`: the page that raters open.
- :mod:`mirbench.listen.ratings`: their CSV files, checked.
- :mod:`mirbench.listen.agreement`: Krippendorff's alpha.
- :mod:`mirbench.listen.score`: methods compared, with intervals over queries.
"""

from mirbench.listen.make import make_test
from mirbench.listen.score import Scores, score_ratings

__all__ = ["Scores", "make_test", "score_ratings"]

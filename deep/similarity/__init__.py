"""Similarity learned from tags: triplets mined from an oracle, other losses, an auto-tagger.

References
----------
.. [1] L. Prétet, G. Richard, G. Peeters, "Learning to rank music tracks using triplet loss",
   ICASSP 2020.
"""

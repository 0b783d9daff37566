"""Signal front-ends, the ``Extract`` transformer and its cache."""

from mirbench.features.extract import Extract

__all__ = ["Extract"]

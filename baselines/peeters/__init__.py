"""Descriptors and classifiers of isolated instrument notes after Peeters (AES 115, 2003)."""

from baselines.peeters.irmfsp import IRMFSP

__all__ = ["IRMFSP"]

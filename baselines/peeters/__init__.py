"""Descriptors and classifiers of isolated instrument notes after Peeters (AES 115, 2003)."""

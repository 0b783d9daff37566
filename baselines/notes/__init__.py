"""Instrument notes across collections: a view of their first second, and a discriminant on it."""

"""Nets for whole tracks: one estimator for classes, tags and values, and a file a published system."""

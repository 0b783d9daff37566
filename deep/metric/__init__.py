"""Metrics learned from labels by the shared encoder: pairs and triplets of a batch."""

"""Pitch by nets: a small CREPE, with labels, and SPICE, without."""

"""How many settings a method may try inside the training part: as many for all."""

TRIALS = 3
"""Settings tried on an inner hold-out by group, hand-crafted and deep alike."""

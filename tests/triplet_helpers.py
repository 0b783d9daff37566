"""Made-up tracks with tags that can be heard, for tests of metrics learned from triplets."""

from __future__ import annotations

import numpy as np

from mirbench.items import Item, as_items

SR = 8000


def tagged_items(n=24, n_tags=4, artists=8, seed=0, seconds=0.8):
    """A tag is a tone; lengths differ."""
    rng = np.random.default_rng(seed)
    items, tags = [], (rng.random((n, n_tags)) < 0.4).astype(np.int64)
    tags[np.arange(n), rng.integers(0, n_tags, n)] = 1
    for i, row in enumerate(tags):
        t = np.arange(int(SR * seconds * (1 + i % 3 / 10))) / SR
        tones = sum(np.sin(2 * np.pi * 300 * 1.8**k * t) for k in np.flatnonzero(row))
        sound = 0.3 * tones + 0.02 * rng.normal(size=len(t))
        items.append(Item.from_array(sound, SR, group=f"artist {i % artists}"))
    return as_items(items), tags

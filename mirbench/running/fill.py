"""First phase of a run: every feature that any method will ask for, each item decoded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from joblib import delayed

from mirbench.errors import MethodError
from mirbench.features.cache import feature_cache
from mirbench.features.extract import Extract, entry_key
from mirbench.items import Item
from mirbench.methods import find_all, load_method
from mirbench.running.process import one_thread
from mirbench.workers import workers

CHUNK = 4

Reference = str | Callable[..., Any]


def fill_cache(
    references: Sequence[Reference],
    items: list[Item],
    n_jobs: int,
    advance: Callable[[int], None],
) -> None:
    """Extract what is missing, all methods' features item by item.

    ``advance(n)`` is called as items are done.

    Raises
    ------
    DataError
        An item can't be decoded.
    """
    wanted: dict[str, tuple[Reference, int]] = {}
    for reference in references:
        for i, (part, _) in enumerate(_extracts(reference)):
            wanted.setdefault(part, (reference, i))
    where = list(wanted.values())
    parts = list(wanted)
    store = feature_cache()
    todo = [item for item in items if not all(store.has(entry_key(item, part)) for part in parts)]
    advance(len(items) - len(todo))
    if len(todo) < 2 * CHUNK or n_jobs == 1:
        for item in todo:
            _fill([item], where)
            advance(1)
        return
    chunks = [todo[i : i + CHUNK] for i in range(0, len(todo), CHUNK)]
    done = workers(n_jobs, return_as="generator_unordered")(
        delayed(_fill)(chunk, where) for chunk in chunks
    )
    for n in done:
        advance(n)


def _fill(items: list[Item], where: list[tuple[Reference, int]]) -> int:
    extracts = [_extracts(reference)[i] for reference, i in where]
    # one rate after the other: an item is resampled once for all extractors at that rate
    extracts.sort(key=lambda pair: pair[1].sr)
    with one_thread():
        for part, extract in extracts:
            _warm_up(extract, part)
        for item in items:
            for part, extract in extracts:
                # a method whose function fails gets a failed record of its own; others go on
                with suppress(MethodError):
                    if not feature_cache().has(entry_key(item, part)):
                        extract.one(item, part)
    return len(items)


_WARM: set[str] = set()


def _warm_up(extract: Extract, part: str) -> None:
    """Let a function load and compile what it needs, once a process, before its time is taken."""
    if part in _WARM:
        return
    _WARM.add(part)
    noise = 0.1 * np.random.default_rng(0).standard_normal(extract.sr).astype(np.float32)
    with suppress(Exception):  # what is wrong with it shows on real sound
        extract.one(Item.from_array(noise, int(extract.sr)), part)


@cache
def _extracts(reference: Reference) -> list[tuple[str, Extract]]:
    found = find_all(load_method(reference).build(), Extract)
    return [(extract.key(), extract) for extract in found]


def label_free(items: Iterable[Item]) -> list[Item]:
    """Distinct items, by content, in the order of their keys."""
    unique = {item.key: item for item in items}
    return [unique[key] for key in np.sort(list(unique))]

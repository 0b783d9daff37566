"""JSON of a stranger: bounded, without duplicate names, NaN or endless nesting."""

from __future__ import annotations

import json
from typing import Any

from mirbench.errors import RecordError


def parse(data: bytes, source: str, limit: int = 1 << 20) -> dict[str, Any]:
    """The mapping that a JSON file holds.

    Raises
    ------
    RecordError
        Larger than ``limit`` bytes, not UTF-8, not JSON, two fields of one name, NaN, nested too
        deep, or no mapping. Names ``source``.
    """
    if len(data) > limit:
        raise RecordError(f"{source}: {len(data)} bytes, {limit} are allowed")
    try:
        found = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{source}: not plain JSON ({str(error)[:120]})") from error
    if not isinstance(found, dict):
        raise RecordError(f"{source}: not a JSON mapping")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("two fields of one name")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no figure")

"""What a protocol's file must hold to be one that a maker wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mirbench.errors import ProtocolError
from mirbench.evidence import EVIDENCE
from mirbench.protocols.support import check_support

KEYED = ("id", "corpus", "item", "start_s", "duration_s", "degradation", "key", "group", "label")
"""Columns of the items that every item fills and that the protocol's hash is over."""


def check(data: Mapping[str, Any], columns: Mapping[str, pd.Series], source: str) -> None:
    """ProtocolError where a protocol's data can't be what a maker wrote."""
    for column, values in columns.items():
        if len(values) != len(columns["id"]):
            raise ProtocolError(
                f"{source}: {len(values)} values of {column} for {len(columns['id'])} ids; "
                "give one an item"
            )
    for column in KEYED:
        missing = columns[column].isna() | (columns[column].astype(str).str.strip() == "")
        if column != "degradation" and missing.any():
            row = int(missing.to_numpy().argmax())
            raise ProtocolError(f"{source}: item {row} has no {column}; give every item one")
    if columns["id"].duplicated().any():
        twice = columns["id"][columns["id"].duplicated()].iloc[0]
        raise ProtocolError(f"{source}: two items are called {twice}; ids must differ")
    names = [c["name"] for c in data["cells"]]
    if len(set(names)) < len(names):
        raise ProtocolError(f"{source}: two cells have one name; names of cells must differ")
    seeds = data["seeds"]
    if not names or not seeds or len(set(seeds)) < len(seeds):
        raise ProtocolError(f"{source}: needs cells, and seeds that differ")
    if data["evidence"] not in EVIDENCE:
        raise ProtocolError(
            f"{source}: evidence {data['evidence']!r}; known: {', '.join(EVIDENCE)}"
        )
    for cell in data["cells"]:
        for ids in (cell["train"], *cell["tests"].values()):
            if not ids:
                raise ProtocolError(f"{source}: cell {cell['name']}: one of its lists is empty")
            wrong = [i for i in ids if not 0 <= i < len(columns["id"])]
            if wrong or len(set(ids)) < len(ids):
                what = f"position {wrong[0]} is no item" if wrong else "an item stands twice"
                raise ProtocolError(f"{source}: cell {cell['name']}: {what} in one of its lists")
    _check_shares(data, source)
    _check_labelled(data, source)
    for cell in data["cells"]:
        check_support(cell, columns, source)
    if data["task"]["kind"] == "tags" and "unknown" in columns:
        _check_unknown(columns, source)
    if not data["grid"]["hop_s"] > 0:
        raise ProtocolError(f"{source}: the grid's hop_s must be over 0 s")


def _check_labelled(data: Mapping[str, Any], source: str) -> None:
    """ProtocolError where labels are shown of items that aren't trained on, or of a part of the test sets."""
    for cell in data["cells"]:
        given = cell.get("labelled", {})
        if given and (set(given) != set(cell["tests"]) or not all(given.values())):
            raise ProtocolError(
                f"{source}: cell {cell['name']}: labelled must give each test set a draw or more"
            )
        for ids in (ids for draws in given.values() for ids in draws):
            if not ids or len(set(ids)) < len(ids) or not set(ids) <= set(cell["train"]):
                raise ProtocolError(
                    f"{source}: cell {cell['name']}: a draw of labelled items must be some of its "
                    "training items, each once"
                )


def _check_unknown(columns: Mapping[str, pd.Series], source: str) -> None:
    """ProtocolError where an item's unknown tags are no list of words, or one of them holds."""
    for name, label, given in zip(columns["id"], columns["label"], columns["unknown"]):
        if pd.isna(given):
            continue
        tags = json.loads(given)
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise ProtocolError(f"{source}: unknown of {name} must be a JSON list of tags")
        if both := sorted(set(tags).intersection(json.loads(label))):
            raise ProtocolError(
                f"{source}: {name} has the tag {both[0]!r}, and it is unknown of it; say one of the two"
            )


def _check_shares(data: Mapping[str, Any], source: str) -> None:
    """ProtocolError where training sets that share groups don't test just what others test too."""
    given = data.get("shares", [])
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise ProtocolError(f"{source}: shares must be a list of names of training sets")
    tested: dict[str, set[tuple[str, int]]] = {}
    for cell in data["cells"]:
        rows = {(test, i) for test, ids in cell["tests"].items() for i in ids}
        tested.setdefault(cell["source"], set()).update(rows)
    pooled = [name for name, rows in tested.items() if any(test == name for test, _ in rows)]
    main = set().union(*(tested[name] for name in pooled))
    fits = all(tested.get(name) == main for name in given) and not set(given) & set(pooled)
    if len(set(given)) < len(given) or not fits:
        raise ProtocolError(
            f"{source}: training sets that share groups ({', '.join(sorted(given))}) may stand beside "
            "folds that don't and test the same items, never in their place"
        )

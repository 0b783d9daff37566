"""What the support of few-shot episodes must keep apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mirbench.errors import ProtocolError


def check_support(cell: Mapping[str, Any], columns: Mapping[str, pd.Series], source: str) -> None:
    """ProtocolError where a cell's support leaks into what it asks for, or into what is trained on.

    Parameters
    ----------
    cell : mapping
        As in a protocol's file; nothing is asked of one without ``support``.
    columns : mapping of str to Series
        ``label`` and ``group`` of all items.
    source : str
        Names the file.
    """
    given = cell.get("support", {})
    if given and (set(given) != set(cell["tests"]) or cell.get("labelled")):
        raise ProtocolError(
            f"{source}: cell {cell['name']}: support must give each test set its items, and there are no "
            "labelled ones beside it"
        )
    label, group = columns["label"].tolist(), columns["group"].tolist()
    trained = {label[i] for i in cell["train"]}
    for test, ids in given.items():
        where = f"{source}: cell {cell['name']}, test set {test}"
        if not ids or len(set(ids)) < len(ids) or not all(0 <= i < len(label) for i in ids):
            raise ProtocolError(f"{where}: support must be items, one or more, each once")
        asked = cell["tests"][test]
        if both := {group[i] for i in ids} & {group[i] for i in asked}:
            raise ProtocolError(
                f"{where}: group {sorted(both)[0]} is in the support and asked for; divide by group"
            )
        shown = {label[i] for i in ids}
        if shown & trained:
            raise ProtocolError(
                f"{where}: class {sorted(shown & trained)[0]} is trained on and shown as an unseen one"
            )
        if other := {label[i] for i in asked} - shown:
            raise ProtocolError(
                f"{where}: class {sorted(other)[0]} is asked for and not in the support"
            )
        if len(shown) < 2:
            raise ProtocolError(
                f"{where}: the support is of class {sorted(shown)[0]} alone; show two classes or more"
            )

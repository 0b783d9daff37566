"""Two budgets, two boards: rows of one shared encoder and budget, and rows as their papers have them.

A protocol of published rows has the cells of another and a version of its own, which is part of its hash:
records of one never get on the other's board.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from mirbench.protocols.frozen_files import frozen_path
from mirbench.protocols.protocol import Protocol

PUBLISHED = "1-published"
"""Version of protocols whose rows spend what their papers say."""
BUDGET = "each method has the encoder and the budget of its paper, which its card states; meant for a GPU"
ENDING = "-published"
"""Of their names."""


def published(name: str) -> Protocol:
    """The frozen protocol of that name, for rows of published encoders and budgets."""
    matched = Protocol.load(frozen_path(name))
    return replace(matched, name=name + ENDING, version=PUBLISHED, budget=BUDGET)


def budget_fault(method: str, spends: str, protocol: Protocol) -> str:
    """Why a method of that budget is no row of the protocol, "" where it is.

    Parameters
    ----------
    method : str
        Its name, for the sentence.
    spends : {"published", "matched", ""}
        `mirbench.methods.Method.budget`; methods without a net are rows of both.
    protocol : Protocol
    """
    if spends == "published" and protocol.version != PUBLISHED:
        return (
            f"{method} spends a published budget, {protocol.name} is for one budget that all share: "
            f"run it under a protocol whose name ends in {ENDING}"
        )
    if spends == "matched" and protocol.version == PUBLISHED:
        return (
            f"{method} spends the shared budget, {protocol.name} is for published ones: "
            f"run it under {protocol.name.removesuffix(ENDING)}"
        )
    return ""


PUBLISHED_ROWS: dict[str, Callable[[], Protocol]] = {
    name + ENDING: partial(published, name)
    for name in ("few-labels/instruments", "few-labels/mini")
}

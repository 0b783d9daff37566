"""How to train, and the settings that a fit chooses between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mirbench.errors import MethodError

TRIABLE = ("lr", "weight_decay", "batch_size", "optimizer", "patches", "augment")
"""Parameters that a grid may set, beside arguments of the net (``net__width``)."""


@dataclass(frozen=True)
class Settings:
    """How one net is trained; names as in `deep.tracks.estimator.TrackEstimator`."""

    batch_size: int
    lr: float
    weight_decay: float
    optimizer: str
    schedule: str
    halve_after: int
    max_epochs: int
    patience: int
    patches: int | None
    augment: str

    @classmethod
    def of(
        cls, parameters: Mapping[str, Any], setting: Mapping[str, Any]
    ) -> tuple[Settings, dict[str, Any]]:
        """The estimator's parameters under a setting of the grid, and arguments of the net."""
        own = {field.name: parameters[field.name] for field in fields(cls)}
        for_net = {k.removeprefix("net__"): v for k, v in setting.items() if k not in own}
        return cls(**own | {k: v for k, v in setting.items() if k in own}), for_net


def settings_of(grid: Sequence[Mapping[str, Any]] | None, trials: int) -> list[dict[str, Any]]:
    """The first ``trials`` settings of a grid; one, that changes nothing, where there is no grid.

    Raises
    ------
    MethodError
        A setting names what can't be tried.
    """
    chosen = [dict(setting) for setting in grid or ({},)][: max(1, trials)]
    for name in sorted({name for setting in chosen for name in setting}):
        if name not in TRIABLE and not name.startswith("net__"):
            raise MethodError(
                f'a grid can\'t set "{name}": use {", ".join(TRIABLE)}, or net__ and an argument'
            )
    return chosen

"""A net as a method in two sizes: one for a processor, one as published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from deep.tracks.estimator import TrackEstimator
from mirbench.errors import MethodError
from mirbench.features import Extract

GRID: tuple[Mapping[str, Any], ...] = ({"lr": 3e-3}, {"lr": 1e-3}, {"lr": 1e-2})
"""Settings of the small nets, tried in this order; our choice."""

SMALL: Mapping[str, Any] = {
    "batch_size": 8,
    "max_epochs": 12,
    "patience": 4,
    "schedule": "cosine",
    "grid": GRID,
}
"""Training of the small nets, by Adam; our choice."""


def sized(
    size: str,
    extract: Extract,
    net: Callable[..., nn.Module],
    net_args: Mapping[str, Any],
    small: Mapping[str, Any],
    published: Mapping[str, Any],
    width: float,
    **common: Any,
) -> TrackEstimator:
    """The estimator of a net in a size.

    Parameters
    ----------
    size : {"small", "published"}
    extract, net, net_args
        As in `TrackEstimator`.
    small, published : mapping
        Its other parameters in each size; those of the small one go over `SMALL`.
    width : float
        Of the small net; the other's is 1.
    **common
        Its parameters in both sizes.

    Raises
    ------
    MethodError
        There is no such size.
    """
    if size not in ("small", "published"):
        raise MethodError(f'unknown size "{size}": use "small" or "published"')
    chosen = {**SMALL, **small} if size == "small" else published
    arguments = {**net_args, "width": width if size == "small" else 1.0}
    return TrackEstimator(extract, net, arguments, **{**common, **chosen})


def named(options: Mapping[Any, Any], name: Any, what: str) -> Any:
    """The option of that name.

    Raises
    ------
    MethodError
        There is none.
    """
    if name not in options:
        raise MethodError(f'unknown {what} "{name}": use one of {", ".join(map(str, options))}')
    return options[name]

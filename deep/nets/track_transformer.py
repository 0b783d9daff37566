"""Transformer encoder over a track, at a width."""

from __future__ import annotations

from typing import Any

from deep.nets.architecture import Architecture, scaled
from deep.nets.transformer import Transformer


def track_transformer(
    in_shape: tuple[int, int, int],
    n_outputs: int,
    width: float = 1.0,
    units: int = 64,
    heads: int = 4,
    widths: tuple[int, ...] = (16, 32),
    **options: Any,
) -> Transformer:
    """`deep.nets.transformer.Transformer` with its units and maps scaled by ``width``.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_outputs : int
    width : float
    units : int
        Values a frame at width 1; scaled to a multiple of ``2 heads``, eight a head at the least.
    heads : int
        Not scaled.
    widths : tuple of int
        Maps of the 3x3 blocks.
    **options
        ``layers``, ``dropout``, ``input_pool``, ``positions`` of `Transformer`.
    """
    maps = [scaled(n, width) for n in widths]
    values = heads * 2 * max(4, round(units * width / (2 * heads)))
    return Transformer(in_shape, n_outputs, units=values, heads=heads, widths=maps, **options)


ARCHITECTURES = (
    Architecture(
        "track-transformer",
        track_transformer,
        in_shape=(1, 187, 96),
        n_outputs=50,
        n_params=98_978,
        source="ours",
        free_choices=(
            "Stem, units, heads, layers; layer norm before each sub-layer; mean and maximum over "
            "frames instead of a class token.",
        ),
    ),
)

"""Recurrent nets over a track, at a width."""

from __future__ import annotations

from typing import Any

from deep.nets.architecture import Architecture, scaled
from deep.nets.rnn import RNN


def track_rnn(
    in_shape: tuple[int, int, int],
    n_outputs: int,
    width: float = 1.0,
    units: int = 64,
    widths: tuple[int, ...] = (16, 32),
    **options: Any,
) -> RNN:
    """`deep.nets.rnn.RNN` with its units and maps scaled by ``width``.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
    n_outputs : int
    width : float
    units : int
        Of the state, in each direction.
    widths : tuple of int
        Maps of the 3x3 blocks.
    **options
        ``cell``, ``bidirectional``, ``dropout``, ``input_pool`` of `RNN`.

    Raises
    ------
    MethodError
        If there is no such cell.
    """
    maps = [scaled(n, width) for n in widths]
    return RNN(in_shape, n_outputs, units=scaled(units, width), widths=maps, **options)


FREE_CHOICES = ("All but the cell: stem, units, both directions, mean and maximum of the states.",)
ARCHITECTURES = tuple(
    Architecture(
        f"track-{cell}",
        track_rnn,
        in_shape=(1, 187, 96),
        n_outputs=50,
        n_params=n_params,
        source="ours",
        args={"cell": cell},
        free_choices=FREE_CHOICES,
    )
    for cell, n_params in (("gru", 88_226), ("lstm", 104_866))
)

"""The control of the Transformer's positions: a task that asks what there is, not in which order."""

from __future__ import annotations

from deep.tracks.estimator import TrackEstimator
from deep.tracks.generic import track_transformer


def transformer_bag(positions: bool = True, random_state: int = 0) -> TrackEstimator:
    """The tagging Transformer, with or without sine and cosine positions.

    `track-transformer` without a search of settings. A tag holds of a bag of frames: where positions
    can be left out without loss, order said nothing that the convolutions hadn't heard.

    Parameters
    ----------
    positions : bool
    random_state : int
    """
    estimator = track_transformer(trials=1, random_state=random_state)
    net_args = {**(estimator.net_args or {}), "positions": positions}
    return estimator.set_params(net_args=net_args)


transformer_bag.family = "deep"  # type: ignore[attr-defined]
transformer_bag.cite = "vaswani2017attention"  # type: ignore[attr-defined]

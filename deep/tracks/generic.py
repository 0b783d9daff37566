"""Nets of our own over tracks: one front-end without level, one training, one net each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from deep.nets.attention import AttentionNet
from deep.nets.track_mlp import TrackMLP
from deep.nets.track_rnn import track_rnn as rnn_net
from deep.nets.track_transformer import track_transformer as transformer_net
from deep.similarity.inputs import SR, track_logmel
from deep.tracks.estimator import TrackEstimator
from deep.tracks.sizes import sized
from mirbench.features import Extract
from mirbench.tuning import TRIALS

FRAMES = 150
"""6 s."""
LONGER = {"schedule": "cosine", "max_epochs": 60, "patience": 10}
"""Training of the full width."""


def track_mlp(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """Mean and deviation of each band over time, then dense layers: no order of frames.

    `deep.nets.track_mlp` on 48 mel bands relative to the track's level (a gain cancels), parts of
    6 s, the mean over parts. Sizes and training are our choice and the same for all nets of this
    file: Adam, a rate that falls along a cosine; ``small`` is half the width, 12 epochs and the
    learning rate chosen among ``trials``, ``published`` (nothing is) the full width and 60 epochs.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
        See `deep.tracks.augment`.
    trials : int
        Settings tried, of three; the full width tries none.
    random_state : int
    """
    return _generic(TrackMLP, {}, size, augment, trials, random_state)


def track_rnn(
    cell: str = "gru",
    size: str = "small",
    augment: str = "",
    trials: int = TRIALS,
    random_state: int = 0,
) -> TrackEstimator:
    """Small convolutions, then a recurrent net in both directions.

    `deep.nets.track_rnn`, mean and maximum of its states; the rest as in `track_mlp`.

    Parameters
    ----------
    cell : {"gru", "lstm"}
    size : {"small", "published"}
    augment : str
    trials : int
    random_state : int
        As in `track_mlp`.
    """
    return _generic(rnn_net, {"cell": cell}, size, augment, trials, random_state)


def attention_cnn(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """Small convolutions, then a mean over frames with learned weights.

    `deep.nets.attention`; the rest as in `track_mlp`.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
    trials : int
    random_state : int
        As in `track_mlp`.
    """
    return _generic(AttentionNet, {}, size, augment, trials, random_state)


def track_transformer(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """Small convolutions, then layers of self-attention over frames.

    `deep.nets.track_transformer`; the rest as in `track_mlp`.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
    trials : int
    random_state : int
        As in `track_mlp`.
    """
    return _generic(transformer_net, {}, size, augment, trials, random_state)


def _generic(
    net: Callable[..., nn.Module],
    net_args: dict[str, Any],
    size: str,
    augment: str,
    trials: int,
    random_state: int,
) -> TrackEstimator:
    return sized(
        size,
        Extract(track_logmel, sr=SR),
        net,
        net_args,
        {"patches": 3},
        LONGER,
        width=1 / 2,
        patch_frames=FRAMES,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


track_mlp.family = "deep"  # type: ignore[attr-defined]
track_rnn.family = "deep"  # type: ignore[attr-defined]
track_rnn.cite = "cho2014gru"  # type: ignore[attr-defined]
attention_cnn.family = "deep"  # type: ignore[attr-defined]
track_transformer.family = "deep"  # type: ignore[attr-defined]
track_transformer.cite = "vaswani2017attention"  # type: ignore[attr-defined]

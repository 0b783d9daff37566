"""musicnn and the nets it was compared with: Pons and Serra 2019."""

from __future__ import annotations

from deep.nets.musicnn import MusiCNN
from deep.nets.tagging_baselines import TaggingVGG, TimeCNN
from deep.tracks.estimator import TrackEstimator
from deep.tracks.inputs import RATES, musicnn_logmel
from deep.tracks.sizes import named, sized
from mirbench.features import Extract
from mirbench.tuning import TRIALS

NETS = {
    "musicnn": (MusiCNN, {}, 1 / 32),
    "musicnn-big": (MusiCNN, {"mid": 512, "units": 500}, 1 / 32),
    "vgg-128": (TaggingVGG, {"filters": 128}, 1 / 16),
    "vgg-32": (TaggingVGG, {"filters": 32}, 1 / 4),
    "time": (TimeCNN, {}, 1.0),
}
"""Net, its arguments, the width when small."""


def musicnn(
    net: str = "musicnn",
    size: str = "small",
    augment: str = "",
    trials: int = TRIALS,
    random_state: int = 0,
) -> TrackEstimator:
    """Filters for timbre and for time, then convolutions with residual sums over time.

    Pons and Serra 2019 (`deep.nets.musicnn`, `deep.nets.tagging_baselines`) on 96 mel bands at
    16 kHz, parts of 3 s, the mean over parts. ``published`` trains as they did: batches of 32, one
    random part of each track an epoch, Adam at 1e-3 that is halved after 75 epochs without a lower
    held-out loss, 600 epochs, the best kept. Weight decay of 1e-5 is on all weights (theirs: on
    kernels), the gradient's norm is cut at 5. ``small``: fewer maps, the learning rate chosen among
    ``trials``.

    Parameters
    ----------
    net : {"musicnn", "musicnn-big", "vgg-128", "vgg-32", "time"}
        ``time`` is the 1-D convolution after Dieleman and Schrauwen 2014.
    size : {"small", "published"}
    augment : str
        See `deep.tracks.augment`.
    trials : int
        Settings tried, of three; the published size tries none.
    random_state : int
    """
    made, arguments, width = named(NETS, net, "net")
    return sized(
        size,
        Extract(musicnn_logmel, sr=RATES["musicnn_logmel"]),
        made,
        arguments,
        {"patches": 2},
        {
            "patches": 1,
            "batch_size": 32,
            "weight_decay": 1e-5,
            "schedule": "halve",
            "halve_after": 75,
            "max_epochs": 600,
            "patience": 600,
            "class_weight": None,
        },
        width=width,
        patch_frames=187,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


musicnn.family = "deep"  # type: ignore[attr-defined]
musicnn.cite = "pons2019musicnn"  # type: ignore[attr-defined]

"""Filters shaped for music, and one shape for all: Pons, Lidy, Serra 2016."""

from __future__ import annotations

from typing import Any

from deep.nets.pons2016 import BlackBox, Frequency, Time, TimeFrequency, load_branches
from deep.tracks.estimator import TrackEstimator
from deep.tracks.inputs import RATES, pons_logmel
from deep.tracks.sizes import named, sized
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.tuning import TRIALS

LENGTHS = {80: 60, 250: 200}
"""Frames that the filters over time span, by frames of a patch."""
NETS = {
    "time": Time,
    "frequency": Frequency,
    "time-frequency": TimeFrequency,
    "time-frequency-init": TimeFrequency,
    "black-box": BlackBox,
}


def pons2016(
    net: str = "time-frequency",
    patch_frames: int = 80,
    size: str = "small",
    augment: str = "",
    trials: int = TRIALS,
    random_state: int = 0,
) -> TrackEstimator:
    """Nets of one musically motivated layer, and the majority of a track's patches.

    Pons et al. 2016 (`deep.nets.pons2016`) on 40 mel bands at 44.1 kHz. The nets have their
    published widths in both sizes. ``time-frequency-init`` starts from a time and a frequency net
    that are trained first, on the same items with the same settings.

    ``published`` trains by their rule: SGD at 0.01 in batches of 10, at most 2000 epochs, the rate
    halved at a new lowest training loss after 20 worse epochs, the end after 40; then the majority
    vote of the patches. What differs: bands are standardised on the items trained on (theirs: on
    all, test included); the hold-out is whole groups (theirs: patches of training songs); patches
    start at random; no patch or batch is dropped; the gradient's norm is cut at 5. ``small`` trains
    by Adam for 30 epochs at most, four patches of each clip in an epoch, and takes the mean of
    probabilities; values always do.

    Parameters
    ----------
    net : {"time", "frequency", "time-frequency", "time-frequency-init", "black-box"}
    patch_frames : {80, 250}
        1.86 or 5.8 s.
    size : {"small", "published"}
    augment : str
        See `deep.tracks.augment`.
    trials : int
        Settings tried, of three; the published size tries none.
    random_state : int
    """
    made = named(NETS, net, "net")
    length = named(LENGTHS, patch_frames, "patch_frames")
    if patch_frames != 80 and net not in ("time", "black-box"):
        raise MethodError(f'"{net}" is published on patches of 80 frames: use patch_frames=80')
    own: dict[str, Any] = {
        "time": {"length": length},
        "black-box": {"size": (8 if patch_frames == 80 else 200, 12)},
    }.get(net, {})
    common: dict[str, Any] = {}
    if net == "time-frequency-init":
        common = {"parents": ((Time, {}), (Frequency, {})), "inherit": load_branches}
    return sized(
        size,
        Extract(pons_logmel, sr=RATES["pons_logmel"]),
        made,
        own,
        {"patches": 4, "max_epochs": 30, "patience": 8},
        {
            "optimizer": "sgd",
            "lr": 0.01,
            "batch_size": 10,
            "schedule": "pons2016",
            "max_epochs": 2000,
            "patience": 2000,
            "validation": 0.1,
            "class_weight": None,
            "aggregation": "vote",
        },
        width=1.0,
        patch_frames=patch_frames,
        augment=augment,
        trials=trials,
        random_state=random_state,
        **common,
    )


pons2016.family = "deep"  # type: ignore[attr-defined]
pons2016.cite = "pons2016musically"  # type: ignore[attr-defined]

"""Nets on the samples themselves."""

from __future__ import annotations

from deep.nets.sample_cnn import SampleCNN
from deep.nets.wave_tcn import WaveTCN
from deep.tracks.estimator import TrackEstimator
from deep.tracks.inputs import waveform
from deep.tracks.sizes import sized
from mirbench.features import Extract
from mirbench.tuning import TRIALS

SR = 22_050
SAMPLES = 59_049
"""3 ** 10, 2.68 s."""


def sample_cnn(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """Filters of three samples, ten layers deep.

    Lee et al. 2017 (`deep.nets.sample_cnn`) on 59 049 samples at 22.05 kHz, the mean over parts.
    ``published``: full width, all parts that fit in an epoch, batches of 23, SGD with Nesterov's
    momentum of 0.9 at 0.01 (from memory; their rate falls by fifths, ours along a cosine over 60
    epochs). ``small``: a sixteenth of the channels (four at the least), the learning rate chosen
    among ``trials``. A gain of the recording isn't cancelled.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
        "mixup", "specaugment" (masks time), "noise", joined by "+".
    trials : int
        Settings tried, of three; the published size tries none.
    random_state : int
    """
    return sized(
        size,
        Extract(waveform, sr=SR),
        SampleCNN,
        {},
        {"patches": 2},
        {
            "batch_size": 23,
            "optimizer": "nesterov",
            "lr": 0.01,
            "schedule": "cosine",
            "max_epochs": 60,
            "patience": 10,
            "class_weight": None,
        },
        width=1 / 16,
        patch_frames=SAMPLES,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


def wave_tcn(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """A learned filter bank, then dilated convolutions.

    Blocks after Bai et al. 2018 (`deep.nets.wave_tcn`) on 2.68 s at 22.05 kHz; bank, sizes and
    training are our choice. ``published`` is the full width and 100 epochs, ``small`` half of it
    and the learning rate chosen among ``trials``. A gain of the recording isn't cancelled.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
    trials : int
    random_state : int
        All as in `sample_cnn`.
    """
    return sized(
        size,
        Extract(waveform, sr=SR),
        WaveTCN,
        {},
        {"patches": 2},
        {"schedule": "cosine", "max_epochs": 100, "patience": 10},
        width=1 / 2,
        patch_frames=SAMPLES,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


sample_cnn.family = "deep"  # type: ignore[attr-defined]
sample_cnn.cite = "lee2017sample"  # type: ignore[attr-defined]
wave_tcn.family = "deep"  # type: ignore[attr-defined]
wave_tcn.cite = "bai2018tcn"  # type: ignore[attr-defined]

"""Convolutions over time towards latent factors: van den Oord et al. 2013, Dieleman 2014."""

from __future__ import annotations

from deep.nets.latent_cnn import LatentCNN
from deep.tracks.estimator import TrackEstimator
from deep.tracks.inputs import RATES, latent_logmel
from deep.tracks.sizes import sized
from mirbench.features import Extract
from mirbench.tuning import TRIALS


def latent_cnn(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """Four convolutions over time, three statistics of it, two dense layers.

    Dieleman 2014 (`deep.nets.latent_cnn`) on 128 mel bands, random parts of 13.9 s. ``published``:
    full width, Nesterov's momentum, a part of each track an epoch. Their 750 000 updates become at
    most 300 epochs; rate (0.01) and momentum (0.9) are our choice. Targets are standardised each;
    theirs had unit length. ``small``: an eighth of the width, parts of 4.6 s, Adam.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
        See `deep.tracks.augment`.
    trials : int
        Settings tried, of three; the published size tries none.
    random_state : int
    """
    return sized(
        size,
        Extract(latent_logmel, sr=RATES["latent_logmel"]),
        LatentCNN,
        {},
        {"patch_frames": 199, "patches": 3},
        {
            "patch_frames": 599,
            "patches": 1,
            "optimizer": "nesterov",
            "lr": 0.01,
            "max_epochs": 300,
            "patience": 30,
            "class_weight": None,
        },
        width=1 / 8,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


latent_cnn.family = "deep"  # type: ignore[attr-defined]
latent_cnn.cite = "dieleman2014recommending"  # type: ignore[attr-defined]

"""Seven small convolutions on short parts: Won et al. 2020."""

from __future__ import annotations

from deep.nets.short_chunk import ShortChunk
from deep.tracks.estimator import TrackEstimator
from deep.tracks.inputs import RATES, won_logmel
from deep.tracks.sizes import sized
from mirbench.features import Extract
from mirbench.tuning import TRIALS


def short_chunk_cnn(
    residual: bool = True,
    size: str = "small",
    augment: str = "",
    trials: int = TRIALS,
    random_state: int = 0,
) -> TrackEstimator:
    """A VGG of seven 3x3 layers on 3.7 s, with or without residual sums.

    Won et al. 2020 (`deep.nets.short_chunk`) on 128 mel bands in dB at 16 kHz, the mean over parts.
    ``published``: full width, a random part of each track an epoch, batches of 16, Adam at 1e-4 and
    a weight decay of 1e-4 (from memory), 200 epochs; they went on with SGD, which is left out.
    ``small``: a sixteenth of the maps, the learning rate chosen among ``trials``.

    Parameters
    ----------
    residual : bool
    size : {"small", "published"}
    augment : str
        See `deep.tracks.augment`.
    trials : int
        Settings tried, of three; the published size tries none.
    random_state : int
    """
    return sized(
        size,
        Extract(won_logmel, sr=RATES["won_logmel"]),
        ShortChunk,
        {"residual": residual},
        {"patches": 2},
        {
            "patches": 1,
            "lr": 1e-4,
            "weight_decay": 1e-4,
            "max_epochs": 200,
            "patience": 20,
            "class_weight": None,
        },
        width=1 / 16,
        patch_frames=231,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


short_chunk_cnn.family = "deep"  # type: ignore[attr-defined]
short_chunk_cnn.cite = "won2020evaluation"  # type: ignore[attr-defined]

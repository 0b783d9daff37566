"""Fully convolutional nets on a 29-s spectrogram: Choi, Fazekas, Sandler 2016; and with a state, 2017."""

from __future__ import annotations

from deep.nets.crnn import CRNN
from deep.nets.fcn import FCN
from deep.tracks.estimator import TrackEstimator
from deep.tracks.inputs import RATES, choi_logmel, choi_mfcc, choi_stft
from deep.tracks.sizes import named, sized
from mirbench.features import Extract
from mirbench.tuning import TRIALS

INPUTS = {"mel": choi_logmel, "stft": choi_stft, "mfcc": choi_mfcc}
FRAMES = 1366
"""29.12 s."""
PUBLISHED = {"patch_frames": FRAMES, "patches": 1, "class_weight": None, "max_epochs": 200}
SMALL = {"patch_frames": FRAMES // 4, "patches": 2}


def fcn(
    layers: int = 4,
    input: str = "mel",
    size: str = "small",
    augment: str = "",
    trials: int = TRIALS,
    random_state: int = 0,
) -> TrackEstimator:
    """FCN-3 to FCN-7: 3x3 convolutions and pools until one value a map is left.

    Choi et al. 2016 (`deep.nets.fcn`) on 96 mel bands in dB at 12 kHz, or on the STFT or MFCC of
    their comparison. ``published``: full width, 29.12 s, a random part of each track an epoch, Adam
    at 1e-3; number of epochs and patience are our choice. ``small``: a sixteenth of the maps, parts
    of 7.3 s, the learning rate chosen among ``trials``. A fit on 100 clips of 30 s takes about half
    a minute of one core. Bands are standardised on the training part in place of input batch norm.

    Parameters
    ----------
    layers : {3, 4, 5, 6, 7}
    input : {"mel", "stft", "mfcc"}
    size : {"small", "published"}
    augment : str
        See `deep.tracks.augment`.
    trials : int
        Settings tried, of three; the published size tries none.
    random_state : int
    """
    func = named(INPUTS, input, "input")
    return sized(
        size,
        Extract(func, sr=RATES[func.__name__]),
        FCN,
        {"layers": layers},
        SMALL,
        PUBLISHED,
        width=1 / 16,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


def crnn(
    size: str = "small", augment: str = "", trials: int = TRIALS, random_state: int = 0
) -> TrackEstimator:
    """Convolutions summed up by a recurrent net.

    Choi et al. 2017 (`deep.nets.crnn`): four 3x3 blocks, then two layers of GRU over what is left of
    time, on the input of `fcn`. Sizes and training as there, the small net with an eighth of the
    maps.

    Parameters
    ----------
    size : {"small", "published"}
    augment : str
    trials : int
    random_state : int
        All as in `fcn`.
    """
    return sized(
        size,
        Extract(choi_logmel, sr=RATES["choi_logmel"]),
        CRNN,
        {},
        SMALL,
        PUBLISHED,
        width=1 / 8,
        augment=augment,
        trials=trials,
        random_state=random_state,
    )


fcn.family = "deep"  # type: ignore[attr-defined]
fcn.cite = "choi2016automatic"  # type: ignore[attr-defined]
crnn.family = "deep"  # type: ignore[attr-defined]
crnn.cite = "choi2017crnn"  # type: ignore[attr-defined]

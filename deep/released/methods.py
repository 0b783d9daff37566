"""Released encoders as methods: frozen embeddings, the linear head of ``mfcc-lr`` behind them.

Each takes ``path``, a folder of weights; empty, the folder of its name in ``$MIRBENCH_ENCODERS``, then
what its library has fetched before. Nothing is fetched here. ``trained_on`` names what an encoder
has heard, as far as its authors tell: a board flags its rows on those corpora.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from baselines.tracks.estimator import Tracks
from deep.released import clap, hub, mert, musicnn, openl3
from deep.released.weights import absent, find, probe
from mirbench.tuning import TRIALS

HOW_MUSICNN = "pip install --no-deps musicnn==0.1.0 brings them"
HOW_OPENL3 = "torchopenl3.models.load_audio_embedding_model('mel256', 'music', 512) fetches it once"
HOW_HUB = "'hf download {}' fetches them once"


def released_musicnn(path: str = "", trials: int = TRIALS) -> Tracks:
    """musicnn trained on MagnaTagATune, frozen, + linear model.

    Pons and Serra 2019, the authors' weights (``MTT_musicnn``) in our own net: maximum and mean over
    time of all its maps (1506 numbers; our choice), windows of 2.99 s at 16 kHz side by side, the
    mean over windows. Logistic regression, or ridge regression of values, as in ``mfcc-lr``. The level
    is heard. Needs the files of the package musicnn; neither its code nor TensorFlow is run.

    Parameters
    ----------
    path : str
        Folder of the checkpoint, with ``.index`` and ``.data-00000-of-00001``.
    trials : int
        Penalties tried.
    """
    return _musicnn("MTT_musicnn", path, trials)


def released_musicnn_msd(path: str = "", trials: int = TRIALS) -> Tracks:
    """musicnn trained on the Million Song Dataset, frozen, + linear model.

    As ``released-musicnn``, with the weights ``MSD_musicnn``: 50 tags of Last.fm.

    Parameters
    ----------
    path : str
        Folder of the checkpoint, with ``.index`` and ``.data-00000-of-00001``.
    trials : int
        Penalties tried.
    """
    return _musicnn("MSD_musicnn", path, trials)


def released_openl3(path: str = "", trials: int = TRIALS) -> Tracks:
    """OpenL3 trained on music videos, frozen, + linear model.

    Cramer et al. 2019: whether sound and picture of AudioSet's music videos belong together. 256 mel
    bands, 512 numbers, by the package torchopenl3; windows of 1 s at 48 kHz side by side, the
    mean over windows. Logistic regression, or ridge regression of values. A gain cancels. Needs the
    optional library torchopenl3.

    Parameters
    ----------
    path : str
        Folder of ``torchopenl3_mel256_music_512.pth.tar``.
    trials : int
        Penalties tried.
    """
    found = find("openl3", openl3.FILES, path, openl3.kept)
    missing = absent("openl3", openl3.FILES, path, HOW_OPENL3)
    return probe(openl3.embed, openl3.SR, found, missing, "torchopenl3", trials)


def released_clap(path: str = "", trials: int = TRIALS) -> Tracks:
    """CLAP's audio encoder, frozen, + linear model.

    Wu et al. 2023, ``laion/clap-htsat-unfused``: sounds and their captions. The projection of length
    1 (512 numbers), windows of 10 s at 48 kHz side by side, the mean over windows. Logistic
    regression, or ridge regression of values. The level is heard. Which of the authors' training sets
    went into these weights is from memory. Needs the optional library transformers.

    Parameters
    ----------
    path : str
        Folder of ``config.json``, ``preprocessor_config.json`` and the weights.
    trials : int
        Penalties tried.
    """
    found = find("clap", hub.FILES, path, clap.kept)
    missing = absent("clap", hub.FILES, path, HOW_HUB.format(clap.REPOSITORY))
    return probe(clap.embed, clap.SR, found, missing, hub.LIBRARY, trials)


def released_mert(path: str = "", trials: int = TRIALS) -> Tracks:
    """MERT-v1-95M, frozen, + linear model.

    Li et al. 2024, ``m-a-p/MERT-v1-95M``: masked parts of music, told by codes and constant-Q bands.
    Mean over all layers and frames (768 numbers; our choice), windows of 5 s at 24 kHz side by side.
    Logistic regression, or ridge regression of values. A gain cancels. It was trained on some 20 000
    hours of music that aren't listed (from memory): whether a corpus here is among them can't be
    told, nor flagged. Needs the optional library transformers; runs no code of the repository.

    Parameters
    ----------
    path : str
        Folder of ``config.json``, ``preprocessor_config.json`` and the weights.
    trials : int
        Penalties tried.
    """
    found = find("mert", hub.FILES, path, mert.kept)
    missing = absent("mert", hub.FILES, path, HOW_HUB.format(mert.REPOSITORY))
    return probe(mert.embed, mert.SR, found, missing, hub.LIBRARY, trials)


def _musicnn(model: str, path: str, trials: int) -> Tracks:
    found = find(model, musicnn.FILES, path, lambda: musicnn.packaged(model))
    missing = absent(model, musicnn.FILES, path, HOW_MUSICNN)
    return probe(musicnn.embed, musicnn.SR, found, missing, "", trials)


def _skip(
    name: str,
    files: tuple[str, ...],
    kept: Callable[[], Path | None],
    how: str,
    library: str = "",
) -> Callable[..., str | None]:
    """Why a method can't run: its library or its weights are missing."""

    def skip(path: str = "", **_: Any) -> str | None:
        if library and importlib.util.find_spec(library) is None:
            return f"{library} isn't installed: pip install 'mirbench[encoders]'"
        return None if find(name, files, path, kept) else absent(name, files, path, how)

    return skip


for _method in (
    released_musicnn,
    released_musicnn_msd,
    released_openl3,
    released_clap,
    released_mert,
):
    _method.family = "deep"  # type: ignore[attr-defined]

released_musicnn.cite = "pons2019musicnn"  # type: ignore[attr-defined]
released_musicnn.trained_on = ("magnatagatune",)  # type: ignore[attr-defined]
released_musicnn.skip = _skip(  # type: ignore[attr-defined]
    "MTT_musicnn", musicnn.FILES, lambda: musicnn.packaged("MTT_musicnn"), HOW_MUSICNN
)
released_musicnn_msd.cite = "pons2019musicnn"  # type: ignore[attr-defined]
released_musicnn_msd.trained_on = ("msd-lastfm",)  # type: ignore[attr-defined]
released_musicnn_msd.skip = _skip(  # type: ignore[attr-defined]
    "MSD_musicnn", musicnn.FILES, lambda: musicnn.packaged("MSD_musicnn"), HOW_MUSICNN
)
released_openl3.cite = "cramer2019look"  # type: ignore[attr-defined]
released_openl3.trained_on = ("audioset",)  # type: ignore[attr-defined]
released_openl3.skip = _skip(  # type: ignore[attr-defined]
    "openl3", openl3.FILES, openl3.kept, HOW_OPENL3, "torchopenl3"
)
released_clap.cite = "wu2023large"  # type: ignore[attr-defined]
released_clap.trained_on = (  # type: ignore[attr-defined]
    "laion-audio-630k",
    "audiocaps",
    "clotho",
    "audioset",
)
released_clap.skip = _skip(  # type: ignore[attr-defined]
    "clap", hub.FILES, clap.kept, HOW_HUB.format(clap.REPOSITORY), hub.LIBRARY
)
released_mert.cite = "li2024mert"  # type: ignore[attr-defined]
released_mert.trained_on = ("undisclosed",)  # type: ignore[attr-defined]
released_mert.skip = _skip(  # type: ignore[attr-defined]
    "mert", hub.FILES, mert.kept, HOW_HUB.format(mert.REPOSITORY), hub.LIBRARY
)

"""Hand-crafted systems for tracks as methods: each for classes, tags and values, by what ``y`` is.

All choose among ``trials`` settings on a hold-out of the training items by group (`estimator`).
"""

from __future__ import annotations

import importlib.util

from sklearn.pipeline import make_pipeline

from baselines.essentia_svm import freesound_statistics
from baselines.mfcc_svm import mfcc_statistics
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.tuning import TRIALS

from .codebook import Codebook, mfcc_frames
from .estimator import Tracks
from .heads import Standardised, linear, nearest, svm, trees
from .modulation import modulation_pattern
from .onsets import N_MELS
from .peeters_track import track_descriptors
from .periodicity import log_tempo, onset_autocorrelation, tempogram_statistics
from .prior import TrackPrior
from .scale import scale_magnitudes
from .timbre import chroma_statistics


def track_prior() -> TrackPrior:
    """Shares of classes, prevalence of tags, or means of values in training.

    Every item gets the same answer; a method that is no better has learned nothing.
    """
    return TrackPrior()


def mfcc_lr(trials: int = TRIALS) -> Tracks:
    """MFCC statistics + linear model.

    Mean and deviation of 20 MFCC and deviation of their slopes, the level taken out; logistic
    regression, or ridge regression of values. The probe that learned features have to beat. All
    numbers are our choice.

    Parameters
    ----------
    trials : int
        Penalties tried.
    """
    return Tracks(Extract(mfcc_statistics), linear(), trials)


def mfcc_chroma_svm(trials: int = TRIALS) -> Tracks:
    """MFCC and chroma statistics + SVM, after Ellis 2007.

    Statistics of 20 MFCC and of 12 chroma turned to a common key; SVM with a Gaussian kernel. Ellis
    models beat-synchronous frames by Gaussians, per artist; here both are summed up over the track
    (our choice).

    Parameters
    ----------
    trials : int
        Values of C tried.
    """
    return Tracks(Extract([mfcc_statistics, chroma_statistics]), svm(), trials)


def tempo_knn(trials: int = TRIALS) -> Tracks:
    """Tempo alone + k nearest neighbours, after Gouyon et al. 2004.

    The logarithm of tempo is the only feature. Published on Ballroom, from memory: 82.3 % with the
    tempo as annotated; here it is estimated, octave errors included, so that less is to be expected.

    Parameters
    ----------
    trials : int
        Numbers of neighbours tried.
    """
    return Tracks(Extract(log_tempo), nearest(), trials)


def onset_autocorrelation_svm(trials: int = TRIALS) -> Tracks:
    """Autocorrelation of onset strength + SVM.

    Mean over 8-s windows at lags of 25 ms to 4 s; SVM with a Gaussian kernel. Follows the tempo, as
    the periodicity histograms of Gouyon et al. 2004 do. All numbers are our choice.

    Parameters
    ----------
    trials : int
        Values of C tried.
    """
    return Tracks(Extract(onset_autocorrelation), svm(), trials)


def tempogram_svm(trials: int = TRIALS) -> Tracks:
    """Tempogram statistics + SVM, after Grosche et al. 2010.

    Mean and deviation over 8-s windows of the autocorrelation tempogram, 49 tempi of 30 to 480 BPM;
    SVM with a Gaussian kernel. All numbers are our choice.

    Parameters
    ----------
    trials : int
        Values of C tried.
    """
    return Tracks(Extract(tempogram_statistics), svm(), trials)


def scale_transform(n_bands: int = 8, trials: int = TRIALS) -> Tracks:
    """Scale transform of onset autocorrelation + SVM, Holzapfel & Stylianou 2011.

    60 magnitudes of the direct scale transform a band, mean over 8-s windows: rhythm whatever its
    tempo. With several bands it is near the modulation scale spectrum of Marchand & Peeters 2014,
    published with 93.1 % on Ballroom; theirs has other bands and tempo beside it. Figures are from
    memory; the SVM with a Gaussian kernel is our choice.

    Parameters
    ----------
    n_bands : int
        Frequency bands, a divisor of 40; 1 is Holzapfel & Stylianou's descriptor.
    trials : int
        Values of C tried.
    """
    if n_bands < 1 or N_MELS % n_bands:
        raise MethodError(f"n_bands={n_bands}: give a divisor of {N_MELS}, such as 1, 4 or 8")
    extract = Extract(scale_magnitudes, kw_args={"n_bands": n_bands})
    return Tracks(extract, svm(), trials)


def modulation_svm(trials: int = TRIALS) -> Tracks:
    """Fluctuation pattern + SVM, after Pampalk 2006.

    How strongly 12 bands fluctuate at 30 rates up to 10 Hz, the pattern's bass and gravity; SVM with
    a Gaussian kernel (our choice: Pampalk compares patterns by distance).

    Parameters
    ----------
    trials : int
        Values of C tried.
    """
    return Tracks(Extract(modulation_pattern), svm(), trials)


def rhythm_svm(trials: int = TRIALS) -> Tracks:
    """All rhythm features + SVM.

    Tempo, tempogram statistics, scale transform in 8 bands and fluctuation pattern, one vector; SVM
    with a Gaussian kernel. The mixture is our choice; that tempo and scale transform add to each
    other is Marchand & Peeters' finding.

    Parameters
    ----------
    trials : int
        Values of C tried.
    """
    together = [log_tempo, tempogram_statistics, scale_magnitudes, modulation_pattern]
    return Tracks(Extract(together), svm(), trials)


def codebook_lr(k: int = 256, random_state: int = 0, trials: int = TRIALS) -> Tracks:
    """Bag of MFCC frames + linear model.

    Square roots of histograms over ``k`` clusters of frames of 20 MFCC and their slopes, clusters by
    k-means on 100 frames a training item; logistic regression, or ridge regression of values. The
    bag-of-words baseline of van den Oord et al. 2013; all numbers are our choice.

    Parameters
    ----------
    k : int
        Clusters.
    random_state : int
        Of k-means.
    trials : int
        Penalties tried.
    """
    head = linear(make_pipeline(Codebook(k, random_state=random_state), Standardised()))
    return Tracks(Extract(mfcc_frames), head, trials)


def peeters_gbt(random_state: int = 0, trials: int = TRIALS) -> Tracks:
    """Peeters' descriptors of frames + gradient-boosted trees.

    548 statistics over the track of spectral shapes, levels, MFCC, relative loudness and
    autocorrelation. The set (Peeters 2004) is made for isolated notes: what needs one pitch or one
    attack is left out. Trees, their number and rates are our choice.

    Parameters
    ----------
    random_state : int
        Features that a split may see.
    trials : int
        Learning rates tried.
    """
    return Tracks(Extract(track_descriptors, sr=44_100), trees(random_state), trials)


def essentia_track_svm(trials: int = TRIALS) -> Tracks:
    """Essentia's FreesoundExtractor + SVM, for tracks.

    All "lowlevel" and "sfx" statistics but the durations, as in ``essentia-svm``; SVM with a Gaussian
    kernel. The "sfx" part is made for single sounds. Needs the optional library essentia.

    Parameters
    ----------
    trials : int
        Values of C tried.
    """
    return Tracks(Extract(freesound_statistics, sr=44_100), svm(), trials)


def _skip() -> str | None:
    if importlib.util.find_spec("essentia") is None:
        return "essentia isn't installed: pip install 'mirbench[essentia]'"
    return None


_FOUND = (
    mfcc_lr,
    mfcc_chroma_svm,
    tempo_knn,
    onset_autocorrelation_svm,
    tempogram_svm,
    scale_transform,
    modulation_svm,
    rhythm_svm,
    codebook_lr,
    peeters_gbt,
    essentia_track_svm,
)
for _method in _FOUND:
    _method.family = "hand-crafted"  # type: ignore[attr-defined, union-attr]
track_prior.family = "baseline"  # type: ignore[attr-defined]
essentia_track_svm.skip = _skip  # type: ignore[attr-defined]
mfcc_chroma_svm.cite = "ellis2007classifying"  # type: ignore[attr-defined]
tempo_knn.cite = onset_autocorrelation_svm.cite = "gouyon2004evaluating"  # type: ignore[attr-defined]
tempogram_svm.cite = "grosche2010cyclic"  # type: ignore[attr-defined]
scale_transform.cite = "holzapfel2011scale"  # type: ignore[attr-defined]
modulation_svm.cite = "pampalk2006computational"  # type: ignore[attr-defined]
codebook_lr.cite = "oord2013deep"  # type: ignore[attr-defined]
peeters_gbt.cite = "peeters2004"  # type: ignore[attr-defined]

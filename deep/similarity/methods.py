"""The learned similarities as methods: one front-end, one net, one validation; losses differ."""

from __future__ import annotations

from typing import Any

from deep.similarity.inputs import SR, track_logmel
from deep.similarity.tagger import TaggerSimilarity
from deep.similarity.triplet import TripletEmbedding
from mirbench.errors import MethodError
from mirbench.features import Extract

SIZES: dict[str, dict[str, Any]] = {
    "small": {},
    "published": {"widths": (128, 384, 768, 2048), "units": 2048},
}
"""Arguments of the net; the second has the widths of Choi et al.'s FCN-4, our pools."""


def tagger(
    pooling: str = "mean", size: str = "small", max_epochs: int = 30, random_state: int = 0
) -> TaggerSimilarity:
    """Auto-tagger, cosine of idf-weighted tag probabilities.

    The baseline of Prétet et al. 2020: a net with a sigmoid a tag, its probabilities fed to the
    oracle's formula. The net is a small VGG-like one after Choi et al. 2016
    (`deep.nets.vgg_embedding`; 12, 24, 32, 48 maps) on 48 mel bands at 25 frames a second, relative
    to the track's level; random 4-s parts of tracks in training; Adam; a quarter of the artists
    stops training by MAP@20. Front-end, sizes and training are our choice, and the same for all
    learned similarities. A fit on 480 tracks of 5 s takes about a minute of one core.

    Parameters
    ----------
    pooling : str
        Over time: "mean", "max", "softmax", "attention", "autopool", "autopool-nonnegative",
        "autopool-bounded", "autopool-regularised".
    size : {"small", "published"}
        Published widths take hours of a processor.
    max_epochs : int
    random_state : int
    """
    return TaggerSimilarity(
        _front_end(),
        pooling=pooling,
        net_args=_net_args(size),
        max_epochs=max_epochs,
        random_state=random_state,
    )


def triplet_neighbors(
    pooling: str = "mean",
    n_positives: int = 10,
    n_negatives: int = 5,
    size: str = "small",
    max_epochs: int = 30,
    random_state: int = 0,
) -> TripletEmbedding:
    """Triplet loss, negatives next in the oracle's list.

    Prétet et al. 2020: unit-length embeddings, positives among the first ``n_positives`` of an
    anchor's list, as negatives the ranks right after the positive. Margin and size of the embedding
    are chosen among 6 settings by MAP@20 on the artists held out. Tracks that are as similar as the
    positive are no negatives, lists hold other artists' tracks only: our choice, as are all numbers.
    The rest as in `tagger`.

    Parameters
    ----------
    pooling, size : str
        As in `tagger`.
    n_positives : int
        First ranks of the oracle's list that count as similar.
    n_negatives : int
        Drawn for each anchor and positive.
    max_epochs : int
    random_state : int
    """
    return _embedding(
        "triplet", "neighbors", pooling, n_positives, n_negatives, size, max_epochs, random_state
    )


def triplet_random(
    pooling: str = "mean",
    n_positives: int = 10,
    n_negatives: int = 5,
    size: str = "small",
    max_epochs: int = 30,
    random_state: int = 0,
) -> TripletEmbedding:
    """Triplet loss, negatives at random.

    As `triplet_neighbors`, with negatives drawn uniformly from the ranks after the positive.

    Parameters
    ----------
    pooling, size : str
        As in `tagger`.
    n_positives : int
        First ranks of the oracle's list that count as similar.
    n_negatives : int
        Drawn for each anchor and positive.
    max_epochs : int
    random_state : int
    """
    return _embedding(
        "triplet", "random", pooling, n_positives, n_negatives, size, max_epochs, random_state
    )


def triplet_distance(
    pooling: str = "mean",
    n_positives: int = 10,
    n_negatives: int = 5,
    size: str = "small",
    max_epochs: int = 30,
    random_state: int = 0,
) -> TripletEmbedding:
    """Triplet loss, negatives by the oracle's similarity.

    As `triplet_neighbors`, with negatives drawn uniformly in similarity from the ranks after the
    positive: an interval of ten, then a track in it (`deep.similarity.miners`; the published law
    isn't known).

    Parameters
    ----------
    pooling, size : str
        As in `tagger`.
    n_positives : int
        First ranks of the oracle's list that count as similar.
    n_negatives : int
        Drawn for each anchor and positive.
    max_epochs : int
    random_state : int
    """
    return _embedding(
        "triplet", "distance", pooling, n_positives, n_negatives, size, max_epochs, random_state
    )


def triplet_autopool(
    n_positives: int = 10,
    n_negatives: int = 5,
    size: str = "small",
    max_epochs: int = 30,
    random_state: int = 0,
) -> TripletEmbedding:
    """Triplet loss, negatives by the oracle's similarity, autopool.

    As `triplet_distance`, with the pooling over time of McFee et al. 2018, a learned alpha for each
    of 96 channels, unconstrained; the published system's best.

    Parameters
    ----------
    n_positives : int
        First ranks of the oracle's list that count as similar.
    n_negatives : int
        Drawn for each anchor and positive.
    size : str
        As in `tagger`.
    max_epochs : int
    random_state : int
    """
    return _embedding(
        "triplet", "distance", "autopool", n_positives, n_negatives, size, max_epochs, random_state
    )


def contrastive(
    pooling: str = "mean",
    n_positives: int = 10,
    n_negatives: int = 5,
    size: str = "small",
    max_epochs: int = 30,
    random_state: int = 0,
) -> TripletEmbedding:
    """Contrastive loss on similar and dissimilar pairs.

    A siamese net (Hadsell et al. 2006): tracks within the first ``n_positives`` of an anchor's list
    are similar, tracks drawn at random from the ranks behind them aren't. The rest as in
    `triplet_neighbors`.

    Parameters
    ----------
    pooling, size : str
        As in `tagger`.
    n_positives : int
        First ranks of the oracle's list that count as similar.
    n_negatives : int
        Drawn for each anchor and positive.
    max_epochs : int
    random_state : int
    """
    return _embedding(
        "contrastive", "random", pooling, n_positives, n_negatives, size, max_epochs, random_state
    )


def proxy(
    pooling: str = "mean", size: str = "small", max_epochs: int = 30, random_state: int = 0
) -> TripletEmbedding:
    """Normalised softmax over proxies of tags.

    Classification as metric learning (Zhai and Wu 2019): a unit vector a tag is learned with the
    embedding; of a track's tags one is drawn at each visit, by its idf weight, as its class.
    Temperature and size of the embedding are chosen among 6 settings. The rest as in
    `triplet_neighbors`.

    Parameters
    ----------
    pooling, size : str
        As in `tagger`.
    max_epochs : int
    random_state : int
    """
    return _embedding("proxy", "random", pooling, 10, 5, size, max_epochs, random_state)


def _embedding(
    loss: str,
    mining: str,
    pooling: str,
    n_positives: int,
    n_negatives: int,
    size: str,
    max_epochs: int,
    random_state: int,
) -> TripletEmbedding:
    """One front-end, one net, one training for all of them."""
    return TripletEmbedding(
        _front_end(),
        mining=mining,
        pooling=pooling,
        loss=loss,
        n_positives=n_positives,
        n_negatives=n_negatives,
        net_args=_net_args(size),
        max_epochs=max_epochs,
        random_state=random_state,
    )


def _front_end() -> Extract:
    return Extract(track_logmel, sr=SR)


def _net_args(size: str) -> dict[str, Any]:
    if size not in SIZES:
        raise MethodError(f'unknown size "{size}": use one of {", ".join(SIZES)}')
    return SIZES[size]


tagger.family = "deep"  # type: ignore[attr-defined]
triplet_neighbors.family = "deep"  # type: ignore[attr-defined]
triplet_random.family = "deep"  # type: ignore[attr-defined]
triplet_distance.family = "deep"  # type: ignore[attr-defined]
triplet_autopool.family = "deep"  # type: ignore[attr-defined]
contrastive.family = "deep"  # type: ignore[attr-defined]
proxy.family = "deep"  # type: ignore[attr-defined]
tagger.cite = "pretet2020triplet"  # type: ignore[attr-defined]
triplet_neighbors.cite = "pretet2020triplet"  # type: ignore[attr-defined]
triplet_random.cite = "pretet2020triplet"  # type: ignore[attr-defined]
triplet_distance.cite = "pretet2020triplet"  # type: ignore[attr-defined]
triplet_autopool.cite = "pretet2020triplet"  # type: ignore[attr-defined]
contrastive.cite = "hadsell2006contrastive"  # type: ignore[attr-defined]
proxy.cite = "zhai2019normalized"  # type: ignore[attr-defined]

"""Our protocol of latent factors: from a track's sound to what listening says of it.

The truth isn't in a corpus's table: it is made here from listening counts, once, and frozen with the
protocol, so that no library is needed to run or judge a method.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mirbench.corpora import Corpus, embedded_listening
from mirbench.frames import Grid
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.ranking import hold_out
from mirbench.recommendation.plays import Plays, play_matrix
from mirbench.recommendation.setting import FACTORS, cold_start, targets
from mirbench.tasks import load_task

HEADLINE = ("R2", "MSE", "cosine")
BUDGET = "one CPU core a cell; a deep method says its epochs in its card"
COLD = 0.3
"""Share of the artists whose tracks are held out: 30 of the embedded corpus, enough to resample."""
DIGITS = 6
DESCRIPTION = (
    "Factors of weighted matrix factorisation (c = 1 + 2 log(1 + r / 1e-6), lambda 1e-5), scaled to unit norm. "
    "The tracks of three artists in ten are held out (cold): a fifth of each user's other tracks is put "
    "aside, the rest is factorised. A track's factors are one half-step of its plays on the users' factors, "
    "which know nothing of its artist: of cold ones that is the truth, of the others the training target. The "
    "mean of the test items' factors has R2 = 0. Recommendations made from answers: "
    "python -m mirbench.recommendation."
)


def mini() -> Protocol:
    """Embedded listening counts: 9 factors of 400 tracks, the artists of 120 held out."""
    corpus = embedded_listening.load()
    counts = embedded_listening.load_counts()
    plays = play_matrix(counts, tracks=corpus.items["id"].tolist(), source=corpus.name)
    return latent_protocol("latent/mini", corpus, plays)


def latent_protocol(
    name: str,
    corpus: Corpus,
    plays: Plays,
    *,
    n_factors: int = FACTORS,
    blocks: int | None = None,
    seed: int = 0,
) -> Protocol:
    """Protocol of the latent factors of a corpus's tracks.

    Parameters
    ----------
    name : str
    corpus : Corpus
        Its groups, artists, are held out.
    plays : Plays
        Of the corpus's items, by id.
    n_factors : int
    blocks : int, optional
        As in `mirbench.recommendation.setting.targets`.
    seed : int
        Of the artists held out, the plays put aside and the factorisation.

    Raises
    ------
    DataError
        A user has no play left to learn from, or a track none.
    ProtocolError
        Under five artists.
    """
    cell = hold_out(corpus.items.assign(corpus=corpus.name), seed, COLD)[0]
    setting = cold_start(plays, cell.tests[corpus.name], random_state=seed)
    artist = dict(zip(corpus.items["id"], corpus.items["group"]))
    artists = [str(artist[track]) for track in setting.warm]
    warm, cold = targets(setting, artists, n_factors, blocks=blocks, random_state=seed)
    labels = tuple(f"factor {k}" for k in range(n_factors))
    found = dict(zip(setting.warm + setting.cold, np.round(np.vstack([warm, cold]), DIGITS)))
    rows = np.array([found[i] for i in corpus.items["id"]]) + 0.0  # no minus before a zero
    table = corpus.items.assign(**{label: rows[:, k] for k, label in enumerate(labels)})
    task = replace(load_task("latent"), labels=labels)
    items = protocol_items(replace(corpus, items=table), task)
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        items,
        (cell,),
        budget=BUDGET,
        headline=HEADLINE,
        evidence=corpus.evidence,
        description=DESCRIPTION,
    )


LATENT = {"latent/mini": mini}

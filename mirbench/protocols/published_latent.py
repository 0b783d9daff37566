"""Latent factors of the Taste Profile's listening counts, from the sound of one's own copy of its tracks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from mirbench.corpora import Corpus, msd_lastfm, taste_profile
from mirbench.errors import DataError
from mirbench.protocols.latent import COLD, DESCRIPTION, latent_protocol
from mirbench.protocols.protocol import Protocol
from mirbench.protocols.ranking import hold_out
from mirbench.recommendation.plays import play_matrix

TRACKS, USERS = 9_330, 20_000
"""The most played tracks and the most active users: as many as the smaller set of van den Oord et al. 2013."""
N_FACTORS = 50
BLOCKS = 10
LISTENERS = 10
"""Users that a track needs at the least: a fifth of each user's plays is put aside."""
WORDS = (
    f"The {TRACKS:,} most played of the tracks whose sound is there, and the {USERS:,} users who played most of "
    "them (sizes of van den Oord et al. 2013, whose list of tracks isn't published). Training targets leave "
    "a tenth of the artists out in turn."
)


def latent_taste_profile(*, partial: bool = False) -> Protocol:
    """Factors of the Taste Profile for the tracks of ``msd-lastfm``, three artists in ten held out."""
    corpus = msd_lastfm.load(partial=partial)
    ids = dict(zip(corpus.items["track_id"], corpus.items["id"]))
    counts = taste_profile.load_counts()
    counts = counts.assign(
        user=counts["user"].astype(str), track=counts["track"].astype(str).map(ids)
    ).dropna()
    if counts.empty:
        raise DataError(
            f"{corpus.source}: none of its tracks is in the Taste Profile; {msd_lastfm.HOW}"
        )
    kept, counts = _known(corpus, _most_played(counts))
    tracks = kept.items["id"].tolist()
    plays = play_matrix(counts, tracks=tracks, source="taste-profile")
    made = latent_protocol("latent/taste-profile", kept, plays, n_factors=N_FACTORS, blocks=BLOCKS)
    return replace(made, description=f"{WORDS} {DESCRIPTION}")


def _most_played(counts: pd.DataFrame) -> pd.DataFrame:
    tracks = counts["track"].value_counts().index[:TRACKS]
    counts = counts[counts["track"].isin(tracks)]
    users = counts["user"].value_counts().index[:USERS]
    return counts[counts["user"].isin(users)]


def _known(corpus: Corpus, counts: pd.DataFrame) -> tuple[Corpus, pd.DataFrame]:
    """Without users of under two warm tracks, and tracks of under ten listeners, until none is left."""
    while True:
        heard = counts["track"].value_counts() >= LISTENERS
        counts = counts[counts["track"].isin(heard.index[heard])]
        if counts.empty:
            raise DataError(
                f"{corpus.source}: no track has {LISTENERS} listeners in the Taste Profile; add tracks"
            )
        items = corpus.items[corpus.items["id"].isin(counts["track"])].reset_index(drop=True)
        [cell, *_] = hold_out(items.assign(corpus=corpus.name), 0, COLD)
        warm = counts[counts["track"].isin(cell.train)]
        several = warm["user"].value_counts() > 1
        left = counts[counts["user"].isin(several.index[several])]
        if len(left) == len(counts):  # nobody was left out, so that no track lost a listener
            return replace(corpus, items=items), counts
        counts = left


MAKERS: dict[str, Callable[..., Protocol]] = {"latent/taste-profile": latent_taste_profile}

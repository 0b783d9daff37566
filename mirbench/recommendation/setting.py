"""What is known when a track is recommended: warm tracks with plays, cold ones with their sound alone.

Of the tracks of some artists no play is known: they are cold. Of what users played among the others
(the warm tracks) a share of the pairs is held out, so that a factorisation can be judged where it
has seen the track. What is left, the training plays, is all that any row may see; users' factors
and the targets of training come from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from mirbench.errors import DataError
from mirbench.recommendation.plays import Plays, check_played
from mirbench.recommendation.wmf import SWEEPS, factorise, half_step, unit_norm

HELD_OUT = 0.2
"""Share of a user's warm tracks whose plays are held out, rounded down."""
FACTORS = 9
"""Of the embedded corpus: the eight that can be heard, and popularity."""


@dataclass(frozen=True)
class Setting:
    """Plays parted into what is known and what is asked.

    Attributes
    ----------
    users, warm, cold : tuple of str
    train, held : sparse array of shape (n_users, n_warm)
        Training plays, and those held out of them.
    asked : sparse array of shape (n_users, n_cold)
        Plays of the cold tracks.
    """

    users: tuple[str, ...]
    warm: tuple[str, ...]
    cold: tuple[str, ...]
    train: sparse.csr_array
    held: sparse.csr_array
    asked: sparse.csr_array


def cold_start(
    plays: Plays, cold: Sequence[str], *, share: float = HELD_OUT, random_state: int = 0
) -> Setting:
    """Part plays by what is cold, and hold out a share of each user's warm tracks.

    Raises
    ------
    DataError
        A cold track isn't in the plays; a user has no training plays, or a warm track has none left.
    """
    unknown = sorted(set(cold) - set(plays.tracks))
    if unknown:
        raise DataError(f"nobody played track {unknown[0]}; leave it out of the cold tracks")
    apart = set(cold)
    warm = tuple(name for name in plays.tracks if name not in apart)
    known = plays.of(warm)
    rng = np.random.default_rng(random_state)
    mask = np.zeros(known.nnz, dtype=bool)
    for row in range(known.shape[0]):
        start, end = known.indptr[row], known.indptr[row + 1]
        drawn = rng.permutation(end - start)[: int(share * (end - start))]
        mask[start + drawn] = True
    train, held = (_where(known, keep) for keep in (~mask, mask))
    check_played(Plays(plays.users, warm, train), "training plays")
    return Setting(plays.users, warm, tuple(cold), train, held, plays.of(cold))


def targets(
    setting: Setting,
    artists: Sequence[str],
    n_factors: int = FACTORS,
    *,
    blocks: int | None = None,
    sweeps: int = SWEEPS,
    random_state: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Factors that a method learns from (warm) and is judged by (cold), rows of unit norm.

    The training plays are factorised. The truth of a cold track is one half-step of its plays on the
    users' factors, which are fixed and know nothing of it. The target of a warm track is made the same
    way: one half-step on users whose factors were solved without its artist's tracks, in the space that
    all items span. Taken from the factorisation itself it would have shaped the users that it is fitted
    to; on the embedded corpus targets and truth were then so unlike that regression on the true factors
    had R2 -0.04 (now 0.50).

    Parameters
    ----------
    setting : Setting
    artists : sequence of str
        Artist of each warm track.
    blocks : int, optional
        Leave so many blocks of artists out in turn instead of each artist: as honest, and what
        thousands of artists can be done with.
    n_factors, sweeps, random_state
        As in `factorise`.
    """
    _, items = factorise(setting.train, n_factors, sweeps=sweeps, random_state=random_state)
    truth = _tracks(setting.asked, half_step(setting.train, items))
    number = {name: i for i, name in enumerate(dict.fromkeys(artists))}
    block = np.array([number[name] % (blocks or len(number)) for name in artists])
    warm = np.empty_like(items)
    for which in dict.fromkeys(block.tolist()):
        own, others = np.flatnonzero(block == which), np.flatnonzero(block != which)
        users = half_step(sparse.csr_array(setting.train[:, others]), items[others])
        warm[own] = _tracks(sparse.csr_array(setting.train[:, own]), users)
    return unit_norm(warm), unit_norm(truth)


def _tracks(plays: sparse.csr_array, users: np.ndarray) -> np.ndarray:
    return half_step(sparse.csr_array(plays.T), users)


def user_factors(setting: Setting, warm: np.ndarray) -> np.ndarray:
    """Factors of users, (n_users, n_factors): one half-step of the training plays on the warm targets.

    So they live in the space of what methods predict, and follow from a protocol's labels and the
    plays alone, without factorising again.
    """
    return half_step(setting.train, warm)


def _where(counts: sparse.csr_array, keep: np.ndarray) -> sparse.csr_array:
    out = sparse.csr_array(counts, copy=True)
    out.data = np.where(keep, out.data, 0)
    out.eliminate_zeros()
    return out

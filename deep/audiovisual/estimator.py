"""A pairing as an estimator: sounds and their videos in, how well any two fit out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import nn

from deep.audiovisual.pairing import Localising, Pairing
from deep.audiovisual.seconds import (
    IN_SHAPE,
    RATE,
    SECOND_S,
    around,
    as_tensor,
    covering,
    frame_of,
    pictures_from,
    pictures_of,
    sounds_from,
    whole,
)
from deep.audiovisual.views import apart, changed
from deep.nets.small_picture import SmallPicture
from deep.representation.budget import recordings_of
from deep.representation.learner import Learner
from deep.representation.pretext import CLIP
from deep.tracks.batches import Patches
from mirbench.errors import MethodError
from mirbench.items import Item, as_items
from mirbench.video import VideoItem

MAPS_HZ = 5.0
"""Maps a second that a sound is located by."""


class AudioVisual(Learner):
    """The shared encoders trained to tell which sound and pictures are of one second.

    Parameters are `Learner`'s, with ``task(sound_encoder, picture_encoder, **task_args) -> Pairing``. A
    step takes a random second of as many recordings as fit the batch, each once, so that false pairs are
    of different recordings.
    """

    task_: Pairing

    def fit(self, X: np.ndarray, y: np.ndarray) -> AudioVisual:
        """Train on sounds and their videos, whose pictures are kept in memory meanwhile (70 kB a second).

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        y : ndarray of VideoItem, shape (n,)

        Raises
        ------
        MethodError
            Fewer than two videos, an item without a frame, a loss that isn't finite.
        DataError
            A video can't be read.
        """
        owners = recording_of(y)
        if len(np.unique(owners)) < 2:
            raise MethodError(f"{len(np.unique(owners))} videos to learn from; give two or more")
        common_s = np.array([min(x.duration_s, v.duration_s) for x, v in zip(X, y, strict=True)])
        videos = [pictures_of(video) for video in y]
        self.learn(
            recordings_of(self.extract, X),
            self._pairing,
            partial(self._steps, videos=videos, owners=owners, common_s=common_s),
            lambda task: task,
        )
        return self

    def match(self, X: np.ndarray, V: np.ndarray) -> np.ndarray:
        """How well each sound fits each video, (len(X), len(V)); greater is better.

        The mean score of the seconds that both have, each second of sound against the pictures of the
        same second: pairs as they are in training.
        """
        check_is_fitted(self)
        seen = self._seen(V)
        out = np.empty((len(X), len(V)))
        for i, sound in enumerate(self._heard(X)):
            for j, scores in enumerate(self._scores(sound, seen)):
                out[i, j] = np.diagonal(scores).mean()
        return out

    def match_seconds(self, item: Item, V: Sequence[VideoItem] | np.ndarray) -> list[np.ndarray]:
        """How well each second of one sound fits each second of each video.

        Parameters
        ----------
        item : Item
        V : sequence of VideoItem

        Returns
        -------
        list of ndarray of shape (ceil(sound), floor(video)), seconds
            The last second of the sound ends with it; one row and one column at the least.
        """
        check_is_fitted(self)
        [sound] = self._heard(as_items([item]))
        return self._scores(sound, self._seen(V))

    def _pairing(self, sound: nn.Module, in_shape: tuple[int, int, int]) -> nn.Module:
        return self.task(sound, SmallPicture(IN_SHAPE, self.n_outputs), **(self.task_args or {}))

    def _steps(
        self,
        task: Pairing,
        patches: Patches,
        seed: int,
        videos: Sequence[np.ndarray],
        owners: np.ndarray,
        common_s: np.ndarray,
    ) -> Iterator[float]:
        """Losses, step by step."""
        rng = np.random.default_rng(seed)
        optimiser = torch.optim.Adam(task.parameters(), lr=self.lr)
        device = patches.frames.device
        for step, clips in enumerate(self._clips(owners, rng)):
            self.anneal([optimiser], step / self.steps)
            last = (np.maximum(common_s[clips] - SECOND_S, 0.0) * RATE).astype(int)
            starts = rng.integers(0, last + 1) / RATE  # where a picture begins
            first = patches.first[clips] + np.minimum(frame_of(starts), patches.room[clips])
            pictures = [pictures_from(videos[c], starts[i : i + 1]) for i, c in enumerate(clips)]
            seen = apart(changed(as_tensor(np.concatenate(pictures)).to(device)))
            optimiser.zero_grad()
            loss = task.loss(patches.at(first), seen)
            loss.backward()
            nn.utils.clip_grad_norm_(task.parameters(), CLIP)
            optimiser.step()
            yield float(loss.detach())

    def _clips(self, owners: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """As many batches of clips as steps; no recording twice in a batch."""
        own = [np.flatnonzero(owners == k) for k in range(owners.max() + 1)]
        size = min(max(2, self.batch_size), len(own))
        waiting: list[int] = []
        for _ in range(self.steps):
            if len(waiting) < size:  # what is left of an epoch goes into no batch
                waiting = rng.permutation(len(own)).tolist()
            batch, waiting = waiting[:size], waiting[size:]
            yield np.array([rng.choice(own[k]) for k in batch])

    def _standard(self, sounds: np.ndarray) -> torch.Tensor:
        return self._there(torch.from_numpy((sounds - self.mean_) / self.scale_))

    def _shown(self, pictures: np.ndarray) -> torch.Tensor:
        return apart(self._there(as_tensor(pictures)))

    def _there(self, x: torch.Tensor) -> torch.Tensor:
        return x.to(next(self.task_.parameters()).device)

    @torch.no_grad()
    def _heard(self, X: np.ndarray) -> list[torch.Tensor]:
        """What the pairing makes of the seconds of each sound."""
        pairs = zip(recordings_of(self.extract, X), X, strict=True)
        rows = (sounds_from(logmel, covering(item.duration_s)) for logmel, item in pairs)
        return [self.task_.hear(self._standard(sounds)) for sounds in rows]

    @torch.no_grad()
    def _seen(self, V: Sequence[VideoItem] | np.ndarray) -> list[torch.Tensor]:
        """What the pairing makes of the seconds of each video."""
        rows = (pictures_from(pictures_of(video), whole(video.duration_s)) for video in V)
        return [self.task_.see(self._shown(pictures)) for pictures in rows]

    @torch.no_grad()
    def _scores(self, heard: torch.Tensor, seen: list[torch.Tensor]) -> list[np.ndarray]:
        """Scores of the seconds of a sound with those of each video."""
        return [self.task_.scores(heard, pictures).cpu().numpy() for pictures in seen]


class Localiser(AudioVisual):
    """`AudioVisual` of a pairing that knows the places of a picture."""

    task_: Localising

    @torch.no_grad()
    def localise(self, X: np.ndarray, V: np.ndarray) -> list[np.ndarray]:
        """Where in its video each sound comes from; greater is likelier.

        Parameters
        ----------
        X : ndarray of Item, shape (n,)
        V : ndarray of VideoItem, shape (n,)
            The video of each sound.

        Returns
        -------
        list of ndarray, shape (n_frames, 12, 12)
            Of equal parts of a video, `MAPS_HZ` a second, each by the second of sound around its middle.
        """
        check_is_fitted(self)
        maps = []
        for logmel, video in zip(recordings_of(self.extract, X), V, strict=True):
            starts = around(video.duration_s, MAPS_HZ)
            seen = self._shown(pictures_from(pictures_of(video), starts))
            heard = self.task_.hear(self._standard(sounds_from(logmel, starts)))
            maps.append(self.task_.similarity(heard, seen).cpu().numpy())
        return maps


def recording_of(videos: np.ndarray) -> np.ndarray:
    """A number a video: parts of one file (``#t=start,end``) have the same."""
    files = [video.path.partition("#t=")[0] for video in videos]
    return np.unique(np.array(files, dtype=str), return_inverse=True)[1]

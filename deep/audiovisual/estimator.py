"""A pairing as an estimator: sounds and their videos in, how well any two fit out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from deep.audiovisual.pairing import Localising, Pairing
from deep.audiovisual.seconds import (
    SECOND_S,
    SIZE,
    WINDOW,
    as_tensor,
    draw,
    evenly,
    nearest,
    picture_seconds,
    pictures_of,
    sound_seconds,
    window,
)
from deep.dataset import band_statistics
from deep.modules import pick_device
from deep.nets.architecture import n_parameters
from deep.nets.small_encoder import SmallEncoder
from deep.nets.small_picture import SmallPicture
from deep.representation.budget import BATCH, EMBEDDING, LR, STEPS, log_mel, recordings_of
from deep.representation.pretext import CLIP
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.items import Item, as_items
from mirbench.video import VideoItem

REPORT = 20
"""Steps that a row of ``history_`` is the mean of."""


class AudioVisual(BaseEstimator):
    """The shared encoders trained to tell which sound and picture are of one instant.

    A step takes a random second of as many recordings as fit the batch, each once, so that false pairs are
    of different recordings. Nothing is held out: the last weights are kept. Torch's global random state
    isn't touched.

    Parameters
    ----------
    pairing : callable
        ``pairing(sound_encoder, picture_encoder, **pairing_args) -> Pairing``.
    pairing_args : mapping, optional
    extract : Extract, optional
        Gives (n_frames, bins) for an item; `deep.representation.budget.log_mel` by default.
    steps, batch_size, n_outputs : int
    lr : float
    random_state : int, RandomState or None
        Weights, and which seconds a step takes.
    device : str
        A torch device, or "auto".

    Attributes
    ----------
    pairing_ : Pairing
        In evaluation mode.
    mean_, scale_ : ndarray of float32, shape (1, 1, bins)
    history_ : list of dict
        ``epoch`` (a number of 20 steps) and ``train_loss``.
    n_params_ : int
    """

    def __init__(
        self,
        pairing: Callable[..., Pairing],
        pairing_args: Mapping[str, Any] | None = None,
        extract: Extract | None = None,
        steps: int = STEPS,
        batch_size: int = BATCH,
        n_outputs: int = EMBEDDING,
        lr: float = LR,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.pairing = pairing
        self.pairing_args = pairing_args
        self.extract = extract
        self.steps = steps
        self.batch_size = batch_size
        self.n_outputs = n_outputs
        self.lr = lr
        self.random_state = random_state
        self.device = device

    def fit(self, X: np.ndarray, y: np.ndarray) -> AudioVisual:
        """Train on sounds and their videos.

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
        logmels = self._logmels(X)
        videos = [pictures_of(video) for video in y]
        common = np.array([min(x.duration_s, v.duration_s) for x, v in zip(X, y, strict=True)])
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rng = np.random.default_rng(seed)
        self.mean_, self.scale_ = band_statistics(logmels)
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            sound = SmallEncoder((1, WINDOW, logmels[0].shape[2]), self.n_outputs)
            picture = SmallPicture((3, *SIZE), self.n_outputs)
            self.pairing_ = self.pairing(sound, picture, **(self.pairing_args or {}))
            self.pairing_.to(pick_device(self.device))
            batches = (
                draw(logmels, videos, clips, common, rng) for clips in self._clips(owners, rng)
            )
            losses = list(self._train(batches))
        self.pairing_.eval()
        means = [np.mean(losses[i : i + REPORT]) for i in range(0, len(losses), REPORT)]
        self.history_ = [{"epoch": i + 1, "train_loss": float(m)} for i, m in enumerate(means)]
        self.n_params_ = n_parameters(self.pairing_)
        return self

    def match(self, X: np.ndarray, V: np.ndarray) -> np.ndarray:
        """How well each sound fits each video, (len(X), len(V)); greater is better.

        The mean score of the seconds that both have, each second of sound against the picture of the
        same second: pairs as they are in training.
        """
        check_is_fitted(self)
        heard, seen = self._heard(X), self._seen(V)
        out = np.empty((len(X), len(V)))
        for i, sound in enumerate(heard):
            for j, scores in enumerate(self._scores(sound, seen)):
                out[i, j] = np.diagonal(scores).mean()
        return out

    def match_seconds(self, item: Item, V: np.ndarray) -> list[np.ndarray]:
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

    def _train(self, batches: Iterator[tuple[np.ndarray, np.ndarray]]) -> Iterator[float]:
        """Losses, step by step."""
        task = self.pairing_.train()
        optimiser = torch.optim.Adam(task.parameters(), lr=self.lr)
        for step, (sounds, pictures) in enumerate(batches):
            optimiser.param_groups[0]["lr"] = self.lr * (1 + np.cos(np.pi * step / self.steps)) / 2
            optimiser.zero_grad()
            loss = task.loss(self._standard(sounds), self._there(as_tensor(pictures)))
            if not torch.isfinite(loss):
                raise MethodError(f"the loss is not finite in step {step}: lower lr ({self.lr})")
            loss.backward()
            torch.nn.utils.clip_grad_norm_(task.parameters(), CLIP)
            optimiser.step()
            yield float(loss.detach())

    def _clips(self, owners: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """As many batches of clips as steps; no video twice in a batch."""
        own = [np.flatnonzero(owners == k) for k in range(owners.max() + 1)]
        size = min(max(2, self.batch_size), len(own))
        waiting: list[int] = []
        for _ in range(self.steps):
            if len(waiting) < size:  # what is left of an epoch goes into no batch
                waiting = rng.permutation(len(own)).tolist()
            batch, waiting = waiting[:size], waiting[size:]
            yield np.array([rng.choice(own[k]) for k in batch])

    def _logmels(self, X: np.ndarray) -> Sequence[np.ndarray]:
        return recordings_of(self.extract or log_mel(), X)

    def _there(self, x: torch.Tensor) -> torch.Tensor:
        return x.to(next(self.pairing_.parameters()).device)

    def _standard(self, sounds: np.ndarray) -> torch.Tensor:
        return self._there(torch.from_numpy((sounds - self.mean_) / self.scale_))

    @torch.no_grad()
    def _heard(self, X: np.ndarray) -> list[torch.Tensor]:
        """What the pairing makes of the seconds of each sound."""
        pairs = zip(self._logmels(X), X, strict=True)
        rows = (sound_seconds(logmel, item.duration_s) for logmel, item in pairs)
        return [self.pairing_.hear(self._standard(sounds)) for sounds in rows]

    @torch.no_grad()
    def _seen(self, V: Sequence[VideoItem] | np.ndarray) -> list[torch.Tensor]:
        """What the pairing makes of the pictures of each video's seconds."""
        rows = (picture_seconds(*pictures_of(video), video.duration_s) for video in V)
        return [self.pairing_.see(self._there(as_tensor(pictures))) for pictures in rows]

    @torch.no_grad()
    def _scores(self, heard: torch.Tensor, seen: list[torch.Tensor]) -> list[np.ndarray]:
        """Scores of the seconds of a sound with those of each video."""
        return [self.pairing_.scores(heard, pictures).cpu().numpy() for pictures in seen]


def recording_of(videos: np.ndarray) -> np.ndarray:
    """A number a video: parts of one file (``#t=start,end``) have the same."""
    files = [video.path.partition("#t=")[0] for video in videos]
    return np.unique(np.array(files, dtype=str), return_inverse=True)[1]


class Localiser(AudioVisual):
    """`AudioVisual` of a pairing that knows the places of a picture."""

    pairing_: Localising

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
        list of ndarray, shape (n_frames, 8, 8)
            Of pictures that divide a video evenly, two a second, each by the second of sound around it.
        """
        check_is_fitted(self)
        maps = []
        for logmel, video in zip(self._logmels(X), V, strict=True):
            middles = evenly(video.duration_s)
            sounds = np.stack([window(logmel, t - SECOND_S / 2) for t in middles])
            pictures, times_s = pictures_of(video)
            seen = self._there(as_tensor(pictures[nearest(times_s, middles)]))
            heard = self.pairing_.hear(self._standard(sounds))
            maps.append(self.pairing_.similarity(heard, seen).cpu().numpy())
        return maps

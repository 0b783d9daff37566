"""Instrument of an isolated note: five architectures on one front-end, trained in one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from deep.estimator import DeepClassifier
from deep.nets.note_tcn import PatchTCN
from deep.nets.rnn import RNN
from deep.nets.timbre import TimbreCNN
from deep.nets.transformer import Transformer
from deep.nets.vgg import VGG
from deep.note_augment import random_recording
from deep.note_inputs import SR, note_logmel
from mirbench.features import Extract

PATCH_FRAMES = 50  # one second


def cnn(epochs: int = 30, random_state: int = 0) -> DeepClassifier:
    """VGG-like CNN on the log-mel of a note.

    Blocks of 3x3 convolutions and pooling (16, 32, 48, 64 maps, after Simonyan and Zisserman 2015,
    `deep.nets.vgg`), a dense layer that sees all bands, mean and maximum over time: 69,345
    parameters at 17 classes.

    Front-end, patches and training are the same for all note methods, our choice: 80 mel bands
    (40-10000 Hz, 93-ms windows every 20 ms) from the onset on, relative to the loudest frame; one
    random second of the first two a note and epoch, as if played, recorded and cut elsewhere
    (`deep.note_augment`); AdamW along a cosine for ``epochs``, no early stopping: a held-out part
    of the databases at hand need not tell how another one will do. The answer is the mean over the
    seconds of a note. A fit on 1000 notes takes about half a minute of one core.

    Parameters
    ----------
    epochs : int
    random_state : int
    """
    return _on_notes(VGG, {}, 3e-3, epochs, random_state)


def timbre(epochs: int = 30, random_state: int = 0) -> DeepClassifier:
    """CNN with musically shaped filters, tall over frequency, on the log-mel of a note.

    Filters over 90, 50 and 20 % of the bands and over 1 and 5 frames of 40 ms, maximum over
    frequency (after Pons et al. 2016 and 2017, `deep.nets.timbre`), a convolution over time, mean
    and maximum over time: 34,025 parameters at 17 classes. The rest as `cnn`.

    Parameters
    ----------
    epochs : int
    random_state : int
    """
    return _on_notes(TimbreCNN, {}, 3e-3, epochs, random_state)


def tcn(units: int = 48, epochs: int = 30, random_state: int = 0) -> DeepClassifier:
    """Temporal convolutional network on the log-mel of a note.

    The causal network of Bai et al. 2018, kernel of 5 and 4 levels, behind two 3x3 blocks pooled
    over frequency, its logits averaged over frames (`deep.nets.note_tcn`): 120,425 parameters at
    17 classes. It sees all of a second. ``units`` 48 where they take 150, and AdamW without their
    clipping, for the budget. The rest as `cnn`.

    Parameters
    ----------
    units : int
        Channels of each block.
    epochs : int
    random_state : int
    """
    return _on_notes(PatchTCN, {"units": units, "widths": (8, 16)}, 3e-3, epochs, random_state)


def rnn(cell: str = "gru", epochs: int = 30, random_state: int = 0) -> DeepClassifier:
    """Recurrent net, both directions, on the log-mel of a note.

    Two 3x3 blocks pooled over frequency, a GRU (Cho et al. 2014) or LSTM (Hochreiter and
    Schmidhuber 1997) of 48 units each way, mean and maximum of its states (`deep.nets.rnn`):
    39,017 parameters at 17 classes with GRU. Only the cells are published; the net is ours. The
    rest as `cnn`.

    Parameters
    ----------
    cell : {"gru", "lstm"}
    epochs : int
    random_state : int
    """
    return _on_notes(RNN, {"cell": cell}, 3e-3, epochs, random_state)


def transformer(positions: bool = True, epochs: int = 30, random_state: int = 0) -> DeepClassifier:
    """Transformer encoder on the log-mel of a note.

    Two 3x3 blocks pooled over frequency, sin/cos positions, two layers of 64 units and 4 heads
    (after Vaswani et al. 2017, `deep.nets.transformer`), mean and maximum over frames: 78,857
    parameters at 17 classes. A third of the others' learning rate; the rest as `cnn`.

    Parameters
    ----------
    positions : bool
        Tell the encoder where a frame lies.
    epochs : int
    random_state : int
    """
    return _on_notes(Transformer, {"positions": positions}, 1e-3, epochs, random_state)


def _on_notes(
    net: Callable[..., nn.Module],
    net_args: dict[str, Any],
    lr: float,
    epochs: int,
    random_state: int,
) -> DeepClassifier:
    """One front-end, one augmentation, one training for all of them."""
    return DeepClassifier(
        Extract(note_logmel, sr=SR),
        net,
        net_args,
        patch_frames=PATCH_FRAMES,
        augment=random_recording,
        optimizer="adamw",
        lr=lr,
        weight_decay=1e-2,
        cosine=True,
        batch_size=16,
        max_epochs=epochs,
        validation=0,
        random_state=random_state,
    )


cnn.family = timbre.family = tcn.family = "deep"  # type: ignore[attr-defined]
rnn.family = transformer.family = "deep"  # type: ignore[attr-defined]
cnn.cite = "simonyan2015vgg"  # type: ignore[attr-defined]
timbre.cite = "pons2017timbre"  # type: ignore[attr-defined]
tcn.cite = "bai2018tcn"  # type: ignore[attr-defined]
rnn.cite = "cho2014gru"  # type: ignore[attr-defined]
transformer.cite = "vaswani2017attention"  # type: ignore[attr-defined]

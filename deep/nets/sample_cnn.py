"""SampleCNN: convolutions of three samples on the waveform."""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.vgg import BatchNorm
from mirbench.errors import MethodError

CHANNELS = (128, 128, 256, 256, 256, 256, 256, 256, 512)
"""Of the nine blocks that divide time by three, [1]_ table 1, the 3^9 model of 59,049 samples."""


class SampleCNN(nn.Module):
    """The 3^9 model of Lee et al. 2017.

    A convolution of three samples in strides of three; nine times convolution of three values,
    batch norm, ReLU, maximum of three; a convolution of one value; dropout; a dense layer. A
    waveform of 59,049 = 3^10 samples (2.68 s at 22.05 kHz) leaves one value a channel. A longer one
    leaves more, of which the mean is taken: our choice, the paper averages the answers of segments.

    Parameters
    ----------
    in_shape : tuple (1, samples, 1)
        59,049 samples or more.
    n_outputs : int
    width : float
        Scales all channels.
    dropout : float
        Before the last layer.

    Raises
    ------
    MethodError
        If the waveform is too short.

    References
    ----------
    .. [1] J. Lee, J. Park, K. L. Kim, J. Nam, "Sample-level deep convolutional neural networks for
       music auto-tagging using raw waveforms", SMC 2017, section 3 and table 1 (from memory).
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        shortest = 3 ** (len(CHANNELS) + 1)
        if in_shape[1] < shortest:
            raise MethodError(
                f"SampleCNN needs {shortest} samples, got {in_shape[1]}: use longer patches"
            )
        maps, *widths = (scaled(channels, width) for channels in (CHANNELS[0], *CHANNELS))
        blocks: list[nn.Module] = list(block(in_shape[0] * in_shape[2], maps, stride=3))
        for channels in widths:
            blocks += [*block(maps, channels, padding=1), nn.MaxPool1d(3)]
            maps = channels
        blocks += block(maps, maps, size=1)
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(maps, n_outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 1, samples, 1) -> (batch, n_outputs)."""
        return self.head(self.blocks(x.transpose(2, 3).flatten(1, 2)).mean(dim=2))


def block(
    channels: int, maps: int, size: int = 3, stride: int = 1, padding: int = 0
) -> tuple[nn.Module, ...]:
    """Convolution, batch norm, ReLU."""
    convolution = nn.Conv1d(channels, maps, size, stride=stride, padding=padding)
    return convolution, BatchNorm(maps), nn.ReLU()


ARCHITECTURES = (
    Architecture(
        "sample-cnn",
        SampleCNN,
        in_shape=(1, 59_049, 1),
        n_outputs=50,
        n_params=1_869_874,
        source="derived",
        free_choices=(
            "Shapes are from memory; without the 5,888 parameters of batch norm they give "
            "1,863,986, the paper prints 1.9 M.",
            "Batch norm after each convolution, also after the last; He-uniform initial weights "
            "as PyTorch has them.",
        ),
    ),
)

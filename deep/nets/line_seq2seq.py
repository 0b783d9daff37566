"""An encoder-decoder of lines, with attention or with one vector for the whole line.

Tokens are 0 to ``n_outputs - 1``; ``n_outputs`` is the end, ``n_outputs + 1`` the start.

References
----------
.. [1] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
   translation", EMNLP 2014, section 2.2: the summary of the input goes into every step.
.. [2] D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and
   translate", ICLR 2015, section 3.1.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.line_encoder import LineReader
from deep.nets.seq2seq import AdditiveAttention


class LineSeq2Seq(nn.Module):
    """A GRU in both directions reads; a GRU writes, token by token.

    ``p(y_t | y_<t, c_t)`` where the context ``c_t`` is the encoder's last states at every step [1]_ or,
    with ``attention``, the mean of its values weighted by ``softmax_i(v^T tanh(W s_{t-1} + U a_i))``
    [2]_. All else is the same.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
        Tokens besides start and end.
    attention : bool
    width : float
        Scales ``units``.
    units : int
        Of encoder (in each direction), decoder, tokens and attention.
    dropout : float
        Behind the stem and before the readout.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        attention: bool = True,
        width: float = 1.0,
        units: int = 64,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        units = scaled(units, width)
        self.end, self.start = n_outputs, n_outputs + 1
        self.reader = LineReader(channels, bins, units, dropout)
        self.initial = nn.Linear(2 * units, units)
        self.attention = AdditiveAttention(units, 2 * units, units) if attention else None
        self.tokens = nn.Embedding(n_outputs + 2, units)
        self.decoder = nn.GRUCell(3 * units, units)
        self.readout = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * units, n_outputs + 1))

    def encode(
        self, x: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Memory, its keys and the decoder's first state.

        Parameters
        ----------
        x : Tensor of shape (batch, channels, frames, bins)
        lengths : Tensor of int64, shape (batch,), optional
            Frames of each line; by default all.

        Returns
        -------
        memory : Tensor of shape (batch, steps, 2 units)
            One step where there is no attention.
        keys : Tensor of shape (batch, steps, units + 1)
            ``U a_i`` and, last, 1 where the step counts.
        state : Tensor of shape (batch, units)
        """
        values, mask, last = self.reader(x, lengths)
        state = torch.tanh(self.initial(last))
        if self.attention is None:
            return last[:, None], last[:, None, :1], state
        return values, torch.cat([self.attention.key(values), mask[:, :, None]], dim=2), state

    def step(
        self, memory: torch.Tensor, keys: torch.Tensor, state: torch.Tensor, token: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits of the next token (batch, n_outputs + 1), next state, weights of the memory's steps."""
        if self.attention is None:
            context, weights = memory[:, 0], torch.ones_like(memory[:, :, 0])
        else:
            context, weights = self.attention(state, memory, keys[:, :, :-1], keys[:, :, -1] > 0)
        said = self.tokens(token)
        state = self.decoder(torch.cat([said, context], dim=1), state)
        return self.readout(torch.cat([state, context, said], dim=1)), state, weights

    def barred(self, logits: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """The logits as they are: any token may come again."""
        return logits

    def taught(self, x: torch.Tensor, lengths: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: logits of each token given the true ones before it, (batch, length,
        n_outputs + 1); ``tokens`` (batch, length) end in ends."""
        memory, keys, state = self.encode(x, lengths)
        before = torch.full_like(tokens[:, 0], self.start)
        rows = []
        for i in range(tokens.shape[1]):
            logits, state, _ = self.step(memory, keys, state, before)
            rows.append(logits)
            before = tokens[:, i]
        return torch.stack(rows, dim=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs): logits of the first token."""
        start = torch.full((len(x),), self.start, device=x.device)
        return self.step(*self.encode(x), start)[0][:, : self.end]


CHOICES = (
    "A convolution, a layer norm and a GRU in both directions read; units; a linear readout.",
    "The forward pass says the first token only.",
)
ARCHITECTURES = (
    Architecture(
        "line-seq2seq",
        LineSeq2Seq,
        in_shape=(1, 100, 14),
        n_outputs=12,
        n_params=116_621,
        source="ours",
        args={"attention": False},
        free_choices=CHOICES,
    ),
    Architecture(
        "line-attention",
        LineSeq2Seq,
        in_shape=(1, 100, 14),
        n_outputs=12,
        n_params=129_037,
        source="ours",
        free_choices=CHOICES,
    ),
)

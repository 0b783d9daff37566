"""Encoder and decoder with additive attention: sound in, a sequence of tokens out.

Tokens are 0 to ``n_outputs - 1``; ``n_outputs`` is the end, ``n_outputs + 1`` the start.

References
----------
.. [1] D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and
   translate", ICLR 2015, section 3 and appendix A (initial state and readout from memory).
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.stem import FrameStem


class AdditiveAttention(nn.Module):
    """Weights ``softmax_t(v^T tanh(W s + U a_t))``, the context is the weighted sum of ``a_t`` [1]_.

    Parameters
    ----------
    state, memory : int
        Values of ``s`` and of each ``a_t``.
    hidden : int
        Rows of W and U.
    """

    def __init__(self, state: int, memory: int, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(state, hidden)
        self.key = nn.Linear(memory, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(
        self,
        state: torch.Tensor,
        memory: torch.Tensor,
        keys: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Context (batch, memory) and weights (batch, frames).

        Parameters
        ----------
        state : Tensor of shape (batch, state)
        memory : Tensor of shape (batch, frames, memory)
        keys : Tensor of shape (batch, frames, hidden)
            ``U a_t``, that is ``self.key(memory)``, the same at all steps.
        mask : Tensor of bool, shape (batch, frames), optional
            True where a frame counts.
        """
        scores = self.score(torch.tanh(self.query(state)[:, None] + keys))[:, :, 0]
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=1)
        return (weights[:, None] @ memory)[:, 0], weights


class Seq2Seq(nn.Module):
    """3x3 blocks and a GRU in both directions read, a GRU with additive attention writes.

    Attention and recurrence are published [1]_; the stem, the sizes and a linear readout of state,
    context and last token (instead of maxout) are ours.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
        Tokens besides start and end.
    width : float
        Scales ``units`` and ``widths``; 16 units at the least.
    units : int
        Of the decoder's state, of the encoder's in each direction, of tokens and of W and U.
    widths : tuple of int
        Maps of the 3x3 blocks.
    dropout : float
        Before each dense layer.
    input_pool : int
        Frames averaged before the first block.
    repeats : bool
        Whether a token may come twice. If not, one that was said has probability 0 afterwards:
        sets written as sequences.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        width: float = 1.0,
        units: int = 64,
        widths: tuple[int, ...] = (16, 32),
        dropout: float = 0.2,
        input_pool: int = 2,
        repeats: bool = True,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        units = max(min(units, 16), scaled(units, width))
        maps = [scaled(n, width) for n in widths]
        self.end, self.start, self.repeats = n_outputs, n_outputs + 1, repeats
        self.stem = FrameStem(channels, bins, maps, units, dropout, input_pool)
        self.encoder = nn.GRU(units, units, batch_first=True, bidirectional=True)
        self.initial = nn.Linear(units, units)
        self.attention = AdditiveAttention(units, 2 * units, units)
        self.tokens = nn.Embedding(n_outputs + 2, units)
        self.decoder = nn.GRUCell(3 * units, units)
        self.readout = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * units, n_outputs + 1))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Memory, its keys and the decoder's first state, from the backward GRU's last.

        Parameters
        ----------
        x : Tensor of shape (batch, channels, frames, bins)

        Returns
        -------
        memory : Tensor of shape (batch, ceil(frames / input_pool), 2 units)
        keys : Tensor of shape (batch, ceil(frames / input_pool), units)
        state : Tensor of shape (batch, units)
        """
        memory, last = self.encoder(self.stem(x).transpose(1, 2))
        return memory, self.attention.key(memory), torch.tanh(self.initial(last[1]))

    def step(
        self, memory: torch.Tensor, keys: torch.Tensor, state: torch.Tensor, token: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits of the next token (batch, n_outputs + 1), next state, weights of frames."""
        context, weights = self.attention(state, memory, keys)
        said = self.tokens(token)
        state = self.decoder(torch.cat([said, context], dim=1), state)
        return self.readout(torch.cat([state, context, said], dim=1)), state, weights

    def barred(self, logits: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """Logits without what can't come: tokens said before (batch, n), unless they may repeat."""
        if self.repeats or said.shape[1] == 0:
            return logits
        spent = torch.zeros_like(logits, dtype=torch.bool).scatter(1, said, True)
        spent[:, self.end] = False
        return logits.masked_fill(spent, -torch.inf)

    def taught(self, x: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: logits of each token, given the true ones before it.

        Parameters
        ----------
        x : Tensor of shape (batch, channels, frames, bins)
        tokens : Tensor of int64, shape (batch, length)
            True sequences; whatever stands behind an end is to be filled with ends.

        Returns
        -------
        Tensor, shape (batch, length, n_outputs + 1)
        """
        memory, keys, state = self.encode(x)
        before = torch.full_like(tokens[:, 0], self.start)
        rows = []
        for i in range(tokens.shape[1]):
            logits, state, _ = self.step(memory, keys, state, before)
            rows.append(self.barred(logits, tokens[:, :i]))
            before = tokens[:, i]
        return torch.stack(rows, dim=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs): logits of the first token."""
        memory, keys, state = self.encode(x)
        start = torch.full((len(x),), self.start, device=x.device)
        return self.step(memory, keys, state, start)[0][:, : self.end]


ARCHITECTURES = (
    Architecture(
        "seq2seq",
        Seq2Seq,
        in_shape=(1, 187, 96),
        n_outputs=50,
        n_params=157_923,
        source="ours",
        free_choices=("Stem, units, linear readout; the forward pass says the first token only.",),
    ),
)

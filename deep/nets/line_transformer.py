"""The Transformer of Vaswani et al. 2017, encoder and decoder, on lines.

Tokens are 0 to ``n_outputs - 1``; ``n_outputs`` is the end, ``n_outputs + 1`` the start.

References
----------
.. [1] A. Vaswani et al., "Attention is all you need", NeurIPS 2017, sections 3.1 to 3.5.
"""

from __future__ import annotations

import torch
from torch import nn

from deep.nets.architecture import Architecture, scaled
from deep.nets.line_encoder import LineStem
from deep.nets.transformer import sinusoids


class LineTransformer(nn.Module):
    """Self-attention reads, masked self-attention and attention to what was read write.

    Layer norm before each sub-layer instead of after it, which needs no long warm-up: our choice.

    Parameters
    ----------
    in_shape : tuple (channels, frames, bins)
        ``frames`` is not used.
    n_outputs : int
        Tokens besides start and end.
    positions : bool
        Add `sinusoids` to frames and to tokens; without them the encoder can't tell the order of
        frames beyond the five that its convolution sees.
    width : float
        Scales ``units``, to a multiple of ``2 heads``.
    units, heads, layers : int
    dropout : float
        Behind the stem; a quarter of it within the layers.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        n_outputs: int,
        positions: bool = True,
        width: float = 1.0,
        units: int = 64,
        heads: int = 4,
        layers: int = 2,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        channels, _, bins = in_shape
        units = 2 * heads * max(1, round(scaled(units, width) / (2 * heads)))
        self.end, self.start, self.positions, self.units = (
            n_outputs,
            n_outputs + 1,
            positions,
            units,
        )
        self.stem = LineStem(channels, bins, units, dropout)
        sizes = (units, heads, 2 * units, dropout / 4)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(*sizes, batch_first=True, norm_first=True),
            layers,
            norm=nn.LayerNorm(units),
            enable_nested_tensor=False,
        )
        self.tokens = nn.Embedding(n_outputs + 2, units)
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(*sizes, batch_first=True, norm_first=True),
            layers,
            norm=nn.LayerNorm(units),
        )
        self.readout = nn.Linear(units, n_outputs + 1)

    def placed(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows (batch, n, units) with their positions added, or as they are."""
        return rows + sinusoids(*rows.shape[1:]).to(rows) if self.positions else rows

    def encode(
        self, x: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Memory (batch, steps, units), 1 where its steps count (batch, steps, 1), and the tokens
        written so far: none, int64 (batch, 0).

        ``lengths``, int64 of shape (batch,), are frames of each line; by default all.
        """
        rows, mask = self.stem(x, lengths)
        memory = self.encoder(self.placed(rows), src_key_padding_mask=~mask)
        none = torch.zeros((len(x), 0), dtype=torch.int64, device=x.device)
        return memory, mask[:, :, None].to(rows), none

    def decode(
        self, memory: torch.Tensor, mask: torch.Tensor, before: torch.Tensor
    ) -> torch.Tensor:
        """Logits of the token behind each of ``before`` (batch, length)."""
        n = before.shape[1]
        ahead = torch.ones((n, n), dtype=torch.bool, device=before.device).triu(1)
        rows = self.placed(self.tokens(before) * self.units**0.5)
        rows = self.decoder(
            rows, memory, tgt_mask=ahead, memory_key_padding_mask=~mask, tgt_is_causal=True
        )
        return self.readout(rows)

    def step(
        self, memory: torch.Tensor, keys: torch.Tensor, state: torch.Tensor, token: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, None]:
        """Logits of the next token (batch, n_outputs + 1), all tokens before it, and nothing."""
        state = torch.cat([state, token[:, None]], dim=1)
        return self.decode(memory, keys[:, :, 0] > 0, state)[:, -1], state, None

    def barred(self, logits: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """The logits as they are: any token may come again."""
        return logits

    def taught(self, x: torch.Tensor, lengths: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: logits of each token given the true ones before it, (batch, length,
        n_outputs + 1); ``tokens`` (batch, length) end in ends."""
        memory, keys, _ = self.encode(x, lengths)
        start = torch.full_like(tokens[:, :1], self.start)
        return self.decode(memory, keys[:, :, 0] > 0, torch.cat([start, tokens[:, :-1]], dim=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, frames, bins) -> (batch, n_outputs): logits of the first token."""
        start = torch.full((len(x),), self.start, device=x.device)
        return self.step(*self.encode(x), start)[0][:, : self.end]


ARCHITECTURES = (
    Architecture(
        "line-transformer",
        LineTransformer,
        in_shape=(1, 100, 14),
        n_outputs=12,
        n_params=174_093,
        source="ours",
        free_choices=(
            "A convolution before the encoder; units, heads, layers; layer norm before each "
            "sub-layer; the forward pass says the first token only.",
        ),
    ),
)

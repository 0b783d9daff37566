"""What an encoder-decoder says by itself: token by token, or the best of several at once."""

from __future__ import annotations

import torch

from deep.nets.seq2seq import Seq2Seq
from mirbench.errors import MethodError


def greedy(net: Seq2Seq, x: torch.Tensor, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The likeliest token at each step, until the end.

    Parameters
    ----------
    net : Seq2Seq
        In evaluation.
    x : Tensor of shape (batch, channels, frames, bins)
    longest : int
        Tokens at most, without the end.

    Returns
    -------
    tokens : Tensor of int64, shape (batch, steps)
        Ends from the first end on; no more than ``longest`` steps.
    probabilities : Tensor, shape (batch, steps, n_outputs + 1)
        Of all tokens at each step; behind the end, of the end alone.
    """
    memory, keys, state = net.encode(x)
    said = torch.zeros((len(x), 0), dtype=torch.int64, device=x.device)
    before = torch.full((len(x),), net.start, device=x.device)
    rows: list[torch.Tensor] = []
    for _ in range(longest):
        logits, state, _ = net.step(memory, keys, state, before)
        row = torch.softmax(net.barred(logits, said), dim=1)
        over = before == net.end
        row[over] = torch.nn.functional.one_hot(before[over], row.shape[1]).to(row)
        before = row.argmax(dim=1)
        rows.append(row)
        said = torch.cat([said, before[:, None]], dim=1)
        if (before == net.end).all():
            break
    return said, torch.stack(rows, dim=1)


def beam(
    net: Seq2Seq, x: torch.Tensor, longest: int, width: int = 4
) -> list[tuple[list[int], float]]:
    """The likeliest sequences of one item, the best first.

    At each step the ``width`` likeliest continuations of all unfinished sequences are kept. No
    correction for length: with all sequences in the beam the first is the likeliest there is.

    Parameters
    ----------
    net : Seq2Seq
        In evaluation.
    x : Tensor of shape (1, channels, frames, bins)
    longest : int
        Tokens at most, without the end, which is certain after them.
    width : int

    Returns
    -------
    list of (tokens without the end, log probability in nats)
        ``width`` at most.

    Raises
    ------
    MethodError
        If there is more than one item, or ``width`` is less than one.
    """
    if len(x) != 1 or width < 1:
        raise MethodError(f"a beam of {width} for {len(x)} items: give one item, a width from 1 on")
    memory, keys, state = net.encode(x)
    said = torch.zeros((1, 0), dtype=torch.int64, device=x.device)
    before = torch.full((1,), net.start, device=x.device)
    scores = torch.zeros(1, device=x.device)
    ended: list[tuple[list[int], float]] = []
    for _ in range(longest):
        n = len(said)
        logits, state, _ = net.step(memory.expand(n, -1, -1), keys.expand(n, -1, -1), state, before)
        rows = scores[:, None] + torch.log_softmax(net.barred(logits, said), dim=1)
        best, where = rows.flatten().topk(min(width, rows.numel()))
        best, where = best[best > -torch.inf], where[best > -torch.inf]
        parent, token = where // rows.shape[1], where % rows.shape[1]
        stops = token == net.end
        ended += [(said[p].tolist(), float(s)) for p, s in zip(parent[stops], best[stops])]
        parent, before, scores = parent[~stops], token[~stops], best[~stops]
        said = torch.cat([said[parent], before[:, None]], dim=1)
        state = state[parent]
        ended.sort(key=lambda pair: -pair[1])
        if not len(said) or (len(ended) >= width and ended[width - 1][1] >= float(scores[0])):
            return ended[:width]
    ended += [(row.tolist(), float(s)) for row, s in zip(said, scores)]
    return sorted(ended, key=lambda pair: -pair[1])[:width]

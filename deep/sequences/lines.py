"""Nets that write lines of notes, as methods: one size, one budget, one way of training for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from baselines.sequences.frames import SR, note_frames
from deep.nets.line_ctc import LineCTC
from deep.nets.line_seq2seq import LineSeq2Seq
from deep.nets.line_transformer import LineTransformer
from deep.sequences.line_writer import LineWriter
from mirbench.features import Extract

STEPS, BATCH = 1200, 16
"""Of all of them: about a minute of one core on four corpora of tunes."""


def seq2seq_line(
    width: float = 1.0, steps: int = STEPS, beam: int = 1, random_state: int = 0
) -> LineWriter:
    """Encoder-decoder without attention: one vector for the whole line.

    After Cho et al. 2014: a GRU in both directions reads chroma and level, its last states go into every
    step of a GRU that writes the notes and an end. What a line of any length has to fit into is 128
    numbers. Front-end, sizes and training (1200 steps of 16 lines, transposed at random, short ones at
    first) are our choice.

    Parameters
    ----------
    width : float
        Of the net; 1 has 64 units.
    steps : int
        Of training.
    beam : int
        Sequences that are followed at once; 1 takes the likeliest note at each step.
    random_state : int
    """
    return _writer(LineSeq2Seq, {"attention": False, "width": width}, steps, beam, random_state)


def attention_line(
    width: float = 1.0, steps: int = STEPS, beam: int = 1, random_state: int = 0
) -> LineWriter:
    """Encoder-decoder with additive attention.

    The attention of Bahdanau et al. 2015 in the net of `seq2seq-line`, all else being the same: at each
    note the decoder weighs what was read, frame by frame.

    Parameters
    ----------
    width : float
    steps : int
    beam : int
    random_state : int
        As in `seq2seq-line`.
    """
    return _writer(LineSeq2Seq, {"attention": True, "width": width}, steps, beam, random_state)


def transformer_line(
    pe: bool = True,
    width: float = 1.0,
    steps: int = STEPS,
    beam: int = 1,
    random_state: int = 0,
) -> LineWriter:
    """Transformer, encoder and decoder, with sine and cosine positions.

    Vaswani et al. 2017 with two layers each and layer norm before each sub-layer, behind the convolution
    of `seq2seq-line`; taught as that is.

    Parameters
    ----------
    pe : bool
        Whether positions are added to frames and to notes. Without them the encoder can't tell the order
        of frames beyond the five that its convolution sees.
    width : float
    steps : int
    beam : int
    random_state : int
        As in `seq2seq-line`.
    """
    net_args = {"positions": pe, "width": width}
    return _writer(LineTransformer, net_args, steps, beam, random_state)


def ctc_line(width: float = 1.0, steps: int = STEPS, random_state: int = 0) -> LineWriter:
    """A note or nothing at each frame: connectionist temporal classification.

    The encoder of `seq2seq-line` under the loss of Graves et al. 2006; the likeliest output of each
    frame, runs joined and blanks left out. It writes in the order in which it hears by construction.

    Parameters
    ----------
    width : float
    steps : int
    random_state : int
        As in `seq2seq-line`.
    """
    return _writer(LineCTC, {"width": width}, steps, 1, random_state)


def _writer(
    net: Callable[..., nn.Module],
    net_args: Mapping[str, Any],
    steps: int,
    beam: int,
    random_state: int,
) -> LineWriter:
    return LineWriter(
        Extract(note_frames, sr=SR),
        net,
        net_args,
        steps=steps,
        batch_size=BATCH,
        beam=beam,
        random_state=random_state,
    )


seq2seq_line.family = attention_line.family = "deep"  # type: ignore[attr-defined]
transformer_line.family = ctc_line.family = "deep"  # type: ignore[attr-defined]
seq2seq_line.cite = "cho2014gru"  # type: ignore[attr-defined]
attention_line.cite = "bahdanau2015neural"  # type: ignore[attr-defined]
transformer_line.cite = "vaswani2017attention"  # type: ignore[attr-defined]
ctc_line.cite = "graves2006ctc"  # type: ignore[attr-defined]

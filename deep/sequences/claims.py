"""What is claimed of encoder-decoders, attention (Bahdanau et al. 2015, section 5) and positions."""

from __future__ import annotations

from mirbench.boards.claims import Claim

LINES, BAG = "sequence/embedded", "tags/embedded"
GROWTH = "token error rate, long minus short"
PRIOR = "prior-line"
READERS = ("hmm-line", "seq2seq-line", "attention-line", "transformer-line", "ctc-line")
MARGIN = 2.0
"""Points within which two figures are taken for equal (our choice)."""

CLAIMS = {
    LINES: (
        *(Claim(f"{name}: token error below the majority's", name, PRIOR) for name in READERS),
        Claim("error of the plain encoder-decoder grows with length", "seq2seq-line", "", GROWTH),
        Claim("attention: less error at the same size", "attention-line", "seq2seq-line"),
        Claim("attention: its gain grows with length", "attention-line", "seq2seq-line", GROWTH),
        Claim("positions: without them a Transformer errs more", "transformer-line", "transformer-line:pe=False"),
        Claim("a beam of 4 isn't worse than the likeliest note", "attention-line:beam=4", "attention-line", slack=MARGIN),
    ),
    BAG: (
        Claim("positions: tags don't need them", "transformer-bag:positions=False", "transformer-bag", slack=MARGIN),
    ),
}  # fmt: skip
"""Comparisons of rows, by protocol."""

"""The order of Prétet, Richard & Peeters (2020), on embedded catalogues: ``python -m deep.similarity``.

Each claim is a difference with its 95 % interval by artist over all catalogues, and the number of
catalogues (seeds of the generator) in which it has the claim's sign.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.text import markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records

PROTOCOL = "similarity/embedded"
METRICS = ("MAP@20", "recall@20", "RR@20", "nDCG@20")
TAGGER = "tagger-similarity"
NEIGHBORS, RANDOM, DISTANCE, AUTOPOOL = (
    f"triplet-{name}" for name in ("neighbors", "random", "distance", "autopool")
)
MARGIN = 1.0
"""Points of nDCG within which two rows are held to be tied (the paper's differ by 0.1)."""

CLAIMS = (
    *(Claim(f"{row} above the tagger", row, TAGGER, metric) for row in (NEIGHBORS, RANDOM, DISTANCE, AUTOPOOL) for metric in METRICS),
    *(Claim(f"distance-based above {other}", DISTANCE, other, metric) for other in (RANDOM, NEIGHBORS) for metric in METRICS),
    Claim("random above neighbours on recall", RANDOM, NEIGHBORS, "recall@20"),
    Claim("random and neighbours tied on nDCG (within 1 point)", RANDOM, NEIGHBORS, "nDCG@20", MARGIN),
    Claim("neighbours above random on MAP", NEIGHBORS, RANDOM, "MAP@20"),
    Claim("neighbours above random on RR", NEIGHBORS, RANDOM, "RR@20"),
    *(Claim("autopool adds to distance-based", AUTOPOOL, DISTANCE, metric) for metric in METRICS),
    *(Claim(f"autopool above {pooling} pooling", AUTOPOOL, f"{DISTANCE}:pooling={pooling}", "MAP@20") for pooling in ("max", "softmax", "attention")),
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(prog="python -m deep.similarity", description=__doc__)
    parser.add_argument("records", nargs="?", default="leaderboards/records", type=Path)
    folder = parser.parse_args(arguments).records
    protocol = load_protocol(PROTOCOL)
    judge = Judge(load_records(folder, protocol=PROTOCOL), protocol)
    print(markdown_table(claims_table(judge, CLAIMS)))


if __name__ == "__main__":
    main()

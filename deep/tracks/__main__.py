"""What the course says of tracks, on the committed records: ``python -m deep.tracks``.

Rhythm: the order of Pons, Lidy and Serra (2016), on embedded corpora, each a seed of one generator.
Tags: a net and a hand-crafted system against the tags' prevalence. Genre: what folds that share
tracks or artists add, on embedded genres and on real clips. Differences have 95 % intervals by band,
artist or song.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.sensitivity import sensitivity
from mirbench.boards.text import folded, markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records

TIME, FREQUENCY, BLACK_BOX = (f"pons2016:net={net}" for net in ("time", "frequency", "black-box"))
BOTH, STARTED = "pons2016", "pons2016:net=time-frequency-init"
CLAIMS = {
    "rhythm/embedded": (
        Claim("filters over time above filters over frequency", TIME, FREQUENCY),
        Claim("filters over time and frequency above filters over frequency", BOTH, FREQUENCY),
        Claim("filters over time and frequency above filters over time", BOTH, TIME),
        Claim("started from the trained branches above started at random", STARTED, BOTH),
        Claim("black box above filters over time", BLACK_BOX, TIME),
        Claim("scale transform above tempo alone", "scale-transform", "tempo-knn"),
    ),
    "tags/embedded": (
        Claim("a hand-crafted system above prevalence", "mfcc-lr", "track-prior"),
        Claim("a net above prevalence", "short-chunk-cnn", "track-prior"),
    ),
}
SPLIT = ("genre/mini", "genre/styles")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print claims and sensitivities."""
    parser = argparse.ArgumentParser(prog="python -m deep.tracks", description=__doc__)
    parser.add_argument("records", nargs="?", default="leaderboards/records", type=Path)
    folder = parser.parse_args(arguments).records
    for name in (*CLAIMS, *SPLIT):
        protocol = load_protocol(name)
        judge = Judge(load_records(folder, protocol=name), protocol)
        if not judge.methods:
            print(f"\n{name}: no records under {folder}")
            continue
        if name in CLAIMS:
            table = claims_table(judge, CLAIMS[name])
        else:
            table = folded(sensitivity(judge, protocol))
        print(f"\n{name} ({protocol.evidence})\n\n{markdown_table(table)}")


if __name__ == "__main__":
    main()

"""What bags of frames are said to do, on the corpora at hand: ``python -m baselines.similarity``.

Prints each claim with its figures, what the filters take away, and hubness with and without mutual
proximity; with ``--ceiling FILE`` draws R-precision over models of growing size.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from baselines.similarity.ceiling import ceiling, plot_ceiling
from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.looks import image
from mirbench.boards.ranking import filtered
from mirbench.boards.text import markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records

PROTOCOLS = ("similarity/albums", "similarity/genres", "similarity/mini-artists")
HUBNESS, ANTI_HUBS = "hubness (k=5)", "anti-hubs (k=5)"
PAIRS = ("mandel-ellis", "gaussian-js", "aucouturier-pachet-2002")
MARGIN = 5.0
"""Points of R-precision within which two systems are held to be alike; declared beforehand."""

CLAIMS = (
    Claim("one Gaussian as good as a mixture of 3 (within 5 points)", "mandel-ellis", "aucouturier-pachet-2002", "R-precision", MARGIN),
    Claim("two Gaussians' divergence better than the distance of means and deviations", "mandel-ellis", "mfcc-stats", "R-precision"),
    Claim("adding rhythm (G1C) better than timbre alone", "g1c", "mandel-ellis", "R-precision"),
    *(Claim(f"mutual proximity costs no accuracy, {name} (within 5 points)", f"{name}-mp", name, "R-precision", slack=MARGIN) for name in PAIRS),
    *(Claim(f"mutual proximity lowers hubness, {name}", f"{name}-mp", name, HUBNESS) for name in PAIRS),
    *(Claim(f"mutual proximity leaves fewer tracks unmet, {name}", f"{name}-mp", name, ANTI_HUBS) for name in PAIRS),
    Claim("adding rhythm (G1C) lowers hubness", "g1c", "mandel-ellis", HUBNESS),
)  # fmt: skip
"""Mandel & Ellis (2005), Pampalk (2006) and Schnitzer et al. (2012), in words."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the claims protocol by protocol."""
    parser = argparse.ArgumentParser(prog="python -m baselines.similarity", description=__doc__)
    parser.add_argument("records", nargs="?", default="leaderboards/records", type=Path)
    parser.add_argument(
        "--ceiling", type=Path, metavar="FILE", help="picture to draw: .svg or .png"
    )
    options = parser.parse_args(arguments)
    for name in PROTOCOLS:
        protocol = load_protocol(name)
        judge = Judge(load_records(options.records, protocol=name), protocol)
        print(f"\n## {name} ({protocol.evidence})\n")
        print(markdown_table(claims_table(judge, CLAIMS)))
        lost = filtered(judge)
        if lost.empty:
            print("\nno record: make records")
            continue
        lost = lost[lost["metric"].isin(("R-precision", "precision@1", "k-NN accuracy (k=5)"))]
        lost = lost[lost["method"].isin((*PAIRS, "g1c", "mfcc-stats", "random-order"))]
        without = lost["filter"].iloc[0]
        lost = lost.assign(
            without=lost["value"].map("{:.1f}".format),
            within=lost["filtered"].map("{:.1f}".format),
            lost=[
                f"{v:+.1f}" + (f" [{lo:+.1f}, {hi:+.1f}]" if lo == lo else "")
                for v, lo, hi in zip(lost["loss"], lost["loss_lo"], lost["loss_hi"])
            ],
        ).rename(columns={"within": f"with the {without}", "without": "without"})
        columns = ["method", "metric", "without", f"with the {without}", "lost"]
        n, groups = lost["n_items"].iloc[0], lost["n_groups"].iloc[0]
        print(f"\n{n} queries of {groups} artists:\n")
        print(markdown_table(lost[columns]))
    if options.ceiling:
        protocol = load_protocol(PROTOCOLS[0])
        judge = Judge(load_records(options.records, protocol=protocol.name), protocol)
        picture = image(plot_ceiling(ceiling(judge)), options.ceiling.suffix.lstrip("."))
        options.ceiling.write_bytes(picture)


if __name__ == "__main__":
    main()

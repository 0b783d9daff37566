"""Peeters' claims, on the databases at hand: ``python -m baselines.peeters RECORDS``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mirbench.boards.claims import verdict
from mirbench.boards.cross import matrix, means, paired_interval
from mirbench.boards.judge import Judge
from mirbench.boards.text import folded, markdown_table
from mirbench.protocols import load_protocol
from mirbench.records import load_records
from mirbench.stats import Interval

LODO = "instruments/lodo"
PROTOCOLS = ("instruments/random", "instruments/66-33", "instruments/matrix", LODO)
PUBLISHED = "peeters-gaussian"
TWENTY = f"{PUBLISHED}:n_features=20"
METRIC = "balanced accuracy"


@dataclass(frozen=True)
class Claim:
    """``better`` is at least as good as ``worse``, each a (protocol, method)."""

    words: str
    better: tuple[str, str]
    worse: tuple[str, str]


CLAIMS = (
    Claim("within a database (pitch blocks) far above LODO", ("instruments/matrix", PUBLISHED), (LODO, PUBLISHED)),
    Claim("LODO above one database to another", (LODO, PUBLISHED), ("instruments/matrix across", PUBLISHED)),
    Claim("hierarchical Gaussian (families) at least flat", (LODO, f"{PUBLISHED}:tree=families"), (LODO, PUBLISHED)),
    Claim("hierarchical Gaussian (Peeters' tree) at least flat", (LODO, f"{PUBLISHED}:tree=peeters"), (LODO, PUBLISHED)),
    Claim("hierarchical Gaussian (Peeters' tree) at least flat, 20 features as printed", (LODO, f"{TWENTY},tree=peeters"), (LODO, TWENTY)),
    Claim("hierarchical k-NN (families) at least flat", (LODO, "peeters-knn:tree=families"), (LODO, "peeters-knn")),
    Claim("IRMFSP at least plain ratio ranking", (LODO, PUBLISHED), (LODO, f"{PUBLISHED}:selection=ratio")),
    Claim("IRMFSP at least CFS", (LODO, PUBLISHED), (LODO, f"{PUBLISHED}:selection=cfs")),
    Claim("IRMFSP at least mutual information", (LODO, PUBLISHED), (LODO, f"{PUBLISHED}:selection=mutual-information")),
    Claim("IRMFSP at least no selection", (LODO, PUBLISHED), (LODO, f"{PUBLISHED}:selection=none")),
    Claim("IRMFSP at least plain ratio ranking, 20 features", (LODO, TWENTY), (LODO, f"{TWENTY},selection=ratio")),
    Claim("IRMFSP at least CFS, 20 features", (LODO, TWENTY), (LODO, f"{TWENTY},selection=cfs")),
    Claim("IRMFSP at least mutual information, 20 features", (LODO, TWENTY), (LODO, f"{TWENTY},selection=mutual-information")),
    Claim("IRMFSP at least sequential search, 20 features", (LODO, TWENTY), (LODO, f"{TWENTY},selection=sequential")),
    Claim("trees worst: below flat k-NN", (LODO, "peeters-knn"), (LODO, "peeters-tree")),
    Claim("trees worst: below the flat Gaussian", (LODO, PUBLISHED), (LODO, "peeters-tree")),
)  # fmt: skip
"""Claims of Peeters (2003), whose figures are from memory, and what else selection is compared with."""


def difference(judges: dict[str, Judge], claim: Claim) -> Interval:
    """Recall of the better minus that of the worse, on the notes that both were tested on.

    Paired by note and resampled by group; where a note is tested many times on one side (by models
    of several databases) it is paired as often.
    """
    (name_a, spec_a), (name_b, spec_b) = claim.better, claim.worse
    a, b = judges[name_a.removesuffix(" across")], judges[name_b.removesuffix(" across")]
    position = {a.rows["id"].iloc[i]: i for i in np.flatnonzero(a.main)}
    chosen = b.main if not name_b.endswith("across") else _across(b)
    rows = [int(i) for i in np.flatnonzero(chosen) if b.rows["id"].iloc[i] in position]
    where = [position[b.rows["id"].iloc[i]] for i in rows]
    metric = a.metric(METRIC)
    return paired_interval(
        a.counts(spec_a, metric)[:, where],
        b.counts(spec_b, metric)[:, rows],
        b.rows.iloc[rows],
        metric,
    )


def _across(judge: Judge) -> np.ndarray:
    """Rows of models of one database tested on another, with labels that the model knows."""
    items = judge.protocol.table
    known = {
        cell.source: set(items.loc[list(cell.train), "label"]) for cell in judge.protocol.cells
    }
    pairs = zip(judge.rows["source"], judge.rows["test"], judge.rows["label"])
    return np.array([source != test and label in known[source] for source, test, label in pairs])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each protocol's means, then every claim with its difference and verdict."""
    parser = argparse.ArgumentParser(prog="python -m baselines.peeters", description=__doc__)
    parser.add_argument("records", nargs="?", default="leaderboards/records", type=Path)
    folder = parser.parse_args(arguments).records
    judges = {}
    for name in PROTOCOLS:
        protocol = load_protocol(name)
        judge = judges[name] = Judge(load_records(folder, protocol=protocol.name), protocol)
        print(f"\n{name}: {METRIC} (%), plain means over databases\n")
        print(markdown_table(folded(means(matrix(judge, protocol), len(protocol.task.labels)))))
    print("\nClaims: difference in points with its 95 % interval over notes of these databases\n")
    for claim in CLAIMS:
        missing = [
            spec for name, spec in (claim.better, claim.worse)
            if spec not in judges[name.removesuffix(" across")].methods
        ]  # fmt: skip
        if missing:
            print(f"- {claim.words}: no record of {missing[0]}")
            continue
        found = difference(judges, claim)
        print(
            f"- {claim.words}: {found.value:+.1f} [{found.lo:+.1f}, {found.hi:+.1f}], "
            f"{verdict(found)}"
        )


if __name__ == "__main__":
    main()

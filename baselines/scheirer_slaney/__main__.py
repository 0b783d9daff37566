"""The paper's table, on the corpora at hand: ``python -m baselines.scheirer_slaney --help``."""

from __future__ import annotations

import argparse
import math

import pandas as pd

import mirbench

from .descriptors import NAMES, SETS
from .published import BEST_FRAME_ERROR, BEST_WINDOW_ERROR, FIGURES, SURENESS

CLASSIFIERS = ("gaussian", "gmm", "knn", "kd")
ERRORS = ("frame error", "2.4-s error")


def spec_of(classifier: str, features: str, recipe: str) -> str:
    """What ``mirbench run`` calls a system; parameters at their defaults are left out."""
    params = {"features": features, "recipe": recipe}
    defaults = {"features": "all", "recipe": "robust"}
    tail = ",".join(f"{k}={v}" for k, v in params.items() if v != defaults[k])
    return f"scheirer-slaney-{classifier}" + (f":{tail}" if tail else "")


def systems() -> list[tuple[str, str]]:
    """(features, classifier) of each row: every descriptor alone, then every set, four ways.

    Descriptors alone are told by the k-d partition; the paper's classifier for them isn't known.
    """
    alone = [(name, "kd") for name in NAMES]
    return alone + [(name, classifier) for name in SETS for classifier in CLASSIFIERS]


def published(features: str, classifier: str) -> str:
    """The figure in print, as "6.2 ± 2.2 (from memory)", or nothing."""
    for figure in FIGURES:
        if figure.features == features and figure.classifier in ("", classifier):
            spread = "" if math.isnan(figure.plus_minus) else f" ± {figure.plus_minus:g}"
            note = f"; {figure.note}" if figure.note else ""
            return f"{figure.frame_error:g}{spread} ({SURENESS[figure.source]}{note})"
    return ""


def paper_table(board: pd.DataFrame, recipe: str) -> pd.DataFrame:
    """The rows of the paper out of a board, in the paper's order.

    Parameters
    ----------
    board : DataFrame
        What ``mirbench.run`` returned.
    recipe : {"robust", "printed"}

    Returns
    -------
    DataFrame
        Errors in percent with 95 % intervals, and the published frame error.
    """
    by_spec = board.set_index("method")
    rows = []
    for features, classifier in systems():
        spec = spec_of(classifier, features, recipe)
        if spec not in by_spec.index:  # it failed: the run has said why
            continue
        row = {"features": features, "classifier": classifier}
        for error in ERRORS:
            value, low, high = by_spec.loc[spec, [error, f"{error} lo", f"{error} hi"]].astype(
                float
            )
            row[f"{error} %"] = f"{value:.1f} [{low:.1f}, {high:.1f}]"
        rows.append({**row, "published frame error %": published(features, classifier)})
    return pd.DataFrame(rows)


def main() -> None:
    """Run every descriptor, set and classifier under a protocol and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m baselines.scheirer_slaney", description=__doc__
    )
    parser.add_argument("--protocol", default="speech-music/mini")
    parser.add_argument("--recipe", choices=("robust", "printed"), default="robust")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes")
    options = parser.parse_args()
    specs = [spec_of(classifier, features, options.recipe) for features, classifier in systems()]
    board = mirbench.run(specs, options.protocol, n_jobs=options.jobs)
    print(f"\nScheirer & Slaney 1997, recipe {options.recipe}, under {options.protocol}")
    print("Within corpora, grouped folds; 95 % intervals by group. The paper's data are its own.\n")
    print(paper_table(board, options.recipe).to_string(index=False))
    print(
        f"\nThe abstract: {BEST_FRAME_ERROR} % of frames, {BEST_WINDOW_ERROR} % of 2.4-s segments."
    )
    for spec, reason in board.attrs["failures"].items():
        print(f"failed: {spec}: {reason}")


if __name__ == "__main__":
    main()

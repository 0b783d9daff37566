"""Do nominal 95 % intervals cover the truth in 95 of 100 draws, and does the paired test keep 5 %?

Items of a group are right or wrong with the group's own rate, drawn from a beta distribution: an
intra-group correlation of .3. Intervals are those of `mirbench.stats.grouped_interval` as boards make
them, and for contrast the same with every item a group of its own. The test is `sign_flip_test` of two
methods whose rates are drawn alike, so that each rejection is an error.

    python benchmarks/interval_coverage.py [--draws 5000] [--dir docs]

Writes ``coverage.csv`` and ``coverage.svg``; the same bytes every time.
"""

from __future__ import annotations

import argparse
import csv
import io
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from mirbench.boards.looks import STYLE, image
from mirbench.home import write_atomically
from mirbench.metrics import ratio
from mirbench.stats import MIN_FLIP_GROUPS, Grouping, grouped_interval, sign_flip_test

SIZES = (5, 6, 8, 12, 16, 20, 25, 29, 30, 40, 50, 60, 80)
VALUES = (0.8, 0.9, 0.95, 0.98)  # of errors the same: 20, 10, 5 and 2 %
N_ITEMS = 10  # a group
CORRELATION = 0.3
FLIPS = 1000
COLUMNS = ("what", "value", "groups", "draws", "rate", "standard_error", "without", "method")


def draw(rng: np.random.Generator, value: float, n_draws: int, n_groups: int) -> np.ndarray:
    """Beta-binomial items, (n_draws, n_groups * N_ITEMS) of 0 and 1."""
    spread = (1 - CORRELATION) / CORRELATION
    rates = rng.beta(value * spread, (1 - value) * spread, (n_draws, n_groups, 1))
    return (rng.random((n_draws, n_groups, N_ITEMS)) < rates).reshape(n_draws, -1).astype(float)


def share(counts: np.ndarray) -> np.ndarray:
    """Right ones of all."""
    return ratio(counts[..., 0], counts[..., 1])


def coverage(value: float, n_groups: int, n_draws: int, *, by_item: bool = False) -> dict:
    """How often the interval holds ``value``; ``without``: share of draws that have no interval."""
    rng = np.random.default_rng([n_groups, round(1000 * value)])
    n = n_groups * N_ITEMS
    unit = Grouping.of(np.arange(n) if by_item else np.repeat(np.arange(n_groups), N_ITEMS))
    counts = np.ones((n, 2))
    covered, methods = [], []
    for hits in draw(rng, value, n_draws, n_groups):
        counts[:, 0] = hits
        found = grouped_interval(counts, unit, share, limits=(0, 1))
        methods.append(found.method)
        if found.method != "none":
            covered.append(found.lo <= value <= found.hi)
    row = {"what": "interval by item" if by_item else "interval by group", "value": value}
    method = max(sorted(set(methods) - {"none"}), key=methods.count, default="none")
    return row | _rate(covered, n_groups, n_draws) | {"method": method}


def level(value: float, n_groups: int, n_draws: int) -> dict:
    """How often a test at 5 % tells two methods apart that are alike."""
    rng = np.random.default_rng([1, n_groups, round(1000 * value)])
    groups = [f"{i:03}" for i in np.repeat(np.arange(n_groups), N_ITEMS)]
    pairs = zip(*(draw(rng, value, n_draws, n_groups) for _ in "ab"))
    told = [
        sign_flip_test(
            a[:, None], b[:, None], groups, lambda sums: sums[..., 0], n_flips=FLIPS, random_state=i
        )
        <= 0.05
        for i, (a, b) in enumerate(pairs)
    ]
    row = {"what": "type-I error of the sign-flip test", "value": value}
    return row | _rate(told, n_groups, n_draws) | {"method": "sign flip"}


def _rate(held: list, n_groups: int, n_draws: int) -> dict:
    n = len(held)
    rate = float(np.mean(held)) if n else np.nan
    error = np.sqrt(rate * (1 - rate) / n) if n else np.nan
    row = {"groups": n_groups, "draws": n_draws, "rate": rate, "standard_error": error}
    return row | {"without": 1 - n / n_draws}


def simulated(n_draws: int) -> list[dict]:
    """All rows of the table, one after the other on the screen too."""
    rows = []
    jobs = [(coverage, value, size, {}) for value in VALUES for size in SIZES]
    jobs += [(coverage, VALUES[0], size, {"by_item": True}) for size in SIZES]
    jobs += [(level, v, n, {}) for v in VALUES[::2] for n in SIZES if n >= MIN_FLIP_GROUPS]
    for function, value, size, more in jobs:
        start = time.perf_counter()
        rows.append(function(value, size, n_draws, **more))
        row = rows[-1]
        print(
            f"{row['what']:<36} value {value:<5} {size:3} groups  {row['rate']:.4f} "
            f"± {row['standard_error']:.4f}  none {row['without']:.3f}  {row['method']:<9} "
            f"{time.perf_counter() - start:6.1f} s",
            flush=True,
        )
    return rows


@mpl.rc_context(STYLE)
def picture(rows: list[dict]) -> Figure:
    """Coverage over the number of groups, and the test's level."""
    figure = Figure(figsize=(8.5, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    left.axhspan(0.93, 0.97, color="#eeeeee", lw=0)
    for axes, nominal in ((left, 0.95), (right, 0.05)):
        axes.axhline(nominal, color="#999999", lw=0.8)
        axes.set_xlabel("groups")
        axes.set_xscale("log")
        axes.set_xticks([5, 8, 12, 20, 30, 40, 60, 80], [5, 8, 12, 20, 30, 40, 60, 80], minor=False)
        axes.set_xticks([], minor=True)
    colours = dict(zip(VALUES, ("#0072B2", "#009E73", "#D55E00", "#CC79A7")))
    for what, value in dict.fromkeys((r["what"], r["value"]) for r in rows):
        line = [r for r in rows if (r["what"], r["value"]) == (what, value)]
        test, items = what.startswith("type-I"), what == "interval by item"
        axes = right if test else left
        x, y, error = (np.array([r[k] for r in line]) for k in ("groups", "rate", "standard_error"))
        label = f"true value {value:g}" + (", items as if independent" if items else "")
        colour, style = ("#666666", "D--") if items else (colours[value], "o-")
        axes.errorbar(x, y, 1.96 * error, fmt=style, color=colour, ms=3, lw=1, label=label)
    left.set_title("Coverage of the 95 % interval by group")
    right.set_title("Type-I error of the sign-flip test at 5 %")
    right.set_ylim(0, 0.1)
    left.legend(frameon=False, fontsize=7, loc=(0.02, 0.3))
    right.legend(frameon=False, fontsize=7, loc="lower right")
    return figure


def as_csv(rows: list[dict]) -> str:
    """Rows with four decimals."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        rounded = {k: round(row[k], 4) for k in ("rate", "standard_error", "without")}
        writer.writerow(row | {k: "" if np.isnan(v) else v for k, v in rounded.items()})
    return sink.getvalue()


def main() -> None:
    """Simulate, print, write the table and the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--dir", type=Path, default=Path("docs"))
    options = parser.parse_args()
    rows = simulated(options.draws)
    text, drawn = as_csv(rows), image(picture(rows), "svg")
    write_atomically(options.dir / "coverage.csv", lambda part: part.write_text(text))
    write_atomically(options.dir / "coverage.svg", lambda part: part.write_bytes(drawn))


if __name__ == "__main__":
    main()

"""Everything a protocol's records show, written to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mirbench.boards.confusion import confusion
from mirbench.boards.cross import matrix, means
from mirbench.boards.judge import Judge
from mirbench.boards.labels import by_label, label_tables
from mirbench.boards.page import to_html
from mirbench.boards.ranking import every_metric, filtered, met
from mirbench.boards.robustness import by_degradation, robustness
from mirbench.boards.sensitivity import sensitivity
from mirbench.boards.table import board
from mirbench.boards.text import folded, to_csv, to_json, to_latex, to_markdown
from mirbench.boards.training import training_curves
from mirbench.boards.views import by_class, by_group, curve, strata, strata_columns
from mirbench.records import Record, slug

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mirbench.protocols.protocol import Protocol

MANY = 12
NETS = 8
"""Nets whose training is drawn, the best ones."""
REFERENCES = {
    True: "the items as they are by the same fit",
    False: "training on the tested corpus (copies: on the items as they are)",
}
FEW = 6
"""Methods in a picture that has a panel or a line for each; the tables have them all."""


def write_board(
    records: Sequence[Record] | Judge,
    protocol: Protocol,
    directory: str | Path,
    *,
    table: pd.DataFrame | None = None,
    published: str | Path | None = None,
    current_code: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the board, the other views, the page and the pictures; the same bytes every time.

    ``board.md``, ``.csv``, ``.tex``, ``.json``, ``.svg`` and ``.png``; ``index.html``;
    ``means.csv`` over the cells; ``confusion.*`` of the best method of each family where labels have
    levels; ``matrix.csv``, and ``matrix.svg``, ``drops.svg`` (and ``.png``) where there are several training
    or test sets; ``robustness.*`` where there are degraded copies; ``curve.*`` where training sets are named by size; ``metrics.csv``,
    ``hubs.*`` and ``filters.*`` of rankings; ``classes.csv``, ``tags.csv`` or ``dimensions.csv``;
    ``pareto.*`` where two or more methods have costs; ``training.*`` where nets tell their losses;
    ``sensitivity.*`` of splits that share groups; ``by-COLUMN.csv`` for each stratum;
    ``groups.csv`` under 8 groups.

    ``table`` is the board of these records where it is made already: its tests take the time.

    Returns
    -------
    list of Path
        What was written.
    """
    from mirbench.boards.looks import image  # matplotlib: only here
    from mirbench.boards.plot_board import plot_board
    from mirbench.boards.plot_curve import plot_curve
    from mirbench.boards.plot_pareto import costs, plot_pareto
    from mirbench.boards.plot_sensitivity import plot_sensitivity
    from mirbench.boards.plot_training import plot_training

    root = Path(directory)
    root.mkdir(parents=True, exist_ok=True)
    judge = records if isinstance(records, Judge) else Judge(records, protocol, current_code)
    made = board(judge, protocol, published=published) if table is None else table.copy()
    texts: dict[str, str] = {}
    tables: dict[str, pd.DataFrame] = {}
    pictures: dict[str, tuple[str, Figure]] = {}
    groups = {}
    if made.attrs["n_groups"] < made.attrs["min_groups"]:
        groups = {m["name"]: by_group(judge, protocol, m["name"]) for m in made.attrs["metrics"]}
        for name, own in groups.items():
            tables[f"{name} of each group"] = folded(own.reset_index())
        texts["groups.csv"] = to_csv(pd.concat(groups, names=["metric", "method"]).reset_index())
    pictures["board"] = ("Dots with 95 % intervals by group", plot_board(made, groups))
    if len(made) > 1 and len(costs(made).columns):
        pictures["pareto"] = (
            "Accuracy against cost; the line joins the methods that none beats in both, in bold",
            plot_pareto(made),
        )
    trained = training_curves(judge)
    if len(trained):
        texts["training.csv"] = to_csv(trained)
        best = list(dict.fromkeys(trained["method"]))[:NETS]
        pictures["training"] = (
            "Losses of training and of what nets held out, epoch by epoch, mean over fits",
            plot_training(trained[trained["method"].isin(best)]),
        )
    crossed = matrix(judge, protocol)
    texts["matrix.csv"] = to_csv(crossed)
    swept = robustness(judge, protocol)
    if swept["degradation"].nunique() > 1:  # a sweep has its own picture, and no room in the others
        copies = judge.rows[judge.rows["degradation"] != ""]
        crossed = crossed[~crossed["test"].isin(copies["test"])]
        made.attrs["blocks"] = [b for b in made.attrs["blocks"] if b not in set(copies["block"])]
    learned = curve(judge, protocol)
    if len(learned):
        texts["curve.csv"] = to_csv(learned)
        shown, which = _few(learned, by_mean(learned, made))
        pictures["curve"] = (
            f"Learning curve{which}, 95 % intervals by group; sideways shifts are for legibility",
            plot_curve(shown),
        )
    elif protocol.shares:
        splits = sensitivity(judge, protocol)
        texts["sensitivity.csv"] = to_csv(splits)
        shown, which = _few(splits, made)
        pictures["sensitivity"] = (
            f"Protocol sensitivity{which}: the same clips under three splits, 95 % intervals by group",
            plot_sensitivity(shown),
        )
    elif len(made.attrs["blocks"]) > 1:
        _add_matrix(crossed, made, tables, pictures)
        averaged = means(crossed, len(protocol.task.labels))
        texts["means.csv"] = to_csv(averaged)
        tables[f"Mean {crossed.attrs['metric']} over cells, no interval"] = folded(averaged)
    if protocol.task.kind == "ranking":
        _add_ranking(judge, made, texts, tables, pictures)
    if protocol.task.kind in ("classes", "frames"):
        classes = by_class(judge, protocol)
        texts["classes.csv"] = to_csv(classes)
        tables["By class"] = folded(classes)
    told = by_label(judge, protocol)
    if len(told):
        what = "tag" if protocol.task.kind == "tags" else "dimension"
        texts[f"{what}s.csv"] = to_csv(told)
        shown, which = _few(told, made)
        for name, table in label_tables(shown).items():
            tables[f"{name} of each {what}{which}"] = folded(table)
    if protocol.task.levels:
        from mirbench.boards.plot_confusion import plot_confusion

        mixed = [confusion(judge, protocol, spec) for spec in _best_of_families(made)]
        for table in mixed:
            texts[f"confusion-{slug(table.attrs['method'])}.csv"] = to_csv(table.reset_index())
        pictures["confusion"] = ("Confusions, families boxed", plot_confusion(mixed))
    if len(swept):
        texts["robustness.csv"] = to_csv(swept)
        _add_robustness(swept, made, tables, pictures)
    for column in strata_columns(protocol):
        split = strata(judge, protocol, column)
        texts[f"by-{slug(column)}.csv"] = to_csv(split)
        if split[column].nunique() <= MANY:
            tables[f"By {column}"] = folded(split)
    renderers: dict[str, Callable[[pd.DataFrame], str]] = {
        "board.md": to_markdown,
        "board.csv": to_csv,
        "board.tex": to_latex,
        "board.json": to_json,
    }
    texts |= {name: render(made) for name, render in renderers.items()}
    drawn = {name: image(figure, "svg") for name, (_, figure) in pictures.items()}
    texts["index.html"] = to_html(
        made, tables, {caption: drawn[name] for name, (caption, _) in pictures.items()}
    )
    files = {name: text.encode() for name, text in texts.items()}
    files |= {f"{name}.svg": data for name, data in drawn.items()}
    files |= {f"{name}.png": image(figure, "png") for name, (_, figure) in pictures.items()}
    for name, data in files.items():
        (root / name).write_bytes(data)
    return sorted(root / name for name in files)


def _add_ranking(
    judge: Judge,
    made: pd.DataFrame,
    texts: dict[str, str],
    tables: dict[str, pd.DataFrame],
    pictures: dict[str, tuple[str, Figure]],
) -> None:
    from mirbench.boards.plot_ranking import plot_filters, plot_hubs

    every = every_metric(judge)
    texts["metrics.csv"] = to_csv(every)
    wide = every.pivot(index="method", columns="metric", values="value").map("{:.2f}".format)
    tables["All metrics (intervals: metrics.csv)"] = wide.loc[
        made["method"], [m for m in judge.metrics]
    ].reset_index()
    times = met(judge)
    texts["hubs.csv"] = to_csv(times)
    shown, which = _few(times, made)
    pictures["hubs"] = (f"How often tracks are among others' 5 nearest{which}", plot_hubs(shown))
    twins = filtered(judge)
    if len(twins):
        texts["filters.csv"] = to_csv(twins)
        pictures["filters"] = (
            f"With and without the {twins['filter'].iloc[0]}, over the queries that count with it; 95 % "
            "intervals by group",
            plot_filters(twins, ("R-precision", "precision@1")),
        )


def _best_of_families(made: pd.DataFrame) -> list[str]:
    """The best hand-crafted and the best deep method; the best of all where there is neither."""
    known = made[made["family"].isin(("hand-crafted", "deep"))]
    best = known.drop_duplicates("family")["method"].tolist()
    return best or made["method"].tolist()[:1]


def by_mean(learned: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Rows of a board by their mean over a learning curve, the best first: what leads with all labels may
    not with few."""
    sign = -1 if learned.attrs["greater_is_better"] else 1
    means = made["method"].map(learned.groupby("method")["value"].mean())
    return made.iloc[(sign * means).argsort(kind="stable")]


def _few(table: pd.DataFrame, made: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Rows of the few methods that a picture has room for, and the words for its caption.

    The best method of each family, then the best of all, in the board's order.
    """
    ranked = made["method"].tolist()
    if len(ranked) <= FEW:
        return table, ""
    firsts = made.drop_duplicates("family")["method"].tolist()
    chosen = list(dict.fromkeys([*firsts, *ranked]))[:FEW]
    few = table[table["method"].isin(chosen)]
    return few, f" of {FEW} of {len(ranked)} methods (the best, one of each family at least)"


def _add_matrix(
    crossed: pd.DataFrame,
    made: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    pictures: dict[str, tuple[str, Figure]],
) -> None:
    from mirbench.boards.plot_matrix import plot_matrix

    metric = crossed.attrs["metric"]
    shown, which = _few(crossed, made)
    one = crossed["source"].nunique() == 1
    axes = "test sets across" if one else "trained on rows, tested on columns"
    within = (crossed["source"] == crossed["test"]).any()
    pictures["matrix"] = (
        f"{metric}{which}: {axes}{'; the diagonal is grouped folds within' if within else ''}",
        plot_matrix(shown),
    )
    dropped = crossed[crossed["drop"].notna()]
    if len(dropped):
        pictures["drops"] = (
            f"Drop of {metric}{which} against {REFERENCES[one]}, same items; positive is worse",
            plot_matrix(shown, drops=True),
        )
        columns = ["method", "source", "test", "drop", "drop_lo", "drop_hi"]
        tables[f"Drop of {metric}"] = folded(
            dropped[[*columns, "n_classes", "n_items", "n_groups"]]
        )


def _add_robustness(
    swept: pd.DataFrame,
    made: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    pictures: dict[str, tuple[str, Figure]],
) -> None:
    from mirbench.boards.plot_robustness import plot_robustness

    metric = swept.attrs["metric"]
    shown, which = _few(swept, made)
    pictures["robustness"] = (
        f"{metric}{which} on degraded copies of the test items, 95 % intervals by group; same fit",
        plot_robustness(shown),
    )
    titles = {
        "value": f"{metric} on degraded copies",
        "drop": f"Drop of {metric} on degraded copies against the same items clean; positive is worse",
    }
    for column, title in titles.items():
        tables[title] = by_degradation(swept, column)

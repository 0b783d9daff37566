"""Boards as text: Markdown, CSV, LaTeX and JSON; the console is in `console.py`.

What stands in a record may come from a stranger: every cell is escaped for the format it goes to.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from mirbench.boards.cells import DASH, number, seconds, size, speed, with_interval
from mirbench.boards.chance import in_words
from mirbench.boards.sensitivity import COLUMN

FEW = "few groups"
FAMILIES = ("hand-crafted", "deep", "baseline", "external", "user")
ADDED = COLUMN.format("")
FOLDING = ("method", "flags", "published")


def summary(board: pd.DataFrame) -> pd.DataFrame:
    """The board as it is printed: text cells, a column a headline metric, cost, flags."""
    names = [heading(m) for m in board.attrs["metrics"]]
    gains = [c for c in map(str, board) if c.startswith(ADDED) and not c.endswith((" lo", " hi"))]
    columns = ["rank", "ties", "method", "family", *names, *gains]
    columns += ["seeds", "features", "fit", "memory", "parameters", "published", "flags"]
    # a flag that every row carries is a note below the board
    everywhere = set.intersection(*(set(f.split(", ")) for f in board["flags"]), {FEW})
    digits = board.attrs.get("digits", 1)
    rows = []
    for row in board.to_dict("records"):
        scores = [
            with_interval(row[m["name"]], row[f"{m['name']} lo"], row[f"{m['name']} hi"], digits)
            for m in board.attrs["metrics"]
        ]
        scores += [with_interval(row[c], row[f"{c} lo"], row[f"{c} hi"], digits) for c in gains]
        cost = [speed(row["extract_speed"]), seconds(row["fit_s"])]
        memory = DASH if math.isnan(row["peak_mb"]) else f"{row['peak_mb']:.0f} MB"
        seeds = str(row["seeds"])
        if not math.isnan(row["seed_sd"]):
            seeds += f" (sd {row['seed_sd']:.{digits}f})"
        cells = [row["rank"], row["letters"], row["method"], row["family"], *scores, seeds]
        flags = ", ".join(f for f in row["flags"].split(", ") if f not in everywhere)
        rows.append([*cells, *cost, memory, size(row["n_params"]), row["published"], flags])
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    optional = ["rank", "ties", "published", "flags", "features", "fit", "memory", "parameters"]
    empty = [c for c in optional if table[c].isin(["", DASH]).all()]
    return table.drop(columns=empty)


def by_block(board: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One metric in every block: methods in rows, (train to test) blocks in columns."""
    table = pd.DataFrame({"method": board["method"]}, dtype=object)
    for block in board.attrs["blocks"]:
        name = f"{metric} @ {block}"
        parts = zip(board[name], board[f"{name} lo"], board[f"{name} hi"])
        table[block] = [with_interval(*part, board.attrs.get("digits", 1)) for part in parts]
    return table


def folded(table: pd.DataFrame, digits: int | None = None) -> pd.DataFrame:
    """Any of the other tables as text, each value and its ``lo`` and ``hi`` in one cell.

    Decimals are those that the table's ``attrs`` name, or 1.
    """
    digits = table.attrs.get("digits", 1) if digits is None else digits
    out, used = {}, set()
    for column in table.columns:
        ends = next(
            (
                pair
                for pair in (
                    (f"{column} lo", f"{column} hi"),
                    (f"{column}_lo", f"{column}_hi"),
                    ("lo", "hi") if column == "value" else ("", ""),
                )
                if pair[0] in table.columns
            ),
            None,
        )
        if column in used:
            continue
        if ends:
            used |= set(ends)
            parts = zip(table[column], table[ends[0]], table[ends[1]])
            out[column] = [with_interval(*part, digits) for part in parts]
        elif pd.api.types.is_float_dtype(table[column]):
            out[column] = [number(v, digits) for v in table[column]]
        else:
            out[column] = [str(v) for v in table[column]]
    return pd.DataFrame(out, dtype=object)


def heading(metric: dict[str, Any]) -> str:
    """``'frame error (%)'``."""
    return f"{metric['name']} ({metric['unit']})" if metric["unit"] else metric["name"]


def notes(board: pd.DataFrame) -> list[str]:
    """What a reader must know of a board, a sentence or two each."""
    about = board.attrs
    first = about["metrics"][0]
    direction = "higher" if first["greater_is_better"] else "lower"
    pooled = " and ".join(about["pooled"])
    lines = []
    if about["evidence"] != "real":
        lines.append(
            f"Evidence: {about['evidence']}. These recordings are synthesised for a first run and "
            "for tests; the figures are not results."
        )
    lines.append(
        f"Sorted by {first['name']} ({direction} is better), pooled over {pooled}: "
        f"{about['n_items']} answers, {about['n_groups']} groups"
        + (
            f" ({about['n_left_out']} queries have nothing to find)"
            if "n_left_out" in about
            else ""
        )
        + "."
    )
    others = {name: n for name, n in about.get("counted", {}).items() if n[0] != about["n_items"]}
    for name, (n_items, n_groups) in others.items():
        lines.append(f"{name} is of {n_items} queries of {n_groups} groups.")
    units = {m["name"]: m["unit"] for m in about["metrics"]}
    if said := in_words(about.get("chance", {}), units, about.get("n_classes", 0)):
        lines.append(said)
    if "labels_left_out" in about:
        lines += _of_tags(about)
    if any(str(column).startswith(ADDED) for column in board):
        lines.append(
            f"Protocol sensitivity: points of {first['name']} added by folds that share artists or "
            "tracks between training and test, same items, paired by group."
        )
    if about["n_groups"] < about["min_groups"]:
        lines.append(
            f"{about['n_groups']} {_groups(about['n_groups'])} too few to tell which method is better: "
            f"under {about['min_groups']} groups no interval and no rank is given; see the groups' own "
            "values."
        )
    else:
        lines.append(
            "In brackets: 95 % interval by group. Methods that share a letter "
            "are not separable (paired sign-flip test by group, Holm's correction, 5 %); a rank is "
            "the range that this leaves open."
        )
    if any(FEW in flags for flags in board["flags"]):
        lines.append(
            f"Few groups: a corpus or class has fewer than {about['few_groups']}; the interval is "
            "Student's t on a linearised standard error."
        )
    if board["extract_speed"].notna().any():
        lines.append(
            "Features: seconds of sound described in a second on one core; fit: mean of a cell."
        )
    if board["flags"].str.contains("all groups alike").any():
        lines.append(
            "All groups alike: no spread among groups, so no interval; that is not certainty."
        )
    if board["published"].any():
        lines.append("Published: figures reported by the papers, on other data.")
    if about["published"]:
        lines.append(f"Best published figures, on other data: {about['published']}.")
    if about["description"]:
        lines.append(about["description"])
    return lines


def _groups(n: int) -> str:
    return "group is" if n == 1 else "groups are"


def _of_tags(about: dict[Any, Any]) -> list[str]:
    missing = about["labels_left_out"]
    lines = [
        "Areas are of each tag in each test set by itself, a tag's test sets weighted by positives, "
        "and then a plain mean over tags."
    ]
    if "unknown" in about:
        lines.append(
            f"{about['unknown']:.1f} % of pairs (item, tag) are unknown and count nowhere."
        )
    if missing:
        named = ", ".join(missing[:10]) + (" and more" if len(missing) > 10 else "")
        lines.append(
            f"{len(missing)} of {about['n_labels']} tags have no positive in a test set and are left "
            f"out of the means: {named}."
        )
    return lines


def to_markdown(board: pd.DataFrame) -> str:
    """The board, one table a headline metric by block, and the notes."""
    about = board.attrs
    which = f"Protocol {about['protocol']} {about['version']} ({about['hash'][:12]})"
    parts = [f"# {_md(about['task'])}\n\n{_md(which)}\n"]
    parts.append(markdown_table(summary(board)))
    if len(about["blocks"]) > 1:
        for metric in about["metrics"]:
            parts.append(f"## {_md(heading(metric))}, training to test set\n")
            parts.append(markdown_table(by_block(board, metric["name"])))
    parts.append("\n".join(f"- {_md(line)}" for line in notes(board)) + "\n")
    return "\n".join(parts)


def markdown_table(table: pd.DataFrame) -> str:
    """Any table of text cells."""
    lines = [[_md(c) for c in table.columns], ["---"] * len(table.columns)]
    lines += [[_md(v) for v in row] for row in table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def to_csv(table: pd.DataFrame) -> str:
    """Any table, in full, figures to 6 digits; cells that a spreadsheet would run are quoted."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = pd.Series([_inert(v) for v in safe[column]], safe.index, dtype=object)
    safe.columns = [_inert(column) for column in safe.columns]
    return safe.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def to_latex(board: pd.DataFrame) -> str:
    """A booktabs table with its caption; needs ``\\usepackage{booktabs}``."""
    board = board.assign(published="")  # sentences: they are on the page
    table = summary(board).drop(columns="memory", errors="ignore")
    caption = " ".join([f"{board.attrs['task']}, {board.attrs['protocol']}.", *notes(board)])
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_tex(caption)}}}",
            latex_tabular(table),
            r"\end{table}",
            "",
        ]
    )


def latex_tabular(table: pd.DataFrame) -> str:
    """Any table of text cells as a booktabs tabular."""
    lines = [rf"\begin{{tabular}}{{{'l' * len(table.columns)}}}", r"\toprule"]
    lines += [" & ".join(_tex(c) for c in table.columns) + r" \\", r"\midrule"]
    rows = [" & ".join(_tex(v) for v in row) for row in table.itertuples(index=False)]
    # a bracket after a line's end would be taken for its argument
    lines += [("{}" if row.startswith("[") else "") + row + r" \\" for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def to_json(board: pd.DataFrame) -> str:
    """The board in full: what it is about, then a record a row; NaN is null."""
    rows = [
        {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in board.to_dict("records")
    ]
    about = {k: v for k, v in board.attrs.items() if k != "failures"}
    return json.dumps(about | {"rows": rows}, indent=1, ensure_ascii=False) + "\n"


def render(board: pd.DataFrame, form: str) -> str:
    """The board as ``'text'``, ``'markdown'``, ``'csv'``, ``'latex'``, ``'json'`` or ``'html'``."""
    if form == "html":
        from mirbench.boards.page import to_html

        return to_html(board)
    if form == "text":
        from mirbench.boards.console import to_text

        return to_text(board)
    forms = {
        "markdown": to_markdown,
        "csv": to_csv,
        "latex": to_latex,
        "json": to_json,
    }
    return forms[form](board)


def _md(value: object) -> str:
    text = " ".join(str(value).split()).replace("\\", "\\\\")
    for risky, safe in (("|", "\\|"), ("`", "\\`"), ("<", "&lt;"), ("*", "\\*"), ("](", "]\\(")):
        text = text.replace(risky, safe)
    return text


def _inert(value: object) -> object:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _tex(value: object) -> str:
    escapes = {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        DASH: "--",
        "±": r"$\pm$",
    }
    escapes |= {c: f"\\{c}" for c in "&%$#_{}"}
    return "".join(escapes.get(character, character) for character in str(value))

"""Page of a method: its card, parameters, paper, and all of its rows."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from mirbench.methods import Method, installed
from mirbench.site.names import address
from mirbench.site.protocol_page import Judged
from mirbench.site.render import render
from mirbench.site.tables import cell, dashed, table
from mirbench.trust.cite import of_method


def method_page(name: str, judged: Sequence[Judged]) -> tuple[str, dict[str, Any]]:
    """The page and its line in the list of methods.

    Parameters
    ----------
    name : str
        An installed method, or one that only records name.
    judged : sequence of Judged
        All protocols that have records.
    """
    rows = [(p, row) for p in judged for row in p.rows if row["method"] == name]
    method = installed(name)
    first = rows[0][1] if rows else {}
    title = method.title if method else first.get("title", name)
    family = method.family if method else first.get("family", "")
    html = render(
        "method.html",
        root="../",
        name=name,
        title=title,
        family=family,
        docstring=inspect.getdoc(method.function) if method else "",
        parameters=_parameters(method, rows) if method else None,
        bibtex="\n\n".join(e.text for e in of_method(method)[0]) if method else "",
        trained_on=list(getattr(method.function, "trained_on", ())) if method else [],
        known=method is not None,
        scores=_scores(rows) if rows else None,
        records=_records(rows) if rows else None,
    )
    about = {
        "name": name,
        "address": address("method", name),
        "title": title,
        "family": family,
        "n_rows": len(rows),
        "n_protocols": len({p.name for p, _ in rows}),
    }
    return html, about


def _parameters(
    method: Method, rows: Sequence[tuple[Judged, Mapping[str, Any]]]
) -> dict[str, Any] | None:
    """Parameters with their defaults, and the values that rows were made with."""
    found = inspect.signature(method.function).parameters.items()
    tried: dict[str, set[str]] = {}
    for _, row in rows:
        for key, value in row["params"].items():
            tried.setdefault(key, set()).add(str(value))
    body = [
        [
            cell(key),
            cell("none" if p.default is inspect.Parameter.empty else repr(p.default)),
            cell(dashed(", ".join(sorted(tried.get(key, ()))))),
        ]
        for key, p in found
    ]
    columns = ["parameter", "default", "other values in the rows above"]
    return table("Parameters", columns, body) if body else None


def _scores(rows: Sequence[tuple[Judged, Mapping[str, Any]]]) -> dict[str, Any]:
    body = [
        [
            cell(p.name, href="../" + address("protocol", p.name)),
            cell(row["spec"]),
            cell(f"{row['rank']} of {row['of']}" if row["rank"] else "–"),
            cell(row["scores"][0], small="; ".join(row["scores"][1:])),
            cell(row["cost"]),
            cell("", tags=row["flags"]),
        ]
        for p, row in rows
    ]
    columns = ["protocol", "as run", "rank", "scores [95 % interval]", "cost of a cell", "flags"]
    return table("Rows on the boards", columns, body, wraps=True)


def _records(rows: Sequence[tuple[Judged, Mapping[str, Any]]]) -> dict[str, Any]:
    body = [
        [
            cell(p.name),
            cell(row["spec"]),
            cell(r["seed"], sort=r["seed"]),
            cell(r["key"]),
            cell(r["path"]),
            cell(r["outputs"]),
            cell(r["code"]),
        ]
        for p, row in rows
        for r in row["records"]
    ]
    columns = ["protocol", "as run", "seed", "key", "file", "SHA-256 of its answers", "code"]
    return table("Records", columns, body)

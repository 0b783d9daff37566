"""Page of a corpus: its datasheet, from its module's constants and the frozen protocols."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from mirbench.boards.cells import seconds
from mirbench.protocols import Protocol
from mirbench.site.names import address
from mirbench.site.render import render
from mirbench.site.tables import cell, table

MANY = 60
"""Labels that have a line each; artists and sets of tags are more."""
EMBEDDED = "Nothing to get: mirbench synthesises it, from seeds, in seconds."


def corpus_page(name: str, protocols: Sequence[Protocol]) -> tuple[str, dict[str, Any]]:
    """The page and its line in the list of corpora; nothing of the corpus itself is opened."""
    module = _module(name)
    used = [p for p in protocols if (p.items["corpus"] == name).any()]
    # degraded copies are no further items
    parts = [
        (p, p.items[(p.items["corpus"] == name) & (p.items["degradation"] == "")]) for p in used
    ]
    title = getattr(module, "TITLE", "") or name
    html = render(
        "corpus.html",
        root="../",
        name=name,
        title=title,
        about=(inspect.getdoc(module) or "") if module else "",
        licence=getattr(module, "LICENCE", ""),
        faults=list(getattr(module, "FAULTS", ())),
        bibtex=getattr(module, "BIBTEX", ""),
        how=_how(name, module),
        remotes=[remote.name for remote in getattr(module, "REMOTES", ())],
        counts=_counts(parts) if parts else None,
        labels=_labels(parts) if parts else None,
    )
    about = {
        "name": name,
        "address": address("corpus", name),
        "title": title,
        "n_protocols": len(used),
        "protocols": [p.name for p in used],
    }
    return html, about


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(f"mirbench.corpora.{name.replace('-', '_')}")
    except ImportError:
        return None


def _how(name: str, module: ModuleType | None) -> str:
    if module is None:
        return "A corpus of one's own, or of another package: ask whoever made the protocol."
    if name.startswith("embedded-"):
        return EMBEDDED
    said = getattr(module, "HOW", "")
    load = getattr(module, "load", None)
    where = (inspect.getdoc(load) or "") if load else ""
    return " ".join(
        [*([said[:1].upper() + said[1:] + "."] if said else []), " ".join(where.split())]
    )


def _counts(parts: Sequence[tuple[Protocol, pd.DataFrame]]) -> dict[str, Any]:
    rows = []
    for p, items in parts:
        n, groups = len(items), int(items["group"].nunique())
        length = float(items["duration_s"].sum())
        rows.append(
            [
                cell(p.name, href="../" + address("protocol", p.name)),
                cell(f"{p.task.name} ({p.task.kind})"),
                cell(f"{n:,}", sort=n),
                cell(f"{groups:,}", sort=groups),
                cell(f"{items['group'].value_counts().max():,}"),
                cell(seconds(length), sort=length),
            ]
        )
    columns = ["protocol", "task", "items", "groups", "items of the largest group", "length"]
    return table("Items and groups in the protocols", columns, rows)


def _labels(parts: Sequence[tuple[Protocol, pd.DataFrame]]) -> dict[str, Any]:
    rows = []
    for p, items in parts:
        if p.task.kind == "values":
            rows += _ranges(p, items)
            continue
        counted = Counter(_named(items, p.task.kind))
        groups: dict[str, set[str]] = {}
        for label, group in zip(items["label"], items["group"]):
            for one in _of_item(label, p.task.kind):
                groups.setdefault(one, set()).add(group)
        known = {label: i for i, label in enumerate(p.task.labels)}
        names = sorted(counted, key=lambda x: (known.get(x, len(known)), x))
        if len(names) > MANY:
            first = cell(p.name, href="../" + address("protocol", p.name))
            mean = sum(counted.values()) / len(names)
            rows.append(
                [
                    first,
                    cell(f"{len(names):,} labels, on average"),
                    cell(f"{mean:.1f}", sort=mean),
                    cell("–"),
                ]
            )
            continue
        for label in names:
            n, g = counted[label], len(groups[label])
            first = cell(p.name, href="../" + address("protocol", p.name))
            rows.append([first, cell(label), cell(n, sort=n), cell(g, sort=g)])
    what = "Labels: items (of segments: their number, of values their range) and groups"
    return table(what, ["protocol", "label", "count", "groups"], rows)


def _ranges(p: Protocol, items: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """Of each dimension of values: how many items have one, from the least to the greatest."""
    values = np.array([json.loads(label) for label in items["label"]], dtype=float)
    groups = int(items["group"].nunique())
    rows = []
    for label, own in zip(p.task.labels, values.T):
        said = f"{label}: {own.min():.3g} to {own.max():.3g}, mean {own.mean():.3g}, sd {own.std():.3g}"
        first = cell(p.name, href="../" + address("protocol", p.name))
        n = len(own)
        rows.append([first, cell(said), cell(n, sort=n), cell(groups, sort=groups)])
    return rows


def _named(items: pd.DataFrame, kind: str) -> list[str]:
    return [one for label in items["label"] for one in _of_item(label, kind)]


def _of_item(label: str, kind: str) -> list[str]:
    if kind == "segments":
        return [str(name) for _, _, name in json.loads(label)]
    if kind in ("f0", "pairs"):
        return [kind]
    # an artist or a genre is one word
    tags = kind in ("tags", "sequence") or (kind == "ranking" and label.startswith("["))
    return [str(tag) for tag in json.loads(label)] if tags else [label]

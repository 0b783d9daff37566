"""The table of all corpora: from constants and stored counts alone, so that it is the same everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirbench.boards.cells import DASH
from mirbench.corpora.facts import Facts, facts
from mirbench.datasheets.composition import Composition
from mirbench.datasheets.getting import way
from mirbench.datasheets.markdown import table
from mirbench.datasheets.sheet import our_names
from mirbench.datasheets.uses import uses

COUNTS = Path(__file__).with_name("counts.json")
"""Items, hours, classes and groups: ``measured`` where the recordings were at hand, else as published."""
HEAD = """# Corpora

Made by `python -m mirbench.datasheets`; don't edit. Facts are constants of `mirbench/corpora/`, protocols
and metrics those of the boards. **Counts** in italics are as published, with their source below; the
others were measured. A dash: not known, or there is none. A name that is a link leads to the corpus's
datasheet, with its audit; `mirbench datasheet NAME` makes one of any corpus.

*Get*: **by command**: `mirbench fetch NAME`; **by hand**: a form, an agreement, a list of ids, or a page to
load from; **a folder**: free recordings put together for this project, under `MIRBENCH_DATA`; **made here**:
synthesised, for a first run and tests only.
"""
COLUMNS = (
    *("corpus", "what", "items", "hours", "classes", "groups", "licence", "get"),
    *("usual protocol", "task", "headline metric"),
)
KINDS = (
    ("Published corpora", ("by command", "by hand")),
    ("Free recordings put together for this project", ("a folder",)),
    ("Embedded", ("made here",)),
)


def every_corpus(sheets: Path | None = None) -> str:
    """The page, Markdown; names are links where ``sheets`` holds a sheet."""
    counts = stored_counts()
    known = {name: facts(name) for name in our_names()}
    parts = [HEAD]
    for title, ways in KINDS:
        rows = [
            _row(name, about, counts.get(name, {}), sheets)
            for name, about in known.items()
            if way(name, about) in ways
        ]
        parts += [f"## {title}\n", "\n".join(table(COLUMNS, rows)), ""]
    said = [f"- {n}: {c['source']}" for n, c in counts.items() if n in known and not _measured(c)]
    if said:
        parts += ["## Sources of published counts\n", "\n".join(said), ""]
    return "\n".join(parts)


def stored_counts() -> dict[str, dict[str, Any]]:
    """Counts by corpus."""
    return json.loads(COUNTS.read_text(encoding="utf-8"))


def measured(made: Composition) -> dict[str, Any]:
    """Counts of a composition as they are stored; classes are those of the first task that has some."""
    classes = [len(labels.counts) for labels in made.labels if not labels.counts[0].about]
    return {
        "items": made.n_items,
        "hours": round(made.hours, 2),
        "classes": classes[0] if classes else None,
        "groups": made.n_groups,
        "source": "measured",
    }


def short(licence: str) -> str:
    """A licence's first clause, brackets left out."""
    first = re.sub(r"\s*\([^)]*\)", "", licence.partition(";")[0]).strip()
    return (
        "file by file" if re.match(r"(file|song) by (file|song)", first) else first or "not stated"
    )


def _row(name: str, about: Facts, counts: Mapping[str, Any], sheets: Path | None) -> list[str]:
    linked = sheets is not None and (sheets / f"{name}.md").is_file()
    used = uses(name, about)
    first = used[0] if used else None
    return [
        f"[{name}](datasheets/{name}.md)" if linked else name,
        about.title,
        *(_count(counts, key) for key in ("items", "hours", "classes", "groups")),
        short(about.licence),
        way(name, about),
        f"``{first.protocol}``" if first else DASH,
        first.task if first else "none yet",
        first.metrics[0] if first else DASH,
    ]


def _count(counts: Mapping[str, Any], key: str) -> str:
    value = counts.get(key)
    if value is None:
        return DASH
    text = f"{value:,}"
    return text if _measured(counts) else f"*{text}*"


def _measured(counts: Mapping[str, Any]) -> bool:
    return counts["source"] == "measured"

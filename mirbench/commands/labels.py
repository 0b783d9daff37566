"""What crossing corpora would keep of their labels."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from mirbench.errors import ProtocolError


def cross(options: Namespace) -> int:
    """Print the classes that corpora share, pair by pair, and the labels and items that fall away.

    ``options`` hold ``corpora`` (names, or folders of one's own), ``facet`` (None for every one that
    lists two of them; a folder needs it) and ``relations``.
    """
    from mirbench.corpora import corpus_names
    from mirbench.labelmaps import FACETS, coverage, load_facet

    known = {name: name for name in corpus_names()} | {
        n.replace("-", "_"): n for n in corpus_names()
    }
    folders = {c: Path(c).expanduser().resolve() for c in options.corpora if c not in known}
    folders = {c: path for c, path in folders.items() if path.is_dir()}
    names = [folders[c].name if c in folders else known.get(c, c) for c in options.corpora]
    if folders and not options.facet:
        raise ProtocolError(
            f"{next(iter(folders))}: say what the labels of a folder are of, with --facet "
            f"({', '.join(FACETS)})"
        )
    wanted = [options.facet] if options.facet else [facet for facet in FACETS if facet != "tags"]
    counts = {path.name: _counted(path, options.facet) for path in folders.values()}
    told = []
    for facet in wanted:
        there = [n for n in names if options.facet or n in load_facet(facet).labels]
        if options.facet or len(set(there)) > 1:
            table = coverage(there, facet, options.relations, counts)
            told += [_told(facet, row) for row in table.to_dict("records")]
    if not told:
        raise ProtocolError(
            f"no facet lists labels of two of {', '.join(names)}; the facets are {', '.join(FACETS)}: "
            "docs/labels.md says of which corpora"
        )
    print("\n\n".join(told))
    return 0


def _counted(folder: Path, facet: str) -> dict[str, int | None]:
    """Items of each label of a folder of one's own."""
    from mirbench.corpora import load_corpus
    from mirbench.protocols.crossing import FACET_OF, words_of
    from mirbench.tasks import load_task

    tasks = [load_task(task) for task, its in FACET_OF.items() if its == facet]
    if not tasks:
        raise ProtocolError(
            f"no task takes labels of facet {facet}: compare tags with --facet tags"
        )
    each = words_of(load_corpus(folder), tasks[0])
    return dict(Counter(word for words in each for word in words))


def _told(facet: str, row: Mapping[Hashable, Any]) -> str:
    """A pair as lines."""
    a, b, n = row["a"], row["b"], row["n_classes"]
    lines = [f"{facet}: {a} and {b} share {n} class{'' if n == 1 else 'es'}"]
    if n:
        lines.append(f"  {', '.join(row['classes'])}")
    for side, name in (("a", a), ("b", b)):
        kept, items, dropped = (row[f"{what}_{side}"] for what in ("kept", "items", "dropped"))
        much = "" if items is None else f" ({items - kept:,} of {items:,} labels given)"
        if dropped:
            lines.append(f"  {name} drops{much}: {', '.join(dropped)}")
    return "\n".join(lines)

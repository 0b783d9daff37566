"""``python -m mirbench.datasheets``: makes ``docs/corpora.md``; with ``--sheets`` the sheets of all
corpora that are on this machine, audit and all (minutes), and the counts that the table prints."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mirbench.datasheets.every import COUNTS, every_corpus, measured, stored_counts
from mirbench.datasheets.markdown import to_markdown
from mirbench.datasheets.sheet import datasheet, our_names
from mirbench.home import write_atomically

DOCS = Path(__file__).parents[2] / "docs"


def main(arguments: list[str] | None = None) -> int:
    """Write the table, and the sheets where asked."""
    parser = argparse.ArgumentParser(prog="python -m mirbench.datasheets", description=__doc__)
    parser.add_argument(
        "--sheets", nargs="*", metavar="NAME", help="of these; of all without a name"
    )
    parser.add_argument("-o", "--output", default=str(DOCS), metavar="DIR", help="default: docs")
    options = parser.parse_args(arguments)
    root = Path(options.output)
    if options.sheets is not None:
        _sheets(options.sheets or our_names(), root / "datasheets")
    _write(root / "corpora.md", every_corpus(root / "datasheets"))
    return 0


def _sheets(names: list[str], folder: Path) -> None:
    counts = stored_counts()
    for name in names:
        sheet = datasheet(name, audit=True)
        if sheet.composition is None:
            print(f"{name}: {sheet.missing}", file=sys.stderr)
            continue
        counts[name] = measured(sheet.composition)
        _write(folder / f"{name}.md", to_markdown(sheet) + "\n")
        ordered = json.dumps(dict(sorted(counts.items())), indent=1, ensure_ascii=False)
        _write(COUNTS, ordered + "\n")


def _write(path: Path, text: str) -> None:
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
    print(path)


if __name__ == "__main__":
    sys.exit(main())

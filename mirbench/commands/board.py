"""Boards and comparisons of finished records."""

from __future__ import annotations

import sys
import textwrap
import warnings
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from mirbench.commands.common import (
    matrix_text,
    protocols_of,
    records_root,
    width,
    write,
    write_page,
)
from mirbench.errors import DataError, MirbenchError, ProtocolError, RecordError
from mirbench.home import write_atomically
from mirbench.protocols import load_protocol


def board(options: Namespace) -> int:
    """Tables and pictures from finished records; nothing is run. 1 if a record can't be used."""
    if options.site:
        return _site(options)
    if options.action == "freeze":
        from mirbench.commands.trust import freeze

        return freeze(options)
    from mirbench.boards import board as make_board
    from mirbench.boards import console, strata, text, usable
    from mirbench.boards.judge import Judge
    from mirbench.methods import current_code
    from mirbench.records import read_records
    from mirbench.trust.cite import of_protocol

    root = records_root(options)
    every, faults = read_records(root)
    if options.protocol:
        chosen = [load_protocol(options.protocol, root)]
    else:
        chosen = protocols_of(root, faults)
    if len(chosen) > 1 and options.format in ("csv", "json", "html"):
        raise ProtocolError(f"name one protocol with -p for {options.format}")
    texts, judges = [], []
    for protocol in chosen:
        mine = [r for r in every if r.identity["protocol_hash"] == protocol.hash]
        records, unfit = usable(mine, protocol)
        faults += unfit
        if not records:
            faults.append(f"{root}: no record of protocol {protocol.name}; run a method first")
            continue
        if options.by:
            split = text.folded(strata(records, protocol, options.by))
            texts.append(console.text_table(split, width=width(), keys=2))
            continue
        judge = Judge(records, protocol, current_code(records))
        table = make_board(judge, protocol)
        if options.dir:
            write_page(judge, table, options.dir)
            judges.append(judge)
        if options.format == "text":
            texts.append(console.to_text(table, width=width()))
            if protocol.shares:
                texts.append(matrix_text(judge, table))
            said = textwrap.fill(f"In a paper: {of_protocol(protocol).in_words}", width())
            texts.append(f"{said}\nBibTeX: mirbench cite {protocol.name}\n")
        else:
            texts.append(text.render(table, options.format))
    if judges:
        from mirbench.boards.write_across import write_across

        write_across(judges, Path(options.dir).expanduser())
    if texts:
        write("\n".join(texts), options.output)
    for fault in faults:
        print(f"mirbench: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _site(options: Namespace) -> int:
    """Pages of every protocol, method and corpus; 1 if a record can't be used."""
    from mirbench.site import build_site

    if options.protocol or options.dir or options.by or options.output:
        raise ProtocolError("--site is of all protocols: leave out -p, --dir, --by and -o")
    folder = Path(options.site).expanduser()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        written = build_site(records_root(options), folder)
    faults = [str(w.message) for w in caught if "left out" in str(w.message)]
    print(f"{len(written)} pages: open {folder / 'index.html'}")
    for fault in faults:
        print(f"mirbench: {fault}", file=sys.stderr)
    return 1 if faults else 0


def compare(options: Namespace) -> int:
    """Difference of two methods, its interval, its test, and a sentence."""
    from mirbench.boards import compare as compare_records
    from mirbench.boards.console import text_table
    from mirbench.boards.text import heading
    from mirbench.methods import load_method
    from mirbench.records import load_records

    protocol = load_protocol(options.protocol, records_root(options))
    records = load_records(records_root(options), protocol_hash=protocol.hash)
    sides = []
    for name in (options.a, options.b):
        specs = {name}
        with suppress(MirbenchError):  # an external row has no method to load
            specs.add(load_method(name).spec)
        found = [r for r in records if r.spec in specs]
        if not found:
            known = ", ".join(sorted({r.spec for r in records})) or "none"
            raise RecordError(
                f"no record of {name!r} under {protocol.name} (there are: {known}); "
                f"make one: mirbench run {name} -p {protocol.name}"
            )
        sides.append(found)
    result = compare_records(sides[0], sides[1], protocol, options.metric)
    print(result.sentence)
    if result.p == result.p:
        print("p is of this pair alone; boards correct theirs for all pairs of rows (Holm).")
    what = heading({"name": result.metric, "unit": result.unit})
    part = result.per_class.attrs["part"]
    print(f"\n{what} by {part}, a: {result.a}, b: {result.b}; wins: items on which it is better")
    print(text_table(result.per_class, width=width()))
    if options.output:
        from mirbench.boards.class_differences import class_differences
        from mirbench.boards.looks import image
        from mirbench.boards.plot_versus import plot_versus

        kind = Path(options.output).suffix.lower().lstrip(".")
        if kind not in ("svg", "png", "pdf"):
            raise DataError(f"{options.output}: name a .svg, .png or .pdf file")
        drawn = image(
            plot_versus(result, class_differences(result, sides[0], sides[1], protocol)), kind
        )
        write_atomically(Path(options.output), lambda part: part.write_bytes(drawn))
        print(options.output)
    return 0

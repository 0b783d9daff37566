"""What each command of the command line does."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mirbench.errors import DataError, MirbenchError, ProtocolError, RecordError
from mirbench.home import home, write_atomically
from mirbench.protocols import Protocol, load_protocol, make_protocol, protocol_names

if TYPE_CHECKING:
    import pandas as pd

    from mirbench.boards.judge import Judge


def list_(options: Namespace) -> int:
    """Name the tasks, corpora, protocols, methods or metrics there are."""
    from mirbench import listing

    print(listing.table(options.what))
    return 0


def run(options: Namespace) -> int:
    """Run methods, print their board; 1 if a method gave no result."""
    from mirbench.boards import board
    from mirbench.boards.console import to_text
    from mirbench.boards.judge import Judge
    from mirbench.failures import sentences
    from mirbench.methods import current_code
    from mirbench.running import run_protocol

    protocol = _protocol(options)
    seeds = options.seeds or None
    done, failures = run_protocol(
        options.methods,
        protocol,
        n_jobs=max(1, options.jobs),
        seeds=seeds,
        records=_records(options),
        allow_leaks=options.allow_leaks,
    )
    if done:
        judge = Judge(done, protocol, current_code(done))
        table = board(judge, protocol)
        print(to_text(table, width=_width()))
        print(_matrix_text(judge, table))
        if options.dir:
            print(f"tables and pictures: {_page(judge, table, options.dir)}")
    for sentence in sentences(failures, options.methods, protocol.task):
        print(f"mirbench: {sentence}", file=sys.stderr)
    return 1 if failures else 0


def score(options: Namespace) -> int:
    """Put predictions made elsewhere on the board, marked external."""
    from mirbench.api import score as score_predictions
    from mirbench.boards.console import to_text

    table = score_predictions(
        options.predictions, options.protocol, name=options.name, records=_records(options)
    )
    print(to_text(table, width=_width()))
    return 0


def compare(options: Namespace) -> int:
    """Difference of two methods, its interval, its test, and a sentence."""
    from mirbench.boards import compare as compare_records
    from mirbench.boards.console import text_table
    from mirbench.boards.text import heading
    from mirbench.methods import load_method
    from mirbench.records import load_records

    protocol = load_protocol(options.protocol, _records(options))
    records = load_records(_records(options), protocol_hash=protocol.hash)
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
    print(f"\n{what} by class, a: {result.a}, b: {result.b}; wins: items on which it is better")
    print(text_table(result.per_class, width=_width()))
    return 0


def board(options: Namespace) -> int:
    """Tables and pictures from finished records; nothing is run. 1 if a record can't be used."""
    from mirbench.boards import board as make_board
    from mirbench.boards import console, strata, text, usable
    from mirbench.boards.judge import Judge
    from mirbench.methods import current_code
    from mirbench.records import read_records

    root = _records(options)
    every, faults = read_records(root)
    if options.protocol:
        chosen = [load_protocol(options.protocol, root)]
    else:
        chosen = _protocols_of(root, faults)
    if len(chosen) > 1 and options.format in ("csv", "json", "html"):
        raise ProtocolError(f"name one protocol with -p for {options.format}")
    texts = []
    for protocol in chosen:
        mine = [r for r in every if r.identity["protocol_hash"] == protocol.hash]
        records, unfit = usable(mine, protocol)
        faults += unfit
        if not records:
            faults.append(f"{root}: no record of protocol {protocol.name}; run a method first")
            continue
        if options.by:
            split = text.folded(strata(records, protocol, options.by))
            texts.append(console.text_table(split, width=_width(), keys=2))
            continue
        judge = Judge(records, protocol, current_code(records))
        table = make_board(judge, protocol)
        if options.dir:
            _page(judge, table, options.dir)
        if options.format == "text":
            texts.append(console.to_text(table, width=_width()))
        else:
            texts.append(text.render(table, options.format))
    if texts:
        _write("\n".join(texts), options.output)
    for fault in faults:
        print(f"mirbench: {fault}", file=sys.stderr)
    return 1 if faults else 0


def check(options: Namespace) -> int:
    """Contract tests; 1 if one fails."""
    from mirbench.corpora import corpus_names, load_corpus
    from mirbench.testing import check_corpus, check_method, check_protocol, report

    what = options.what
    if what in protocol_names() or what.endswith(".json"):
        checks = check_protocol(load_protocol(what), recordings=True)
    elif what in corpus_names() or Path(what).is_dir():
        checks = check_corpus(load_corpus(what))
    else:
        checks = check_method(what, options.task)
    print(report(checks))
    return 0 if all(c.passed for c in checks) else 1


def audit(options: Namespace) -> int:
    """Faults, duplicates, leaks and shortcuts; 1 if there is an error or a leak."""
    from mirbench.audit import audit as audit_items
    from mirbench.audit import between
    from mirbench.corpora import load_corpus
    from mirbench.running.items import located

    first, *others = options.what
    if not others and (first in protocol_names() or first.endswith(".json")):
        protocol = load_protocol(first)
        report = audit_items(located(protocol), protocol.cells)
    else:
        names = dict.fromkeys(options.what)
        report = audit_items(*between([load_corpus(name, strict=False) for name in names]))
    _write(report.to_json() if options.format == "json" else report.to_markdown(), options.output)
    return 1 if any(f.severity == "error" for f in report.findings) else 0


def apply(options: Namespace) -> int:
    """Train a method, then label a recording, or list the tracks most like it."""
    if options.query or options.catalogue:
        return _playlist(options)
    from mirbench.apply.command import apply_method

    if not options.audio:
        raise DataError("name the recording to label, or --query and --catalogue for a playlist")
    print(
        apply_method(
            options.method,
            options.audio,
            options.task or "speech-music",
            options.train,
            output=options.output,
            picture=not options.no_picture,
            stream=options.stream,
            block_s=options.block,
        )
    )
    return 0


def _playlist(options: Namespace) -> int:
    """The tracks of a catalogue nearest to a recording: a table, a playlist, a page."""
    from mirbench.apply.playlist import listing
    from mirbench.apply.playlist import playlist as make_playlist
    from mirbench.boards.console import text_table

    if options.audio or not (options.query and options.catalogue):
        raise DataError("a playlist needs --query FILE and --catalogue NAME_OR_DIR, nothing else")
    table = make_playlist(
        options.method,
        options.query,
        options.catalogue,
        options.k,
        train=options.train,
        task=options.task or "same-artist",
        output=options.output,
        page=options.page,
        colour=options.colour,
    )
    print(text_table(listing(table), width=_width()))
    for path in filter(None, (options.output, options.page)):
        print(path)
    return 0


def listen(options: Namespace) -> int:
    """Make a listening test from records, or score its ratings."""
    from mirbench.listen import command

    return getattr(command, options.action)(options)


def protocol(options: Namespace) -> int:
    """Write a protocol's cells as CSV."""
    _write(load_protocol(options.name).export().to_csv(index=False).rstrip("\n"), options.output)
    return 0


def _protocol(options: Namespace) -> Protocol:
    if options.protocol and (options.task or options.train or options.test):
        raise ProtocolError("give either --protocol or --task with --train, not both")
    if options.protocol:
        return load_protocol(options.protocol, _records(options))
    if not options.task or not options.train:
        raise ProtocolError("name a protocol with -p, or a task and corpora: --task T --train A B")
    return make_protocol(options.task, options.train, options.test, folds=options.folds)


def _protocols_of(root: Path, faults: list[str]) -> list[Protocol]:
    """Protocols that have records under ``root``: frozen ones, and those saved beside records.

    What is wrong with a damaged one goes to ``faults``.
    """
    found = {}
    for name in protocol_names():
        if any(root.glob(f"*/{name.replace('/', '.')}/*/*.json")):
            found[name] = load_protocol(name)
    for path in sorted(root.glob("*/*/protocol.json")):
        try:
            protocol = Protocol.load(path)
        except ProtocolError as error:
            faults.append(str(error))
        else:
            found[protocol.name] = protocol
    if not found and not faults:
        raise RecordError(f"{root}: no records; run a method first")
    return [*found.values()]


def _page(judge: Judge, table: pd.DataFrame, folder: str) -> Path:
    """Write all tables, the page and the pictures; returns the page."""
    from mirbench.boards.write import write_board

    root = Path(folder).expanduser() / judge.protocol.name.replace("/", ".")
    write_board(judge, judge.protocol, root, table=table)
    return root / "index.html"


def _matrix_text(judge: Judge, board: pd.DataFrame) -> str:
    """Scores by training and test set, with drops where a corpus is on both sides; a sweep's by
    degradation, as there are many."""
    from mirbench.boards import matrix, robustness
    from mirbench.boards.console import text_table, to_matrix_text
    from mirbench.boards.robustness import by_degradation
    from mirbench.boards.text import by_block

    table = matrix(judge, judge.protocol)
    swept = robustness(judge, judge.protocol)
    if swept["degradation"].nunique() > 1:
        title = f"{swept.attrs['metric']} on degraded copies of the test items, same fit"
        return f"{title}\n{text_table(by_degradation(swept), _width())}"
    if len(table[["source", "test"]].drop_duplicates()) < 2:
        return ""
    if (table["source"] == table["test"]).any():
        return to_matrix_text(table, width=_width())
    metric = table.attrs["metric"]
    return f"{metric} by training set\n{text_table(by_block(board, metric), _width())}"


def _records(options: Namespace) -> Path:
    return Path(options.records).expanduser() if options.records else home() / "records"


def _write(text: str, output: str | None) -> None:
    if output is None:
        print(text)
    else:
        write_atomically(Path(output), lambda part: part.write_text(text + "\n", encoding="utf-8"))


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((120, 40)).columns

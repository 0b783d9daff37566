"""Options of the commands on trust."""

from __future__ import annotations

import argparse
from typing import Any

RECORDS = "root of the records (default: MIRBENCH_HOME/records, then the repository's)"
WHAT = "key or path of a record, or a method with -p"


def add(commands: Any) -> None:
    """Add ``verify``, ``reproduce``, ``cite``, ``submit`` and ``accept`` to the sub-commands."""
    _verify(commands.add_parser("verify", help="check records and their figures, or a corpus"))
    _reproduce(commands.add_parser("reproduce", help="run a row again and say what differs"))
    _cite(commands.add_parser("cite", help="BibTeX of a row, a board, a corpus or a method"))
    _submit(commands.add_parser("submit", help="bundle a method's records for another board"))
    _accept(commands.add_parser("accept", help="check a bundle of somebody else's"))


def freezing(parser: argparse.ArgumentParser) -> None:
    """Options of ``board freeze``."""
    parser.add_argument(
        "action", nargs="?", choices=("freeze",), help="freeze: all boards as one citable archive"
    )
    parser.add_argument("--version", help="freeze: of the snapshot, e.g. 2026.1")
    parser.add_argument("--doi", default="", help="freeze: of the archive, if one was reserved")
    parser.add_argument(
        "--date", default="", help="freeze: YYYY-MM-DD (default: SOURCE_DATE_EPOCH)"
    )


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "snapshot",
        nargs="?",
        metavar="CORPUS|ARCHIVE",
        help="a corpus, a folder of recordings or a frozen archive instead of records",
    )
    parser.add_argument(
        "--records", help="root (default: the repository's, or MIRBENCH_HOME/records)"
    )
    parser.add_argument("--boards", help="generated boards (default: 'boards' beside the records)")


def _reproduce(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="KEY|PATH|METHOD", help=WHAT)
    parser.add_argument("-p", "--protocol", default="")
    parser.add_argument(
        "--method", default="", help="what to run, where the record's isn't installed"
    )
    parser.add_argument("-j", "--jobs", type=int, default=2, help="worker processes (default 2)")
    parser.add_argument(
        "--fresh-features", action="store_true", help="leave the cache of features aside too"
    )
    parser.add_argument("--ledger", help="write the outcome there (leaderboards/verified.json)")
    parser.add_argument("--records", help=RECORDS)


def _cite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="KEY|PROTOCOL|CORPUS|METHOD",
        help="key or path of a record, a protocol, a corpus, a method",
    )
    parser.add_argument("-p", "--protocol", default="", help="with a method: under that protocol")
    parser.add_argument("--format", choices=("bibtex", "cff", "apa"), default="bibtex")
    parser.add_argument("-o", "--output", help="file to write (default: standard output)")
    parser.add_argument("--records", help=RECORDS)


def _submit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="METHOD|KEY|PATH", help=WHAT)
    parser.add_argument("-p", "--protocol", default="")
    parser.add_argument("-o", "--output", required=True, metavar="BUNDLE.zip")
    parser.add_argument("--records", help=RECORDS)


def _accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle")
    parser.add_argument("--into", metavar="DIR", help="root of records to add it to")

"""Options of the commands on corpora."""

from __future__ import annotations

import argparse
from typing import Any

FUNCTIONS = {
    "fetch": "corpora.fetch",
    "datasheet": "datasheet.datasheet",
    "cross": "labels.cross",
}
"""Where each command's function is, under `mirbench.commands`."""


FACETS = ("genre", "rhythm", "instrument", "mood", "speech-music", "tags")


def add(commands: Any) -> None:
    """Add ``fetch``, ``datasheet`` and ``cross`` to the sub-commands."""
    _fetch(commands.add_parser("fetch", help="get a published corpus, or link your own copy"))
    _datasheet(commands.add_parser("datasheet", help="what is known of a corpus, on a page"))
    _cross(commands.add_parser("cross", help="which classes corpora share, and what falls away"))


def _fetch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Get published corpora, or link a copy of your own. Halves are gone on with, hashes checked; "
        "--list and --dry-run ask no server."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="corpora; none: as --list")
    parser.add_argument("--list", action="store_true", help="size, state and licence of each")
    parser.add_argument(
        "--dry-run", action="store_true", help="what would be fetched, and from where"
    )
    parser.add_argument(
        "--from", dest="source", metavar="DIR", help="link a folder of your own instead"
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        help="folder of corpora (default: MIRBENCH_DATA, or MIRBENCH_HOME/data)",
    )
    parser.add_argument(
        "--drop-archives", action="store_true", help="delete each archive once it's unpacked"
    )
    parser.add_argument(
        "--lists", action="store_true", help="the published lists of a corpus got by hand"
    )


def _datasheet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="corpus (mirbench list corpora) or folder")
    parser.add_argument("--audit", action="store_true", help="listen to every item too")
    parser.add_argument("--format", choices=("markdown", "json", "html"), default="markdown")
    parser.add_argument("-o", "--output", help="file to write (default: standard output)")


def _cross(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpora", nargs="+", metavar="NAME_OR_DIR", help="two corpora or more")
    parser.add_argument("--facet", choices=FACETS, help="default: all that list two of them")
    parser.add_argument(
        "--relations",
        nargs="+",
        default=["exact"],
        choices=("exact", "close", "broader"),
        help="which labels count as one class (docs/labels.md)",
    )

"""The command line. Each command imports what it needs when it runs: ``--help`` stays quick."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module

from mirbench import __version__
from mirbench.commands import corpus_options
from mirbench.errors import MirbenchError
from mirbench.nearest_names import asked
from mirbench.trust import options as trust

KINDS = ("tasks", "corpora", "protocols", "methods", "metrics")
FORMATS = ("text", "markdown", "csv", "latex", "json", "html")
_FUNCTIONS = {
    "list": "look.list_",
    "check": "look.check",
    "audit": "look.audit",
    "protocol": "look.protocol",
    "run": "run.run",
    "score": "run.score",
    "board": "board.board",
    "compare": "board.compare",
    "report": "show.report",
    "export": "show.export",
    "apply": "apply.apply",
    "listen": "apply.listen",
    "verify": "trust.verify",
    "reproduce": "trust.reproduce",
    "cite": "trust.cite",
    "submit": "trust.submit",
    "accept": "trust.accept",
    **corpus_options.FUNCTIONS,
}
"""Where each command's function is, under `mirbench.commands`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (0 done, 1 an error of the user's to mend)."""
    arguments = _parser().parse_args(argv)
    module, _, function = _FUNCTIONS[arguments.command].partition(".")
    return status_of(
        lambda: getattr(import_module(f"mirbench.commands.{module}"), function)(arguments)
    )


def status_of(command: Callable[[], int]) -> int:
    """Run a command; what its user has to mend, and warnings, are a line each on standard error.

    Returns
    -------
    int
        The command's status; 1 for an error of the user's to mend, 130 for Ctrl-C.
    """
    warnings.showwarning = _one_line
    try:
        return command()
    except MirbenchError as error:
        from mirbench.corpora.published import for_a_command

        print(f"mirbench: {for_a_command(str(error))}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except OSError as error:
        print(f"mirbench: {error}; mend the path or its permissions", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mirbench: stopped; run the same command again to go on", file=sys.stderr)
        return 130


def _one_line(message: Warning | str, *_: object, **__: object) -> None:
    print(f"mirbench: warning: {message}", file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """Says of an unknown option, with the usage of its own command, which one may have been meant."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]
        """As argparse's, but what is left over is an error."""
        known, left = super().parse_known_args(args, namespace)
        if left:
            name = left[0].partition("=")[0]
            near = asked(name, self._option_string_actions, f"see '{self.prog} --help'")
            self.error(f"unknown {'option ' if name.startswith('-') else ''}{name!r}{near}")
        return known, left


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mirbench",
        description="Music information retrieval methods side by side under identical protocols.",
        epilog="example: mirbench run prior-frames mfcc-svm-frames scheirer-slaney-gmm -p speech-music/mini",
    )
    parser.add_argument("--version", action="version", version=f"mirbench {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _list(commands.add_parser("list", help="name what there is"))
    _run(commands.add_parser("run", help="run methods under a protocol, print their board"))
    _score(commands.add_parser("score", help="put predictions made elsewhere on a board"))
    _compare(commands.add_parser("compare", help="two methods: difference, interval, test"))
    _board(commands.add_parser("board", help="tables and pictures from finished records"))
    _report(commands.add_parser("report", help="listen to a method's worst mistakes"))
    _export(commands.add_parser("export", help="records as parquet, for DuckDB and pandas"))
    _check(commands.add_parser("check", help="contract tests for a method, corpus or protocol"))
    _audit(commands.add_parser("audit", help="look for faults, duplicates, leaks and shortcuts"))
    _apply(
        commands.add_parser(
            "apply", help="label a recording, find tracks like it, or videos for it"
        )
    )
    _listen(commands.add_parser("listen", help="blind listening tests of ranking methods"))
    _protocol(
        commands.add_parser(
            "protocol", help="export a protocol as CSV, or without what an audit drops"
        )
    )
    corpus_options.add(commands)
    trust.add(commands)
    return parser


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=KINDS)
    words = "protocols or metrics of this task only"
    parser.add_argument("task", nargs="?", metavar="TASK", help=words)
    parser.add_argument("--task", dest="of_task", metavar="TASK", help="the same")


def _protocol_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--protocol", help="name (mirbench list protocols) or .json file")
    parser.add_argument("--task", help="task of a protocol made from --train and --test")
    where = "corpora (mirbench list corpora) or folders"
    parser.add_argument("--train", nargs="+", default=[], metavar="NAME_OR_DIR", help=where)
    parser.add_argument(
        "--test", nargs="+", default=[], metavar="NAME_OR_DIR", help="default: those of --train"
    )
    parser.add_argument(
        "--labels", metavar="CSV", help="with --task: map of labels: label,class[,corpus]"
    )
    parser.add_argument(
        "--relations",
        nargs="+",
        default=["exact"],
        choices=("exact", "close", "broader"),
        help="with --task: which labels of two corpora count as one class (docs/labels.md)",
    )
    parser.add_argument(
        "--folds", type=int, default=5, help="folds where a corpus is on both sides (default 5)"
    )


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "methods",
        nargs="+",
        metavar="METHOD",
        help="name or file.py:function, either with parameters: NAME:k=v,k=v",
    )
    _protocol_options(parser)
    parser.add_argument("-j", "--jobs", type=int, default=2, help="worker processes (default 2)")
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of the protocol's")
    parser.add_argument("--records", help="root of the records (default: MIRBENCH_HOME/records)")
    parser.add_argument("--dir", help="folder for all tables, the page and the pictures")
    parser.add_argument("--allow-leaks", action="store_true", help="run a leaking protocol, marked")


def _score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "predictions",
        help="CSV: columns cell, test and id of the test rows of 'mirbench protocol export', and "
        "label or a column of scores a class (one row a frame, from 0 s on, for frame tasks), or "
        "start_s, end_s, label for segments",
    )
    parser.add_argument("-p", "--protocol", required=True, help="name or .json file")
    parser.add_argument("--name", default="external", help="label on the board")
    parser.add_argument("--records")


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", metavar="METHOD_A")
    parser.add_argument("b", metavar="METHOD_B")
    parser.add_argument("-p", "--protocol", required=True)
    parser.add_argument("--metric", help="default: the protocol's first headline")
    parser.add_argument("-o", "--output", help="picture to write: .svg, .png or .pdf")
    parser.add_argument("--records")


def _board(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--protocol", help="default: every protocol with records")
    parser.add_argument("--records")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("-o", "--output", help="file to write (default: standard output)")
    parser.add_argument("--dir", help="folder for all tables, the page and the pictures")
    parser.add_argument(
        "--by", metavar="COLUMN", help="errors by stratum (language, sex, style, ...)"
    )
    parser.add_argument(
        "--site", metavar="DIR", help="static site of all protocols: open DIR/index.html"
    )
    trust.freezing(parser)


def _report(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "A page with a method's worst mistakes as players, with spectrograms, scores and the nearest "
        "training examples. It links the recordings on this machine: for your own ears."
    )
    parser.add_argument("method", metavar="METHOD")
    _protocol_options(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE.html")
    parser.add_argument("-n", type=int, default=20, help="how many mistakes (default 20)")
    parser.add_argument("--records")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--protocol", help="default: every protocol with records")
    parser.add_argument("-o", "--output", required=True, metavar="DIR")
    parser.add_argument("--records")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", help="method (name or file.py:function), folder, corpus or protocol"
    )
    parser.add_argument(
        "--task",
        help="task to try a method on (default speech-music, else the first that it answers for)",
    )


def _audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="+",
        help="protocol, or corpora and folders: several are audited as one, and for what they share",
    )
    parser.add_argument(
        "-j", "--jobs", type=int, default=2, help="processes that decode (default 2)"
    )
    parser.add_argument("--format", choices=("text", "md", "json"), default="text")
    parser.add_argument("-o", "--output")
    parser.add_argument(
        "--dir", metavar="DIR", help="page with players of what sounds alike, excerpts beside it"
    )
    parser.add_argument(
        "--patch", metavar="FILE.json", help="what to drop and to join: see 'protocol --patch'"
    )


def _apply(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Label a recording: segments over time, one class, tags (those over their threshold) or "
        "values; or, with --query and --catalogue, list the tracks that a ranking method holds most "
        "alike; or, with --music and --videos, say which part of which video goes with each second."
    )
    parser.add_argument(
        "method", nargs="?", help="name or file.py:function (default with --music: ave-net)"
    )
    parser.add_argument("audio", nargs="?", help="recording to label")
    parser.add_argument(
        "--task",
        help="speech-music (default), speech-music-segments, singing-voice, or with --train genre, "
        "rhythm, instruments, tags, emotion (default: what the columns of --train are for); with "
        "--query the ranking task of --train (default same-artist)",
    )
    parser.add_argument(
        "--train",
        nargs="+",
        default=[],
        metavar="NAME_OR_DIR",
        help="default: the task's real corpora under MIRBENCH_DATA, else the embedded ones; with "
        "--query the catalogue itself, without labels; with --music the embedded films",
    )
    parser.add_argument(
        "-o",
        "--output",
        help="file to write: .lab (one answer a recording: label, tab, score), or with --query .m3u8 "
        "or .m3u, or with --music .csv or .json",
    )
    labels = parser.add_argument_group("labels")
    labels.add_argument("--no-picture", action="store_true")
    labels.add_argument("--stream", action="store_true", help="block by block, in bounded memory")
    labels.add_argument(
        "--block", type=float, default=1.0, help="seconds a block (default 1); longer costs less"
    )
    playlist = parser.add_argument_group("playlist")
    playlist.add_argument("--query", metavar="FILE", help="recording to start from")
    playlist.add_argument("--catalogue", metavar="NAME_OR_DIR", help="where to look")
    playlist.add_argument("-k", type=int, default=20, help="length of the list (default 20)")
    playlist.add_argument("--page", metavar="FILE.html", help="page with players and a map")
    playlist.add_argument("--colour", metavar="COLUMN", help="colours the map (artist, genre, ...)")
    videos = parser.add_argument_group("videos for a music")
    videos.add_argument("--music", metavar="FILE", help="recording to find videos for")
    videos.add_argument("--videos", metavar="DIR", help="folder of videos")
    videos.add_argument(
        "--warp",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="videos may go at half or twice their speed (default: at their own)",
    )


def _listen(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("make", help="a blind page for raters, from finished records")
    make.add_argument("methods", nargs="+", metavar="METHOD")
    make.add_argument(
        "-p", "--protocol", required=True, help="ranking protocol: name or .json file"
    )
    make.add_argument("-o", "--output", required=True, help="folder for the test and its key")
    make.add_argument("--queries", type=int, default=20, help="how many are drawn (default 20)")
    make.add_argument("-k", type=int, default=5, help="tracks of each list (default 5)")
    make.add_argument("--scale", choices=("0-4", "yes-no"), default="0-4")
    make.add_argument(
        "--other-groups", action="store_true", help="leave the query's own artist out of the lists"
    )
    make.add_argument("--seed", type=int, default=0)
    make.add_argument("--records")
    score = actions.add_parser("score", help="methods by the ratings that came back")
    score.add_argument("ratings", nargs="+", metavar="RATINGS.csv")
    score.add_argument("--key", required=True, help="key.json that 'listen make' wrote")
    score.add_argument(
        "--similar-from", type=int, help="least rating that counts as similar (default 3 of 0-4)"
    )


def _protocol(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("export",))
    parser.add_argument("name", nargs="?", help="or -p NAME, or --task T --train A B")
    _protocol_options(parser)
    parser.set_defaults(records=None)
    parser.add_argument(
        "--patch", metavar="FILE.json", help="without what an audit drops: NAME-audited"
    )
    parser.add_argument(
        "-o",
        "--output",
        help="CSV file, or .json for the protocol itself (default: CSV on standard output)",
    )


if __name__ == "__main__":
    sys.exit(main())

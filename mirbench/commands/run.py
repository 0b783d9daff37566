"""Run methods, or take predictions made elsewhere."""

from __future__ import annotations

import sys
from argparse import Namespace

from mirbench.commands.common import chosen_protocol, matrix_text, records_root, width, write_page


def run(options: Namespace) -> int:
    """Run methods, print their board; 1 if a method gave no result."""
    from mirbench.boards import board
    from mirbench.boards.console import to_text
    from mirbench.boards.judge import Judge
    from mirbench.failures import sentences
    from mirbench.methods import current_code
    from mirbench.running import run_protocol

    protocol = chosen_protocol(options)
    seeds = options.seeds or None
    done, failures = run_protocol(
        options.methods,
        protocol,
        n_jobs=max(1, options.jobs),
        seeds=seeds,
        records=records_root(options),
        allow_leaks=options.allow_leaks,
    )
    if done:
        judge = Judge(done, protocol, current_code(done))
        table = board(judge, protocol)
        print(to_text(table, width=width()))
        print(matrix_text(judge, table))
        if options.dir:
            print(f"tables and pictures: {write_page(judge, table, options.dir)}")
    for sentence in sentences(failures, options.methods, protocol):
        print(f"mirbench: {sentence}", file=sys.stderr)
    return 1 if failures else 0


def score(options: Namespace) -> int:
    """Put predictions made elsewhere on the board, marked external."""
    from mirbench.api import score as score_predictions
    from mirbench.boards.console import to_text

    table = score_predictions(
        options.predictions, options.protocol, name=options.name, records=records_root(options)
    )
    print(to_text(table, width=width()))
    return 0

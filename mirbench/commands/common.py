"""What several commands need."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from mirbench.errors import ProtocolError, RecordError
from mirbench.home import home, write_atomically
from mirbench.protocols import Protocol, load_protocol, make_protocol, protocol_names

if TYPE_CHECKING:
    import pandas as pd

    from mirbench.boards.judge import Judge


def chosen_protocol(options: Namespace) -> Protocol:
    """The protocol named with ``-p``, or made of a task and corpora."""
    if options.protocol and (options.task or options.train or options.test):
        raise ProtocolError("give either --protocol or --task with --train, not both")
    if options.protocol:
        return load_protocol(options.protocol, records_root(options))
    if not options.task or not options.train:
        raise ProtocolError("name a protocol with -p, or a task and corpora: --task T --train A B")
    return make_protocol(
        options.task,
        options.train,
        options.test,
        folds=options.folds,
        labels=options.labels,
        relations=options.relations,
    )


def protocols_of(root: Path, faults: list[str]) -> list[Protocol]:
    """Protocols that have records under ``root``: frozen ones, and those saved beside records.

    What is wrong with a damaged one goes to ``faults``.
    """
    found = {}
    for name in protocol_names():
        if any(root.glob(f"*/{name.replace('/', '.')}/*/*.json")):
            found[name] = load_protocol(name)  # what lies beside records can't stand for it
    for path in sorted(root.glob("*/*/protocol.json")):
        try:
            protocol = Protocol.load(path)
        except ProtocolError as error:
            faults.append(str(error))
        else:
            known = found.get(protocol.name)
            if known is None:
                found[protocol.name] = protocol
            elif known.hash != protocol.hash:
                faults.append(f"{path}: another protocol than the frozen one of its name; drop it")
    if not found and not faults:
        raise RecordError(f"{root}: no records; run a method first")
    return [*found.values()]


def write_page(judge: Judge, table: pd.DataFrame, folder: str) -> Path:
    """Write all tables, the page and the pictures; returns the page."""
    from mirbench.boards.write import write_board

    root = Path(folder).expanduser() / judge.protocol.name.replace("/", ".")
    write_board(judge, judge.protocol, root, table=table)
    return root / "index.html"


def matrix_text(judge: Judge, board: pd.DataFrame) -> str:
    """Scores by training and test set, with drops where a corpus is on both sides; a sweep's by
    degradation, as there are many; splits of the same items with what each adds."""
    from mirbench.boards import matrix, robustness
    from mirbench.boards.console import text_table, to_matrix_text
    from mirbench.boards.robustness import by_degradation
    from mirbench.boards.sensitivity import sensitivity
    from mirbench.boards.text import by_block

    if judge.protocol.shares:
        split = sensitivity(judge, judge.protocol)
        split = split.drop(columns=["family", "n_items", "n_groups"])
        return f"{split.attrs['metric']} of the same items\n{text_table(split, width(), 2)}"
    table = matrix(judge, judge.protocol)
    swept = robustness(judge, judge.protocol)
    if swept["degradation"].nunique() > 1:
        title = f"{swept.attrs['metric']} on degraded copies of the test items, same fit"
        return f"{title}\n{text_table(by_degradation(swept), width())}"
    if len(table[["source", "test"]].drop_duplicates()) < 2:
        return ""
    if (table["source"] == table["test"]).any():
        return to_matrix_text(table, width=width())
    metric = table.attrs["metric"]
    by = "labels a class" if judge.protocol.few_labels else "training set"
    return f"{metric} by {by}\n{text_table(by_block(board, metric), width())}"


def records_root(options: Namespace) -> Path:
    """Root of the records: ``--records``, or that under ``MIRBENCH_HOME``."""
    return Path(options.records).expanduser() if options.records else home() / "records"


def write(text: str, output: str | None) -> None:
    """Print a text, or write it to a file."""
    if output is None:
        print(text)
    else:
        write_atomically(Path(output), lambda part: part.write_text(text + "\n", encoding="utf-8"))


def width() -> int:
    """Columns of the terminal."""
    return shutil.get_terminal_size((120, 40)).columns

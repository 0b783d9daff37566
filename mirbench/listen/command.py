"""What ``mirbench listen make`` and ``mirbench listen score`` do."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

from mirbench.boards.console import text_table
from mirbench.boards.text import folded
from mirbench.errors import RecordError
from mirbench.home import home
from mirbench.listen.make import make_test
from mirbench.listen.score import score_ratings
from mirbench.methods import load_method
from mirbench.protocols import load_protocol
from mirbench.records import load_records


def make(options: Namespace) -> int:
    """Write the test of some methods' finished records, say where."""
    root = Path(options.records) if options.records else home() / "records"
    protocol = load_protocol(options.protocol, root)
    records = load_records(root, protocol_hash=protocol.hash)
    chosen = []
    for name in options.methods:
        specs = {name}
        if name not in {record.spec for record in records}:
            specs.add(load_method(name).spec)
        mine = [record for record in records if record.spec in specs]
        if not mine:
            raise RecordError(
                f"no record of {name!r} under {protocol.name}; "
                f"make one: mirbench run {name} -p {protocol.name}"
            )
        chosen += mine
    page = make_test(
        chosen,
        protocol,
        options.output,
        queries=options.queries,
        k=options.k,
        scale=options.scale,
        other_groups=options.other_groups,
        seed=options.seed,
        progress=True,
    )
    print(f"give raters the folder {page.parent} (they open {page.name})")
    print(f"keep {page.parent.parent / 'key.json'}: it says which method found what")
    return 0


def score(options: Namespace) -> int:
    """Print what raters say of the methods."""
    scores = score_ratings(options.ratings, options.key, similar_from=options.similar_from)
    width = shutil.get_terminal_size((100, 24)).columns
    for table in (scores.methods, scores.pairs, scores.raters):
        if len(table):
            print(text_table(folded(table, 2), width=width))
    print("\n".join(scores.notes))
    return 0

"""What there is and whether it is sound: lists, contract tests, audits, protocols as tables."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from mirbench.commands.common import chosen_protocol, write
from mirbench.protocols import load_protocol, protocol_names, published_names
from mirbench.protocols.custom import keep_places


def list_(options: Namespace) -> int:
    """Name the tasks, corpora, protocols, methods or metrics there are; protocols and metrics by task."""
    from mirbench import listing

    print(listing.table(options.what, options.task or options.of_task))
    return 0


def check(options: Namespace) -> int:
    """Contract tests; 1 if one fails."""
    from mirbench.corpora import corpus_names, load_corpus
    from mirbench.testing import check_corpus, check_method, check_protocol, report

    what = options.what
    if what in [*protocol_names(), *published_names()] or what.endswith(".json"):
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
    from mirbench.audit import between, make_patch, split_cells
    from mirbench.corpora import load_corpus
    from mirbench.running.items import located
    from mirbench.running.progress import Progress

    first, *others = options.what
    if not others and (first in [*protocol_names(), *published_names()] or first.endswith(".json")):
        made = load_protocol(first)
        items, cells = located(made), split_cells(made)
    else:
        names = dict.fromkeys(options.what)
        items, cells = between([load_corpus(name, strict=False) for name in names])
    with Progress(True) as bars:
        advance = bars.task("listen", len(items))
        report = audit_items(items, cells, n_jobs=options.jobs, advance=advance)
    if options.patch:
        patch = make_patch(report, items, options.what)
        write(json.dumps(patch, indent=1, ensure_ascii=False), options.patch)
    if options.dir:
        from mirbench.audit.page import write_page

        write_page(report, items, options.dir, " and ".join(options.what))
    write(report.to_json() if options.format == "json" else report.to_markdown(), options.output)
    return 1 if any(f.severity == "error" for f in report.findings) else 0


def protocol(options: Namespace) -> int:
    """Write a protocol's cells as CSV, or the protocol itself to a ``.json`` file.

    The protocol is named, or made of a task and corpora. With ``patch``, a file of ``mirbench audit --patch``, that of the protocol without what it drops.
    """
    made = load_protocol(options.name) if options.name else chosen_protocol(options)
    if options.patch:
        from mirbench.audit import audited, load_patch

        made = audited(made, load_patch(options.patch))
    if options.output and options.output.endswith(".json"):
        made.save(Path(options.output).expanduser())
        keep_places(made)
    else:
        write(made.export().to_csv(index=False).rstrip("\n"), options.output)
    return 0

"""What there is and whether it is sound: lists, contract tests, audits, protocols as tables."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from mirbench.commands.common import write
from mirbench.protocols import load_protocol, protocol_names, published_names


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
    from mirbench.audit import between
    from mirbench.corpora import load_corpus
    from mirbench.running.items import located

    first, *others = options.what
    if not others and (first in [*protocol_names(), *published_names()] or first.endswith(".json")):
        protocol = load_protocol(first)
        report = audit_items(located(protocol), protocol.cells)
    else:
        names = dict.fromkeys(options.what)
        report = audit_items(*between([load_corpus(name, strict=False) for name in names]))
    write(report.to_json() if options.format == "json" else report.to_markdown(), options.output)
    return 1 if any(f.severity == "error" for f in report.findings) else 0


def protocol(options: Namespace) -> int:
    """Write a protocol's cells as CSV."""
    write(load_protocol(options.name).export().to_csv(index=False).rstrip("\n"), options.output)
    return 0

"""The whole site: every page from committed records, frozen protocols and modules' constants."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib

from mirbench import __version__
from mirbench.boards.table import load_published
from mirbench.corpora import corpus_names
from mirbench.errors import ProtocolError, RecordError
from mirbench.methods import method_names
from mirbench.protocols import Protocol, load_protocol, protocol_names
from mirbench.site.corpus_page import corpus_page
from mirbench.site.known import Known, of_methods
from mirbench.site.method_page import method_page
from mirbench.site.names import address
from mirbench.site.protocol_page import Judged, judge_protocol, unrun
from mirbench.site.render import render
from mirbench.site.task_page import protocol_line, task_page
from mirbench.trust.status import load_ledger

WHO = ("method", "spec", "params")


def build_site(records_root: Path, directory: Path, *, jobs: int = 2) -> list[Path]:
    """Write the site of all records under ``records_root``.

    ``index.html``; a page a protocol, task, method and corpus in folders of these names. The same
    records give the same bytes. Protocols are judged in ``jobs`` processes.

    Parameters
    ----------
    records_root : path-like
    directory : path-like
        Made where it isn't there; pages of the same names are replaced.
    jobs : int

    Returns
    -------
    list of Path
        What was written, sorted.

    Raises
    ------
    RecordError
        There is no usable record.
    """
    root = Path(records_root)
    frozen = [load_protocol(name) for name in protocol_names()]
    protocols, paths, identities = _with_records(root, frozen)
    known = Known(root, load_published(), load_ledger(), *of_methods(identities))
    # the largest first, so that the processes end together
    order = sorted(protocols, key=lambda p: (-_work(p, paths), p.name))
    found = joblib.Parallel(n_jobs=min(jobs, max(1, len(order))))(
        joblib.delayed(judge_protocol)(p, paths[p.hash], known) for p in order
    )
    judged = [j for j in found if isinstance(j, Judged)]
    for j in found:
        for fault in j.faults if isinstance(j, Judged) else j:
            warnings.warn(f"{fault} (left out)", stacklevel=2)
    if not judged:
        raise RecordError(f"{root}: no usable record; run a method first")
    named = {p.name: p for p in [*frozen, *protocols]}
    judged += [unrun(named[name]) for name in sorted(set(named) - {j.name for j in judged})]
    judged.sort(key=lambda j: (j.evidence != "real", j.task, j.name))
    return _write(_pages(judged, [named[name] for name in sorted(named)]), Path(directory))


def _pages(judged: Sequence[Judged], protocols: Sequence[Protocol]) -> dict[str, str]:
    """Text of every page by its address."""
    pages = {address("protocol", j.name): j.html for j in judged}
    by_task: dict[str, list[Judged]] = {}
    for j in judged:
        by_task.setdefault(j.task, []).append(j)
    pages |= {address("task", task): task_page(same) for task, same in by_task.items()}
    methods, corpora = [], []
    in_records = {row["method"] for j in judged for row in j.rows}
    for name in sorted(in_records | set(method_names())):
        pages[address("method", name)], about = method_page(name, judged)
        methods.append(about)
    used = {str(c) for p in protocols for c in p.items["corpus"].unique()}
    for name in sorted(used | set(corpus_names())):
        pages[address("corpus", name)], about = corpus_page(name, protocols)
        corpora.append(about)
    pages["index.html"] = render(
        "index.html",
        root="",
        version=__version__,
        tasks=[
            {
                "name": task,
                "title": same[0].title,
                "href": address("task", task),
                "protocols": [protocol_line(j, "") for j in same],
            }
            for task, same in by_task.items()
        ],
        methods=methods,
        corpora=corpora,
        n_records=sum(len(row["records"]) for j in judged for row in j.rows),
        hashes=[(j.name, j.version, j.hash) for j in judged],
    )
    return pages


def _write(pages: dict[str, str], directory: Path) -> list[Path]:
    written = []
    for name, text in sorted(pages.items()):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _with_records(
    root: Path, frozen: Sequence[Protocol]
) -> tuple[list[Protocol], dict[str, list[Path]], list[dict[str, Any]]]:
    """Protocols that have records; the records' files by the protocol's hash, and all identities."""
    identities = []
    paths: dict[str, list[Path]] = {}
    saved: list[Protocol] = []
    for path in sorted(root.rglob("*.json")):
        if path.name == "protocol.json":
            try:
                saved.append(Protocol.load(path))
            except ProtocolError as error:
                warnings.warn(f"{error} (left out)", stacklevel=3)
            continue
        try:
            who = json.loads(path.read_text(encoding="utf-8"))["identity"]
            found = who["protocol_hash"]
            if [type(who[k]) for k in WHO] != [str, str, dict]:
                raise TypeError
            identities.append({k: who[k] for k in WHO})
        except (OSError, ValueError, KeyError, TypeError):
            warnings.warn(f"{path}: no record that can be read (left out)", stacklevel=3)
            continue
        paths.setdefault(str(found), []).append(path)
    known = {p.hash: p for p in [*saved, *frozen]}
    lost = sorted(set(paths) - set(known))
    for unknown in lost:
        warnings.warn(
            f"{paths[unknown][0]}: no protocol here has the hash {unknown[:12]} "
            f"({len(paths[unknown])} records left out)",
            stacklevel=3,
        )
    # of two protocols of one name, the frozen one
    named = {p.name: p for p in known.values() if p.hash in paths}
    return list(named.values()), paths, identities


def _work(protocol: Protocol, paths: dict[str, list[Path]]) -> int:
    """How long judging takes, roughly: answers times methods."""
    answers = sum(len(ids) for cell in protocol.cells for ids in cell.tests.values())
    return answers * len(paths[protocol.hash])

"""Page of a protocol, and what the other pages need to know of it; made in a worker process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.boards.cells import seconds, with_interval
from mirbench.boards.judge import Judge, usable
from mirbench.boards.table import board, whole_cost
from mirbench.boards.text import heading, notes
from mirbench.errors import RecordError
from mirbench.protocols import Protocol
from mirbench.records import Record, load_record
from mirbench.site import beside, views
from mirbench.site.board_table import board_table, flags_of
from mirbench.site.known import Known
from mirbench.site.render import render
from mirbench.site.tables import cell, records_of, table
from mirbench.trust.status import key_of

MANY_BLOCKS = 40
"""Blocks that a board has columns for; others are in the views below it."""


@dataclass(frozen=True)
class Judged:
    """A protocol's page and what other pages say of it.

    Attributes
    ----------
    name, task, title, description, evidence, hash, version : str
    html : str
    rows : list of dict
        Of each method: identity, rank, scores as text, flags, cost, records.
    blocks : DataFrame
        ``method``, ``corpus``, ``value``, ``lo``, ``hi`` of the first headline metric, for blocks
        that test one corpus as it is.
    metric : str
        Its name and unit.
    faults : list of str
        Records that couldn't be used.
    """

    name: str
    task: str
    title: str
    description: str
    evidence: str
    hash: str
    version: str
    n_items: int
    html: str
    rows: list[dict[str, Any]]
    blocks: pd.DataFrame
    metric: str
    faults: list[str]


def judge_protocol(
    protocol: Protocol,
    paths: Sequence[Path],
    known: Known,
) -> Judged | list[str]:
    """Judge the records at ``paths``, all of one protocol; only faults where none can be used."""
    loaded, faults = [], []
    for path in paths:
        try:
            record = load_record(path)
        except RecordError as error:
            faults.append(str(error))
            continue
        if record.header.get("status") == "complete":
            loaded.append(record)
    records, unfit = usable(loaded, protocol)
    faults += unfit
    if not records:
        return faults
    judge = Judge(records, protocol, known.code)
    made = board(judge, protocol)
    everything = made.copy()
    made.attrs["blocks"] = _shown_blocks(judge, made.attrs["blocks"])
    crossed, curve = views.matrix_of(judge), views.curve_view(judge, made)
    rows = [_row(row, judge.methods[row["method"]], made, known) for row in records_of(made)]
    html = render(
        "protocol.html",
        root="../",
        about=everything.attrs,
        protocol=protocol,
        facts=facts(protocol),
        board=board_table(made, judge.methods, known),
        notes=notes(made),
        published=beside.published_table(judge, known.published),
        pareto=beside.pareto_view(made),
        curve=curve,
        crossed=views.crossed_tables(judge, crossed) if len(judge.blocks) > 1 and not curve else [],
        degraded=views.degraded_tables(judge),
        ranking=views.ranking_tables(judge, made),
        splits=views.split_tables(judge, made),
        confusions=views.confusions(judge, made),
        sources=sources_table(rows),
    )
    first = judge.headline[0]
    metric = heading({"name": first.name, "unit": first.unit})
    return _judged(protocol, html, rows, _by_corpus(crossed, protocol), metric, faults)


def unrun(protocol: Protocol) -> Judged:
    """The page of a protocol that has no record: what it consists of."""
    html = render("unrun.html", root="../", protocol=protocol, facts=facts(protocol))
    empty = pd.DataFrame(columns=["method", "corpus", "value", "lo", "hi"])
    return _judged(protocol, html, [], empty, "", [])


def _judged(
    protocol: Protocol,
    html: str,
    rows: list[dict[str, Any]],
    blocks: pd.DataFrame,
    metric: str,
    faults: list[str],
) -> Judged:
    return Judged(
        name=protocol.name,
        task=protocol.task.name,
        title=protocol.task.title or protocol.task.name,
        description=protocol.description,
        evidence=protocol.evidence,
        hash=protocol.hash,
        version=protocol.version,
        n_items=len(protocol.items),
        html=html,
        rows=rows,
        blocks=blocks,
        metric=metric,
        faults=faults,
    )


def facts(protocol: Protocol) -> list[tuple[str, str]]:
    """What a protocol consists of, in words."""
    items, labels = protocol.items, protocol.task.labels
    groups, hours = items["group"].nunique(), items["duration_s"].sum()
    sources = list(dict.fromkeys(cell.source for cell in protocol.cells))
    listed = ", ".join(sources[:12]) + (" …" if len(sources) > 12 else "")
    found = [
        ("Version", protocol.version),
        ("Hash", protocol.hash),
        ("Task", f"{protocol.task.name} ({protocol.task.kind})"),
        ("Labels", f"{len(labels)}: " * (len(labels) > MANY_BLOCKS) + ", ".join(labels)),
        ("Items", f"{len(items):,} of {groups:,} groups, {seconds(float(hours))} in all"),
        ("Cells", f"{len(protocol.cells)} (a fit each); training sets: {listed}"),
        ("Seeds", ", ".join(map(str, protocol.seeds))),
        ("Budget", protocol.budget),
        ("Evidence", protocol.evidence),
    ]
    return [(name, text) for name, text in found if text]


def sources_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What made each row: keys and hashes of its records."""
    body = [
        [
            cell(row["spec"]),
            cell(r["seed"], sort=r["seed"]),
            cell(r["key"]),
            cell(r["outputs"]),
            cell(r["code"]),
            cell(r["libraries"]),
        ]
        for row in rows
        for r in row["records"]
    ]
    columns = ["method", "seed", "key of the record", "SHA-256 of its answers", "code", "libraries"]
    return table("The records behind the rows", columns, body)


def _shown_blocks(judge: Judge, blocks: Sequence[str]) -> list[str]:
    kept = [b for b in blocks if " + " not in b] or list(blocks)
    return kept if len(kept) <= MANY_BLOCKS else []


def _row(
    row: Mapping[str, Any],
    records: Sequence[Record],
    made: pd.DataFrame,
    known: Known,
) -> dict[str, Any]:
    who = records[0].identity
    digits = made.attrs.get("digits", 1)
    scores = []
    for m in made.attrs["metrics"]:
        value, lo, hi = (row[f"{m['name']}{end}"] for end in ("", " lo", " hi"))
        scores.append(f"{heading(m)} {with_interval(value, lo, hi, digits)}")
    return {
        "method": who["method"],
        "spec": row["method"],
        "title": row["title"],
        "family": row["family"],
        "params": dict(who["params"]),
        "rank": row["rank"],
        "of": len(made),
        "scores": scores,
        "flags": flags_of(row, records, known.ledger),
        "cost": seconds(whole_cost(row)),
        "records": [_source(record, known.root) for record in records],
    }


def _source(record: Record, root: Path) -> dict[str, Any]:
    who = record.identity
    libraries = who.get("libraries")
    named = libraries.items() if isinstance(libraries, dict) else ()
    return {
        "seed": who["seed"],
        "key": key_of(who),
        "path": record.path.relative_to(root).as_posix() if record.path else "",
        "outputs": str(record.header["outputs_sha256"])[:16],
        "code": str(who.get("code", ""))[:16],
        "libraries": ", ".join(f"{k} {v}" for k, v in sorted(named)),
    }


def _by_corpus(crossed: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Blocks that test a corpus as it is, by folds within it or trained on all others."""
    corpora = set(protocol.items["corpus"])
    kept = [
        test in corpora and (source == test or not corpora & {source})
        for source, test in zip(crossed["source"], crossed["test"])
    ]
    columns = {"method": "method", "test": "corpus", "value": "value", "lo": "lo", "hi": "hi"}
    return crossed.loc[kept, list(columns)].rename(columns=columns).reset_index(drop=True)

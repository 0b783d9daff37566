"""Sections of a datasheet as tables and sentences, for every way of printing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mirbench.audit.report import SEVERITIES, SHOWN_IDS, Report
from mirbench.boards.cells import seconds
from mirbench.datasheets.composition import Composition
from mirbench.datasheets.getting import in_bytes, total
from mirbench.datasheets.sheet import Datasheet

MANY = 60
"""Labels that have a line each; of more, the most frequent."""
EMBEDDED = "Synthesised: for a first run and for tests, no substitute for real recordings."
NO_TASK = (
    "No task of ours uses it yet: its loader gives the columns, and no protocol or metric is named."
)
OWN = (
    "No protocol names it: ``mirbench run METHOD --task TASK --train DIR`` makes one of it "
    "(``mirbench list tasks``)."
)


@dataclass(frozen=True)
class Table:
    """A table of texts."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A section: paragraphs, then a list of points, then tables, then a text as it stands."""

    title: str
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()
    tables: Sequence[Table] = ()
    verbatim: str = ""


def sections(sheet: Datasheet) -> list[Section]:
    """Sections in the order of Gebru et al.; the audit before how to get it."""
    made = [_motivation(sheet), _composition(sheet), _collection(sheet), _uses(sheet)]
    if sheet.report is not None:
        made.append(_audit(sheet.report))
    return [*made, _distribution(sheet), _citation(sheet)]


def _motivation(sheet: Datasheet) -> Section:
    titles = list(dict.fromkeys(f"{use.title} (``{use.task}``)" for use in sheet.uses))
    paragraphs = [p.replace("\n", " ") for p in sheet.about.split("\n\n")]
    if sheet.evidence == "embedded" and "ynthesised" not in sheet.about:
        paragraphs.append(EMBEDDED)
    paragraphs.append("Used here for:" if titles else OWN if sheet.own else NO_TASK)
    return Section("Motivation", paragraphs, titles)


def _composition(sheet: Datasheet) -> Section:
    made = sheet.composition
    if made is None:
        said = f"The recordings aren't on the machine that made this sheet, so nothing is counted: {sheet.missing}."
        return Section("Composition", [said])
    files = "file" if made.n_files == 1 else "files"
    paragraphs = [
        f"{made.n_items:,} items in {made.n_files:,} {files} ({in_bytes(made.n_bytes)}), {made.hours:.2f} h; "
        f"{_groups(made)}.",
        f"Columns of its item table: {', '.join(f'``{c}``' for c in made.columns)}.",
    ]
    lengths = Table(
        "Length of an item (s), by percentile",
        [_percentile(q) for q, _ in made.lengths],
        [[f"{value:.2f}" for _, value in made.lengths]],
    )
    formats = Table("Formats", ["format", "files"], [[name, f"{n:,}"] for name, n in made.formats])
    tables = [*_labels(made), lengths, formats]
    if made.n_groups < made.n_items:
        named = [[name, f"{n:,}"] for name, n in made.largest]
        tables.append(Table("Largest groups", ["group", "items"], named))
    return Section("Composition", paragraphs, tables=tables)


def _groups(made: Composition) -> str:
    """``'44 groups of 1 item'``, ``'12 groups of 1 to 5 items (median 2)'``."""
    least, median, most = made.group_sizes
    groups = f"{made.n_groups:,} group{'s' * (made.n_groups != 1)}"
    if least == most:
        return f"{groups} of {most:,} item{'s' * (most != 1)}"
    return f"{groups} of {least:,} to {most:,} items (median {median:,})"


def _percentile(q: int) -> str:
    return {0: "least", 50: "median", 100: "greatest"}.get(q, f"{q} %")


def _labels(made: Composition) -> list[Table]:
    tables = []
    for labels in made.labels:
        shown = labels.counts[:MANY]
        more = (
            f", the {MANY} most frequent of {len(labels.counts):,}"
            if len(shown) < len(labels.counts)
            else ""
        )
        which = "none of the task's" if labels.task else "no label"
        bare = f"; {labels.without:,} items have {which}" if labels.without else ""
        title = f"Labels{f' of {labels.task}' if labels.task else ''} (column {labels.column}{more}{bare})"
        ranged = any(count.about for count in shown)
        rows = [
            [
                c.label,
                f"{c.n:,}",
                f"{c.n_groups:,}",
                seconds(3600 * c.hours),
                *([c.about] if ranged else []),
            ]
            for c in shown
        ]
        columns = ["label", labels.unit, "groups", "length", *(["values"] if ranged else [])]
        tables.append(Table(title, columns, rows))
    return tables


def _collection(sheet: Datasheet) -> Section:
    faults = list(sheet.facts.faults)
    if faults:
        return Section("Collection", ["Known faults, each with its source:"], faults)
    if not sheet.own:
        return Section("Collection", ["No fault is known of."])
    audited = "Its faults are those of the audit below, if any."
    return Section("Collection", [audited if sheet.report else "Not listened to: add --audit."])


def _uses(sheet: Datasheet) -> Section:
    if not sheet.uses:
        return Section("Uses", [OWN if sheet.own else NO_TASK])
    rows = [
        [u.protocol, u.kind, u.task, u.metrics[0], ", ".join(u.metrics[1:])] for u in sheet.uses
    ]
    columns = ["protocol", "kind", "task", "headline metric", "beside it"]
    return Section("Uses", tables=[Table("Protocols, the usual one first", columns, rows)])


def _audit(report: Report) -> Section:
    found = [sum(f.severity == s for f in report.findings) for s in SEVERITIES]
    said = ", ".join(f"{n} {s}{'s' * (n != 1)}" for n, s in zip(found, SEVERITIES))
    rows = [[f.severity, f.check, _ids(f.ids), f.detail, f.mend] for f in report.findings]
    tables = (
        [Table("Findings", ["severity", "check", "items", "detail", "mend"], rows)] if rows else []
    )
    if report.probes:
        ranked = sorted(report.probes.items(), key=lambda pair: (-pair[1], pair[0]))
        title = "How well one number tells the classes apart (AUC by group, 0.5 is chance)"
        tables.append(Table(title, ["number", "AUC"], [[k, f"{v:.2f}"] for k, v in ranked]))
    return Section("Audit", [f"{report.n_items:,} items audited: {said}."], tables=tables)


def _ids(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return ", ".join(ids[:SHOWN_IDS]) + more


def _distribution(sheet: Datasheet) -> Section:
    known = sheet.facts
    paragraphs = [f"Licence: {known.licence or 'not stated'}.".replace("..", "."), sheet.way]
    if known.how and (known.by_hand or known.remotes):
        paragraphs.append(f"{known.how[:1].upper()}{known.how[1:].rstrip('.')}.")
    paragraphs += [p.replace("\n", " ") for p in sheet.layout.split("\n\n") if p]
    tables = []
    if known.remotes:
        rows = [
            [
                r.name,
                in_bytes(r.n_bytes) or "not stated",
                r.checksum or "none published",
                " ".join(r.urls),
            ]
            for r in known.remotes
        ]
        title = f"Published files: {total(tuple(known.remotes))}"
        tables.append(Table(title, ["file", "size", "checksum", "address"], rows))
    return Section("Distribution", paragraphs, tables=tables)


def _citation(sheet: Datasheet) -> Section:
    text = sheet.facts.bibtex.strip()
    return Section(
        "To cite", [] if text else ["No reference is known: name its source."], verbatim=text
    )

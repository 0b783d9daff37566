"""A datasheet as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from mirbench.datasheets.parts import Section, Table, sections
from mirbench.datasheets.sheet import Datasheet


def to_markdown(sheet: Datasheet) -> str:
    """The sheet; ends without a line break."""
    lines = [f"# {sheet.name}", "", f"{prose(sheet.facts.title)}.".replace("..", ".")]
    for section in sections(sheet):
        lines += ["", *_section(section)]
    return "\n".join(lines)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table of texts; bars in cells are escaped."""
    body = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(cell(text) for text in row) + " |" for row in body]


def cell(text: str) -> str:
    """A text inside a table."""
    return prose(text).replace("|", "\\|").replace("\n", " ")


def prose(text: str) -> str:
    """Docstring text as Markdown: double backticks to single ones."""
    return text.replace("``", "`").replace("<", "&lt;")


def _section(section: Section) -> list[str]:
    lines = [f"## {section.title}"]
    for paragraph in section.paragraphs:
        lines += ["", prose(paragraph)]
    if section.points:
        lines += ["", *(f"- {prose(point)}" for point in section.points)]
    for made in section.tables:
        lines += ["", *_table(made)]
    if section.verbatim:
        lines += ["", "```bibtex", section.verbatim, "```"]
    return lines


def _table(made: Table) -> list[str]:
    return [f"**{prose(made.title)}**", "", *table(made.columns, made.rows)]

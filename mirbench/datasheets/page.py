"""A datasheet as one static HTML file, looking as the site's pages do."""

from __future__ import annotations

from mirbench.datasheets.parts import sections
from mirbench.datasheets.sheet import Datasheet
from mirbench.site.render import render
from mirbench.site.tables import cell, table


def to_html(sheet: Datasheet) -> str:
    """The page: nothing on it is loaded from elsewhere, every text is escaped."""
    shown = [
        {
            "title": section.title,
            "paragraphs": section.paragraphs,
            "points": section.points,
            "verbatim": section.verbatim,
            "tables": [
                table(
                    t.title, t.columns, [[cell(text) for text in row] for row in t.rows], wraps=True
                )
                for t in section.tables
            ],
        }
        for section in sections(sheet)
    ]
    return render("datasheet.html", name=sheet.name, title=sheet.facts.title, sections=shown)

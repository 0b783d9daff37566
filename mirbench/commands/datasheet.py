"""The datasheet of a corpus."""

from __future__ import annotations

from argparse import Namespace

from mirbench.commands.common import write


def datasheet(options: Namespace) -> int:
    """Print what is known of a corpus; its audit too where asked, and then 1 if that finds an error."""
    from mirbench.datasheets import datasheet as sheet_of
    from mirbench.datasheets.markdown import to_markdown
    from mirbench.datasheets.page import to_html

    sheet = sheet_of(options.name, audit=options.audit)
    views = {"markdown": to_markdown, "html": to_html, "json": type(sheet).to_json}
    write(views[options.format](sheet).rstrip("\n"), options.output)
    found = sheet.report.findings if sheet.report else ()
    return 1 if any(f.severity == "error" for f in found) else 0

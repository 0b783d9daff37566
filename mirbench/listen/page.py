"""The page that raters open: offline, blind, kept in the browser, saved as CSV."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

SCALES = {
    "0-4": ("not similar", "a little", "partly", "similar", "very similar"),
    "yes-no": ("not similar", "similar"),
}
"""Words for the ratings 0, 1, ..."""

COLUMNS = ("test", "rater", "query", "candidate", "rating")
"""Of the CSV file that the page saves."""

RATER = r"[A-Za-z0-9_.\-]{1,32}"
"""What a rater may be called."""


def to_html(test: str, scale: str, queries: Sequence[dict[str, Any]]) -> str:
    """Page of a test; the same test gives the same text.

    Parameters
    ----------
    test : str
        Name of the test: ratings carry it.
    scale : {"0-4", "yes-no"}
    queries : sequence of dict
        ``name``, ``sound`` (relative address) and ``candidates``, dicts of ``name`` and ``sound``.
    """
    here = Path(__file__).parent
    script = (here / "page.js").read_text(encoding="utf-8")
    data = {"test": test, "columns": COLUMNS, "words": SCALES[scale], "queries": list(queries)}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(here), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("page.html").render(
        # no tag can begin inside the data
        data=json.dumps(data, ensure_ascii=True).replace("<", "\\u003c"),
        rater=RATER,
        words=SCALES[scale],
        n_queries=len(queries),
        n_candidates=sum(len(query["candidates"]) for query in queries),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )

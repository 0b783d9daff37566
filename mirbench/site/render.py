"""Templates, filled; style and script stand inside each page, so that it works from a file."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from mirbench.site.names import address

HERE = Path(__file__).parent


def render(template: str, **context: Any) -> str:
    """A page; every text is escaped, and what isn't given is an error."""
    return _environment().get_template(template).render(context) + "\n"


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("site.css", "site.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # ours, and hashed by the page's own policy: not escaped
    made.globals |= {"style": Markup(style), "script": Markup(script), "policy": policy}
    made.filters |= {"breaks": _breaks, "prose": _prose, "css": _css}
    made.globals["address"] = address
    return made


def _breaks(text: str) -> Markup:
    """Escaped, with places where a long name may be broken: after its colons, commas and slashes."""
    return Markup("<wbr>").join(re.findall(r"[^:,/]*[:,/]|[^:,/]+", text))


def _prose(text: str) -> Markup:
    """Escaped, with what stands in double backticks as code."""
    return Markup(re.sub(r"``(.+?)``", r"<code>\1</code>", str(escape(text))))


def _css(word: str) -> str:
    """A class for a word: letters and hyphens alone."""
    return re.sub(r"[^a-z]+", "-", word.lower()).strip("-")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

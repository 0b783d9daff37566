"""BibTeX entries: read, and written as BibTeX, CFF references or APA sentences."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from mirbench.errors import DataError

ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    ".": "\u0307",
}
LETTERS = {r"\L": "Ł", r"\l": "ł", r"\o": "ø", r"\O": "Ø", r"\ss": "ß", r"\aa": "å", r"\ae": "æ"}
CONTAINERS = ("journal", "booktitle", "publisher", "school", "institution", "howpublished")
CFF_TYPES = {
    "article": "article",
    "book": "book",
    "inproceedings": "conference-paper",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "techreport": "report",
    "software": "software",
}


@dataclass(frozen=True)
class Entry:
    """One entry: its kind (``article``), key, fields as written, and its text."""

    kind: str
    key: str
    fields: Mapping[str, str]
    text: str

    @property
    def authors(self) -> list[tuple[str, str]]:
        """(family, given) of each author; an institution has no given name."""
        found = []
        for name in re.split(r"\s+and\s+", self.fields.get("author", "").strip()):
            family, _, given = name.partition(",")
            if not given and not name.startswith("{") and " " in name:
                given, _, family = name.rpartition(" ")
            if name:
                found.append((plain(family), plain(given)))
        return found

    def get(self, name: str) -> str:
        """A field as plain text, empty where there is none."""
        return plain(self.fields.get(name, ""))


def parse(text: str, source: str = "BibTeX") -> list[Entry]:
    """Entries of a BibTeX text, in order.

    Raises
    ------
    DataError
        Braces that don't close, or an entry without a key; names ``source``.
    """
    entries = []
    for match in re.finditer(r"@(\w+)\s*\{", text):
        end = _closing(text, match.end() - 1, source)
        body = text[match.end() : end]
        key, comma, rest = body.partition(",")
        if not comma or not key.strip():
            raise DataError(f"{source}: an entry without a key; write @article{{key, ...}}")
        raw = text[match.start() : end + 1]
        entries.append(Entry(match[1].lower(), key.strip(), _fields(rest, source), raw))
    return entries


def plain(text: str) -> str:
    """LaTeX text as Unicode: accents, dashes and braces."""
    for word, letter in LETTERS.items():
        text = re.sub(re.escape(word) + r"(?![A-Za-z])\s*", letter, text)
    text = re.sub(
        r"\\(['`^\"~=.]|[cvu](?![A-Za-z]))\s*\{?\\?([A-Za-z])\}?",
        lambda m: unicodedata.normalize("NFC", m[2] + ACCENTS[m[1]]),
        text,
    )
    text = re.sub(r"\\(?:url|emph|textit|texttt)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\([&%$#_{}])", r"\1", text)
    return " ".join(re.sub(r"[{}]", "", text.replace("--", "–").replace("~", " ")).split())


def to_cff(entry: Entry, indent: int = 4) -> str:
    """The entry as an item of a CITATION.cff's ``references``."""
    lines = [f"- type: {CFF_TYPES.get(entry.kind, 'generic')}"]
    lines.append(f"  title: {quoted(entry.get('title'))}")
    lines.append("  authors:")
    for family, given in entry.authors or [("Anonymous", "")]:
        if given:
            lines += [f"  - family-names: {quoted(family)}", f"    given-names: {quoted(given)}"]
        else:
            lines.append(f"  - name: {quoted(family)}")
    if entry.get("year").isdigit():
        lines.append(f"  year: {entry.get('year')}")
    names = {"journal": "journal", "booktitle": "collection-title", "volume": "volume"}
    names |= {"number": "issue", "doi": "doi", "version": "version", "note": "notes"}
    for field, name in names.items():
        if entry.get(field):
            lines.append(f"  {name}: {quoted(entry.get(field))}")
    first, _, last = entry.get("pages").partition("–")
    lines += [f"  start: {quoted(first)}"] if first else []
    lines += [f"  end: {quoted(last)}"] if last else []
    return "\n".join(" " * (indent - 2) + line for line in lines)


def to_apa(entry: Entry) -> str:
    """The entry as an APA (7th edition) reference, without italics."""
    named = [
        f"{family}, {_initials(given)}" if given else family for family, given in entry.authors
    ]
    people = _listed(named)
    people = people if people.endswith(".") or not people else people + "."
    title = entry.get("title").rstrip(".")
    if entry.get("version"):
        title += f" (Version {entry.get('version')})"
    container = next((entry.get(name) for name in CONTAINERS if entry.get(name)), "")
    volume, issue, pages = (entry.get(name) for name in ("volume", "number", "pages"))
    if entry.kind == "article":
        where = container + (f", {volume}" if volume else "") + (f"({issue})" if issue else "")
        where += f", {pages}" if pages else ""
    else:
        inside = [f"Vol. {volume}"] if volume else []
        inside += [f"{'pp.' if '–' in pages else 'p.'} {pages}"] if pages else []
        where = ("In " if entry.kind == "inproceedings" else "") + container
        where += f" ({', '.join(inside)})" if inside else ""
    year = f"({entry.get('year') or 'n.d.'})"
    parts = [f"{people} {year}. {title}." if people else f"{title}. {year}."]
    parts += [f"{where}."] if container else []
    parts += [f"{entry.get('note').rstrip('.')}."] if entry.get("note") else []
    parts += [f"https://doi.org/{entry.get('doi')}"] if entry.get("doi") else []
    return " ".join(parts)


def quoted(text: str) -> str:
    """A YAML string: JSON's are."""
    return json.dumps(text, ensure_ascii=False)


def _closing(text: str, start: int, source: str) -> int:
    """Position of the brace that closes the one at ``start``."""
    depth = 0
    for i in range(start, len(text)):
        escaped = text[i - 1 : i] == "\\"
        depth += 0 if escaped else (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return i
    raise DataError(
        f"{source}: a brace isn't closed; mend the entry at {text[start - 20 : start]!r}"
    )


def _fields(text: str, source: str) -> dict[str, str]:
    found, at = {}, 0
    while match := re.compile(r"\s*,?\s*([A-Za-z][\w-]*)\s*=\s*").match(text, at):
        at = match.end()
        if text[at : at + 1] == "{":
            end = _closing(text, at, source)
            value, at = text[at + 1 : end], end + 1
        elif text[at : at + 1] == '"':
            end = text.find('"', at + 1)
            if end < 0:
                raise DataError(f"{source}: a quotation mark isn't closed after {match[1]}")
            value, at = text[at + 1 : end], end + 1
        else:
            word = re.compile(r"[^,\s}]*").match(text, at)
            value, at = (word[0], word.end()) if word else ("", at)
        found[match[1].lower()] = value
    return found


def _initials(given: str) -> str:
    """``'J.-J.'`` of ``'Jean-Julien'``."""
    names = [
        "-".join(f"{part[0]}." for part in name.split("-") if part)
        for name in given.split()
        if name
    ]
    return " ".join(names)


def _listed(names: list[str]) -> str:
    if len(names) > 20:
        return f"{', '.join(names[:19])}, . . . {names[-1]}"
    return (
        names[0]
        if len(names) == 1
        else ", & ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    )

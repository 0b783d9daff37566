"""``mirbench cite``: what a row or a board rests on, ready for a bibliography."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType

from mirbench import __version__
from mirbench.boards.judge import Judge
from mirbench.corpora import corpus_names
from mirbench.corpora.facts import facts
from mirbench.datasheets.uses import use
from mirbench.errors import DataError, MirbenchError, ProtocolError, RecordError
from mirbench.methods import GROUP, Method, load_method
from mirbench.protocols import Protocol, load_protocol, protocol_names, published_names
from mirbench.records import Record, load_header
from mirbench.trust.bibtex import Entry, parse, quoted, to_apa, to_cff
from mirbench.trust.find import find_records, is_key, protocol_of
from mirbench.trust.status import key_of

FORMATS = ("bibtex", "cff", "apa")
TITLE = "mirbench: music information retrieval systems side by side under identical protocols"
AUTHOR = "The mirbench authors"
MESSAGE = "If you use these figures, please cite mirbench and the methods and corpora behind them."
METRICS = Path(__file__).with_name("metrics.bib")
PAPERS = (
    (r"(frame|2\.4-s|clip) error", "scheirer1997construction"),
    (r"balanced (accuracy|error)", "brodersen2010balanced"),
    (r"boundary ", "raffel2014mireval"),
    (r"event F", "mesaros2016metrics"),
    (r"(MAP@20|RR@20)", "pretet2020triplet"),
    (r"(MAP|MRR|R-precision|precision@)", "manning2008introduction"),
    (r"(anti-)?hub", "radovanovic2010hubs"),
)
"""Which paper defines a metric, by how its name begins; others are textbook figures."""


@dataclass(frozen=True)
class Citation:
    """Entries, each once, in the order method, corpora, metrics, mirbench; what has none; and the
    sentence to put in a paper, ``{KEY}`` where a citation belongs."""

    entries: Sequence[Entry]
    notes: Sequence[str] = ()
    sentence: str = ""

    @property
    def in_words(self) -> str:
        """The sentence, authors and years where a citation belongs."""
        return _woven(self.sentence, self.entries)

    def render(self, form: str = "bibtex") -> str:
        """As ``"bibtex"``, ``"cff"`` or ``"apa"``."""
        if form == "cff":
            return self._cff()
        if form == "apa":
            lines = [to_apa(entry) for entry in self.entries]
            first = [self.in_words] if self.sentence else []
            return "\n\n".join([*first, *lines, *self.notes])
        about = [f"% {' '.join(note.split())}" for note in self.notes]
        parts: list[str] = re.split(r"\{([^{}]+)\}", self.sentence)
        parts[::2] = [part.replace("_", r"\_") for part in parts[::2]]
        parts[1::2] = [rf"\cite{{{key}}}" for key in parts[1::2]]
        said = "".join(parts)
        about += [f"% {said}"] if said else []
        head = ["\n".join(about)] if about else []
        return "\n\n".join([*head, *(entry.text for entry in self.entries)])

    def _cff(self) -> str:
        lines = ["cff-version: 1.2.0", f"message: {quoted(MESSAGE)}", f"title: {quoted(TITLE)}"]
        lines += ["type: software", "authors:", f"- name: {quoted(AUTHOR)}"]
        lines += [f"version: {quoted(__version__)}", "references:"]
        lines += [to_cff(entry) for entry in self.entries]
        return "\n".join(lines + [f"# {note}" for note in self.notes])


def cite(what: str, protocol: str = "", root: Path | None = None) -> Citation:
    """Citation of a record, a board, a corpus or a method.

    Parameters
    ----------
    what : str
        Key or path of a record, name or file of a protocol, a corpus or a method.
    protocol : str
        With a method: that protocol's corpora and metrics too.
    root : Path, optional
        Root of the records, see `mirbench.trust.find.find_records`.

    Raises
    ------
    MirbenchError
        Nothing of that name.
    """
    if is_key(what) or (what.endswith(".json") and _is_record(Path(what))):
        [record, *_] = find_records(what, "", root)
        return of_record(record, protocol_of(record))
    if what in [*protocol_names(), *published_names()] or what.endswith(".json"):
        return _of_board(what, root)
    if what in corpus_names():
        entries = _corpus(what)
        return Citation(
            _once([*entries, _mirbench()]), [] if entries else [f"{what}: no reference of its own"]
        )
    try:
        method = load_method(what)
    except MirbenchError as error:
        raise RecordError(
            f"{what!r} is no record's key, no protocol, no corpus and no method that loads ({error})"
        ) from error
    entries, notes = of_method(method)
    if protocol:
        board = _of_board(protocol, root)
        return Citation(_once([*entries, *board.entries]), [*notes, *board.notes], board.sentence)
    return Citation(_once([*entries, _mirbench()]), notes)


def of_method(method: Method) -> tuple[list[Entry], list[str]]:
    """Entries that a method names in ``cite``, and what is missing."""
    keys = _keys(getattr(method.function, "cite", ""))
    beside = Path(inspect.getfile(method.function)).with_name("references.bib")
    return _entries(keys, method.spec, [beside])


def of_record(record: Record, protocol: Protocol) -> Citation:
    """Everything that a row rests on, mirbench with the record's key."""
    who = record.identity
    entries, notes = _entries(_keys(who.get("cite", "")), record.spec, [])
    board = of_protocol(protocol)
    key = key_of(who)
    note = f"record {key}, outputs sha256 {record.header['outputs_sha256'][:16]}"
    kept = [entry for entry in board.entries if entry.key != "mirbench"]
    cited = " ".join(f"{{{entry.key}}}" for entry in entries)
    sentence = f"{record.spec}{' ' + cited if cited else ''}, record {key}: {board.sentence}"
    return Citation(_once([*entries, *kept, _mirbench(note)]), [*notes, *board.notes], sentence)


def of_protocol(protocol: Protocol) -> Citation:
    """Corpora and metrics of a board, mirbench with the protocol's hash, and the sentence."""
    which = f"version {protocol.version}, sha256 {protocol.hash[:16]}"
    said = f"version {protocol.version} (sha256 {protocol.hash[:16]})"
    metrics = [m.name for m in Judge([], protocol).headline]
    return _of_parts(protocol.name, which, said, protocol.items["corpus"], metrics)


def of_published(name: str) -> Citation:
    """Citation of a published split that can't be made here, from facts of its corpora.

    Its hash and version are those of the recordings, so that they are left out.
    """
    corpora = [corpus for corpus in corpus_names() if name in _protocols(corpus)]
    found = _of_parts(
        name,
        "made of the published split",
        "made of the published split",
        corpora,
        use(name).metrics,
    )
    missing = f"{name}: its recordings or lists aren't on this machine, so there is no hash to cite"
    return Citation(found.entries, [*found.notes, missing], found.sentence)


def _protocols(corpus: str) -> Sequence[str]:
    with suppress(ModuleNotFoundError):  # one of another package
        return facts(corpus).protocols
    return ()


def _of_board(name: str, root: Path | None) -> Citation:
    try:
        return of_protocol(load_protocol(name, root))
    except DataError:
        if name not in published_names():
            raise
        return of_published(name)


def _of_parts(
    protocol: str, which: str, said: str, names: Iterable[str], metrics: Sequence[str]
) -> Citation:
    """``which`` protocol, for an entry and ``said`` in the sentence; names of corpora and metrics."""
    corpora, notes, named = [], [], []
    for name in dict.fromkeys(names):
        found = _corpus(name)
        corpora += found
        if not found:
            notes.append(f"{name}: no reference of its own; see mirbench list corpora")
        named.append(f"{name} {{{found[0].key}}}" if found else name)
    papers = [key for name in metrics for pattern, key in PAPERS if re.match(pattern, name)]
    defined, lost = _entries(list(dict.fromkeys(papers)), "metrics", []) if papers else ([], [])
    measured = " ".join([_and(metrics), *(f"{{{entry.key}}}" for entry in defined)])
    note = f"protocol {protocol}, {which}"
    sentence = (
        f"evaluated under mirbench protocol {protocol}, {said}, on {_and(named)}; {measured}, "
        "intervals by group {mirbench}."
    )
    return Citation(_once([*corpora, *defined, _mirbench(note)]), [*notes, *lost], sentence)


def _mirbench(note: str = "") -> Entry:
    lines = [f"  author  = {{{{{AUTHOR}}}}}", f"  title   = {{{TITLE}}}"]
    lines += [f"  version = {{{__version__}}}"] + ([f"  note    = {{{note}}}"] if note else [])
    return parse("@software{mirbench,\n" + ",\n".join(lines).replace("_", r"\_") + "\n}")[0]


def _corpus(name: str) -> list[Entry]:
    """Entries of a corpus of ours, from its module's facts: its recordings needn't be here."""
    if name.startswith("embedded-"):
        module: ModuleType | None = importlib.import_module("mirbench.corpora.embedding")
    else:
        path = f"mirbench.corpora.{name.replace('-', '_')}"
        known = re.fullmatch(r"[a-z0-9_.]+", path) and importlib.util.find_spec(path)
        module = importlib.import_module(path) if known else None
    return parse(getattr(module, "BIBTEX", ""), name)


def _entries(keys: Sequence[str], who: str, lists: Iterable[Path]) -> tuple[list[Entry], list[str]]:
    """Entries of those keys, looked for in the given lists and in those of installed packages."""
    known: dict[str, Entry] = {}
    for path in [*lists, METRICS, *_reference_lists()]:
        if path.is_file():
            for entry in parse(path.read_text(encoding="utf-8"), str(path)):
                known.setdefault(entry.key, entry)
    found = [known[key] for key in keys if key in known]
    notes = [f"{who}: no entry {key!r} in any references.bib" for key in keys if key not in known]
    if not keys:
        notes.append(f"{who}: names no paper")
    return found, notes


def _reference_lists() -> list[Path]:
    """``references.bib`` of every package that brings methods, without importing it."""
    tops = sorted({entry.module.partition(".")[0] for entry in metadata.entry_points(group=GROUP)})
    specs = [importlib.util.find_spec(top) for top in tops]
    return [Path(spec.origin).with_name("references.bib") for spec in specs if spec and spec.origin]


def _keys(cited: str) -> list[str]:
    return [key for key in re.split(r"[,\s]+", cited) if key]


def _once(entries: Iterable[Entry]) -> list[Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.key, entry)
    return list(found.values())


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _woven(sentence: str, entries: Sequence[Entry]) -> str:
    """The sentence with authors and years where citations belong."""

    def cited(match: re.Match[str]) -> str:
        entry = next(e for e in entries if e.key == match[1])
        names = [family for family, _ in entry.authors] or [entry.get("title").partition(":")[0]]
        who = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
        return f"({who}, {entry.get('year') or 'n.d.'})"

    return re.sub(r"\{([^{}]+)\}", cited, sentence)


def _is_record(path: Path) -> bool:
    try:
        return bool(load_header(path))
    except (RecordError, ProtocolError):
        return False

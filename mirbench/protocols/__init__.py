"""Protocols: frozen ones by name, files, and makers for one's own corpora."""

from __future__ import annotations

from pathlib import Path

from mirbench.errors import ProtocolError
from mirbench.home import home
from mirbench.nearest_names import asked
from mirbench.protocols.custom import make_protocol, with_places
from mirbench.protocols.frozen_files import FROZEN, frozen_path
from mirbench.protocols.protocol import Cell, Protocol

__all__ = [
    "Cell",
    "Protocol",
    "load_protocol",
    "make_protocol",
    "protocol_names",
    "published_names",
]


def load_protocol(name: str | Path, records: Path | None = None) -> Protocol:
    """Frozen protocol of that name (``mirbench list protocols``), or the one in that JSON file.

    A published split (`published_names`) is made of the corpus and lists on this machine. The name of
    a protocol made for a run of one's own is known too, as long as its records are kept: under
    ``records`` or under ``MIRBENCH_HOME/records``.

    Raises
    ------
    ProtocolError
        Neither a known name nor a readable protocol file.
    DataError
        A published split whose lists or recordings aren't there.
    """
    path = frozen_path(str(name))
    if path.is_file():
        return Protocol.load(path)
    if Path(name).suffix == ".json":
        return with_places(_own(Path(name)))
    if str(name) in published_names():
        from mirbench.protocols.published_splits import PUBLISHED

        return PUBLISHED[str(name)]()
    # one made for a run of one's own is kept beside its records
    for root in (records, home() / "records"):
        for saved in sorted(root.glob("*/*/protocol.json")) if root else ():
            if saved.parent.name == str(name).replace("/", "."):
                return with_places(Protocol.load(saved))
    known = [*protocol_names(), *published_names()]
    see = "see 'mirbench list protocols', or give a protocol's .json file"
    raise ProtocolError(f"unknown protocol {str(name)!r}{asked(str(name), known, see)}")


def _own(path: Path) -> Protocol:
    """A protocol file; ProtocolError where it isn't the frozen protocol that it is named after."""
    protocol = Protocol.load(path)
    frozen = frozen_path(protocol.name)
    if frozen.is_file() and Protocol.load(frozen).hash != protocol.hash:
        raise ProtocolError(
            f"{path}: named {protocol.name}, but differs from the frozen protocol of that name; "
            "give it a name of its own"
        )
    return protocol


def protocol_names() -> list[str]:
    """Names of the frozen protocols."""
    return sorted(path.stem.replace(".", "/", 1) for path in FROZEN.glob("*.json"))


def published_names() -> list[str]:
    """Names of the published splits, whether or not their lists and recordings are on this machine."""
    from mirbench.protocols.published_splits import PUBLISHED

    return sorted(PUBLISHED)

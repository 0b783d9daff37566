"""Where a protocol's recordings lie on this machine, as a page links them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mirbench.apply.m3u import address
from mirbench.audio import info
from mirbench.corpora import load_corpus
from mirbench.protocols import Protocol


@dataclass(frozen=True)
class Place:
    """(Part of) a file: times in seconds; ``degradation`` is what the method heard it through."""

    path: Path
    start_s: float
    duration_s: float
    degradation: str

    def link(self, folder: Path) -> str:
        """Address seen from ``folder``, with a media fragment where it is a part of the file."""
        link = address(self.path, folder)
        if self.start_s <= 0 and self.duration_s > info(self.path).duration_s - 0.05:
            return link
        return f"{link}#t={self.start_s:.3f},{self.start_s + self.duration_s:.3f}"

    @property
    def length(self) -> str:
        """``'1:05'``; under ten seconds ``'4.2 s'``."""
        if self.duration_s < 10:
            return f"{self.duration_s:.1f} s"
        minutes, seconds = divmod(round(self.duration_s), 60)
        return f"{minutes}:{seconds:02d}"


def places(protocol: Protocol) -> dict[str, Place]:
    """Place of every id of the protocol."""
    tables = {
        name: load_corpus(protocol.places.get(name, name)).items.set_index("id")
        for name in dict.fromkeys(protocol.items["corpus"])
    }
    found = {}
    for row in protocol.items.to_dict("records"):
        base = tables[row["corpus"]].loc[row["item"]]
        start = float(base["start_s"]) + row["start_s"]
        path = Path(str(base["path"])).resolve()
        found[row["id"]] = Place(path, start, row["duration_s"], row["degradation"] or "")
    return found

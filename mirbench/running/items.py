"""From a protocol's ids to items with sound, checked against the keys the protocol was made with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.corpora.corpus import Corpus
from mirbench.errors import ProtocolError
from mirbench.items import AudioRef, Item, as_items, content_key, ragged
from mirbench.pairs import place
from mirbench.protocols import Cell, Protocol


def protocol_items(protocol: Protocol, corpora: dict[str, Corpus] | None = None) -> dict[str, Item]:
    """Item, with its group and corpus, for every id of the protocol.

    Parameters
    ----------
    protocol : Protocol
    corpora : dict of str to Corpus, optional
        Corpora of one's own by name; the others are loaded by name.

    Raises
    ------
    DataError
        A corpus isn't on this machine.
    ProtocolError
        An item is missing from its corpus or holds another sound than the protocol was made for.
    """
    given = corpora or {}
    tables = {
        name: (given.get(name) or load_corpus(protocol.places.get(name, name))).items.set_index(
            "id"
        )
        for name in dict.fromkeys(protocol.items["corpus"])
    }
    items = {}
    for row in protocol.items.to_dict("records"):
        table = tables[row["corpus"]]
        if row["item"] not in table.index:
            raise ProtocolError(
                f"protocol {protocol.name}: item {row['item']!r} is not in corpus {row['corpus']}; "
                "restore the file or use the corpus version that the protocol was made for"
            )
        base = table.loc[row["item"]]
        part = (row["start_s"], row["duration_s"], row["degradation"])
        whole = (0.0, float(base["duration_s"]), "")
        key = base["key"] if part == whole else content_key(base["key"], *part)
        if key != row["key"]:
            raise ProtocolError(
                f"{base['path']}: another recording than the one protocol {protocol.name} was made "
                "for (its SHA-256 differs); restore the original file"
            )
        if protocol.task.kind == "pairs":
            place(row["label"], Path(str(base["path"])).parent / str(base[protocol.task.column]))
        ref = AudioRef(str(base["path"]), float(base["start_s"]) + part[0], part[1], part[2])
        items[row["id"]] = Item.from_file(key, ref, row["group"], row["corpus"])
    return items


def training(
    protocol: Protocol, cell: Cell, items: dict[str, Item]
) -> tuple[np.ndarray, np.ndarray]:
    """Training items of a cell and their y, -1 for unknown tags; of a collection the items alone, all -1, blind and in
    an order that says nothing: an index lists albums track by track."""
    X = select(items, cell.train)
    if protocol.is_collection(cell):
        blind = sorted((item.blind() for item in X), key=lambda item: item.key)
        return as_items(blind), np.full(len(X), -1, dtype=np.int64)
    return X, targets(protocol, cell.train, masked=True)


def videos(protocol: Protocol, cell: Cell) -> dict[str, np.ndarray]:
    """The video of each item of each test set; nothing of a task of another kind."""
    if protocol.task.kind != "pairs":
        return {}
    return {name: targets(protocol, ids) for name, ids in cell.tests.items()}


def labelled(cell: Cell, seed: int) -> dict[str, np.ndarray]:
    """Positions of the training items whose label is shown, by test set: the seed's draw of them.

    They are in the order of the training items, which tells nothing of the draw; of labels see
    `mirbench.running.few_labels`.
    """
    chosen = {name: set(draws[seed % len(draws)]) for name, draws in cell.labelled.items()}
    return {name: np.flatnonzero([i in some for i in cell.train]) for name, some in chosen.items()}


def support(
    protocol: Protocol, cell: Cell, items: dict[str, Item]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Support items of each episode, blind and in an order that says nothing, and their y."""
    shown = {}
    for name, ids in cell.support.items():
        ordered = tuple(sorted(ids, key=lambda i: items[i].key))
        blind = as_items(items[i].blind() for i in ordered)
        shown[name] = (blind, targets(protocol, ordered))
    return shown


def targets(protocol: Protocol, ids: tuple[str, ...], *, masked: bool = False) -> np.ndarray:
    """y of those items: int64 codes, for tags an array of 0 and 1, for values one of float64, for
    segments lists of (start_s, end_s, code), for f0 arrays of times (s) and frequencies (Hz), for
    sequences arrays of codes, for pairs videos.

    A tag that is unknown of an item has 0, or with ``masked`` -1 (`mirbench.tasks.UNKNOWN`).
    """
    unknown = protocol.unknown if masked else {}
    rows = [protocol.task.target(protocol.labels[i], unknown.get(i)) for i in ids]
    if protocol.task.kind in ("segments", "f0", "pairs"):
        return ragged(rows)
    if protocol.task.kind == "sequence":
        return ragged(np.array(row, dtype=np.int64) for row in rows)
    return np.array(rows, dtype=np.float64 if protocol.task.kind == "values" else np.int64)


def located(protocol: Protocol, corpora: dict[str, Corpus] | None = None) -> pd.DataFrame:
    """The protocol's items (not their degraded copies) with the column ``path`` for an audit."""
    protocol_items(protocol, corpora)
    given = corpora or {}
    table = protocol.items[protocol.items["degradation"] == ""].copy()
    bases = []
    for name in dict.fromkeys(table["corpus"]):
        corpus = given.get(name) or load_corpus(protocol.places.get(name, name))
        bases.append(corpus.items.set_index("id")[["path", "start_s"]])
    base = pd.concat(bases).loc[table["item"]]
    table["path"] = base["path"].to_numpy()
    table["start_s"] = table["start_s"].to_numpy() + base["start_s"].to_numpy(dtype=float)
    return table


def select(items: dict[str, Item], ids: tuple[str, ...]) -> np.ndarray:
    """Array of those items."""
    return as_items(items[i] for i in ids)

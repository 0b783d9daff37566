"""What a latent protocol's table is made of: its plays, targets, tags, sounds and methods' answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import pandas as pd

from mirbench.corpora import load_corpus
from mirbench.corpora.synthetic.listening import AUDIBLE
from mirbench.errors import ProtocolError, RecordError
from mirbench.protocols import Protocol
from mirbench.recommendation.plays import play_matrix
from mirbench.recommendation.setting import Setting, cold_start
from mirbench.records import MEND, Record


@dataclass(frozen=True)
class Listening:
    """A latent protocol with the plays behind it.

    Attributes
    ----------
    setting : Setting
    warm, cold : ndarray of shape (n_tracks, n_factors)
        Targets, as the protocol has them, in the setting's order.
    items : DataFrame
        The corpus's items, by id.
    """

    setting: Setting
    warm: np.ndarray
    cold: np.ndarray
    items: pd.DataFrame

    def artists(self, tracks: Sequence[str]) -> list[str]:
        """Group of each track."""
        return self.items.loc[list(tracks), "group"].astype(str).tolist()

    def audible(self, tracks: Sequence[str]) -> np.ndarray:
        """True factors that can be heard, (n_tracks, k); k = 0 where a corpus doesn't know them."""
        columns = [name for name in map(str, self.items) if name.startswith(AUDIBLE)]
        return self.items.loc[list(tracks), columns].to_numpy(dtype=float)

    def tags(self, tracks: Sequence[str]) -> list[set[str]]:
        """Tags of each track."""
        return [set(text.split("|")) - {""} for text in self.items.loc[list(tracks), "tags"]]


def listening_of(protocol: Protocol) -> Listening:
    """The plays that a protocol's factors were made of, parted as they were then.

    Raises
    ------
    ProtocolError
        Not a protocol of latent factors with one training and one test set over a corpus that has counts.
    DataError
        The corpus isn't on this machine.
    """
    tests = [ids for cell in protocol.cells for ids in cell.tests.values()]
    names = protocol.items["corpus"].unique()
    if protocol.task.name != "latent" or len(tests) != 1 or len(names) != 1:
        raise ProtocolError(
            f"{protocol.name}: recommendations need a protocol of latent factors with one test set; "
            "give latent/mini or one made like it"
        )
    corpus = load_corpus(names[0])
    module = import_module(f"mirbench.corpora.{names[0].replace('-', '_')}")
    plays = play_matrix(module.load_counts(), tracks=corpus.items["id"].tolist())
    setting = cold_start(plays, tests[0])
    if set(setting.warm) != set(protocol.cells[0].train):
        raise ProtocolError(
            f"{protocol.name}: its training items aren't the other tracks of {names[0]}; make it again"
        )
    truth = protocol.labels
    warm, cold = (
        np.array([json.loads(truth[i]) for i in ids]) for ids in (setting.warm, setting.cold)
    )
    return Listening(setting, warm, cold, corpus.items.set_index("id", drop=False))


def predicted(record: Record, tracks: Sequence[str]) -> np.ndarray:
    """A record's answers for tracks, in their order, (n_tracks, n_factors); RecordError if one lacks."""
    found = dict(zip(record.outputs["id"], record.outputs["scores"]))
    missing = [track for track in tracks if track not in found]
    if missing:
        raise RecordError(f"{record.path or record.spec}: no answer for {missing[0]}; {MEND}")
    return np.array([found[track] for track in tracks], dtype=float)

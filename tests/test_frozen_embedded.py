"""Frozen protocols of large embedded corpora are what their makers make: of the plan, without all the sound."""

from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

from mirbench.corpora import corpus, embedding
from mirbench.corpora.corpus import item_table
from mirbench.corpora.synthetic import catalogue, rhythms, store
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue
from mirbench.protocols import Protocol
from mirbench.protocols.frozen_files import frozen_path
from mirbench.protocols.ours import MAKERS

Band = namedtuple("Band", "production", defaults=(None,))
UNHEARD = {
    "similarity/embedded": (catalogue.DURATION_S, 4),
    "tags/embedded": (catalogue.DURATION_S, 4),
    "rhythm/embedded": (rhythms.DURATION_S, 3),
}
"""Protocols made here: how long their recordings are, and the parts of a path below the corpus's folder."""


def frozen(name):
    return Protocol.load(frozen_path(name))


def unheard(patch):
    """Nothing of these corpora sounds, and nothing is written but the index."""
    for module in (catalogue, rhythms):
        patch.setattr(module, "cpu_count", lambda: 1)
        patch.setattr(
            module, "master", lambda *_: np.zeros(int(catalogue.DURATION_S * catalogue.SR))
        )
    patch.setattr(catalogue, "Score", lambda *_: None)
    patch.setattr(catalogue, "perform", lambda *_: None)
    patch.setattr(catalogue, "draw_production", lambda *_: None)
    patch.setattr(rhythms, "draw_band", lambda *_: Band())
    patch.setattr(rhythms, "perform", lambda *_: (None, 100.0))
    patch.setattr(store, "write_wav", lambda *_: None)
    patch.setattr(embedding, "verify", lambda *_: None)


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """A home that holds no more than the corpora's indices."""
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("name", UNHEARD)
def test_a_frozen_protocol_is_what_its_maker_makes(plans, monkeypatch, name):
    """Of keys that are the frozen ones; of the sound behind them, see the next test."""
    protocol = frozen(name)
    keys = {
        i.partition("/")[2]: key for i, key in zip(protocol.items["item"], protocol.items["key"])
    }
    monkeypatch.setenv("MIRBENCH_HOME", str(plans))
    unheard(monkeypatch)

    length_s, parts = UNHEARD[name]

    def key_of(path, *_):
        return keys["/".join(path.removesuffix(".wav").split("/")[-parts:])]

    monkeypatch.setattr(corpus, "_described", lambda path, *_: (length_s, path))
    monkeypatch.setattr(corpus, "content_key", key_of)
    assert MAKERS[name]().hash == protocol.hash


def test_frozen_protocols_hold_the_sound_of_their_corpora(tmp_path, monkeypatch):
    """Of each of the five catalogues an artist, of each of the five corpora of dances two by a band."""
    monkeypatch.setattr(rhythms, "RHYTHMS", dict(list(rhythms.RHYTHMS.items())[2:4]))
    tracks, clips = [], []
    for number, name in enumerate(catalogue.CATALOGUES):
        artist, plan = draw_catalogue(name, 100, 6, 0)[7 * number]
        tracks += catalogue._artist(tmp_path, name, artist, plan, 0)
        clips += rhythms._band(tmp_path, name, 2 * number, 2, 0)
    for rows, names in (
        (tracks, ("similarity/embedded", "tags/embedded")),
        (clips, ("rhythm/embedded",)),
    ):
        found = item_table(pd.DataFrame(rows), tmp_path, "x").set_index("id")["key"]
        for name in names:
            items = frozen(name).items
            keys = dict(zip(items["item"].str.partition("/")[2], items["key"]))
            held = [i for i in found.index if i.partition("/")[2] in keys]
            assert len(held) >= 0.9 * len(found)
            assert [keys[i.partition("/")[2]] for i in held] == found[held].tolist()

"""Protocols of pitch on published corpora: MIR-1K, MDB-stem-synth, and each to the other.

Neither has a published split: folds are by singer or artist, as CREPE's on MDB-stem-synth (5 folds,
artists disjoint: Kim et al. 2018, section 3.1). Figures printed in papers are of other folds, or of none
where a method isn't trained on the corpus; SPICE trains on one corpus and tests on all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from mirbench.corpora import mdb_stem_synth, mir1k
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.our_pitch import pitch_protocol
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

K, SEED = 5, 0
MIXED = (
    "What is heard of MIR-1K is the mean of voice and accompaniment; papers on single voices use the right "
    "channel alone, and their figures aren't of this."
)
FOLDS = "5 folds by singer or artist (seed 0); no split is published."


def mir1k_folds(*, partial: bool = False) -> Protocol:
    """Sung pitch in the mixtures of MIR-1K, folds by singer."""
    items = _items("mir1k", partial)
    return _made("pitch/mir1k", items, _folds(items), f"{FOLDS} {MIXED}", partial)


def mdb_folds(*, partial: bool = False) -> Protocol:
    """Pitch of the resynthesised stems of MDB-stem-synth, folds by artist."""
    items = _items("mdb-stem-synth", partial)
    return _made("pitch/mdb-stem-synth", items, _folds(items), FOLDS, partial)


def crossed(*, partial: bool = False) -> Protocol:
    """Trained on each of the two corpora, tested on the other."""
    both = {name: _items(name, partial) for name in CORPORA}
    first, second = both
    cells = [
        Cell(source, source, tuple(both[source]["id"]), {test: tuple(both[test]["id"])})
        for source, test in ((first, second), (second, first))
    ]
    items = pd.concat(list(both.values()), ignore_index=True)
    words = f"Trained on all of one corpus, tested on all of the other. {MIXED}"
    return _made("pitch/mir1k-mdb-stem-synth", items, cells, words, partial)


CORPORA = {"mir1k": mir1k.load, "mdb-stem-synth": mdb_stem_synth.load}
MAKERS: dict[str, Callable[..., Protocol]] = {
    "pitch/mir1k": mir1k_folds,
    "pitch/mdb-stem-synth": mdb_folds,
    "pitch/mir1k-mdb-stem-synth": crossed,
}
"""Makers by name of their protocol; each takes ``partial``."""


def _items(name: str, partial: bool) -> pd.DataFrame:
    return protocol_items(CORPORA[name](partial=partial), load_task("pitch"))


def _folds(items: pd.DataFrame) -> list[Cell]:
    return fold_cells(items, K, load_task("pitch"), seed=SEED)


def _made(
    name: str, items: pd.DataFrame, cells: Sequence[Cell], words: str, partial: bool
) -> Protocol:
    said = f"{words} Made of what is there, not the whole corpus." if partial else words
    return pitch_protocol(f"{name}-partial" if partial else name, items, cells, "real", said)

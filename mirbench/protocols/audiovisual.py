"""Our protocols of sound and picture; frozen like all others, see `mirbench.protocols.ours`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mirbench.boxes import boxes_of
from mirbench.corpora import load_corpus
from mirbench.frames import Grid
from mirbench.metrics.pairs import LOCALISATION
from mirbench.pairs import part_label
from mirbench.protocols.headlines import headline
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.makers import excerpts
from mirbench.protocols.parts import items_of_parts, leave_a_part_out
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.protocols.tracks import fold_cells
from mirbench.tasks import load_task

BUDGET = "one CPU core a cell; nets: about five minutes a fit"
SEGMENT_S = 4.0
FILM_FOLDS = 4
MATCHED = (
    "A method scores every sound of a test set with every video of it, blind and in two orders that say "
    "nothing; each sound ranks the videos, each video the sounds."
)


def mini() -> Protocol:
    """One small corpus of clips: 3 folds by scene, a first run and no result."""
    items = items_of_parts("embedded-clip", load_task("music-video"))
    cells = fold_cells(items, 3, load_task("music-video"))
    words = "24 clips of 6 s, 3 folds by scene: R@10 and R@25 are 100 % by chance."
    return pairs_protocol("audiovisual/mini", items, cells, "embedded", words)


def embedded() -> Protocol:
    """Five embedded corpora of clips, each a corpus seed: each is tested, the others train."""
    items = items_of_parts("embedded-clips", load_task("music-video"))
    cells = leave_a_part_out(items, "clips")
    words = (
        "Five corpora of one generator, no scene in two of them, frozen before any method had been tried "
        "on it. Each is tested by what the other four train: folds by scene. One of several shapes sounds; "
        "localisation asks which."
    )
    return pairs_protocol("audiovisual/embedded", items, cells, "embedded", words)


def segments() -> Protocol:
    """Films cut to segments of 4 s: which segment of any tested film does a music belong to."""
    task = load_task("music-video")
    whole = protocol_items(load_corpus("embedded-films"), task)
    items = excerpts(whole, SEGMENT_S)
    labels = zip(items["label"], items["start_s"], items["duration_s"])
    items["label"] = [part_label(*row) for row in labels]
    cells = fold_cells(items, FILM_FOLDS, task)
    words = (
        f"40 films of 24 s whose sections change look and music together, cut to segments of {SEGMENT_S:g} "
        f"s; {FILM_FOLDS} folds by film. Segments of one section look and sound alike, so that not even the "
        "best answer finds all first."
    )
    return pairs_protocol("audiovisual/segments", items, cells, "embedded", words)


def pairs_protocol(
    name: str,
    items: pd.DataFrame,
    cells: Sequence[Cell],
    evidence: str,
    words: str,
) -> Protocol:
    """Protocol of sounds and videos over these cells; localisation is on the board where boxes are known."""
    task = load_task("music-video")
    boxed = any(boxes_of(label) for label in items["label"])
    return Protocol(
        name,
        "1",
        task,
        Grid(),
        items.drop(columns="part", errors="ignore").reset_index(drop=True),
        tuple(cells),
        (0,),
        BUDGET,
        (*headline(task), *((LOCALISATION,) if boxed else ())),
        evidence,
        f"{words} {MATCHED}",
    )


AUDIOVISUAL = {
    "audiovisual/mini": mini,
    "audiovisual/embedded": embedded,
    "audiovisual/segments": segments,
}

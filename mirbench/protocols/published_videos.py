"""Sound and picture of Kinetics-Sounds and Flickr-SoundNet: videos of one's own under published lists.

Their papers rank no videos on them; AVE-Net's retrieval is on AudioSet's instruments (500 pairs, from
memory), whose size of a test set is ours.
"""

from __future__ import annotations

from collections.abc import Callable

from mirbench.corpora import flickr_soundnet, kinetics_sounds
from mirbench.corpora.corpus import Corpus
from mirbench.errors import DataError
from mirbench.protocols.audiovisual import pairs_protocol
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.pair_lengths import cut_to_one
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.tasks import load_task

MOST_TESTED = 500
"""Pairs of a test set, the first by content key."""
TESTED = f"At most {MOST_TESTED} pairs are tested, the first by their content. "
KINETICS = (
    "Trained on the training and validation lists of Kinetics-400, tested on its test list where labels of "
    f"it are there, else on the validation list, as far as sounds and videos are there. {TESTED}Labels "
    "aren't shown; pairs of one action are alike."
)
FLICKR = (
    f"Trained on the training list, tested on the validation list, as far as sounds and frames are there. "
    f"{TESTED}Frames are spread evenly over their sound."
)


def kinetics(*, partial: bool = False) -> Protocol:
    """Sound and video of Kinetics-Sounds, the lists to train on and to test."""
    return _held_out("audiovisual/kinetics-sounds", kinetics_sounds.load, KINETICS, partial)


def flickr(*, partial: bool = False) -> Protocol:
    """Sound and frames of Flickr-SoundNet, the lists to train on and to test."""
    return _held_out("audiovisual/flickr-soundnet", flickr_soundnet.load, FLICKR, partial)


def _held_out(name: str, load: Callable[..., Corpus], words: str, partial: bool) -> Protocol:
    corpus = load(partial=partial)
    items = protocol_items(corpus, load_task("music-video"))
    split = items["id"].map(dict(zip(corpus.items["id"], corpus.items["split"])))
    if not (split == "test").any():
        split = split.replace("validation", "test")
    lost = len(corpus.items) - len(items)
    if lost and not partial:
        raise DataError(
            f"{corpus.source}: {lost} of {len(corpus.items)} sounds of {name} have no video; get the videos, "
            "or make it of what is there with partial=True"
        )
    if not (split == "test").any() or not (split != "test").any():
        raise DataError(
            f"{corpus.source}: no video of the training or the test part of {name} is there; get more"
        )
    tested = items[split == "test"].sort_values("key")["id"][:MOST_TESTED]
    train = items["id"][split != "test"]
    kept = items[items["id"].isin({*tested, *train})].reset_index(drop=True)
    kept, cut = cut_to_one(kept)
    test = tuple(i for i in kept["id"] if i in set(tested))
    cell = Cell(corpus.name, corpus.name, tuple(train), {corpus.name: test})
    said = f"{words} Made of what is there, not the whole corpus." if partial else words
    said += f" {cut[2].upper()}{cut[3:]}." if cut else ""
    return pairs_protocol(f"{name}-partial" if partial else name, kept, [cell], "real", said)


MAKERS: dict[str, Callable[..., Protocol]] = {
    "audiovisual/kinetics-sounds": kinetics,
    "audiovisual/flickr-soundnet": flickr,
}
"""Makers by name of their protocol; each takes ``partial``."""

"""Artists of a catalogue and the attributes of their tracks, drawn before a sound is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mirbench.corpora.synthetic.catalogue_table import (
    FACTORS,
    GENRES,
    HELD,
    KITS,
    RINGING,
    SLOW,
    VOICES,
    Weights,
)
from mirbench.corpora.synthetic.signals import random_for
from mirbench.errors import DataError

LIKING = 8.0  # how much more often a genre draws a value that it likes
FAITH, CUSTOM = 0.55, 0.7  # of the other attributes: the artist's favourite, else the genre's taste
BAND = ("percussion", "lead", "backing", "bass")  # an artist's instruments are more often the same
BAND_FAITH = 0.8
TAGS = (6, 12)  # a track has at least and at most so many
RARE, FEW = 0.03, 3  # a tag has at least this share of the tracks, and so many artists
ATTEMPTS = 200

Plan = Mapping[str, str]


@dataclass(frozen=True)
class Artist:
    """An artist: where it is in the catalogue, its genre and its favourite of each attribute."""

    number: int
    genre: str
    favourites: Plan


def tags(plan: Plan) -> list[str]:
    """Tags of a track, in the order of ``FACTORS``."""
    return [plan[factor] for factor in FACTORS if plan[factor]]


def draw_catalogue(
    name: str, artists: int, tracks: int, seed: int
) -> list[tuple[Artist, list[dict[str, str]]]]:
    """Artists and the attributes of ``tracks`` tracks of each.

    Drawn again as a whole until every tag has its share of the tracks and of the artists.

    Raises
    ------
    DataError
        So few tracks that no draw has every tag.
    """
    for attempt in range(ATTEMPTS):
        drawn = []
        rng = random_for(seed, f"{name}/plan {attempt}")
        genres = rng.permutation(np.arange(artists) % len(GENRES))
        for number in range(artists):
            genre = list(GENRES)[genres[number]]
            favourites = {f: _pick(rng, _taste(genre, f)) for f in FACTORS}
            artist = Artist(number, genre, favourites)
            drawn.append((artist, [_draw(rng, artist) for _ in range(tracks)]))
        if not any(_lacking(drawn, artists * tracks)):
            return drawn
    raise DataError(
        f"no catalogue of {artists} artists and {tracks} tracks each has every tag often enough; "
        "ask for more of them"
    )


def _lacking(drawn: list[tuple[Artist, list[dict[str, str]]]], total: int) -> Iterator[str]:
    """Tags that too few tracks or artists have."""
    uses = Counter(t for _, plans in drawn for plan in plans for t in tags(plan))
    users = Counter(t for _, plans in drawn for t in {t for plan in plans for t in tags(plan)})
    for values in FACTORS.values():
        for tag in values:
            if tag and (uses[tag] < RARE * total or users[tag] < FEW):
                yield tag


def _draw(rng: np.random.RandomState, artist: Artist) -> dict[str, str]:
    """Attributes of a track, drawn again until it has neither too few tags nor too many."""
    while True:
        plan = {}
        for factor, weights in FACTORS.items():
            if rng.random_sample() < (BAND_FAITH if factor in BAND else FAITH):
                plan[factor] = artist.favourites[factor]
            else:
                custom = rng.random_sample() < CUSTOM
                plan[factor] = _pick(rng, _taste(artist.genre, factor) if custom else weights)
        plan = settle(plan)
        if TAGS[0] <= len(tags(plan)) <= TAGS[1]:
            return plan


def _taste(genre: str, factor: str) -> Weights:
    liked = GENRES[genre]
    return {v: w * (LIKING if v in liked else 1.0) for v, w in FACTORS[factor].items()}


def _pick(rng: np.random.RandomState, weights: Weights) -> str:
    left = rng.random_sample() * sum(weights.values())
    for value, weight in weights.items():
        left -= weight
        if left < 0:
            return value
    return value


def settle(plan: Plan) -> dict[str, str]:
    """Drop or replace what would not be heard beside the rest of the plan."""
    p = dict(plan)
    if p["percussion"] not in KITS or p["metre"]:
        p["pattern"] = ""
    if not p["backing"]:
        p["texture"] = p["chord"] = p["chorus"] = ""
    elif p["backing"] in SLOW and p["texture"] != "drone":
        p["texture"] = "sustained chords"
    elif p["backing"] not in HELD and p["texture"] in ("drone", "sustained chords"):
        p["texture"] = "repeated chords"
    if p["texture"] == "drone":
        p["chord"] = p["harmony"] = ""
    if not p["bass"]:
        p["bass line"] = ""
        if not p["backing"]:
            p["harmony"] = ""
    if p["lead"] in VOICES or (p["lead"] in ("flute", "whistle") and p["register"][:3] == "low"):
        p["register"] = ""
    if p["lead"] == "whistle":
        p["brightness"] = ""
    short = p["density"] == "busy" or p["articulation"] == "staccato"
    if p["lead"] in RINGING:
        p["articulation"] = p["articulation"].replace("legato", "")
    if short or (p["lead"] in RINGING and p["ornament"] != "tremolo"):
        p["ornament"] = ""
    if not p["backing"] or p["texture"] == "drone" or p["chord"] == "power chords":
        # the mode is the melody's to tell
        p["density"] = p["density"].replace("sparse", "")
        p["contour"] = p["contour"].replace("repeated notes", "")
    if p["density"] == "sparse":
        p["contour"] = ""
        if not p["percussion"] and p["texture"] != "arpeggio":
            p["swing"] = ""
    if not _bars_heard(p):
        p["metre"] = ""
    return p


def _bars_heard(p: Plan) -> bool:
    """Whether something marks the bars."""
    return (
        p["percussion"] in (*KITS, "handclaps")
        or (p["bass"] != "" and p["bass line"] == "")
        or (p["texture"] == "sustained chords" and not p["harmony"])
    )

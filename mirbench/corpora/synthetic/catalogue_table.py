"""What a track of a catalogue can be: its musical attributes, which are its tags, and the genres.

An attribute takes one value; a value's name is the tag, and ``""`` is the ordinary case, which has
none. Every value changes the sound (`catalogue_score`, `catalogue_sounds`).
"""

from __future__ import annotations

from collections.abc import Mapping

Weights = Mapping[str, float]

FACTORS: Mapping[str, Weights] = {
    "tempo": {"slow": 1, "medium tempo": 1, "fast": 1},
    "metre": {"": 7, "triple metre": 1},
    "swing": {"": 7, "swing": 1},
    "percussion": {
        "": 4,
        "drum kit": 3,
        "electronic drums": 3,
        "hand drums": 3,
        "shaker": 1.5,
        "handclaps": 1.5,
    },
    "pattern": {"four on the floor": 1, "backbeat": 1, "breakbeat": 1, "tresillo": 1},
    "lead": {
        "flute": 1,
        "reed": 1,
        "brass": 1,
        "bowed strings": 1,
        "synth lead": 1,
        "whistle": 1,
        "high voice": 1,
        "low voice": 1,
        "mallets": 1,
        "bells": 1,
        "harp": 1,
    },
    "backing": {
        "": 1.2,
        "organ": 1,
        "electric piano": 1,
        "guitar": 1,
        "harpsichord": 1,
        "synth pad": 1,
        "choir": 1,
    },
    "texture": {
        "arpeggio": 1,
        "sustained chords": 0.6,
        "repeated chords": 0.8,
        "off-beat chords": 1.2,
        "drone": 1.4,
    },
    "bass": {"": 2, "plucked bass": 1, "synth bass": 1, "sub bass": 1},
    "bass line": {"": 3, "walking bass": 1, "octave bass": 1},
    "mode": {"major": 1, "minor": 1, "pentatonic": 1, "whole tone": 1, "chromatic": 1},
    "harmony": {"": 4, "static harmony": 1},
    "chord": {"": 4, "power chords": 1, "seventh chords": 1},
    "register": {"": 4, "high register": 1.3, "low register": 1.3},
    "articulation": {"": 4, "staccato": 1, "legato": 1.3},
    "brightness": {"": 4, "bright": 1, "mellow": 1},
    "density": {"": 4, "sparse": 1, "busy": 1},
    "ornament": {"": 3, "vibrato": 1.2, "tremolo": 1, "glide": 1},
    "chorus": {"": 5, "chorus": 1},
    "contour": {
        "": 4,
        "rising melody": 1,
        "falling melody": 1,
        "leaping melody": 1,
        "repeated notes": 1,
    },
    "dynamics": {"": 8, "crescendo": 1, "fade-out": 1, "pumping": 1},
    "effect": {"": 8, "echo": 1, "distortion": 1, "filter sweep": 1},
    "break": {"": 10, "stop-time": 1},
    "doubling": {"": 8, "in octaves": 1, "in thirds": 1},
}
"""Attribute -> value -> how often it is drawn where a genre has no opinion."""

GENRES: Mapping[str, frozenset[str]] = {
    "house": frozenset(
        [
            "medium tempo",
            "electronic drums",
            "four on the floor",
            "synth lead",
            "high voice",
            "synth pad",
            "organ",
            "off-beat chords",
            "synth bass",
            "octave bass",
            "minor",
            "seventh chords",
            "filter sweep",
            "pumping",
        ]
    ),
    "folk": frozenset(
        [
            "triple metre",
            "shaker",
            "handclaps",
            "flute",
            "low voice",
            "guitar",
            "arpeggio",
            "repeated chords",
            "plucked bass",
            "major",
            "legato",
            "mellow",
            "in thirds",
            "rising melody",
        ]
    ),
    "ambient": frozenset(
        [
            "slow",
            "whistle",
            "bells",
            "choir",
            "synth pad",
            "drone",
            "sustained chords",
            "sub bass",
            "whole tone",
            "legato",
            "sparse",
            "echo",
            "crescendo",
            "static harmony",
            "mellow",
        ]
    ),
    "funk": frozenset(
        [
            "medium tempo",
            "drum kit",
            "breakbeat",
            "brass",
            "guitar",
            "organ",
            "off-beat chords",
            "plucked bass",
            "octave bass",
            "pentatonic",
            "seventh chords",
            "staccato",
            "busy",
            "repeated notes",
            "stop-time",
        ]
    ),
    "swing": frozenset(
        [
            "swing",
            "fast",
            "drum kit",
            "backbeat",
            "reed",
            "brass",
            "electric piano",
            "repeated chords",
            "plucked bass",
            "walking bass",
            "chromatic",
            "seventh chords",
            "glide",
            "busy",
        ]
    ),
    "chamber": frozenset(
        [
            "slow",
            "triple metre",
            "bowed strings",
            "reed",
            "harpsichord",
            "arpeggio",
            "minor",
            "vibrato",
            "legato",
            "crescendo",
            "fade-out",
            "in octaves",
            "falling melody",
        ]
    ),
    "carnival": frozenset(
        [
            "fast",
            "hand drums",
            "handclaps",
            "tresillo",
            "brass",
            "mallets",
            "guitar",
            "electric piano",
            "off-beat chords",
            "walking bass",
            "major",
            "busy",
            "bright",
            "in thirds",
            "repeated notes",
        ]
    ),
    "metal": frozenset(
        [
            "fast",
            "drum kit",
            "backbeat",
            "synth lead",
            "low voice",
            "guitar",
            "repeated chords",
            "synth bass",
            "chromatic",
            "power chords",
            "distortion",
            "low register",
            "static harmony",
            "bright",
        ]
    ),
    "arcade": frozenset(
        [
            "fast",
            "electronic drums",
            "four on the floor",
            "synth lead",
            "whistle",
            "harpsichord",
            "arpeggio",
            "octave bass",
            "synth bass",
            "whole tone",
            "leaping melody",
            "glide",
            "staccato",
            "tremolo",
            "chorus",
        ]
    ),
    "court": frozenset(
        [
            "hand drums",
            "tresillo",
            "bells",
            "mallets",
            "harp",
            "drone",
            "sub bass",
            "pentatonic",
            "high register",
            "repeated notes",
            "falling melody",
            "tremolo",
            "sparse",
            "fade-out",
        ]
    ),
}
"""Genre -> values that it likes."""

KITS = ("drum kit", "electronic drums", "hand drums")
HELD = ("organ", "synth pad", "choir")  # backings that sound as long as they are held
SLOW = ("synth pad", "choir")  # and that speak too slowly for short chords
RINGING = ("mallets", "bells", "harp")  # leads that die away by themselves
VOICES = ("high voice", "low voice")

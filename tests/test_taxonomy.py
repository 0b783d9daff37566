"""Trees and names: every label has its place, every alias one meaning."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import mirbench
from mirbench.errors import ProtocolError
from mirbench.taxonomy import canonical, level, load_taxonomy

LABELS = [
    "accordion",
    "bassoon",
    "cello",
    "cello_pizzicato",
    "clarinet",
    "cornet",
    "double_bass",
    "double_bass_pizzicato",
    "english_horn",
    "flute",
    "french_horn",
    "guitar",
    "harp",
    "oboe",
    "piano",
    "piccolo",
    "recorder",
    "saxophone",
    "trombone",
    "trumpet",
    "tuba",
    "viola",
    "viola_pizzicato",
    "violin",
    "violin_pizzicato",
    "xylophone_marimba",
]
ALIASES = Path(mirbench.__file__).parent / "taxonomies" / "instrument_aliases.json"


@pytest.mark.parametrize("name", ["instrument-families", "instrument-peeters"])
def test_every_label_hangs_two_levels_deep(name):
    tree = load_taxonomy(name)
    assert sorted(tree) == LABELS
    assert {len(path) for path in tree.values()} == {2}
    parents = {(family, top) for top, family in tree.values()}
    assert len(parents) == len({family for family, _ in parents})  # a family has one parent
    assert not {node for path in tree.values() for node in path} & set(LABELS)


def test_families_are_the_six_of_the_task():
    tops = {path: None for path in load_taxonomy("instrument-families").values()}
    assert sorted(tops) == [
        ("decaying", "keyboard"),
        ("decaying", "mallet"),
        ("decaying", "plucked"),
        ("sustained", "brass"),
        ("sustained", "strings"),
        ("sustained", "woodwind"),
    ]
    assert load_taxonomy("instrument-families")["accordion"] == ("sustained", "woodwind")


def test_peeters_has_seven_families_and_ours():
    """27 leaves in the paper: ours without three kinds of saxophone, with xylophone and marimba."""
    families = Counter(family for _, family in load_taxonomy("instrument-peeters").values())
    assert families == {
        "struck strings": 1,
        "plucked strings": 2,
        "pizzicato strings": 4,
        "bowed strings": 4,
        "brass": 5,
        "air reeds": 3,
        "single or double reeds": 6,
        "struck bars": 1,
    }
    assert sum(families.values()) - 1 - 1 + 3 == 27


def test_levels_go_from_coarse_to_the_labels():
    assert level("instrument-peeters", 0)["violin"] == "sustained"
    assert level("instrument-families", 1)["piano"] == "keyboard"
    assert level("instrument-families", 2) == {label: label for label in LABELS}
    with pytest.raises(ProtocolError, match="above the root"):
        level("instrument-families", -1)


def test_no_alias_has_two_meanings():
    table = json.loads(ALIASES.read_text(encoding="utf-8"))["aliases"]
    assert sorted(table) == LABELS
    plain = {}
    for label, names in table.items():
        for name in (label, *names):
            key = "".join(c for c in name.lower() if c not in " _-")
            assert plain.setdefault(key, label) == label, name


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("alto saxophone", "saxophone"),
        ("AltoSax", "saxophone"),
        ("ASax", "saxophone"),
        ("sax_alto", "saxophone"),  # Good-sounds
        ("sax", "saxophone"),  # IRMAS
        ("tenor saxophone", "saxophone"),  # Medley-solos-DB
        ("Bb clarinet", "clarinet"),
        ("Cl", "clarinet"),
        ("ClBb", "clarinet"),  # TinySOL
        ("Clarinet-Bb", "clarinet"),
        ("Trumpet_C", "trumpet"),
        ("BTb", "tuba"),
        ("Vc", "cello"),
        ("Contrabass", "double_bass"),
        ("pianoforte", "piano"),
        ("Kontrabass", "double_bass"),
        ("flauto", "flute"),
        ("cor-anglais", "english_horn"),  # Philharmonia
        ("French Horn", "french_horn"),
        ("Acoustic Grand Piano", "piano"),  # General MIDI
        ("acoustic guitar (nylon)", "guitar"),
        ("gac", "guitar"),
        ("Marimba", "xylophone_marimba"),
        ("violin_pizzicato", "violin_pizzicato"),
        ("vibraphone", None),
        ("bass", None),
        ("electric guitar", None),
        ("", None),
    ],
)
def test_names_of_collections(name, label):
    assert canonical(name) == label


def test_every_label_is_its_own_name():
    assert [canonical(label) for label in LABELS] == LABELS


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ProtocolError, match="instrument-families, instrument-peeters"):
        load_taxonomy("genres")
    with pytest.raises(ProtocolError, match="instruments"):
        canonical("piano", names="genres")

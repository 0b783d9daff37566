"""Concepts and label maps: properties of the data, relations, coverage, places of moods."""

import json
import re
from argparse import Namespace
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirbench.commands.labels import cross
from mirbench.corpora import (
    audioset_instruments,
    ballroom,
    corpus_names,
    gtzan,
    irmas,
    magnatagatune,
    medley_solos_db,
    msd_lastfm,
    nsynth,
    openmic,
    scheirer_slaney,
)
from mirbench.errors import ProtocolError
from mirbench.labelmaps import FACETS, circumplex, coverage, load_facet, relate, shared_classes
from mirbench.labelmaps.facet import plain
from mirbench.labelmaps.table import markdown, page
from mirbench.protocols.published_facts import JAMENDO_LISTS
from mirbench.protocols.published_lists import find, read_lines
from mirbench.tasks import INSTRUMENTS, load_task

FILES = sorted({file for files in FACETS.values() for file in files})
FOLDER = Path(relate.__code__.co_filename).parent
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
SETS = {
    ("genre", "gtzan"): gtzan.GENRES,
    ("rhythm", "ballroom"): ballroom.STYLES,
    ("tags", "magnatagatune"): magnatagatune.TAGS,
    ("tags", "msd-lastfm"): msd_lastfm.TAGS,
    ("instrument", "instruments"): INSTRUMENTS,
    ("instrument", "irmas"): irmas.INSTRUMENTS.values(),
    ("instrument", "medley-solos-db"): medley_solos_db.INSTRUMENTS,
    ("instrument", "nsynth"): nsynth.FAMILIES,
    ("instrument", "openmic"): openmic.INSTRUMENTS,
    ("speech-music", "scheirer-slaney"): scheirer_slaney.LABELS.values(),
    ("speech-music", "programmes"): load_task("speech-music-segments").labels,
}


def raw(file):
    return json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))


def corpora(draw, facet, n):
    names = st.sampled_from(sorted(load_facet(facet).labels))
    return [draw(names) for _ in range(n)]


@st.composite
def some(draw, n):
    facet = draw(st.sampled_from(sorted(FACETS)))
    return (facet, *corpora(draw, facet, n))


def pairs(mapping):
    return {(a, b) for a, those in mapping.items() for b in those}


@pytest.mark.parametrize("file", FILES)
def test_every_published_label_is_mapped_or_said_why_not(file):
    data = raw(file)
    given_ = {name: entry for name, entry in data["corpora"].items() if "of" not in entry}
    for name, entry in given_.items():
        matched = [
            label
            for concept in data["concepts"].values()
            for kind in ("exactMatch", "closeMatch", "broadMatch")
            for label in concept.get(kind, {}).get(name, ())
        ]
        why = entry.get("unmapped", {})
        assert set(matched) | set(why) == set(entry["labels"]), name
        assert set(matched).isdisjoint(why)
        assert all(why.values())
    for entry in data["corpora"].values():
        assert entry["source"]
        base = data["corpora"][entry.get("of", "")] if "of" in entry else entry
        assert set(entry.get("labels", ())) <= set(base["labels"])


@pytest.mark.parametrize("file", FILES)
def test_a_label_means_one_concept(file):
    concepts = raw(file)["concepts"]
    seen = [
        (corpus, label)
        for concept in concepts.values()
        for kind in ("exactMatch", "closeMatch")
        for corpus, labels in concept.get(kind, {}).items()
        for label in labels
    ]
    assert len(seen) == len(set(seen))
    wide = {
        (corpus, label)
        for concept in concepts.values()
        for corpus, labels in concept.get("broadMatch", {}).items()
        for label in labels
    }
    assert wide.isdisjoint(seen), "a label wider than a concept is a concept of its own"


@pytest.mark.parametrize("facet", FACETS)
def test_names_of_concepts_differ_in_any_spelling(facet):
    concepts = load_facet(facet).concepts
    names = [(plain(n), key) for key, c in concepts.items() for n in {c.name, *c.other_names}]
    assert len({n for n, _ in names}) == len({*names})


@pytest.mark.parametrize("facet", FACETS)
def test_broader_has_no_circle(facet):
    concepts = load_facet(facet).concepts
    done = set()

    def climb(key, below):
        assert key not in below, f"{key} is above itself"
        if key not in done:
            for up in concepts[key].broader:
                climb(up, below | {key})
        done.add(key)

    for key in concepts:
        climb(key, frozenset())


@QUICK
@given(some(2))
def test_exact_and_close_are_symmetric(drawn):
    facet, a, b = drawn
    for relations in (("exact",), ("close",)):
        there, back = relate(a, b, facet, relations), relate(b, a, facet, relations)
        assert pairs(there) == {(x, y) for y, x in pairs(back)}
    wider, narrower = relate(a, b, facet, ["broader"]), relate(b, a, facet, ["narrower"])
    assert pairs(wider) == {(x, y) for y, x in pairs(narrower)}
    assert pairs(relate(a, b, facet)) <= pairs(relate(a, b, facet, ["close"]))
    assert pairs(relate(a, b, facet)).isdisjoint(pairs(wider))


@QUICK
@given(some(3))
def test_exact_is_transitive(drawn):
    facet, a, b, c = drawn
    onward, straight = relate(b, c, facet), pairs(relate(a, c, facet))
    assert {(x, z) for x, y in pairs(relate(a, b, facet)) for z in onward.get(y, ())} <= straight


@QUICK
@given(some(2), st.sampled_from([("exact",), ("exact", "close"), ("exact", "broader")]))
def test_shared_classes_are_those_of_the_relations_and_disjoint(drawn, relations):
    facet, a, b = drawn
    if a == b:
        return
    known = load_facet(facet)
    found = shared_classes({a: known.labels[a], b: known.labels[b]}, facet, relations)
    assert set(found[a].values()) == set(found[b].values())
    alike = relate(a, b, facet, relations[:1] if "close" not in relations else relations)
    if "broader" not in relations:
        assert set(found[a]) == set(alike)
        assert all(found[a][x] == found[b][y] for x, y in pairs(alike))
    else:
        above = pairs(relate(a, b, facet, ["broader"]))
        both = [(x, y) for x, y in above if x in found[a] and y in found[b]]
        assert all(found[a][x] == found[b][y] for x, y in both), "no class lies in another"


@QUICK
@given(st.sampled_from(sorted(FACETS)), st.data())
def test_a_word_is_known_in_any_spelling(facet, data):
    concepts = load_facet(facet).concepts
    key = data.draw(st.sampled_from([k for k in sorted(concepts) if ":" not in k]))
    name = data.draw(st.sampled_from((concepts[key].name, *concepts[key].other_names)))
    change = data.draw(st.sampled_from([str.upper, str.title, lambda s: re.sub(r"[ -]", "_", s)]))
    assert load_facet(facet).concept("my folder", change(name)) == key


@pytest.mark.parametrize("key", SETS, ids="-".join)
def test_label_sets_are_those_of_the_corpora(key):
    facet, corpus = key
    assert set(load_facet(facet).labels[corpus]) == set(SETS[key])
    assert corpus in corpus_names() or corpus == "instruments"


@pytest.mark.parametrize(
    ("corpus", "subset", "n"),
    [
        ("mtg-jamendo-genre", "genre", 95),
        ("mtg-jamendo-instrument", "instrument", 41),
        ("mtg-jamendo-moodtheme", "moodtheme", 59),
        ("mtg-jamendo", "top50tags", 50),
        ("mtg-jamendo-all", "all", 195),
    ],
)
def test_jamendo_has_the_tags_of_its_lists(corpus, subset, n):
    labels = load_facet("tags").labels[corpus]
    assert len(labels) == n
    which = [JAMENDO_LISTS[0, subset, part] for part in ("validation", "test")]
    if any(find(each) is None for each in which):
        pytest.skip(f"{which[0].name} isn't on this machine")
    lines = chain.from_iterable(read_lines(each) for each in which)
    used = {tag for line in lines for tag in line.rstrip("\n").split("\t")[5:]}
    assert used <= set(labels)
    assert len(set(labels) - used) == {"top50tags": 0, "all": 12}.get(subset, n - len(used))


def test_published_counts_add_up():
    genre, instrument = load_facet("genre").labels, load_facet("instrument").labels
    assert (sum(genre["gtzan"].values()), sum(genre["fma"].values())) == (1000, 25000)
    assert sum(instrument["irmas"].values()) == irmas.COUNTS["train"]
    assert load_facet("rhythm").labels["ballroom"] == ballroom.STYLES
    assert len(instrument["audioset-instruments"]) == len(audioset_instruments.INDICES)


def test_relations_by_example():
    assert relate("gtzan", "fma", "genre") == {
        g: (f,)
        for g, f in zip(
            ("blues", "classical", "country", "hiphop", "jazz", "pop", "rock"),
            ("Blues", "Classical", "Country", "Hip-Hop", "Jazz", "Pop", "Rock"),
        )
    }
    assert relate("gtzan", "fma", "genre", ["broader"]) == {
        "disco": ("Soul-RnB",),
        "metal": ("Rock",),
    }
    voices = ("female vocalists", "female vocalist")
    assert relate("magnatagatune", "msd-lastfm", "tags", ["close"])["woman"] == voices
    assert "woman" not in relate("magnatagatune", "msd-lastfm", "tags")
    assert relate("instruments", "nsynth", "instrument", ["broader"])["oboe"] == ("reed",)
    assert "oboe" not in relate("instruments", "nsynth", "instrument")


def test_subsets_of_one_corpus_share_their_labels_as_they_stand():
    for facet in ("instrument", "tags"):
        known = load_facet(facet).labels
        both = {name: known[name] for name in ("mtg-jamendo-all", "mtg-jamendo-instrument")}
        for relations in (("exact",), ("exact", "close")):
            found = shared_classes(both, facet, relations)
            assert set(found["mtg-jamendo-instrument"]) == set(both["mtg-jamendo-instrument"])
            assert found["mtg-jamendo-all"] == found["mtg-jamendo-instrument"]
    horn = relate("mtg-jamendo-all", "mtg-jamendo-instrument", "tags")["instrument---horn"]
    assert horn == ("instrument---horn",)
    assert "instrument---horn" not in relate(
        "mtg-jamendo-all", "audioset-instruments", "instrument"
    )


def test_instruments_as_a_musician_files_them():
    keyboards = {"nsynth": ["keyboard"], "audioset-instruments": ["Keyboard (musical)"]}
    assert not shared_classes(keyboards, "instrument")["nsynth"]
    assert shared_classes(keyboards, "instrument", ("close",))["nsynth"]
    choir = relate("magnatagatune", "mtg-jamendo-genre", "tags")["choir"]
    assert choir == ("genre---choir",)
    assert load_facet("tags").concept("mine", "choral music") == "choir"
    wider = relate("audioset-instruments", "mtg-jamendo-instrument", "instrument", ["broader"])
    for label in ("Bell", "Church bell", "Chime", "Wind chime", "Tubular bells", "Maraca"):
        assert "instrument---percussion" in wider[label]
    assert "rattle" in load_facet("instrument").concepts["maraca"].broader


def test_families_take_their_instruments_and_classes_stay_disjoint():
    words = {"mine": ["Violin", "cello", "Alto Sax", "pianoforte"], "nsynth": nsynth.FAMILIES}
    found = shared_classes(words, "instrument", ("exact", "broader"))
    assert found["mine"] == {
        "Violin": "string (nsynth)",
        "cello": "string (nsynth)",
        "Alto Sax": "reed (nsynth)",
    }
    found = shared_classes(
        {"mine": ["rock", "metal", "poprock"], "other": ["Rock", "Pop", "Heavy Metal"]},
        "genre",
        ("exact", "broader"),
    )
    assert found["mine"] == {"rock": "rock", "metal": "rock"}, "pop rock is both: it has no class"
    assert found["other"] == {"Rock": "rock", "Heavy Metal": "rock"}


def test_words_of_no_concept_meet_in_their_spelling():
    words = {"a": ["Polka-Mazurka", "x"], "b": ["polka mazurka", "y"]}
    found = shared_classes(words, "genre")
    assert found == {
        "a": {"Polka-Mazurka": "Polka-Mazurka"},
        "b": {"polka mazurka": "Polka-Mazurka"},
    }


def test_coverage_counts_what_falls_away():
    [row] = coverage(["gtzan", "fma"], "genre").to_dict("records")
    assert row["n_classes"] == 7
    assert row["dropped_a"] == ("disco", "metal", "reggae")
    assert (row["kept_a"], row["items_a"], row["items_b"]) == (700, 1000, 25000)
    assert row["kept_b"] == 74 + 619 + 178 + 2201 + 384 + 1186 + 7103
    mine = {"mine": {"Hip Hop": 4, "polka": 3}}
    [row] = coverage(["mine", "magnatagatune"], "genre", counts=mine).to_dict("records")
    assert (row["n_classes"], row["kept_a"], row["items_b"]) == (0, 0, None)
    assert len(coverage(["gtzan", "fma", "msd-lastfm"], "genre")) == 3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: load_facet("mode"), "unknown facet 'mode'.*genre"),
        (lambda: relate("gtzan", "none", "genre"), "lists no labels of 'none'.*fma"),
        (lambda: relate("gtzan", "fma", "genre", ["same"]), "unknown relation.*same"),
        (lambda: relate("gtzan", "fma", "genre", ()), "unknown relation"),
        (lambda: coverage(["gtzan", "irmas"], "genre"), "no labels of 'irmas'"),
        (lambda: coverage(["gtzan"], "genre"), "two or more"),
        (lambda: circumplex("film"), "no place on the circumplex.*happy"),
    ],
)
def test_errors_name_what_is_wrong(call, words):
    with pytest.raises(ProtocolError, match=words):
        call()


def test_moods_lie_on_the_circle_in_their_quadrants():
    quadrants = {
        "happy": (1, 1),
        "excited": (1, 1),
        "angry": (-1, 1),
        "sad": (-1, -1),
        "tired": (-1, -1),
        "calm": (1, -1),
        "Relaxing": (1, -1),
        "at-ease": (1, -1),
    }
    for word, signs in quadrants.items():
        valence, arousal = circumplex(word)
        assert (valence > 0, arousal > 0) == tuple(s > 0 for s in signs), word
        assert valence**2 + arousal**2 == pytest.approx(1)
    data = raw("mood_circumplex")
    assert len(data["degrees"]) == 28
    assert set(data["as"].values()) <= set(data["degrees"])
    moods = load_facet("mood").labels["mtg-jamendo-moodtheme"]
    placed = [
        m for m in moods if plain(m.split("---")[1]) in map(plain, data["as"] | data["degrees"])
    ]
    assert len(placed) >= 12, "the tags that say a mood"


def test_the_command_prints_pairs(capsys, tmp_path):
    assert cross(Namespace(corpora=["gtzan", "fma"], facet=None, relations=("exact",))) == 0
    printed = capsys.readouterr().out
    assert "genre: gtzan and fma share 7 classes" in printed
    assert "gtzan drops (300 of 1,000 labels given): disco, metal, reggae" in printed
    with pytest.raises(ProtocolError, match="no facet lists labels of two of gtzan, ballroom"):
        cross(Namespace(corpora=["gtzan", "ballroom"], facet=None, relations=("exact",)))
    with pytest.raises(ProtocolError, match="--facet"):
        cross(Namespace(corpora=["gtzan", str(tmp_path)], facet=None, relations=("exact",)))


def test_docs_hold_the_tables_of_now():
    docs = (Path(__file__).parents[1] / "docs/labels.md").read_text(encoding="utf-8")
    assert page() in docs, "run python -m mirbench.labelmaps and paste"
    assert "| 7 |" in markdown("genre")

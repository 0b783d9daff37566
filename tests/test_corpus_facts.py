"""Facts of each corpus against what is known elsewhere: protocols, references, archives, known faults."""

import os
import re
from importlib import import_module
from pathlib import Path

import pandas as pd
import published_layouts as layouts
import pytest

from mirbench.corpora import (
    ballroom,
    fma,
    gtzan,
    load_corpus,
    magnatagatune,
    mtg_jamendo,
    sources,
    taste_profile,
)
from mirbench.corpora.facts import facts
from mirbench.errors import DataError
from mirbench.fetch.hashes import listed
from mirbench.protocols import load_protocol, protocol_names, published_names
from mirbench.trust.bibtex import parse, to_apa
from mirbench.trust.cite import cite

PUBLISHED = (
    *("gtzan", "ballroom", "magnatagatune", "fma", "giantsteps", "deam", "pmemo", "msd-lastfm"),
    *("taste-profile", "mtg-jamendo", "mtg-jamendo-all", "mtg-jamendo-genre"),
    *("mtg-jamendo-instrument", "mtg-jamendo-moodtheme"),
)
COMPILED = {
    "programmes": "segmentation/programmes",
    "singing-voice": "segmentation/singing_voice",
    "cc-albums": "similarity/cc_albums",
    "cc-styles": "genre/cc_styles",
    "librispeech-ccmusic": "speech_music/librispeech_ccmusic",
    "gcompris-ccmusic": "speech_music/gcompris_ccmusic",
    **dict.fromkeys(
        ("iowa", "sfzcommunity", "fluidr3", "generaluser", "sgm", "freepats"), "instruments"
    ),
}
EMBEDDED = tuple(
    f"embedded-{kind}"
    for kind in (
        *("attic", "booth", "catalogue", "catalogues", "emotion", "fingerprint", "genres", "hall"),
        *("listening", "phone", "programmes", "rhythm", "rhythms", "songs", "studio"),
    )
)
ALL = (*PUBLISHED, *COMPILED, *EMBEDDED)
CONSTANTS = ("TITLE", "LICENCE", "HOW", "FAULTS", "BIBTEX", "PROTOCOLS", "REMOTES", "BY_HAND")
REAL = os.environ.get("MIRBENCH_DATA", "")


def module_of(name):
    return import_module(f"mirbench.corpora.{name.replace('-', '_')}")


@pytest.mark.parametrize("name", ALL)
def test_every_constant_is_given_and_typed(name):
    module = module_of(name)
    missing = [constant for constant in CONSTANTS if not hasattr(module, constant)]
    assert not missing
    kinds = {"FAULTS": tuple, "PROTOCOLS": tuple, "REMOTES": tuple}
    for constant in CONSTANTS:
        assert isinstance(getattr(module, constant), kinds.get(constant, str)), constant
    for constant in ("TITLE", "LICENCE", "HOW", "FAULTS", "BIBTEX"):
        assert getattr(module, constant), constant
    assert module.REMOTES or module.BY_HAND or name in EMBEDDED


@pytest.mark.parametrize("name", ALL)
def test_references_are_whole(name):
    entries = parse(facts(name).bibtex, name)
    assert entries
    for entry in entries:
        assert entry.get("title")
        assert entry.authors
        where = (
            "year",
            "howpublished",
            "note",
        )  # a source without a paper has an address or a commit
        assert any(entry.get(field) for field in (where[:1] if entry.kind != "misc" else where))
        assert not re.search(r"[{}\\]", to_apa(entry))


@pytest.mark.parametrize("name", ALL)
def test_protocols_exist_and_hold_the_corpus(name):
    known = facts(name).protocols
    assert set(known) <= {*protocol_names(), *published_names()}
    for protocol in set(known) & set(protocol_names()):
        assert name in set(load_protocol(protocol).items["corpus"])


def test_no_frozen_protocol_is_forgotten():
    for protocol in protocol_names():
        for corpus in set(load_protocol(protocol).items["corpus"]):
            assert protocol in facts(corpus).protocols, f"{corpus}: PROTOCOLS lacks {protocol}"


def test_no_published_protocol_is_forgotten():
    named = {protocol for name in PUBLISHED for protocol in facts(name).protocols}
    ours = re.compile(r"(genre/(gtzan|fma)|rhythm/ballroom|tags/(mtat|jamendo|msd)|emotion/)")
    assert {n for n in published_names() if ours.match(n)} <= named


def test_sets_over_one_collection_share_its_folder():
    for name in PUBLISHED:
        if name.startswith("mtg-jamendo"):
            assert module_of(name).FOLDER == "mtg_jamendo"
    for name, folder in COMPILED.items():
        kept = module_of(name).FOLDER
        assert kept == folder


def test_sources_of_several_corpora_are_one_text():
    seen = {}
    for name in ALL:
        for entry in parse(facts(name).bibtex, name):
            assert seen.setdefault(entry.key, entry.text) == entry.text, entry.key
    own = parse(sources.compiled("ours", "A title", sources.LIBRISPEECH))
    assert [entry.key for entry in own] == ["ours", "panayotov2015librispeech"]


def test_jamendos_archives_are_named_by_rule_and_hashed_by_their_list(tmp_path):
    remotes = mtg_jamendo.remotes("genre")
    tars = [r for r in remotes if r.name.endswith(".tar")]
    assert (tars[0].name, tars[-1].name) == ("raw_30s_audio-low-00.tar", "raw_30s_audio-low-99.tar")
    assert len(tars) == 100
    assert {r.unpack for r in tars} == {"audio-low"}
    lists = [r.name for r in remotes if r.name.endswith(".tsv")]
    assert len(lists) == 3 * mtg_jamendo.N_SPLITS
    assert lists[0] == "data/splits/split-0/autotagging_genre-train.tsv"
    first = mtg_jamendo.remotes("all")[0].name
    assert first == "data/splits/split-0/autotagging-train.tsv"
    assert {r.listed_in for r in tars} == {mtg_jamendo.TARS}
    names = [r.name for r in remotes]
    assert names.index(mtg_jamendo.TARS) < names.index(tars[0].name), "it's fetched before them"
    path = tmp_path / mtg_jamendo.TARS
    path.write_text("".join(f"{i:064x} {r.name}\n" for i, r in enumerate(tars)), encoding="utf-8")
    assert listed(tars[15], tmp_path).checksum == "sha256:" + "f".rjust(64, "0")
    assert listed(remotes[0], tmp_path) == remotes[0]
    path.write_text("no hash\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"sha256_tars.txt: line 1 isn't a SHA-256"):
        listed(tars[15], tmp_path)
    path.write_text(f"{0:064x} other.tar\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"doesn't name raw_30s_audio-low-15\.tar"):
        listed(tars[15], tmp_path)


def test_gtzans_repetitions_are_as_the_paper_counts_them():
    names = [name for same in gtzan.REPEATS for name in same]
    assert len(names) == len(set(names))
    assert len(names) - len(gtzan.REPEATS) == 50
    numbers = {f"{genre}.{n:05d}" for genre in gtzan.GENRES for n in range(gtzan.PER_GENRE)}
    assert {*names, *gtzan.DISTORTED, *gtzan.BROKEN} <= numbers
    across = [same for same in gtzan.REPEATS if len({n.partition(".")[0] for n in same}) > 1]
    assert across == [("metal.00058", "rock.00016")]


def test_gtzans_repetitions_are_a_column(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    layouts.gtzan(tmp_path, ["jazz"], (32, 33, 51))
    layouts.gtzan(tmp_path, ["rock"], (16,))
    items = gtzan.load(partial=True).items.set_index("id")["repeat_of"]
    assert items.to_dict() == {
        "gtzan/jazz.00032": "",
        "gtzan/jazz.00033": "",
        "gtzan/jazz.00051": "jazz.00033",
        "gtzan/rock.00016": "metal.00058",
    }


def test_fmas_short_clips_are_a_column(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    tracks = [(2, "small", "training", "Rock", 1), (98565, "small", "test", "Folk", 2)]
    layouts.fma(tmp_path, tracks, "small")
    assert fma.load().items["short"].tolist() == [False, True]
    assert fma.SILENT < fma.SHORT
    assert len(fma.SHORT) == 6


def test_known_faults_are_names_as_published():
    clip = re.compile(r"[0-9a-f]/[a-z0-9_]+-[a-z0-9_]+-\d\d-[a-z0-9_]+-\d+-\d+\.mp3")
    assert all(clip.fullmatch(path) for path in magnatagatune.EMPTY)
    pairs = [name for pair in ballroom.REPLICAS for name in pair]
    assert len(pairs) == len(set(pairs)) == 26


def test_a_tempo_that_is_none_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    layouts.ballroom(tmp_path, ["Waltz"], 2)
    tempo = tmp_path / "ballroom/Media-103402.bpm"
    assert ballroom.load(partial=True).items["bpm"].max() == 124
    tempo.write_bytes(b"\xcd\x00")
    with pytest.raises(DataError, match=r"Media-103402.bpm: doesn't start with a tempo"):
        ballroom.load(partial=True)


@pytest.fixture
def taste(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    root = tmp_path / "taste-profile"
    root.mkdir()
    (root / taste_profile.TRIPLETS).write_text("u\tSOA\t1\nu\tSOB\t2\nu\tSOC\t4\n")
    (root / taste_profile.MISMATCHES).write_text("ERROR: <SOA TRA> a  -  b  !=  c  -  d\n")
    every = "TRA<SEP>SOA<SEP>x<SEP>y\nTRB<SEP>SOB<SEP>x<SEP>y\nTRB2<SEP>SOB<SEP>x<SEP>z\n"
    (root / taste_profile.ALL_TRACKS).write_text(every)
    return root


def played(counts: pd.DataFrame):
    return dict(zip(counts["track"], counts["count"]))


def test_the_list_of_all_tracks_serves_for_that_of_songs(taste):
    assert played(taste_profile.load_counts()) == {"TRB": 2}
    (taste / taste_profile.TRACKS).write_text("SOA\tTRA\nSOB\tTRB2\nSOC\tTRC\n")
    assert played(taste_profile.load_counts()) == {"TRB2": 2, "TRC": 4}
    (taste / taste_profile.TRACKS).unlink()
    (taste / taste_profile.ALL_TRACKS).write_text("SOA<SEP>TRA<SEP>x<SEP>y\n")
    with pytest.raises(DataError, match=r"unique_tracks.txt: line 1 isn't a track"):
        taste_profile.load_counts()
    (taste / taste_profile.ALL_TRACKS).unlink()
    with pytest.raises(DataError, match=r"holds no taste_profile_song_to_tracks.txt; get "):
        taste_profile.load_counts()


def test_mismatches_taken_back_are_kept(taste):
    (taste / taste_profile.ACCEPTED).write_text("< ERROR: <SOA TRA> a  -  b  !=  c  -  d\n")
    assert played(taste_profile.load_counts()) == {"TRA": 1, "TRB": 2}


@pytest.mark.parametrize("name", COMPILED)
def test_compilations_load_by_name(name):
    if not Path(REAL, COMPILED[name]).is_dir() or not REAL:
        pytest.skip("MIRBENCH_DATA holds no such folder")
    corpus, known = load_corpus(name), facts(name)
    assert (corpus.licence, corpus.bibtex, corpus.faults) == (
        known.licence,
        known.bibtex,
        known.faults,
    )
    assert corpus.items["group"].nunique() > 1
    for protocol in known.protocols:
        items = load_protocol(protocol).items
        assert set(items["item"][items["corpus"] == name]) <= set(corpus.items["id"])


@pytest.mark.parametrize("name", ["similarity/albums", "singing-voice/leave-one-artist-out"])
def test_boards_cite_compilations_and_their_sources(name):
    keys = [entry.key for entry in cite(name).entries]
    assert keys[0].startswith("mirbench_")
    assert "ultrastar_songs" in keys
    assert not [n for n in cite(name).notes if "no reference of its own" in n]

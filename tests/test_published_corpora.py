"""Corpora in their authors' layout, on small look-alikes, and the real ones for similarity."""

import gzip
import os

import numpy as np
import pytest
import soundfile as sf

import mirbench
from mirbench.corpora import corpus_names, load_corpus, magnatagatune, mtg_jamendo
from mirbench.errors import DataError
from mirbench.protocols import make_protocol

TRACKS = (  # clip_id, path, artist, album, track number, title, tags
    (
        "2",
        "f/bach-01-aria-30-59.mp3",
        "Bach Soloists",
        "Cantatas",
        "1",
        "Aria",
        ("classical", "bells"),
    ),
    ("6", "f/bach-01-aria-146-175.mp3", "Bach Soloists", "Cantatas", "1", "Aria", ("violin",)),
    ("9", "0/solo-02-rock-0-29.mp3", "Solo", "Rock", "2", "Rock", ()),
    (
        "35644",
        "6/norine_braun-now_and_zen-08-gently-117-146.mp3",
        "Norine",
        "Zen",
        "8",
        "Gently",
        (),
    ),
)
ALL_TAGS = (*magnatagatune.TAGS, "bells")


def make_audio(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.RandomState(sum(path.name.encode()))
    sf.write(path, 0.1 * rng.uniform(-1, 1, 8000), 8000, format="MP3")


@pytest.fixture
def magna(tmp_path, monkeypatch):
    """A folder as MagnaTagATune unpacks: lists, three clips and an empty file."""
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    root = tmp_path / "magnatagatune"
    for _, path, *_ in TRACKS[:3]:
        make_audio(root / path)
    (root / "6").mkdir()
    (root / TRACKS[3][1]).touch()
    quoted = [f'"{name}"' for name in ("clip_id", *ALL_TAGS, "mp3_path")]
    lines = ["\t".join(quoted)]
    about = ["clip_id\ttrack_number\ttitle\tartist\talbum\turl\tsegmentStart\tsegmentEnd\tmp3_path"]
    for clip, path, artist, album, number, title, tags in TRACKS:
        given = [f'"{int(t in tags)}"' for t in ALL_TAGS]
        lines.append("\t".join([f'"{clip}"', *given, f'"{path}"']))
        about.append("\t".join([clip, number, title, artist, album, "", "30", "59", path]))
    about.append("\t".join(["77", "1", "Not annotated", "Nobody", "None", "", "0", "29", ""]))
    (root / "annotations_final.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "clip_info_final.csv").write_text("\n".join(about) + "\n", encoding="utf-8")
    return root


def test_magnatagatune(magna):
    items = load_corpus("magnatagatune").items
    assert list(items["clip_id"]) == ["2", "6", "9"]
    assert list(items["tags"]) == ["classical", "violin", ""]
    assert list(items["all_tags"]) == ["classical|bells", "violin", ""]
    assert list(items["group"]) == ["Bach Soloists", "Bach Soloists", "Solo"]
    assert list(items["album"]) == ["Cantatas", "Cantatas", "Rock"]
    assert items["track"].nunique() == 2
    assert items["id"].iloc[0] == "magnatagatune/f/bach-01-aria-30-59"
    assert len(magnatagatune.TAGS) == len(set(magnatagatune.TAGS)) == 50


def test_magnatagatune_counts_what_is_missing(magna):
    (magna / TRACKS[0][1]).unlink()
    with pytest.raises(
        DataError, match=r"1 of 3 listed recordings aren't there \(f/bach.*partial=True"
    ):
        magnatagatune.load()
    assert len(magnatagatune.load(partial=True).items) == 2
    for _, path, *_ in TRACKS[1:3]:
        (magna / path).unlink()
    with pytest.raises(DataError, match="3 of 3"):
        magnatagatune.load(partial=True)


def test_magnatagatune_names_a_list_that_is_missing_or_other(magna):
    info = magna / "clip_info_final.csv"
    text = info.read_text(encoding="utf-8")
    info.write_text("\n".join(text.splitlines()[:2]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"says nothing of 3 clips .*\(6 is the first\)"):
        magnatagatune.load()
    info.write_text(text.replace("artist", "band"), encoding="utf-8")
    with pytest.raises(DataError, match="has no column artist"):
        magnatagatune.load()
    info.unlink()
    with pytest.raises(DataError, match=r"holds no annotations_final.csv and clip_info_final.csv"):
        magnatagatune.load()


JAMENDO = (
    ("track_0000241", "artist_000005", "album_000033", "41/241.mp3", "1.0", "genre---rock"),
    (
        "track_0003518",
        "artist_000530",
        "album_000552",
        "18/3518.mp3",
        "1.0",
        "genre---house\tmood---x",
    ),
    ("track_0003521", "artist_000530", "album_000552", "21/3521.mp3", "1.0", "genre---house"),
)
HEADER = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS"


def tsv(rows):
    return "\n".join([HEADER, *("\t".join(row) for row in rows)]) + "\n"


@pytest.fixture
def jamendo(tmp_path, monkeypatch):
    """Three tracks of MTG-Jamendo, one in each place where audio may be; no list yet."""
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    root = tmp_path / "data" / "mtg-jamendo"
    make_audio(root / "41/241.mp3")
    make_audio(root / "audio/18/3518.mp3")
    make_audio(root / "audio-low/21/3521.low.mp3")
    return root


def test_mtg_jamendo_from_one_list(jamendo):
    (jamendo / mtg_jamendo.LIST).write_text(tsv(JAMENDO), encoding="utf-8")
    items = load_corpus("mtg-jamendo").items
    assert list(items["id"]) == [f"mtg-jamendo/{row[0]}" for row in JAMENDO]
    assert list(items["tags"]) == ["genre---rock", "genre---house|mood---x", "genre---house"]
    assert list(items["group"]) == [row[1] for row in JAMENDO]
    assert list(items["album"]) == [row[2] for row in JAMENDO]
    assert "split" not in items


def test_mtg_jamendo_from_the_splits_beside_the_data(jamendo):
    beside = jamendo.parent.parent / "annotations" / "mtg_jamendo" / "split-0"
    beside.mkdir(parents=True)
    for name, row in zip(mtg_jamendo.SPLIT_LISTS, JAMENDO):
        (beside / f"{name}.gz").write_bytes(gzip.compress(tsv([row]).encode()))
    items = load_corpus("mtg-jamendo").items
    assert list(items["split"]) == ["train", "validation", "test"]
    assert list(items["artist"]) == [row[1] for row in JAMENDO]


def test_mtg_jamendo_says_what_is_wrong(jamendo):
    with pytest.raises(
        DataError, match=r"holds no autotagging_top50tags.tsv; nor all of .*; get the audio"
    ):
        mtg_jamendo.load()
    path = jamendo / mtg_jamendo.LIST
    path.write_text("TRACK_ID,ARTIST_ID\n", encoding="utf-8")
    with pytest.raises(DataError, match="first line isn't TRACK_ID ARTIST_ID"):
        mtg_jamendo.load()
    path.write_text(f"{HEADER}\ntrack_1\tartist_1\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2 has 2 columns"):
        mtg_jamendo.load()
    other = ("track_9", "artist_9", "album_9", "00/9.mp3", "1.0", "genre---pop")
    path.write_text(tsv([*JAMENDO, other]), encoding="utf-8")
    with pytest.raises(DataError, match=r"1 of 4 listed recordings .* \(00/9.mp3 is the first\)"):
        mtg_jamendo.load()
    assert len(mtg_jamendo.load(partial=True).items) == 3


@pytest.mark.parametrize("name", ["magnatagatune", "mtg-jamendo"])
def test_a_folder_that_is_not_there(name, tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match=rf"holds no {name}.*; get "):
        load_corpus(name)
    monkeypatch.delenv("MIRBENCH_DATA")
    with pytest.raises(DataError, match=r"set MIRBENCH_DATA.*; get "):
        load_corpus(name)


def test_corpora_of_similarity_are_listed():
    assert {
        *("embedded-catalogue", "embedded-catalogues", "cc-albums", "cc-styles"),
        *("magnatagatune", "mtg-jamendo"),
    } <= set(corpus_names())
    assert "published" not in corpus_names()


real = pytest.mark.skipif(not os.environ.get("MIRBENCH_DATA"), reason="MIRBENCH_DATA isn't set")


@real
@pytest.mark.slow
def test_cc_albums():
    items = load_corpus("cc-albums").items
    assert len(items) == 98
    assert items["artist"].nunique() == 33
    assert (items["group"] == items["artist"]).all()
    assert items["album"].nunique() == 40
    assert (items.groupby("album")["artist"].nunique() == 1).all()
    assert items["key"].is_unique


@real
@pytest.mark.slow
def test_cc_styles():
    items = load_corpus("cc-styles").items
    assert len(items) == 113
    assert items["genre"].nunique() == 5
    assert items["track"].nunique() == items["source_path"].nunique() == 62
    assert (items.groupby("track")["source_path"].nunique() == 1).all()
    assert (items["group"] == items["artist"]).all()
    assert (items.groupby("artist")["genre"].nunique() == 1).sum() == 21


def test_the_oracle_of_tags_runs_on_magnatagatunes_layout(home, tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    root, tags = tmp_path / "magnatagatune", magnatagatune.TAGS
    listed = ["\t".join(f'"{c}"' for c in ("clip_id", *tags, "mp3_path"))]
    about = ["clip_id\ttrack_number\ttitle\tartist\talbum\turl\tsegmentStart\tsegmentEnd\tmp3_path"]
    for i in range(45):
        path = f"a/artist{i // 3}-{i}.mp3"
        (root / "a").mkdir(parents=True, exist_ok=True)
        sound = 0.1 * np.random.RandomState(i).uniform(-1, 1, 8000)
        sf.write(root / path, sound, 8000, format="MP3")
        on = {"guitar": i % 2 == 0, "piano": i % 3 == 0, "drums": i % 5 < 3}
        given = [f'"{int(on.get(tag, False))}"' for tag in tags]
        listed.append("\t".join([f'"{i}"', *given, f'"{path}"']))
        about.append("\t".join([str(i), "1", "t", f"artist{i // 3}", "a", "", "0", "29", path]))
    (root / "annotations_final.csv").write_text("\n".join(listed) + "\n", encoding="utf-8")
    (root / "clip_info_final.csv").write_text("\n".join(about) + "\n", encoding="utf-8")
    protocol = make_protocol("tag-similarity", ["magnatagatune"])
    assert protocol.task.labels == ("drums", "guitar", "piano")
    table = mirbench.run("mfcc-stats", protocol, n_jobs=1, progress=False)
    assert table.attrs["n_groups"] == 3
    assert 0 <= table["MAP@20"].iloc[0] <= 100

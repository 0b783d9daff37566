"""Published lists wherever they are found, and protocols of published splits on look-alikes."""

import ast
import json
import re
import shutil
from collections import Counter

import numpy as np
import published_layouts as layouts
import pytest
from made_records import record

from mirbench.audit.cells import audit_cells
from mirbench.boards import board
from mirbench.corpora import ballroom, gtzan, magnatagatune, msd_lastfm
from mirbench.errors import DataError, RecordError
from mirbench.protocols import Protocol, published_facts, published_splits
from mirbench.protocols.published_facts import (
    GTZAN_LISTS,
    JAMENDO_LISTS,
    JAMENDO_MOODS,
    LISTS,
    MSD_TAGS,
    MTAT_FOLDER_TRUTH,
    MTAT_INDEX,
    MTAT_LISTS,
    MTAT_TAGS,
    MTAT_TRUTH,
    PARTS,
    SUBSETS,
)
from mirbench.protocols.published_lists import find, read_lines, report
from mirbench.protocols.published_splits import PUBLISHED
from mirbench.protocols.published_tags import MTAT_FOLDERS
from mirbench.testing import check_protocol

LEAK = "no item, group or recording on both sides"


def lines_of(*lists):
    """Lines of each list; the test is skipped where one isn't on this machine."""
    absent = [which.name for which in lists if find(which) is None]
    if absent:
        pytest.skip(f"{absent[0]} isn't on this machine")
    return [read_lines(which) for which in lists]


@pytest.mark.parametrize("which", LISTS, ids=lambda which: which.name)
def test_a_list_is_the_published_one(which):
    (lines,) = lines_of(which)
    assert which.count is None or len(lines) == which.count
    assert len(set(lines)) == len(lines) or which in MTAT_TRUTH.values()


def test_lists_have_names_of_their_own_and_sources():
    assert len({which.name for which in LISTS}) == len(LISTS)
    assert len({which.sha256 for which in LISTS} - {None}) == sum(
        which.sha256 is not None for which in LISTS
    )
    assert all(re.fullmatch(r"[0-9a-f]{12}", which.commit) and which.licence for which in LISTS)


def test_gtzans_filtered_lists():
    parts = dict(zip(PARTS, lines_of(*GTZAN_LISTS.values())))
    counts = {part: Counter(line.split("/")[0] for line in parts[part]) for part in parts}
    assert [counts["train"][g] for g in gtzan.GENRES] == [46, 48, 45, 42, 47, 43, 44, 41, 43, 44]
    assert [counts["test"][g] for g in gtzan.GENRES] == [31, 31, 30, 29, 27, 27, 27, 30, 26, 32]
    everything = [line for part in parts.values() for line in part]
    assert len(set(everything)) == len(everything) == 930
    assert {f"jazz/{name}.wav" for name in gtzan.BROKEN} <= set(parts["train"])


def test_magnatagatunes_folders():
    (index,) = lines_of(MTAT_INDEX)
    paths = {line.split("\t")[1] for line in index}
    assert paths >= magnatagatune.EMPTY
    parts = Counter(magnatagatune.FOLDERS[path[0]] for path in paths - magnatagatune.EMPTY)
    assert parts == MTAT_FOLDERS


def test_magnatagatunes_parts_share_artists_but_no_track():
    (index,) = lines_of(MTAT_INDEX)
    artists, tracks = {}, {}
    for path in (line.split("\t")[1] for line in index):
        name, part = path.split("/")[1], magnatagatune.FOLDERS[path[0]]
        artists.setdefault(name.split("-")[0], []).append(part)
        tracks.setdefault(re.sub(r"-\d+-\d+\.mp3$", "", name), set()).add(part)
    assert all(len(parts) == 1 for parts in tracks.values())
    both = [parts for parts in artists.values() if {"train", "test"} <= set(parts)]
    assert (len(artists), len(both)) == (230, 45)
    assert sum(parts.count("test") for parts in both) == 3284


def test_the_clean_lists_are_the_tagged_clips_of_the_folders():
    """Two sources agree on validation and test; the tags' names differ in spelling and order only."""
    (index, tags) = lines_of(MTAT_INDEX, MTAT_TAGS)
    spaced = [re.sub(r"([A-Z])", lambda m: f" {m[1].lower()}", tag) for tag in tags]
    assert set(spaced) == set(magnatagatune.TAGS)
    path_of = dict(line.split("\t") for line in index)
    for part in ("validation", "test"):
        listed, truth, ground = lines_of(
            MTAT_LISTS[part], MTAT_TRUTH[part], MTAT_FOLDER_TRUTH[part]
        )
        known = {}
        for line in ground:
            clip, given = line.split("\t")
            held = [t for t, on in zip(magnatagatune.TAGS, ast.literal_eval(given)) if on]
            known[path_of[clip]] = set(held)
        clean = {
            line.replace(".npy", ".mp3"): {spaced[int(k)] for k in codes.split()}
            for line, codes in zip(listed, truth)
        }
        assert clean == {path: held for path, held in known.items() if held}


def test_the_tags_of_the_million_song_dataset():
    (tags,) = lines_of(MSD_TAGS)
    assert tuple(tags) == msd_lastfm.TAGS
    assert len(set(tags)) == 50


@pytest.mark.parametrize(("subset", "n_tags"), list(zip(SUBSETS, (50, 87, 40, 56, 183))))
def test_jamendos_split_keeps_artists_and_albums_apart(subset, n_tags):
    held = {}
    for part in PARTS:
        which = JAMENDO_LISTS[0, subset, part]
        if find(which) is not None:
            held[part] = [line.split("\t") for line in read_lines(which)]
    if not held:
        pytest.skip(f"no list of {subset} is on this machine")
    for rows in held.values():
        assert len({tag for row in rows for tag in row[5:]}) == n_tags
    for column in (0, 1, 2):  # track, artist, album
        each = [{row[column] for row in rows} for rows in held.values()]
        assert len(set().union(*each)) == sum(map(len, each))


def test_jamendos_moods_are_tracks_of_the_whole_list():
    whole, *parts = lines_of(JAMENDO_MOODS, *(JAMENDO_LISTS[0, "moodtheme", p] for p in PARTS))
    tracks = {line.split("\t")[0] for line in whole}
    assert {line.split("\t")[0] for part in parts for line in part} <= tracks


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder, with no annotations beside it."""
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_the_report_counts_lists_found_and_absent(data, monkeypatch):
    n = len(LISTS)
    assert report(LISTS).splitlines()[-1] == (
        f"{n} lists: 0 found (0 of them as published by hash and count, 0 wrong), {n} absent"
    )
    layouts.publish(monkeypatch, data, GTZAN_LISTS, "test", ["blues/blues.00012.wav"])
    said = report(LISTS)
    assert "WRONG" in said
    assert "needs 09cafa6a89ce" in said
    assert said.endswith(
        f"1 found (0 of them as published by hash and count, 1 wrong), {n - 1} absent"
    )
    assert report([GTZAN_LISTS["test"]]).endswith(
        "1 found (1 of them as published by hash and count, 0 wrong), 0 absent"
    )


def test_a_list_with_another_hash_or_length_is_refused(data, monkeypatch):
    path = layouts.publish(monkeypatch, data, GTZAN_LISTS, "test", ["blues/blues.00012.wav"])
    assert read_lines(GTZAN_LISTS["test"]) == ["blues/blues.00012.wav"]
    path.write_text("blues/blues.00013.wav\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"test_filtered.txt: not the published list \(sha256"):
        read_lines(GTZAN_LISTS["test"])
    with pytest.raises(
        DataError, match=r"train_filtered.txt: .*isn't on this machine; get it from"
    ):
        read_lines(GTZAN_LISTS["train"])
    unknown = JAMENDO_LISTS[0, "all", "train"]
    other = data.parent / "annotations" / unknown.name
    other.parent.mkdir(parents=True)
    other.write_text(f"{layouts.JAMENDO_HEADER}\nx\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"1 lines, the published list has 32859"):
        read_lines(unknown)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_protocol_without_its_corpus_says_how_to_get_it(name, data):
    with pytest.raises(DataError, match=r"(; get|; clone|; the previews) "):
        PUBLISHED[name]()


def checked(protocol, leaks=False):
    """The protocol, after it passed the contract but for a published leak."""
    failed = {check.name for check in check_protocol(protocol) if not check.passed}
    assert failed == ({LEAK} if leaks else set())
    assert protocol.evidence == "real"
    assert Protocol.from_dict(protocol.to_dict()).hash == protocol.hash
    return protocol


def test_gtzan_in_random_folds(data):
    layouts.gtzan(data, gtzan.GENRES, range(10))
    made = checked(PUBLISHED["genre/gtzan-random"](partial=True))
    assert made.name == "genre/gtzan-random-partial"
    assert made.task.labels == gtzan.GENRES
    tested = [i for cell in made.cells for i in cell.tests["gtzan"]]
    assert sorted(tested) == sorted(made.items["id"])
    assert len(made.cells) == 10
    assert all(len(cell.tests["gtzan"]) == 10 for cell in made.cells)
    assert made.headline == ("balanced accuracy", "accuracy")


def test_gtzan_by_the_filtered_lists(data, monkeypatch):
    layouts.gtzan(data, gtzan.GENRES, range(4))
    for part, number in zip(PARTS, (1, 2, 3)):
        lines = [f"{genre}/{genre}.{number:05d}.wav" for genre in gtzan.GENRES]
        layouts.publish(monkeypatch, data, GTZAN_LISTS, part, lines)
    made = checked(PUBLISHED["genre/gtzan-filtered"](partial=True))
    (cell,) = made.cells
    assert cell.tests["gtzan"] == tuple(f"gtzan/{genre}.00003" for genre in gtzan.GENRES)
    assert made.table.loc[list(cell.train), "split"].value_counts().to_dict() == {
        "train": 10,
        "validation": 10,
    }
    assert made.table.loc[list(cell.tests["gtzan"]), "split"].isna().all()
    shutil.rmtree(data / "gtzan/genres/rock")
    assert "Listed recordings left out: 3." in (
        PUBLISHED["genre/gtzan-filtered"](partial=True).description
    )
    with pytest.raises(DataError, match=r"964 of 1000 listed recordings aren't there"):
        PUBLISHED["genre/gtzan-filtered"]()


def test_gtzans_broken_excerpt_is_the_only_one_that_may_be_left_out(data, monkeypatch):
    monkeypatch.setattr(gtzan, "GENRES", ("jazz", "rock"))
    monkeypatch.setattr(gtzan, "PER_GENRE", 55)
    layouts.gtzan(data, gtzan.GENRES, range(55))
    for part, numbers in zip(PARTS, ((1, 54), (2,), (3,))):
        lines = [f"{g}/{g}.{n:05d}.wav" for n in numbers for g in gtzan.GENRES]
        layouts.publish(monkeypatch, data, GTZAN_LISTS, part, lines)
    whole = checked(PUBLISHED["genre/gtzan-filtered"]())
    assert len(whole.items) == 8
    (data / "gtzan/genres/jazz/jazz.00054.wav").write_bytes(b"")
    with pytest.warns(UserWarning, match="1 of 110 recordings can't be read"):
        made = checked(PUBLISHED["genre/gtzan-filtered"]())
    assert len(made.items) == 7
    assert "Listed recordings left out: 1." in made.description
    layouts.publish(monkeypatch, data, GTZAN_LISTS, "test", ["jazz/jazz.00099.wav"])
    with (
        pytest.warns(UserWarning, match="read"),
        pytest.raises(DataError, match=r"1 of 7 items .*jazz.00099 is"),
    ):
        PUBLISHED["genre/gtzan-filtered"]()


def test_ballroom_with_and_without_replicas(data):
    layouts.ballroom(data, ballroom.STYLES)
    every = checked(PUBLISHED["rhythm/ballroom-10fold"](partial=True), leaks=True)
    once = checked(PUBLISHED["rhythm/ballroom-deduplicated"](partial=True))
    assert len(every.items) == len(once.items) + 1 == 82
    assert "ballroom/Media-103415" not in set(once.items["id"])
    by_disc = [c for c in once.cells if c.source == "ballroom"]
    assert len(by_disc) == 10
    assert len(once.cells) == 20
    group = once.table["group"]
    for cell in by_disc:
        assert set(group[list(cell.train)]).isdisjoint(group[list(cell.tests["ballroom"])])


@pytest.fixture
def mtat(data, monkeypatch):
    """Seven clips, and lists of the five that are tagged."""
    layouts.magnatagatune(data)
    tagged = [path for path, *_, tags in layouts.MTAT_CLIPS if tags]
    for part in PARTS:
        lines = [p.replace(".mp3", ".npy") for p in tagged if magnatagatune.FOLDERS[p[0]] == part]
        layouts.publish(monkeypatch, data, MTAT_LISTS, part, lines)
    return data


def test_magnatagatune_by_folder_by_list_and_by_artist(mtat):
    with pytest.raises(DataError, match=r"not the published number .*train: 2 of 18706"):
        PUBLISHED["tags/mtat-folders"]()
    folders = checked(PUBLISHED["tags/mtat-folders"](partial=True), leaks=True)
    clean = checked(PUBLISHED["tags/mtat-clean"](), leaks=True)
    assert (len(folders.items), len(clean.items)) == (7, 5)
    assert folders.task.labels == clean.task.labels == magnatagatune.TAGS
    assert [json.loads(label) for label in folders.items["label"]].count([]) == 2
    assert "Ann" in audit_cells(clean)[0]
    apart = checked(PUBLISHED["tags/mtat-clean-by-artist"]())
    ours, known = apart.cells
    assert ours.tests == known.tests == clean.cells[0].tests
    assert known.train == clean.cells[0].train
    assert set(known.train) - set(ours.train) == {"magnatagatune/0/ann-a-01-one-0-29"}


def test_a_record_of_one_split_is_refused_by_the_board_of_another(mtat):
    folders, clean = (
        PUBLISHED["tags/mtat-folders"](partial=True),
        PUBLISHED["tags/mtat-clean"](),
    )
    rng = np.random.default_rng(0)

    def scores(*_):
        return rng.uniform(size=len(magnatagatune.TAGS)).astype(np.float32)

    theirs = record(folders, "m", scores)
    board([theirs], folders)
    with pytest.raises(
        RecordError, match="made under another version of protocol tags/mtat-folder"
    ):
        board([theirs], clean)
    theirs.identity["protocol"] = clean.name
    with pytest.raises(RecordError, match="made under another version"):
        board([theirs], clean)


def test_jamendo(data, monkeypatch):
    tags = ("genre---rock\tgenre---pop", "genre---pop", "genre---jazz")
    lines = layouts.jamendo(data, list(enumerate(tags, start=1)))
    for part, number in zip(PARTS, (1, 2, 3)):
        which = 0, "genre", part
        layouts.publish(
            monkeypatch, data, JAMENDO_LISTS, which, [lines[number]], layouts.JAMENDO_HEADER
        )
    made = checked(PUBLISHED["tags/jamendo-genre-split0"]())
    assert all(c.passed for c in check_protocol(made, recordings=True))
    assert made.task.labels == ("genre---jazz", "genre---pop", "genre---rock")
    assert json.loads(made.items["label"].iloc[0]) == ["genre---pop", "genre---rock"]
    assert made.cells[0].tests == {"mtg-jamendo-genre": ("mtg-jamendo-genre/track_0000003",)}
    with pytest.raises(DataError, match=r"holds no autotagging_genre.tsv"):
        PUBLISHED["tags/jamendo-genre-split1"]()


def test_fma(data):
    tracks = [
        (1000 * i + j, ("small", "medium")[j % 2], split, ("Rock", "Folk")[i % 2], 10 * i + j)
        for i, split in enumerate(("training", "training", "validation", "test", "test"))
        for j in range(2)
    ]
    layouts.fma(data, tracks, "medium")
    small, medium = PUBLISHED["genre/fma-small"](), PUBLISHED["genre/fma-medium"]()
    assert all(c.passed for c in check_protocol(checked(small), recordings=True))
    assert (len(small.items), len(checked(medium).items)) == (5, 10)
    assert len(small.cells[0].tests["fma"]) == 2
    assert medium.task.labels == ("Folk", "Rock")


def test_the_million_song_dataset_by_ones_own_index_or_the_lists(data, monkeypatch):
    rows = [
        ("T1", "A", "train", "rock"),
        ("T2", "B", "validation", "pop"),
        ("T3", "C", "test", "rock"),
    ]
    layouts.msd_lastfm(data, rows)
    own = checked(PUBLISHED["tags/msd-lastfm50"]())
    assert own.cells[0].tests == {"msd-lastfm": ("msd-lastfm/T3",)}
    assert "nothing here can test" in own.description
    for part, track in zip(PARTS, ("T3", "T2", "T1")):
        layouts.publish(monkeypatch, data, published_facts.MSD_LISTS, part, [track])
    listed = checked(PUBLISHED["tags/msd-lastfm50"]())
    assert listed.cells[0].tests == {"msd-lastfm": ("msd-lastfm/T1",)}


def test_emotion(data):
    layouts.deam(data, [*range(2, 24), 2001, 2002])
    layouts.pmemo(data, range(1, 25))
    excerpts, whole = PUBLISHED["emotion/deam"](), PUBLISHED["emotion/deam-2015"]()
    assert len(checked(excerpts).items) == 22
    assert len(excerpts.cells) == 10
    assert all(c.passed for c in check_protocol(excerpts, recordings=True))
    assert checked(whole).cells[0].tests == {"deam": ("deam/2001", "deam/2002")}
    assert json.loads(whole.items["label"].iloc[0]) == [3.5, 3.25]
    choruses = checked(PUBLISHED["emotion/pmemo"]())
    assert len(choruses.items) == 24
    assert len(choruses.cells) == 10


def test_every_protocol_is_called_by_its_name():
    topics = "genre|rhythm|tags|actions|emotion|latent|instruments|speech-music|singing-voice|pitch"
    topics += "|audiovisual|few-labels"
    assert all(re.fullmatch(rf"({topics})/[a-z0-9-]+", name) for name in PUBLISHED)
    assert len([name for name in PUBLISHED if "jamendo" in name]) == 25
    assert published_splits.__doc__

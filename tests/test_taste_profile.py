"""The Taste Profile's layout, on a look-alike of a few lines."""

import gzip

import pytest

from mirbench.corpora import load_corpus, taste_profile
from mirbench.errors import DataError
from mirbench.recommendation.plays import play_matrix
from mirbench.recommendation.setting import cold_start

TRIPLETS = (
    ("u1", "SOAAA", 3),
    ("u1", "SOBBB", 1),
    ("u1", "SOCCC", 2),
    ("u2", "SOAAA", 1),
    ("u2", "SODDD", 5),
    ("u2", "SOEEE", 4),
)
MAPPING = "SOAAA\tTRA1\tTRA2\nSOBBB\tTRB1\nSOCCC\tTRB1\nSODDD\nSOEEE\tTRE1\nSOZZZ\tTRZ1\n"
MISMATCHES = (
    "ERROR: <SOAAA TRA1> Some One  -  A Song  !=  Another  -  Song\n"
    "ERROR: <SOEEE TRE1> Ein Trio  -  Lied  !=  Other  -  Piece\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    root = tmp_path / "taste-profile"
    root.mkdir()
    text = "".join("\t".join(map(str, row)) + "\n" for row in TRIPLETS)
    (root / "train_triplets.txt").write_text(text)
    (root / "taste_profile_song_to_tracks.txt").write_text(MAPPING)
    (root / "sid_mismatches.txt").write_text(MISMATCHES)
    return root


def test_songs_become_tracks_and_mismatches_are_left_out(folder):
    found = taste_profile.load_counts()
    rows = set(zip(found["user"], found["track"], found["count"]))
    # TRA1 is a mismatch; two songs are TRB1; one song has no track, one only a mismatch
    assert rows == {("u1", "TRA2", 3), ("u1", "TRB1", 3), ("u2", "TRA2", 1)}
    assert found.attrs["left_out"] == 2


def test_songs_keep_their_ids_where_asked(folder):
    (folder / "sid_mismatches.txt").unlink()
    found = taste_profile.load_counts(mapped=False)
    assert list(zip(found["user"], found["track"], found["count"])) == list(TRIPLETS)


def test_gzipped_files_are_read(folder):
    for path in list(folder.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert len(taste_profile.load_counts()) == 3


def test_the_counts_are_what_a_setting_is_made_of(folder):
    plays = play_matrix(taste_profile.load_counts())
    assert plays.counts.toarray().tolist() == [[3, 3], [1, 0]]
    assert cold_start(plays, ["TRB1"]).train.toarray().tolist() == [[3], [1]]


@pytest.mark.parametrize("name", ["train_triplets.txt", "sid_mismatches.txt"])
def test_a_missing_file_is_named_with_where_to_get_it(folder, name):
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"holds no .*{name}.* get train_triplets.txt.zip"):
        taste_profile.load_counts()


def test_a_missing_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"taste-profile.* get train_triplets.txt.zip"):
        taste_profile.load_counts()


@pytest.mark.parametrize("text", ["", "u1,SOAAA,3\n", "u1\tSOAAA\tmany\n", "u1\tTRAAA\t3\n"])
def test_another_layout_is_refused(folder, text):
    (folder / "train_triplets.txt").write_text(text)
    with pytest.raises(DataError, match=r"train_triplets.txt: not user, song and count"):
        taste_profile.load_counts()


def test_another_mapping_is_refused(folder):
    (folder / "taste_profile_song_to_tracks.txt").write_text("SOAAA\tTRA1\nTRA1\tSOAAA\n")
    with pytest.raises(DataError, match=r"song_to_tracks.txt: line 2 isn't a song"):
        taste_profile.load_counts()


def test_there_is_no_sound_to_load():
    with pytest.raises(DataError, match="load_counts"):
        load_corpus("taste-profile")

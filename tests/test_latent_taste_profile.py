"""The Taste Profile as a protocol of latent factors, on a look-alike of its files and of one's own copy."""

import json

import numpy as np
import published_layouts as layouts
import pytest

from mirbench.corpora.msd_lastfm import TAGS
from mirbench.errors import DataError
from mirbench.protocols import load_protocol, published_latent
from mirbench.recommendation.setting import cold_start, targets
from mirbench.testing import check_protocol

pytest.importorskip("implicit")

N_TRACKS, N_USERS = 30, 60


@pytest.fixture
def data(tmp_path, monkeypatch):
    """30 tracks of ten artists; 60 users who like one half of the artists or the other."""
    data = tmp_path / "data"
    monkeypatch.setenv("MIRBENCH_DATA", str(data))
    monkeypatch.setattr(published_latent, "N_FACTORS", 3)
    rows = [(f"TR{i:02d}", f"Artist {i % 10}", "train", TAGS[0]) for i in range(N_TRACKS)]
    layouts.msd_lastfm(data, rows)
    root = data / "taste-profile"
    root.mkdir()
    rng = np.random.RandomState(0)
    plays = [
        f"u{u}\tSO{i:02d}\t{1 + rng.poisson(3)}"
        for u in range(N_USERS)
        for i in range(N_TRACKS)
        if rng.random_sample() < (0.8 if (i % 10 < 5) == (u % 2 == 0) else 0.2)
    ]
    plays += ["hermit\tSO00\t1", "u0\tSO99\t5"]  # one track only; a song without sound
    (root / "train_triplets.txt").write_text("\n".join(plays) + "\n")
    songs = [f"SO{i:02d}\tTR{i:02d}" for i in range(N_TRACKS)] + ["SO99\tTR99"]
    (root / "taste_profile_song_to_tracks.txt").write_text("\n".join(songs) + "\n")
    (root / "sid_mismatches.txt").write_text("")
    return data


def test_factors_of_the_tracks_whose_sound_is_there(data):
    made = load_protocol("latent/taste-profile")
    [cell] = made.cells
    assert len(made.items) == N_TRACKS
    assert len(cell.train) + len(cell.tests["msd-lastfm"]) == N_TRACKS
    assert made.task.labels == ("factor 0", "factor 1", "factor 2")
    groups = made.items.set_index("id")["group"]
    assert set(groups[list(cell.train)]).isdisjoint(groups[list(cell.tests["msd-lastfm"])])
    assert all(c.passed for c in check_protocol(made, recordings=True))
    # cold tracks of like listeners are alike, though no play of them was factorised
    factors = {i: np.array(json.loads(label)) for i, label in made.labels.items()}
    half = {i: int(i[-2:]) % 10 < 5 for i in cell.tests["msd-lastfm"]}
    same = [factors[a] @ factors[b] for a in half for b in half if a < b and half[a] == half[b]]
    other = [factors[a] @ factors[b] for a in half for b in half if half[a] != half[b]]
    assert np.mean(same) > np.mean(other) + 0.05


def test_tracks_nobody_played(data):
    (data / "taste-profile" / "train_triplets.txt").write_text("u0\tSO99\t5\n")
    with pytest.raises(DataError, match="none of its tracks is in the Taste Profile"):
        load_protocol("latent/taste-profile")
    (data / "taste-profile" / "train_triplets.txt").write_text("u0\tSO01\t5\n")
    with pytest.raises(DataError, match="no track has 10 listeners"):
        load_protocol("latent/taste-profile")


def test_as_many_blocks_as_artists_is_each_artist_by_itself(data):
    from mirbench.corpora import msd_lastfm, taste_profile
    from mirbench.recommendation.plays import play_matrix

    counts = taste_profile.load_counts()
    counts = counts[(counts["user"] != "hermit") & (counts["track"] != "TR99")].astype(
        {"user": str, "track": str}
    )
    plays = play_matrix(counts)
    setting = cold_start(plays, [t for t in plays.tracks if t[-1] in "048"])
    artist = dict(zip(*(msd_lastfm.load().items[c] for c in ("track_id", "group"))))
    artists = [str(artist[track]) for track in setting.warm]
    each = targets(setting, artists, 3)
    blocks = targets(setting, artists, 3, blocks=len(set(artists)))
    few = targets(setting, artists, 3, blocks=2)
    np.testing.assert_array_equal(each[0], blocks[0])
    np.testing.assert_array_equal(each[1], few[1])
    assert np.abs(each[0] - few[0]).max() > 1e-6

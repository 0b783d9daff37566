"""Loaders of the corpora of published splits, on look-alikes in the published layout."""

import published_layouts as layouts
import pytest

from mirbench.corpora import (
    ballroom,
    corpus_names,
    deam,
    fma,
    giantsteps,
    gtzan,
    load_corpus,
    msd_lastfm,
    mtg_jamendo,
    pmemo,
)
from mirbench.errors import DataError

NAMES = (
    *("gtzan", "ballroom", "fma", "giantsteps", "msd-lastfm", "deam", "pmemo"),
    *(f"mtg-jamendo-{subset}" for subset in ("genre", "instrument", "moodtheme", "all")),
)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.mark.parametrize("name", NAMES)
def test_a_corpus_that_is_not_there(name, data, monkeypatch):
    assert name in corpus_names()
    with pytest.raises(DataError, match=r"holds no .*; (get|clone|the previews) "):
        load_corpus(name)
    monkeypatch.delenv("MIRBENCH_DATA")
    with pytest.raises(DataError, match="set MIRBENCH_DATA"):
        load_corpus(name)


def test_gtzan(data):
    layouts.gtzan(data, ["blues", "jazz"], range(3))
    (data / "gtzan/genres/jazz/jazz.00054.wav").write_bytes(b"")
    lost = (
        "blues.00003.wav is the first; all of classical, all of country, all of disco and of 7 more"
    )
    with pytest.raises(DataError, match=rf"993 of 1000 listed recordings .*{lost}"):
        gtzan.load()
    with pytest.warns(UserWarning, match=r"1 of 7 recordings can't be read .*jazz.00054") as caught:
        items = gtzan.load(partial=True).items
    assert caught[0].filename == gtzan.__file__  # one place, whoever loads it: told once a run
    assert items["id"].tolist()[:2] == ["gtzan/blues.00000", "gtzan/blues.00001"]
    assert items["genre"].tolist() == ["blues"] * 3 + ["jazz"] * 3
    assert items["group"].is_unique
    (data / "gtzan/genres/blues/blues.00001.wav").write_bytes(b"")
    (data / "gtzan/genres/jazz/jazz.00054.wav").unlink()
    with pytest.raises(DataError, match=r"blues.00001.wav"):
        gtzan.load(partial=True)


def test_ballroom(data):
    assert sum(ballroom.STYLES.values()) == 698
    assert round(100 * max(ballroom.STYLES.values()) / 698, 1) == 15.9
    assert len({name for pair in ballroom.REPLICAS for name in pair}) == 2 * 13
    layouts.ballroom(data, ["ChaChaCha", "Rumba"], per_style=2)
    with pytest.raises(DataError, match=r"not the 698 published .*Rumba: 2 of 98"):
        ballroom.load()
    items = ballroom.load(partial=True).items.set_index("id")
    assert items.loc["ballroom/Media-103415", "replica_of"] == "Media-103402"
    assert (items["replica_of"] != "").sum() == 1
    assert items.loc["ballroom/Media-103402", "bpm"] == 124
    assert items["rhythm"].value_counts().to_dict() == {"ChaChaCha": 4, "Rumba": 2}
    assert items.loc["ballroom/Media-100001", "group"] == "Media-1000"
    assert ballroom.disc("Albums-Latin_Jam2-05") == "Albums-Latin_Jam2"


FMA = (
    (2, "small", "training", "Hip-Hop", 1),
    (5, "medium", "training", "Rock", 2),
    (140, "small", "validation", "Rock", 3),
    (1040, "small", "test", "Rock", 4),
    (1041, "large", "test", "Rock", 4),
    (1042, "medium", "test", "", 5),
)


def test_fma(data):
    layouts.fma(data, FMA, "medium")
    items = fma.load().items.set_index("id")
    assert list(items.index) == [f"fma/{n:06d}" for n in (2, 5, 140, 1040, 1042)]
    assert items["split"].tolist() == ["train", "train", "validation", "test", "test"]
    assert items.loc["fma/000002", "genre"] == "Hip-Hop"
    assert items["group"].tolist() == [f"artist {n}" for n in (1, 2, 3, 4, 5)]
    assert len(fma.load(subset="small").items) == 3
    with pytest.raises(DataError, match="no subset 'large'; known: small, medium"):
        fma.load(subset="large")
    (data / "fma/fma_medium/000/000002.mp3").write_bytes(b"")
    with pytest.warns(UserWarning, match="1 of 5 recordings can't be read"):
        assert len(fma.load().items) == 4
    path = data / "fma/fma_metadata/tracks.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("split", "cut"), encoding="utf-8")
    with pytest.raises(DataError, match=r"tracks.csv: has no column set split"):
        fma.load()


def test_giantsteps(data):
    layouts.giantsteps(data)
    items = giantsteps.load().items.set_index("id")
    assert list(items.index) == ["giantsteps/tempo/1.LOFI", "giantsteps/key/2.LOFI"]
    assert items["bpm"].tolist() == ["127.5", ""]
    assert items["tonality"].tolist() == ["", "A minor"]
    assert items["genre"].tolist() == ["techno", ""]


def test_msd_lastfm(data):
    layouts.msd_lastfm(data, [("TR1", "A", "train", "rock|Mellow"), ("TR2", "B", "test", "")])
    items = msd_lastfm.load().items
    assert items["id"].tolist() == ["msd-lastfm/TR1", "msd-lastfm/TR2"]
    assert items["tags"].tolist() == ["rock|Mellow", ""]
    assert items["group"].tolist() == ["A", "B"]
    layouts.msd_lastfm(data, [("TR1", "A", "train", "rock|polka")])
    with pytest.raises(DataError, match="'polka' is neither one of the 50 tags nor a split"):
        msd_lastfm.load()


def test_deam(data):
    layouts.deam(data, [2, 3, 2001])
    items = deam.load().items
    assert items["valence"].tolist() == [3.5, 4.5, 2.5]
    assert items["arousal"].tolist() == [3.25, 4.25, 7.25]
    assert items["whole"].tolist() == [False, False, True]
    assert items["group"].is_unique


def test_pmemo(data):
    layouts.pmemo(data, [4, 5, 6])
    items = pmemo.load().items
    assert items["valence"].tolist() == [0.44, 0.45, 0.46]
    assert items["arousal"].tolist() == [0.14, 0.15, 0.16]
    assert items["group"].tolist() == ["Artist 2", "Artist 2", "Artist 3"]
    assert items["title"].iloc[0] == "Song, the 4"


def test_jamendos_subsets_and_splits(data):
    lines = layouts.jamendo(data, [(1, "genre---rock"), (2, "genre---pop"), (3, "genre---pop")])
    folder = data / "mtg-jamendo/data/splits/split-3"
    folder.mkdir(parents=True)
    for part, number in zip(mtg_jamendo.SPLITS, (2, 1, 3)):
        path = folder / f"autotagging_genre-{part}.tsv"
        path.write_text(f"{layouts.JAMENDO_HEADER}\n{lines[number]}\n", encoding="utf-8")
    corpus = load_corpus("mtg-jamendo-genre")
    assert corpus.name == "mtg-jamendo-genre"
    assert corpus.items["split"].tolist() == ["train", "validation", "test"]
    assert corpus.items["id"].iloc[0] == "mtg-jamendo-genre/track_0000002"
    with pytest.raises(DataError, match=r"holds no autotagging_genre.tsv"):
        mtg_jamendo.load(subset="genre", split=1)
    with pytest.raises(DataError, match="no subset 'moods' or split 7; subsets are top50tags"):
        mtg_jamendo.load(subset="moods", split=7)

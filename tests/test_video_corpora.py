"""Corpora that are lists of ids and sounds of one's own, on look-alikes."""

import pytest
from layouts import audioset_instruments as audioset_layout
from layouts import flickr_soundnet as flickr_layout
from layouts import kinetics_sounds as kinetics_layout
from published_layouts import sound

from mirbench.corpora import (
    audioset_instruments,
    corpus_names,
    flickr_soundnet,
    kinetics_sounds,
    load_corpus,
)
from mirbench.corpora.facts import facts
from mirbench.corpora.videos import names_of
from mirbench.errors import DataError
from mirbench.protocols import published_names
from mirbench.protocols.kept_items import protocol_items
from mirbench.tasks import load_task

NAMES = ("kinetics-sounds", "audioset-instruments", "flickr-soundnet")


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.mark.parametrize("name", NAMES)
def test_facts_and_a_corpus_that_is_not_there(name, data):
    assert name in corpus_names()
    about = facts(name)
    assert all((about.by_hand, about.remotes, about.faults))
    assert set(about.protocols) <= set(published_names())
    with pytest.raises(DataError, match=r"holds no .*; get "):
        load_corpus(name)


def test_kinetics_sounds(data):
    assert len(set(kinetics_sounds.CLASSES)) == 31
    kinetics_layout.make(data)
    items = kinetics_sounds.load().items.set_index("id")
    assert items["split"].value_counts().to_dict() == {"train": 2, "validation": 1, "test": 1}
    row = items.loc["kinetics-sounds/AAAAAAAAAA1_000010_000020"]
    assert row[["label", "group", "clip_start_s", "clip_end_s"]].tolist() == [
        "bowling",
        "AAAAAAAAAA1",
        10,
        20,
    ]
    assert row["video_path"].endswith("train/bowling/AAAAAAAAAA1_000010_000020.mp4")
    assert (items["video_path"] == "").sum() == 3
    assert "abseiling" not in set(items["label"])


def test_videos_that_are_gone(data):
    kinetics_layout.make(data)
    (path,) = (data / "kinetics_sounds").rglob("AAAA_AAAAA4*.wav")
    path.unlink()
    with pytest.raises(DataError, match=r"1 of 4 listed recordings .*load\(partial=True\)"):
        kinetics_sounds.load()
    assert len(kinetics_sounds.load(partial=True).items) == 3
    sound(data / "kinetics_sounds/elsewhere/AAAA_AAAAA4.wav")  # by the video's name alone
    assert len(kinetics_sounds.load().items) == 4


def test_kinetics_lists(data):
    kinetics_layout.make(data)
    root = data / "kinetics_sounds"
    (root / "test.csv").write_text(
        "youtube_id,time_start,time_end,split\nAAAAAAAAAA5,20,30,test\n", "utf-8"
    )
    assert set(kinetics_sounds.load().items["split"]) == {"train", "validation"}
    (root / "test.csv").unlink()
    (root / "classes.txt").write_text("bowling\nnothing\n", "utf-8")
    assert kinetics_sounds.load().items["label"].tolist() == ["bowling"]
    (root / "val.csv").write_text("damaged\n", "utf-8")
    with pytest.raises(DataError, match=r"val.csv: has no column label, youtube_id"):
        kinetics_sounds.load()
    (root / "val.csv").write_text(
        "label,youtube_id,time_start,time_end,split\nbowling,A,soon,11,val\n", "utf-8"
    )
    with pytest.raises(DataError, match=r"val.csv: time_start is 'soon', not seconds"):
        kinetics_sounds.load()
    (root / "classes.txt").write_text("\n", "utf-8")
    with pytest.raises(DataError, match=r"classes.txt: holds no class"):
        kinetics_sounds.load()


def test_audioset_instruments(data):
    assert len(audioset_instruments.INDICES) == 98
    audioset_layout.make(data)
    corpus = audioset_instruments.load()
    items = corpus.items
    assert items["tags"].tolist() == ["Singing", "Marimba, xylophone|Cymbal", "Drill"]
    assert items["split"].tolist() == ["train", "train", "test"]
    assert items["clip_start_s"].tolist() == [30.0, 21.5, 100.0]
    labels = protocol_items(corpus, load_task("tags"))["label"].tolist()
    assert labels[1] == '["Cymbal", "Marimba, xylophone"]'


def test_audioset_lists(data):
    audioset_layout.make(data)
    root = data / "audioset_instruments"
    (root / "classes.txt").write_text("Cymbal\n", "utf-8")
    assert audioset_instruments.load().items["tags"].tolist() == ["Cymbal"]
    (root / "classes.txt").write_text("Cymbals\n", "utf-8")
    with pytest.raises(DataError, match=r"has no class 'Cymbals'; correct classes.txt"):
        audioset_instruments.load()
    (root / "classes.txt").unlink()
    (root / "eval_segments.csv").write_text("AAAAAAAAAA4, 100.000\n", "utf-8")
    with pytest.raises(
        DataError, match=r"eval_segments.csv: 'AAAAAAAAAA4,100.000' isn't id, start"
    ):
        audioset_instruments.load()
    for name in audioset_instruments.LISTS:
        (root / name).unlink(missing_ok=True)
    with pytest.raises(DataError, match=r"holds no balanced_train_segments.csv or "):
        audioset_instruments.load()


def test_names_of_a_clip():
    assert len(set(names_of("A-b_c", 21.5, 31.5))) == 5
    assert "A-b_c_21.500_31.500" in names_of("A-b_c", 21.5, 31.5)


def test_flickr_soundnet(data):
    flickr_layout.make(data)
    root = data / "flickr_soundnet"
    items = flickr_soundnet.load().items
    assert items["video"].tolist() == ["11", "12", "13"]
    assert items["split"].tolist() == ["train", "train", "validation"]
    assert items["frames_path"].iloc[0].endswith("frames/videos/1/2/3/11.mp4")
    assert items["frames_path"].tolist()[1:] == ["", ""]
    (root / "mp3/videos2/4/5/6/12.mp4.mp3").unlink()
    with pytest.raises(DataError, match=r"1 of 3 listed recordings"):
        flickr_soundnet.load()
    assert len(flickr_soundnet.load(partial=True).items) == 2
    (root / "ids.txt").write_text("13\n", "utf-8")
    assert flickr_soundnet.load().items["video"].tolist() == ["13"]
    (root / "ids.txt").write_text("99\n", "utf-8")
    with pytest.raises(DataError, match=r"ids.txt: none of its ids is in the lists"):
        flickr_soundnet.load()


@pytest.mark.parametrize(
    ("text", "message"),
    [("", r"is empty"), ("11.mp4\n", r"'11.mp4' isn't the path"), (None, r"isn't there")],
)
def test_flickr_lists(text, message, data):
    flickr_layout.make(data)
    path = data / "flickr_soundnet/lists/val_videos.txt"
    path.unlink()
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=rf"val_videos.txt: {message}"):
        flickr_soundnet.load()

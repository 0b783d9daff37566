"""Data sets of mirdata as corpora: on a stand-in with its interface, and on the real package if it's here."""

import json
import sys
from types import ModuleType, SimpleNamespace

import pytest
from published_layouts import sound

from mirbench.corpora import corpus_names, load_corpus
from mirbench.errors import DataError
from mirbench.protocols.custom import make_protocol

TRACKS = {
    "t1": {"genre": "rock", "artist": "Ann", "tags": ["calm", "live"], "key": "C major"},
    "t2": {"genre": "rock", "artist": "Bob", "tags": [], "key": None},
    "t3": {"genre": "jazz", "artist": "Cid", "tags": ["live"], "key": "A minor"},
    "t4": {"genre": "jazz", "artist": "Dee", "tags": ["calm"], "key": "A minor"},
}


class Track:
    """As mirdata writes them: attributes, properties with and without a type, sound, annotations."""

    def __init__(self, track_id, home):
        self.track_id = track_id
        self.audio_path = str(home / f"audio/{track_id}.wav")
        self.beats_path = str(home / f"beats/{track_id}.txt")
        self.split = "train" if track_id == "t1" else "test"
        self.year = 2001
        self.nothing = None
        self._hidden = "hidden"

    genre = property(lambda self: TRACKS[self.track_id]["genre"])
    artist = property(lambda self: TRACKS[self.track_id]["artist"])
    tags = property(lambda self: TRACKS[self.track_id]["tags"])

    @property
    def key(self) -> str | None:
        return TRACKS[self.track_id]["key"]

    @property
    def beats(self) -> "BeatData":  # noqa: F821
        raise AssertionError("an annotation was read")

    @property
    def audio(self):
        raise AssertionError("sound was decoded")

    def to_jams(self):
        raise AssertionError("a method was called")


class Dataset:
    bibtex = "@article{a2020, title = {A}}\n"
    _license_info = "CC BY\n 4.0"
    data_home, version, track_ids, kind = "", "1.0", list(TRACKS), Track

    def __init__(self, home):
        self.data_home = str(home)

    def track(self, track_id):
        return self.kind(track_id, self.home)

    @property
    def home(self):
        from pathlib import Path

        return Path(self.data_home)


@pytest.fixture
def mirdata(tmp_path, monkeypatch):
    """A stand-in for the package, one data set with its recordings."""
    for track_id in TRACKS:
        sound(tmp_path / f"audio/{track_id}.wav")

    def initialize(name, data_home=None, version="default"):
        if version != "default":
            raise ValueError(f"Invalid version {version}")
        return module.kind(data_home or tmp_path)

    module = ModuleType("mirdata")
    module.DATASETS, module.initialize, module.kind = ["little", "other"], initialize, Dataset
    monkeypatch.setitem(sys.modules, "mirdata", module)
    monkeypatch.delenv("MIRBENCH_DATA", raising=False)
    return module


def test_scalars_of_tracks_become_columns(mirdata):
    corpus = load_corpus("mirdata:little")
    items = corpus.items
    assert items["id"].tolist() == [f"mirdata:little/{t}" for t in TRACKS]
    assert items["genre"].tolist() == ["rock", "rock", "jazz", "jazz"]
    assert items["tags"].tolist() == ["calm|live", "", "live", "calm"]
    assert items["tonality"].tolist()[::2] == ["C major", "A minor"]
    assert items["split"].tolist() == ["train", "test", "test", "test"]
    assert items["year"].tolist() == [2001] * 4
    assert items["group"].tolist() == ["Ann", "Bob", "Cid", "Dee"]
    assert items["key"].is_unique  # the item table's own, of the content
    assert not {"audio", "beats", "beats_path", "nothing", "to_jams", "_hidden"} & set(items)
    assert corpus.bibtex.startswith("@article{a2020")
    assert corpus.licence == "CC BY 4.0"
    assert "mirdata-adapter" not in corpus_names()


def test_it_is_a_corpus_like_any_other(mirdata):
    protocol = make_protocol("genre", ["mirdata:little"], folds=2)
    assert set(protocol.items["corpus"]) == {"mirdata:little"}
    assert set(protocol.task.labels) == {"jazz", "rock"}


def test_groups_come_from_what_a_data_set_has(mirdata):
    class Anonymous(Track):
        artist = None
        song_id = property(lambda self: "one" if self.track_id < "t3" else "two")

    mirdata.kind = type("Own", (Dataset,), {"kind": Anonymous})
    assert load_corpus("mirdata:little").items["group"].tolist() == ["one", "one", "two", "two"]


def test_ones_own_folder_is_preferred(mirdata, tmp_path, monkeypatch):
    own = tmp_path / "data/mirdata/little"
    for track_id in TRACKS:
        sound(own / f"audio/{track_id}.wav", 0.2)
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    corpus = load_corpus("mirdata:little")
    assert corpus.source == str(own)
    assert corpus.items["duration_s"].tolist() == pytest.approx([0.2] * 4)


def test_what_is_missing_is_said(mirdata, tmp_path, monkeypatch):
    (tmp_path / "audio/t2.wav").unlink()
    with pytest.raises(
        DataError, match=r"1 of 4 listed recordings .*initialize\('little'.*download"
    ):
        load_corpus("mirdata:little")
    with pytest.raises(DataError, match=r"no data set 'litle'.*little"):
        load_corpus("mirdata:litle")
    with pytest.raises(DataError, match="Invalid version 9; leave @9 out"):
        load_corpus("mirdata:little@9")

    def no_index(self):
        raise FileNotFoundError("This dataset's index must be downloaded.")

    monkeypatch.setattr(Dataset, "track_ids", property(no_index))
    with pytest.raises(DataError, match=r"can't read its index or metadata .*initialize\('little'"):
        load_corpus("mirdata:little")


def test_tracks_without_one_recording_are_refused(mirdata):
    def stems(track_id, home):
        return SimpleNamespace(track_id=track_id, audio_mono_path="x.wav")

    mirdata.kind = type("Stems", (Dataset,), {"kind": staticmethod(stems)})
    with pytest.raises(DataError, match=r"no audio_path .*audio_mono_path"):
        load_corpus("mirdata:little")


def test_without_mirdata_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mirdata", None)
    with pytest.raises(DataError, match=r"isn't installed; pip install mirbench\[mirdata\]"):
        load_corpus("mirdata:gtzan_genre")


@pytest.fixture
def real(tmp_path, monkeypatch):
    """The real package with an index of ours in place of the one that it downloads."""
    package = pytest.importorskip("mirdata")
    core = pytest.importorskip("mirdata.core")
    monkeypatch.setattr(core.Index, "get_path", lambda self: str(tmp_path / "index.json"))
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    assert "gtzan_genre" in package.DATASETS

    def write(name, tracks):
        index = {"version": "1.0", "tracks": tracks}
        (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
        home = tmp_path / "mirdata" / name
        home.mkdir(parents=True)
        for paths in tracks.values():
            sound(home / paths["audio"][0])
        return home

    return write


def test_gtzan_by_the_real_package(real):
    none = [None, None]
    place = "gtzan_genre/genres/{0}/{1}.wav"
    tracks = {
        name: {"audio": [place.format(name[:-6], name), "0"], "beats": none, "tempo": none}
        for name in ("blues.00000", "hiphop.00001")
    }
    real("gtzan_genre", tracks)
    corpus = load_corpus("mirdata:gtzan_genre")
    assert corpus.items["genre"].tolist() == ["blues", "hip-hop"]
    assert "tzanetakis2002gtzan" in corpus.bibtex
    assert corpus.licence


def test_irmas_by_the_real_package(real):
    names = {
        "1": "IRMAS-TestingData-Part1/Part1/(02) dont kill the whale-1.wav",
        "2__1": "IRMAS-TrainingData/flu/[flu][nod][pop_roc]0002__2.wav",
    }
    said = "IRMAS-TestingData-Part1/Part1/(02) dont kill the whale-1.txt"
    tracks = {
        k: {"audio": [path, "0"], "annotation": [said if k == "1" else path, "0"]}
        for k, path in names.items()
    }
    home = real("irmas", tracks)
    with pytest.raises(DataError, match=r"can't read its index or metadata .*whale-1.txt"):
        load_corpus("mirdata:irmas")
    (home / said).write_text("gel\nvoi\n", encoding="utf-8")
    items = load_corpus("mirdata:irmas").items
    assert items["split"].tolist() == ["test", "train"]
    assert items["instrument"].tolist() == ["gel|voi", "flu"]
    assert items["genre"].iloc[1] == "pop_roc"


def test_metadata_that_is_missing_in_the_real_package(real):
    real("medley_solos_db", {"a": {"audio": ["audio/a.wav", "0"]}})
    with pytest.raises(DataError, match=r"Metadata not found.*initialize\('medley_solos_db'"):
        load_corpus("mirdata:medley_solos_db")

"""Playlists: the order is the distance's, the query stays out, files say what they must."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mirbench.apply.catalogue import read_catalogue
from mirbench.apply.m3u import one_line, write_m3u
from mirbench.apply.playlist import listing, playlist
from mirbench.apply.ranking import rank
from mirbench.errors import DataError, MethodError
from mirbench.features import Extract

SR = 16_000
CALLS: list[int] = []


def shape(signal: np.ndarray, sr: float) -> np.ndarray:
    """Level, zero crossings and spectral centroid."""
    CALLS.append(len(signal))
    power = np.abs(np.fft.rfft(signal)) ** 2
    centroid = np.arange(len(power)) @ power / (power.sum() + 1e-12)
    return np.array([np.sqrt(np.mean(signal**2)), np.mean(np.diff(signal > 0)), centroid])


def method():
    """Three numbers, scaled."""
    return make_pipeline(Extract(shape, sr=SR), StandardScaler())


class Spy(TransformerMixin, BaseEstimator):
    """Keeps what it is fitted on; its distance isn't symmetric."""

    seen: dict = {}  # noqa: RUF012

    def fit(self, X, y):
        self.seen |= {"X": X, "y": y, "groups": [item.group for item in X]}
        return self

    def transform(self, X):
        return np.array([[np.abs(np.diff(item.signal(SR))).mean()] for item in X])

    def distance(self, A, B):
        return A - 2 * B.T


def spied():
    return Spy()


class NeedsLabels(Spy):
    """Refuses a collection without labels."""

    def fit(self, X, y):
        if (y < 0).all():
            raise MethodError("spied needs labels: give --train")
        return super().fit(X, y)


def needing():
    return NeedsLabels()


def classifier():
    return make_pipeline(Extract(shape, sr=SR), KNeighborsClassifier(1))


def fragile(signal: np.ndarray, sr: float) -> np.ndarray:
    if len(signal) < 0.2 * sr:
        raise ValueError("too short for me")
    return shape(signal, sr)


def fragile_method():
    return make_pipeline(Extract(fragile, sr=SR), StandardScaler())


def tone(path: Path, hertz: float, seconds: float = 0.5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * SR)) / SR)
    sf.write(path, wave, SR, subtype="PCM_16")
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Six tones in a tree, three at its root."""
    root = tmp_path / "music"
    for i, hertz in enumerate((200, 400, 800, 1600, 2400, 3200)):
        tone(root / ("" if i < 3 else f"more/deep{i % 2}") / f"{hertz}.wav", hertz)
    return root


def names(table: pd.DataFrame) -> list[str]:
    return [Path(p).stem for p in table["path"]]


def test_order_and_distances_are_those_of_the_method(folder, tmp_path):
    query = tone(tmp_path / "query.wav", 850)
    table = playlist(method, query, folder, k=4)
    files = sorted(folder.rglob("*.wav"))
    raw = [shape(sf.read(p, dtype="float32")[0], SR) for p in [query, *files]]
    scaler = StandardScaler().fit(raw[1:])
    scaled = scaler.transform(raw)
    expected = cdist(scaled[:1], scaled[1:])[0]
    assert table["path"].tolist() == [str(files[i]) for i in np.argsort(expected)[:4]]
    np.testing.assert_allclose(table["distance"], np.sort(expected)[:4], rtol=1e-5)
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert names(table)[0] == "800"


def test_copies_of_the_query_stay_out_whatever_their_names(folder, tmp_path):
    query = tmp_path / "other name.wav"
    shutil.copy(folder / "200.wav", query)
    shutil.copy(folder / "200.wav", folder / "again.wav")
    table = playlist(method, query, folder, k=50)
    assert not {"200", "again"} & set(names(table))
    assert len(table) == 5, "a list longer than the catalogue gives all of it"
    inside = playlist(method, folder / "200.wav", folder, k=50)
    pd.testing.assert_frame_equal(inside, table)


def test_the_query_is_on_the_left_of_the_distance_and_no_label_is_given(folder):
    ranking = rank(spied, folder / "800.wav", folder)
    assert (Spy.seen["y"] == -1).all()
    assert Spy.seen["groups"] == [None] * 5
    rows = ranking.rows[:, 0]
    np.testing.assert_allclose(ranking.distances, rows[0] - 2 * rows[1:], rtol=1e-5)
    assert (np.diff(ranking.table()["distance"]) >= 0).all()


def test_labels_of_training_corpora(folder, tmp_path):
    root = tmp_path / "train"
    for i in range(4):
        tone(root / f"{i}.wav", 300 + 50 * i)
    index = pd.DataFrame({"path": [f"{i}.wav" for i in range(4)], "artist": ["b", "a", "b", "c"]})
    index["tags"] = ["slow|piano", "piano", "loud", "loud|piano"]
    index.to_csv(root / "index.csv", index=False)
    playlist(spied, folder / "200.wav", folder, train=[root])
    assert Spy.seen["y"].tolist() == [1, 0, 1, 2]
    assert Spy.seen["y"].dtype == np.int64
    assert Spy.seen["groups"] == ["b", "a", "b", "c"]
    playlist(spied, folder / "200.wav", folder, train=[root], task="tag-similarity")
    assert Spy.seen["y"].tolist() == [[0, 1, 1], [0, 1, 0], [1, 0, 0], [1, 1, 0]]
    assert playlist(needing, folder / "200.wav", folder, train=[root]).shape[0] == 5


def test_an_index_names_the_tracks_and_cuts_them(tmp_path):
    root = tmp_path / "indexed"
    tone(root / "long.wav", 500, 2.0)
    tone(root / "short.wav", 900)
    tone(root / "unlisted.wav", 100)
    pd.DataFrame(
        {
            "path": ["long.wav", "long.wav", "short.wav"],
            "start_s": [0.0, 1.0, None],
            "duration_s": [0.8, 0.8, None],
            "artist": ["A", "A", None],
            "title": ["first", "second", "third"],
        }
    ).to_csv(root / "index.csv", index=False)
    with pytest.warns(UserWarning, match="1 of 3 items have no artist"):
        table = playlist(method, tone(tmp_path / "q.wav", 510), root)
    assert set(table["title"]) == {"first", "second", "third"}
    assert "genre" not in table
    assert sorted(table["duration_s"]) == [0.5, 0.8, 0.8]


def test_files_without_an_index_are_named_by_their_tags(folder, tmp_path):
    with sf.SoundFile(folder / "tagged.wav", "w", SR, 1) as file:
        file.title, file.artist = "Mélodie", "Someone"
        file.write(np.zeros(SR) + 0.1)
    table = playlist(method, folder / "200.wav", folder, output=tmp_path / "list.m3u8")
    row = table[table["title"].notna()].iloc[0]
    assert (row["artist"], row["title"]) == ("Someone", "Mélodie")
    assert "#EXTINF:1,Someone - Mélodie\n" in (tmp_path / "list.m3u8").read_text("utf-8")


def test_what_cannot_be_read_is_named_once_and_left_out(folder):
    (folder / "broken.wav").write_bytes(b"not audio at all")
    (folder / "empty.flac").write_bytes(b"")
    whole = tone(folder / "whole.wav", 700).read_bytes()
    (folder / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (folder / "._hidden.wav").write_bytes(b"a resource fork")
    sf.write(folder / "nan.wav", np.full(SR, np.nan, dtype=np.float32), SR, subtype="FLOAT")
    with pytest.warns(UserWarning, match="left out") as caught:
        table = playlist(method, folder / "200.wav", folder, k=50)
    said = [str(w.message) for w in caught]
    for name in ("broken.wav", "empty.flac", "cut.wav", "nan.wav"):
        assert sum(name in text and "left out" in text for text in said) == 1
    assert len(said) == 4
    assert len(table) == 6


def test_a_track_that_a_method_fails_on_is_left_out(folder):
    tone(folder / "blip.wav", 500, 0.1)
    with pytest.warns(UserWarning, match=r"blip.wav.*too short for me.*left out"):
        table = playlist(fragile_method, folder / "200.wav", folder, k=50)
    assert len(table) == 5
    with pytest.raises(MethodError, match=r"blip.wav.*too short for me"):
        playlist(fragile_method, folder / "blip.wav", folder)


def test_an_indexed_row_without_its_file(tmp_path):
    root = tmp_path / "indexed"
    tone(root / "here.wav", 500)
    pd.DataFrame({"path": ["here.wav", "gone.wav"], "title": ["a", "b"]}).to_csv(
        root / "index.csv", index=False
    )
    with pytest.warns(UserWarning, match="gone.wav: no such file"):
        table = playlist(method, tone(tmp_path / "q.wav", 510), root)
    assert table["title"].tolist() == ["a"]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"k": 0}, DataError, "give 1 or more"),
        ({"query": "nowhere.wav"}, DataError, "nowhere.wav: no such file"),
        ({"catalogue": "nowhere"}, DataError, "neither a folder nor a corpus"),
        ({"spec": classifier}, MethodError, "no transform.*ranking"),
        ({"spec": needing}, MethodError, "needs labels"),
        ({"task": "instruments"}, MethodError, "doesn't rank"),
        ({"output": "list.txt"}, DataError, "must end in .m3u8 or .m3u"),
        ({"page": "page.txt"}, DataError, "must end in .html"),
        ({"colour": "mood"}, DataError, "no column 'mood' to colour by"),
    ],
)
def test_errors_say_what_to_mend(folder, change, error, words):
    call = {"spec": method, "query": folder / "200.wav", "catalogue": folder} | change
    with pytest.raises(error, match=words):
        playlist(**call)


def test_wrong_names_of_files_cost_no_work(folder):
    before = len(CALLS)
    for wrong in ({"output": "list.txt"}, {"page": "page.txt"}, {"colour": "mood"}):
        with pytest.raises(DataError, match=r"must end|no column"):
            playlist(method, folder / "200.wav", folder, **wrong)
    assert len(CALLS) == before


def test_what_is_printed(folder):
    table = playlist(method, folder / "200.wav", folder, k=2)
    shown = listing(table.assign(artist="A\nB", title=["t", None], album=["x", None]))
    assert shown["track"].tolist() == ["A B - t", f"A B - {names(table)[1]}"]
    assert shown["album"].tolist() == ["x", ""]
    assert listing(table).columns.tolist() == ["rank", "distance", "track"]


def test_nothing_to_choose_from(folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="no recording that can be read"):
        playlist(method, folder / "200.wav", empty)
    shutil.copy(folder / "200.wav", empty / "same.wav")
    with pytest.raises(DataError, match="nothing but the query"):
        playlist(method, folder / "200.wav", empty)


def test_one_track_is_a_list(folder, tmp_path):
    lonely = tmp_path / "lonely"
    tone(lonely / "a.wav", 300)
    assert names(playlist(method, folder / "200.wav", lonely)) == ["a"]


def test_features_are_kept(folder, home):
    playlist(method, folder / "200.wav", folder)
    before = len(CALLS)
    playlist(method, folder / "800.wav", folder)
    assert len(CALLS) == before, "nothing is extracted twice"


def test_a_corpus_by_name_is_a_catalogue():
    tracks = read_catalogue("embedded-songs")
    assert {"path", "key", "start_s", "duration_s", "part"} <= set(tracks)
    assert not tracks["part"].any()


def test_playlist_file(tmp_path):
    folder = tmp_path / "a"
    paths = [
        folder / "plain é.wav",
        folder / "#comment.wav",
        folder / "http:" / "x.wav",
        folder / "line\nbreak.wav",
        tmp_path / "elsewhere.wav",
        folder / os.fsdecode(b"latin\xe9.wav"),
    ]
    tracks = [
        {"path": str(p), "duration_s": 59.6, "artist": "A\r\n#EXTINF", "title": None} for p in paths
    ]
    tracks[0] |= {"artist": float("nan"), "title": "T\u2028U"}
    write_m3u(folder / "x.m3u", tracks)
    lines = (folder / "x.m3u").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[2] == "#EXTINF:60,T U"
    assert lines[4] == "#EXTINF:60,A #EXTINF - #comment"
    places = lines[3::2]
    assert places[0] == "plain é.wav"
    assert places[1] == "./#comment.wav"
    assert places[2] == "./http:/x.wav"
    assert places[3].startswith("file:///")
    assert places[4] == str(tmp_path / "elsewhere.wav")
    for place in (places[3], places[5]):
        assert Path(unquote(urlparse(place).path, errors="surrogateescape")) in paths


@settings(deadline=None, max_examples=60)
@given(
    st.text(min_size=1),
    st.text(min_size=1),
    st.text(alphabet=st.characters(exclude_characters="/\0"), min_size=1),
)
def test_any_name_takes_one_line(tmp_path_factory, artist, title, stem):
    folder = tmp_path_factory.mktemp("m3u")
    track = {
        "path": str(folder / f"{stem}.wav"),
        "duration_s": 1.0,
        "artist": artist,
        "title": title,
    }
    write_m3u(folder / "x.m3u8", [track])
    lines = (folder / "x.m3u8").read_text(encoding="utf-8").split("\n")
    assert len(lines) == 5
    assert lines[4] == ""
    assert len((folder / "x.m3u8").read_text(encoding="utf-8").splitlines()) == 4
    assert not lines[3].startswith("#")
    place = lines[3]
    found = (
        unquote(urlparse(place).path, errors="surrogateescape")
        if place.startswith("file:")
        else place
    )
    assert folder / found == folder / f"{stem}.wav" or Path(found) == folder / f"{stem}.wav"


def test_one_line_keeps_joiners():
    assert one_line("می\u200cخواهم  \u2029 x\x00") == "می\u200cخواهم x"


def test_a_name_that_is_not_utf8_is_left_out(tmp_path):
    sound = np.random.default_rng(0).uniform(-0.1, 0.1, SR).astype(np.float32)
    for i in range(3):
        sf.write(tmp_path / f"{i}.wav", sound * (1 + i), SR)
    odd = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    with open(odd, "wb") as file:
        file.write((tmp_path / "0.wav").read_bytes())
    with pytest.warns(UserWarning, match="isn't UTF-8; rename the file"):
        table = playlist("mfcc-stats", tmp_path / "0.wav", tmp_path, 5, progress=False)
    assert len(table) == 2

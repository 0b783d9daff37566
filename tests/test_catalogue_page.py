"""The page of a catalogue: whole, offline, escaped, the same bytes; and the map under it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from mirbench.apply import catalogue_page as module
from mirbench.apply import layout as layouts
from mirbench.apply.catalogue import grouping
from mirbench.apply.catalogue_page import catalogue_page, drawn, write_page
from mirbench.apply.layout import layout
from mirbench.apply.ranking import Ranking
from mirbench.errors import DataError
from mirbench.neighbours import euclidean, first

HOSTILE = "</title></script><script>alert('x')</script>\"'&{{ 7*7 }}<img src=https://evil.test/x>"
VOID = {"meta", "link", "br", "img", "input", "hr", "path", "circle"}


class Reader(HTMLParser):
    """Elements with their attributes and text; fails where tags don't nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag}: an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag, **where):
        return [
            a for t, a in self.elements if t == tag and all(a.get(k) == v for k, v in where.items())
        ]


def made(n: int = 30, k: int = 5, folder: Path = Path("/music"), **columns) -> Ranking:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(n + 1, 4))
    tracks = pd.DataFrame(
        {
            "path": [str(folder / f"{i}.wav") for i in range(n)],
            "start_s": 0.0,
            "duration_s": 61.0,
            "part": False,
            "artist": [f"artist {i % 12}" for i in range(n)],
            "title": [f"title {i}" for i in range(n)],
        }
    ).assign(**columns)
    distances = euclidean(rows[:1], rows[1:])[0].astype(np.float32)
    query = {"path": "/else where/q#1.wav", "start_s": 0.0, "duration_s": 5.0, "part": False}
    return Ranking("method:k=1", query, tracks, distances, first(distances, k), rows, euclidean)


def test_a_player_a_neighbour_and_a_point_a_track():
    ranking = made()
    page = Reader(catalogue_page(ranking, Path("/music")))
    nearest = [f"{i}.wav" for i in ranking.order]
    assert [a["src"] for a in page.all("audio") if "src" in a][1:] == nearest
    assert all(a["preload"] == "none" for a in page.all("audio"))
    links = [a["href"] for a in page.all("a")]
    assert sorted(links) == sorted(
        [f"{i}.wav" for i in range(30)] + ["file:///else%20where/q%231.wav"]
    )
    assert len([a for a in page.all("a") if "near" in a.get("class", "")]) == 5
    for distance in ranking.distances[ranking.order]:
        assert f"{distance:.4g}" in page.text
    assert "1:01" in page.text


def test_legend_holds_the_largest_groups():
    ranking = made(artist=["big"] * 10 + [f"a{i % 9}" for i in range(18)] + [None] * 2)
    page = catalogue_page(ranking, Path("/music"))
    legend = re.search(r'<ul id="legend".*?</ul>', page, re.S).group()
    labels = re.findall(r'</svg>(.*?) <span class="n">(\d+)</span>', legend)
    assert labels == [("big", "10"), *[(f"a{i}", "2") for i in range(7)], ("2 smaller groups", "6")]
    assert 'class="g0' in page


def test_hostile_names_are_text(tmp_path):
    hostile = [HOSTILE + str(i) for i in range(30)]
    paths = [str(tmp_path / f"{name.replace('/', '')}.wav") for name in hostile]
    ranking = made(artist=HOSTILE, title=hostile, album=HOSTILE, label=hostile[:15] * 2, path=paths)
    text = catalogue_page(ranking, tmp_path, colour="label")
    page = Reader(text)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert HOSTILE + "0" in page.text
    assert "{{ 7*7 }}" in page.text
    for point in page.all("a")[:-1]:
        assert str(tmp_path / unquote(point["href"])) in paths


def test_nothing_is_asked_of_the_network_and_one_script_may_run():
    text = catalogue_page(made(), Path("/music"))
    page = Reader(text)
    assert "http:" not in text
    assert "https:" not in text
    assert not page.all("link")
    assert not page.all("iframe")
    for tag, attributes in page.elements:
        for name in ("src", "href"):
            if name in attributes:
                assert urlparse(attributes[name]).scheme in ("", "file"), tag
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", text)
    (policy,) = [a["content"] for a in page.all("meta") if a.get("http-equiv")]
    script = re.search(r"<script>(.*?)</script>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_same_bytes_twice(tmp_path):
    write_page(tmp_path / "a.html", made(), colour="artist")
    write_page(tmp_path / "b.html", made(), colour="artist")
    first_page = (tmp_path / "a.html").read_bytes()
    assert first_page == (tmp_path / "b.html").read_bytes()
    assert b"\r" not in first_page


def test_parts_of_a_file_play_their_part():
    ranking = made(part=True, start_s=7.5, duration_s=2.0)
    points = Reader(catalogue_page(ranking, Path("/elsewhere"))).all("a")
    assert points[0]["href"].startswith("file:///music/")
    assert points[0]["href"].endswith(".wav#t=7.500,9.500")


def test_keyboard_and_screen_readers():
    page = Reader(catalogue_page(made(), Path("/music")))
    (chart,) = page.all("svg", id="map")
    assert "Arrow keys" in chart["aria-label"]
    assert len(page.all("title")) == 1 + 31
    assert all(a.get("aria-label") for a in page.all("audio") if "src" in a)
    assert page.all("html", lang="en")
    assert page.all("meta", name="viewport")


def test_which_column_colours():
    tracks = pd.DataFrame({"genre": ["x", "x"], "artist": ["a", None], "label": ["u", "v"]})
    tracks = pd.concat([tracks] * 2, ignore_index=True)
    assert grouping(tracks)[0] == "label", "one genre and one artist make no groups"
    assert grouping(tracks, "artist")[1].tolist() == ["a", "", "a", ""]
    assert grouping(tracks[["genre"]])[0] == ""
    with pytest.raises(DataError, match=r"no column 'mood'.*genre, artist, label"):
        grouping(tracks, "mood")


def test_no_groups_no_legend():
    ranking = made(n=2, k=9, artist=None)
    page = Reader(catalogue_page(ranking, Path("/music")))
    assert not page.all("ul", id="legend")
    assert "2 nearest of 2 tracks" in page.text


def test_a_large_catalogue_is_sampled_but_for_its_neighbours(monkeypatch):
    monkeypatch.setattr(module, "MOST_DRAWN", 10)
    ranking = made(n=40)
    shown = drawn(40, ranking.order)
    assert set(ranking.order) <= set(shown)
    assert len(shown) <= 15
    page = Reader(catalogue_page(ranking, Path("/music")))
    assert len(page.all("a")) == len(shown) + 1
    assert f"Drawn: {len(shown)} of 40 tracks" in page.text


def clusters(n: int, sizes: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    belongs = rng.integers(0, sizes, n)
    return 8 * rng.normal(size=(sizes, 6))[belongs] + rng.normal(size=(n, 6)), belongs


def own_cluster(places: np.ndarray, belongs: np.ndarray) -> float:
    """Share of points whose nearest point on the map is of their cluster."""
    between = cdist(places, places)
    np.fill_diagonal(between, np.inf)
    return float(np.mean(belongs[between.argmin(axis=1)] == belongs))


@pytest.mark.parametrize(
    "distance",
    [euclidean, lambda A, B: -np.exp(-euclidean(A, B) / 10), lambda A, B: euclidean(A, 1.01 * B)],
    ids=["metric", "negative", "not symmetric"],
)
def test_the_map_keeps_clusters_together(distance):
    rows, belongs = clusters(80)
    places, kept = layout(rows, distance)
    assert own_cluster(places, belongs) > 0.95
    assert 0.3 < kept <= 1
    np.testing.assert_allclose([places.min(axis=0), places.max(axis=0)], [[0, 0], [1, 1]])
    np.testing.assert_array_equal(places, layout(rows, distance)[0])


def test_landmarks_carry_the_rest(monkeypatch):
    monkeypatch.setattr(layouts, "MOST", 100)
    rows, belongs = clusters(350)
    asked = []

    def counted(A, B):
        asked.append(len(A) * len(B))
        return euclidean(A, B)

    places, kept = layout(rows, counted)
    assert own_cluster(places, belongs) > 0.95
    assert sum(asked) == 100 * 350, "not all pairs"
    assert 0 < kept < 1


def test_share_kept_is_what_it_says():
    rows, _ = clusters(40)
    places, kept = layout(rows, euclidean)
    near, seen = ([np.argsort(d)[1:6] for d in cdist(x, x)] for x in (rows, places))
    shared = [len(set(a) & set(b)) / 5 for a, b in zip(near, seen)]
    assert kept == pytest.approx(np.mean(shared))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7])
def test_few_or_equal_tracks_have_places(n):
    for rows in (np.zeros((n, 2)), np.arange(2.0 * n).reshape(n, 2)):
        places, kept = layout(rows, euclidean)
        assert places.shape == (n, 2)
        assert np.isfinite(places).all()
        assert np.isnan(kept) == (n <= 6)

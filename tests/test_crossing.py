"""Crossing corpora that write their classes differently: by concepts, or by a map of one's own."""

import json
from dataclasses import replace

import pandas as pd
import published_layouts as layouts
import pytest

from mirbench.cli import main
from mirbench.corpora import gtzan, load_folder
from mirbench.errors import DataError, ProtocolError
from mirbench.protocols import custom, make_protocol
from mirbench.protocols.crossing import in_common_words, words_of
from mirbench.tasks import load_task
from mirbench.testing import check_protocol

GENRES = ("Rock", "Hip-Hop", "Jazz", "Experimental")


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Look-alikes of GTZAN (6 excerpts a genre) and FMA (24 clips of four genres)."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("MIRBENCH_DATA", str(data))
    monkeypatch.setattr(gtzan, "PER_GENRE", 6)
    layouts.gtzan(data, gtzan.GENRES, range(6))
    tracks = [(i, "small", "training", GENRES[i % 4], i // 2) for i in range(24)]
    layouts.fma(data, tracks, "small")


def folder(root, labels, column="genre", name=None):
    """A folder of one's own: an index of tiny sounds, three groups a label, two items each."""
    rows = []
    for number, label in enumerate(labels):
        for i in range(6):
            path = f"{root.name}-{number}-{i}.wav"
            layouts.sound(root / path)
            rows.append({"path": path, column: label, "group": f"{root.name} {number} {i // 2}"})
    pd.DataFrame(rows).to_csv(root / "index.csv", index=False)
    return root


def as_known(monkeypatch, **folders):
    """Let folders be published corpora of these names."""
    made = {name.replace("_", "-"): root for name, root in folders.items()}
    monkeypatch.setattr(custom, "load_corpus", lambda name: load_folder(made[name], name))


def test_gtzan_to_fma(published, home, capsys):
    made = make_protocol("genre", ["gtzan"], ["fma"])
    (cell,) = made.cells
    tested = made.table.loc[list(cell.tests["fma"]), "label"]
    assert tested.value_counts().to_dict() == {"rock": 6, "hip hop": 6, "jazz": 6}
    trained = set(made.table.loc[list(cell.train), "label"])
    assert trained == set(gtzan.GENRES) - {"hiphop"} | {"hip hop"}
    words = made.description
    assert "hip hop for hiphop of gtzan and Hip-Hop of fma" in words
    assert "6 items of fma left out where gtzan trains: it has no Experimental" in words
    assert "gtzan trains on blues, classical, country, disco, metal, pop, reggae too" in words
    assert all(check.passed for check in check_protocol(made))
    where = ("--task", "genre", "--train", "gtzan", "--test", "fma", "-j", "1")
    assert main(["run", "prior", *where]) == 0
    assert made.name in capsys.readouterr().out
    assert make_protocol("genre", ["gtzan"], ["fma"]).hash == made.hash


def test_each_on_both_sides(published):
    made = make_protocol("genre", ["gtzan", "fma"], folds=3)
    tested = {(c.source, t): set(made.table.loc[list(i), "label"]) for c in made.cells for t, i in c.tests.items()}  # fmt: skip
    assert tested["gtzan", "fma"] == tested["fma", "gtzan"] == {"rock", "hip hop", "jazz"}
    assert {label for label in made.task.labels if label[0].isupper()} == {"Experimental"}
    wider = make_protocol("genre", ["fma"], ["gtzan"], relations=("exact", "broader"))
    counts = wider.table.loc[list(wider.cells[0].tests["gtzan"]), "label"].value_counts()
    assert counts.to_dict() == {"rock": 12, "hip hop": 6, "jazz": 6}, "metal is rock to FMA"


def test_two_folders_meet_by_spelling(tmp_path):
    a = folder(tmp_path / "a", ["Hip-Hop", "rock", "Polka_Mazurka"])
    b = folder(tmp_path / "b", ["hiphop", "rock", "polka mazurka", "noise"])
    made = make_protocol("genre", [a], [b])
    assert set(made.task.labels) == {"hip hop", "rock", "Polka_Mazurka", "noise"}
    assert len(made.cells[0].tests["b"]) == 18
    assert "6 items of b left out where a trains: it has no noise" in made.description


def test_a_map_of_ones_own(tmp_path, home, capsys):
    a = folder(tmp_path / "a", ["Rap", "Rock & Roll", "Jingles"])
    b = folder(tmp_path / "b", ["hiphop", "guitars"])
    path = tmp_path / "map.csv"
    path.write_text(
        "label,class,corpus\nRap,hip hop,\nhiphop,hip hop,b\nguitars,Rock & Roll,\nJingles,,a\n",
        encoding="utf-8",
    )
    made = make_protocol("genre", [a], [b], labels=path)
    assert made.task.labels == ("Rock & Roll", "hip hop")
    assert len(made.cells[0].tests["b"]) == 12
    assert "6 items of a left out by the map of labels: Jingles" in made.description
    assert "hip hop for Rap of a and hiphop of b" in made.description
    plain = {"Rap": "hip hop", "hiphop": "hip hop", "guitars": "Rock & Roll", "Jingles": ""}
    assert make_protocol("genre", [a], [b], labels=plain).hash == made.hash
    assert all(check.passed for check in check_protocol(made))
    made.save(tmp_path / "made.json")
    custom.keep_places(made)
    assert main(["run", "prior", "-p", str(tmp_path / "made.json"), "-j", "1"]) == 0


def test_a_map_alone_decides(tmp_path):
    a, b = folder(tmp_path / "a", ["Hip-Hop", "x"]), folder(tmp_path / "b", ["hiphop", "y"])
    with pytest.raises(ProtocolError, match="two classes or more must be in both"):
        make_protocol("genre", [a], [b], labels={"x": "y"})


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"Rap": "x"}, r"'Rap' is no label of a, b; there are 'jazz', 'rock'"),
        ("label,klass\nrock,x\n", r"map.csv: .*columns label and class, this one lacks class"),
        ("label,class,corpus\nrock,x,c\n", r"no corpus 'c' here; there are a, b"),
    ],
)
def test_maps_that_do_not_fit(tmp_path, labels, words):
    a, b = (folder(tmp_path / name, ["rock", "jazz"]) for name in "ab")
    if isinstance(labels, str):
        (tmp_path / "map.csv").write_text(labels, encoding="utf-8")
        labels = tmp_path / "map.csv"
    with pytest.raises(ProtocolError, match=words):
        make_protocol("genre", [a], [b], labels=labels)


def test_maps_that_are_not_there_or_not_wanted(tmp_path):
    a, b = (folder(tmp_path / name, ["rock", "jazz"]) for name in "ab")
    with pytest.raises(DataError, match=r"none\.csv"):
        make_protocol("genre", [a], [b], labels=tmp_path / "none.csv")
    with pytest.raises(ProtocolError, match="same-genre takes no map of labels"):
        make_protocol("same-genre", [a], [b], labels={"rock": "x"})
    with pytest.raises(ProtocolError, match="unknown relation of labels"):
        make_protocol("genre", [a], [b], relations=("alike",))


def test_corpora_that_write_alike_are_left_as_they_are(tmp_path):
    a, b = (folder(tmp_path / name, ["Hip-Hop", "Deep House"]) for name in "ab")
    loaded = {name: load_folder(tmp_path / name) for name in "ab"}
    same, words = in_common_words(loaded, load_task("genre"))
    assert words == ""
    assert all(same[name] is loaded[name] for name in "ab")
    assert make_protocol("genre", [a], [b]).task.labels == ("Deep House", "Hip-Hop")


def test_words_that_mean_something_else_are_told_apart(tmp_path, monkeypatch):
    as_known(
        monkeypatch,
        mine=folder(tmp_path / "mine", ["Violin", "fiddle", "flute", "trumpet"], "instrument"),
        nsynth=folder(tmp_path / "nsynth", ["string", "flute", "brass"], "family"),
    )
    made = make_protocol("instruments", ["mine"], ["nsynth"], relations=("exact", "broader"))
    tested = made.table.loc[list(made.cells[0].tests["nsynth"]), "label"]
    assert set(tested) == {"string (nsynth)", "flute", "brass"}
    assert set(made.task.labels) == set(tested)
    exact = in_common_words(
        {name: custom.load_corpus(name) for name in ("mine", "nsynth")},
        replace(load_task("instruments"), labels=(), levels={}),
    )[0]
    words = {name: {w for its in words_of(c, load_task("instruments")) for w in its} for name, c in exact.items()}  # fmt: skip
    assert words["nsynth"] == {"string", "flute (nsynth)", "brass"}
    assert words["mine"] == {"violin", "flute (mine)", "trumpet"} - {"violin"} | {
        "Violin",
        "fiddle",
    }


def test_tags_meet_and_those_of_one_alone_fall_away(tmp_path, monkeypatch):
    a = folder(tmp_path / "a", ["rock|guitar|woman", "techno|no vocals", "rock"], "tags")
    b = folder(tmp_path / "b", ["rock|House", "female vocalists|guitar", "House"], "tags")
    as_known(monkeypatch, magnatagatune=a, msd_lastfm=b)
    made = make_protocol("tags", ["magnatagatune"], ["msd-lastfm"])
    assert made.task.labels == ("guitar", "rock")
    of_b = [
        json.loads(label) for label in made.items["label"][made.items["corpus"] == "msd-lastfm"]
    ]
    assert of_b == [["rock"]] * 6 + [["guitar"]] * 6 + [[]] * 6, "no tag is an answer too"
    words = made.description
    assert "tags that only msd-lastfm knows are left out, of 18 items: House, female vocal" in words
    close = make_protocol("tags", ["magnatagatune"], ["msd-lastfm"], relations=("exact", "close"))
    assert close.task.labels == ("female voice", "guitar", "rock")
    c = folder(tmp_path / "c", ["sad", "party"], "tags")
    as_known(monkeypatch, magnatagatune=a, msd_lastfm=c)
    with pytest.raises(ProtocolError, match="share 0 tags; give a map of labels"):
        make_protocol("tags", ["magnatagatune"], ["msd-lastfm"])


def test_tags_of_ones_own_stay(tmp_path):
    a, b = (folder(tmp_path / n, [f"rock|{n}", "House"], "tags") for n in "ab")
    assert make_protocol("tags", [a], [b]).task.labels == ("House", "a", "b", "rock")
    made = make_protocol("tags", [a], [b], labels={"a": "one", "b": "one"})
    assert made.task.labels == ("House", "one", "rock")


def test_tags_that_nobody_looked_for_are_renamed_too(tmp_path):
    root = folder(tmp_path / "a", ["a|b", "b"], "tags")
    index = pd.read_csv(root / "index.csv").assign(unknown=["c"] * 6 + [""] * 6)
    index.to_csv(root / "index.csv", index=False)
    given = {"a": load_folder(root), "b": load_folder(folder(tmp_path / "b", ["a|c", "b"], "tags"))}
    made, _ = in_common_words(given, load_task("tags"), {"a": "A", "c": "C", "b": "A"})
    assert made["a"].items["tags"].tolist() == ["A"] * 12
    assert made["a"].items["unknown"].iloc[0] == "C"
    assert made["b"].items["tags"].tolist() == ["A|C"] * 6 + ["A"] * 6


def test_a_tag_that_holds_is_not_unknown_where_two_become_one(tmp_path, monkeypatch):
    a = folder(tmp_path / "a", ["drums", "piano", ""], "tags")
    unknown = ["cymbals"] * 6 + ["cymbals|drums"] * 6 + ["cymbals"] * 6
    pd.read_csv(a / "index.csv").assign(unknown=unknown).to_csv(a / "index.csv", index=False)
    b = folder(tmp_path / "b", ["instrument---percussion", "instrument---piano"], "tags")
    as_known(monkeypatch, openmic=a, mtg_jamendo_instrument=b)
    given = ("tags", ["openmic"], ["mtg-jamendo-instrument"])
    for made in (
        make_protocol(*given, relations=("exact", "broader")),
        make_protocol(*given, labels={"drums": "percussion", "cymbals": "percussion", "instrument---percussion": "percussion", "instrument---piano": "piano"}),
    ):  # fmt: skip
        ids = made.items["id"][made.items["corpus"] == "openmic"]
        rows = [made.task.target(made.labels[i], made.unknown.get(i)) for i in ids]
        assert made.task.labels == ("percussion", "piano")
        assert rows == [[1, 0]] * 6 + [[-1, 1]] * 6 + [[-1, 0]] * 6

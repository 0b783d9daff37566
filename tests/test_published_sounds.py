"""AudioSet's instruments and GiantSteps' genres as protocols, on look-alikes."""

import json

import pytest
from layouts import audioset_instruments, giantsteps, kinetics_sounds
from published_layouts import sound

from mirbench.protocols import load_protocol
from mirbench.testing import check_protocol


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_audiosets_lists_are_its_sides(data):
    audioset_instruments.make(data)
    made = load_protocol("tags/audioset-instruments")
    [cell] = made.cells
    [tested] = cell.tests.values()
    tags = {i: json.loads(label) for i, label in made.labels.items()}
    assert sorted(tags[i] for i in cell.train) == [["Cymbal", "Marimba, xylophone"], ["Singing"]]
    assert [tags[i] for i in tested] == [["Drill"]]
    assert all(c.passed for c in check_protocol(made, recordings=True))


@pytest.mark.parametrize(("lacking", "tested"), [(False, ["singing"]), (True, ["tap dancing"])])
def test_kinetics_is_tested_on_its_last_list_with_labels(data, lacking, tested):
    kinetics_sounds.make(data)
    if lacking:
        (data / "kinetics_sounds" / "test.csv").unlink()
    made = load_protocol("actions/kinetics-sounds")
    [cell] = made.cells
    [ids] = cell.tests.values()
    assert [made.labels[i] for i in ids] == tested
    assert "bowling" in {made.labels[i] for i in cell.train}
    assert made.headline[0] == "balanced accuracy"


def test_genres_of_giantsteps_that_ten_previews_have(data):
    giantsteps.make(data)
    root = next(p for p in (data / "giantsteps").iterdir() if "tempo" in p.name)
    for n in range(21):
        track = f"{9000 + n}.LOFI"
        sound(root / "audio" / f"{track}.mp3")
        for folder, end, text in (
            ("annotations_v2/tempo", "bpm", "128"),
            ("annotations/tempo", "bpm", "128"),
            ("annotations/genre", "genre", "techno" if n % 2 else "deep-house"),
        ):
            path = root / folder / f"{track}.{end}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
    made = load_protocol("genre/giantsteps")
    assert set(made.items["label"]) == {"techno", "deep-house"}
    assert made.items["label"].value_counts().min() >= 10
    assert len(made.cells) == 10
    tested = [i for cell in made.cells for ids in cell.tests.values() for i in ids]
    assert sorted(tested) == sorted(made.items["id"])

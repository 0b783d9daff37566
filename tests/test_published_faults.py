"""Splits without known faults: what is left out, and that the rest is as in the split as it is."""

import published_layouts as layouts
import pytest

from mirbench.audit.cells import audit_cells
from mirbench.corpora import gtzan
from mirbench.protocols.published_faults import GTZAN_ONCE, MAKERS


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    return tmp_path


def test_gtzan_without_repetitions(data):
    layouts.gtzan(data, [g for g in gtzan.GENRES if g != "reggae"], range(10, 21))
    layouts.gtzan(data, ["jazz"], (33, 51, 34))
    layouts.gtzan(data, ["metal"], (58,))
    layouts.gtzan(data, ["reggae"], (*range(14, 25), 86))
    made = MAKERS["genre/gtzan-deduplicated"](partial=True)
    assert made.name == "genre/gtzan-deduplicated-partial"
    kept = {i.removeprefix("gtzan/") for i in made.items["id"]}
    assert {"jazz.00033", "jazz.00034", "reggae.00014"} <= kept
    assert not kept & {"jazz.00051", "metal.00013", "metal.00058", "rock.00016", "reggae.00086"}
    assert len(made.cells) == 10
    tested = [i for cell in made.cells for i in cell.tests["gtzan"]]
    assert sorted(tested) == sorted(made.items["id"])
    assert audit_cells(made) == []


def test_as_many_are_left_out_as_the_description_says():
    repeats = {name for same in gtzan.REPEATS for name in same[1:]}
    assert len(repeats | {"metal.00058"} | gtzan.DISTORTED) == 52
    assert "50 repetitions, the recording that two genres claim, and reggae.00086" in GTZAN_ONCE

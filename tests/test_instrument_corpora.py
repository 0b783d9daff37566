"""Published corpora of instruments: what their loaders read of the published layout, and their protocols."""

import json
import re
import sqlite3
from importlib import import_module

import numpy as np
import pytest

from mirbench.audit.cells import audit_cells
from mirbench.corpora import load_corpus
from mirbench.corpora.facts import facts
from mirbench.corpora.pitch_names import midi_number
from mirbench.errors import DataError
from mirbench.protocols import published_instruments
from mirbench.protocols.published_few_labels import MAKERS as FEW_LABELS
from mirbench.protocols.published_instruments import MAKERS, OFFICIAL
from mirbench.tasks import load_task
from mirbench.testing import check_protocol

MODULES = ("medley_solos_db", "tinysol", "good_sounds", "irmas", "openmic", "nsynth")
LEAK = "no item, group or recording on both sides"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("instruments") / "data"
    root.mkdir()
    for module in MODULES:
        import_module(f"layouts.{module}").make(root)
    return root


@pytest.fixture
def there(data, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(data))
    return data


def items(module):
    return load_corpus(module.replace("_", "-")).items


@pytest.mark.parametrize("module", MODULES)
def test_protocols_are_those_of_the_makers(module):
    known = facts(module.replace("_", "-"))
    assert known.protocols
    assert set(known.protocols) <= {*MAKERS, *FEW_LABELS}
    assert all(re.match(r"(md5:\w{32}|)$", remote.checksum) for remote in known.remotes)


def test_medley_solos(there):
    table = items("medley_solos_db")
    assert set(table["split"]) == {"train", "validation", "test"}
    assert len(table) == 48
    tested = table[table["split"] == "test"]
    assert tested["group"].nunique() == 16
    assert table["group"].nunique() == 32
    assert set(tested["collection"]) == {"solosDB"}
    first = tested.iloc[0]
    assert re.fullmatch(r"medley-solos-db/test-\d_[0-9a-f-]{36}", first["id"])
    # four of its eight words are labels of the task instruments, others none
    task = load_task("instruments")
    named = {word: task.named(word) for word in table["instrument"].unique()}
    assert named["tenor saxophone"] == "saxophone"
    assert named["distorted electric guitar"] is None
    assert named["female singer"] is None


def test_tinysol(there):
    table = items("tinysol").set_index("id")
    row = table.loc["tinysol/Fl-ord-C#4-mf-N-T14d"]
    assert (row["instrument"], row["pitch"], row["fold"], row["dynamics"]) == (
        "flute",
        61,
        "1",
        "mf",
    )
    assert (row["retuning"], row["resampled"]) == ("T14d", "no")
    assert table.loc["tinysol/Vn-ord-D4-mf-1c-R100u", "resampled"] == "yes"
    assert set(table["instrument"]) == {"flute", "violin", "tuba"}
    assert table["group"].nunique() == 3 * 5
    assert all(group.startswith("tinysol/") for group in table["group"])


def test_good_sounds(there):
    table = items("good_sounds").set_index("id")
    assert set(table["instrument"]) == {"flute", "cello", "double_bass", "saxophone"}
    row = table.loc["good-sounds/flute_almudena_reference/akg/0001"]
    assert (row["pitch"], row["exercise"], row["klass"]) == (60, "note", "good-sound")
    twin = table.loc["good-sounds/flute_almudena_reference/neumann/0001"]
    assert (row["sound"], row["group"]) == (twin["sound"], twin["group"])
    scales = table[table["exercise"] == "scale"]
    assert scales["pitch"].isna().all()
    assert len(scales) == len(table) / 3
    # two saxophones of one player in one session, a third of whom nobody named
    assert table.loc[table["name"].isin(("sax_alto", "sax_tenor")), "group"].nunique() == 1
    alone = table.loc[table["name"] == "sax_baritone", "group"]
    assert set(alone) == {"good-sounds/saxo_bariton_raul_recordings"}


def test_good_sounds_database_must_be_the_published_one(there, tmp_path, monkeypatch):
    root = tmp_path / "good_sounds/good-sounds"
    root.mkdir(parents=True)
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"database\.sqlite: isn't there"):
        load_corpus("good-sounds")
    assert not (root / "database.sqlite").exists()  # asking makes none
    sqlite3.connect(root / "database.sqlite").close()
    with pytest.raises(DataError, match="not the published database"):
        load_corpus("good-sounds")


def test_irmas(there):
    table = items("irmas").set_index("id")
    assert (table["split"] == "test").sum() == 4
    place = "irmas/IRMAS-TestingData-Part1/Part1/02 - And The Body Will Die"
    assert table.loc[f"{place}-8", "tags"] == "electric guitar|voice"
    assert table.loc[f"{place}-8", "group"] == table.loc[f"{place}-9", "group"]
    one = table.loc["irmas/IRMAS-TrainingData/cel/[cel][cla]0001__1"]
    two = table.loc["irmas/IRMAS-TrainingData/cel/[cel][cla]0001__2"]
    assert (one["tags"], one["genre"], one["drums"]) == ("cello", "cla", "")
    assert one["group"] == two["group"]
    folk = table.loc["irmas/IRMAS-TrainingData/flu/057__[flu][dru][cou_fol]0407__1"]
    assert (folk["genre"], folk["drums"], folk["group"]) == (
        "cou_fol",
        "yes",
        "irmas/recording 0407",
    )


def test_openmic(there):
    table = items("openmic").set_index("id")
    source = there / "openmic/openmic-2018/openmic-2018-aggregated-labels.csv"
    lines = [line.split(",") for line in source.read_text().splitlines()[1:]]
    for name, row in table.iterrows():
        own = {i: float(r) for key, i, r, _ in lines if f"openmic/{key}" == name}
        tags, unknown = set(row["tags"].split("|")) - {""}, set(row["unknown"].split("|"))
        assert tags == {i for i, relevance in own.items() if relevance >= 0.5}
        assert unknown == set(import_module("mirbench.corpora.openmic").INSTRUMENTS) - set(own)
        assert len(unknown) == 13
    assert table.loc["openmic/120195_184320", "copy_of"] == "007954_184320"
    assert set(table.index[table["corrupted"] == "yes"]) == {"openmic/095253_134400"}
    assert table["group"].nunique() == 12


def test_nsynth(there):
    table = items("nsynth").set_index("id")
    assert table.groupby("split").size().to_dict() == {"train": 12, "validation": 6, "test": 12}
    noisy = table.index[table["noise"] == "yes"]
    assert list(noisy) == ["nsynth/brass_acoustic_046-084-100"]
    row = table.loc["nsynth/bass_acoustic_000-060-050"]
    assert (row["family"], row["pitch"], row["velocity"], row["qualities"]) == (
        "bass",
        60,
        50,
        "dark",
    )
    assert row["group"] == "nsynth/bass_acoustic_000"


@pytest.mark.parametrize("name", MAKERS)
def test_a_protocol_keeps_the_contract(there, name):
    protocol = MAKERS[name](partial=True)
    assert protocol.name == f"{name}-partial"
    failed = {check.name for check in check_protocol(protocol) if not check.passed}
    assert failed == ({LEAK} if name == "instruments/tinysol" else set())
    first = "PR-AUC" if name.startswith("tags/") else "balanced accuracy"
    assert protocol.headline[0] == first


@pytest.mark.parametrize("name", [n for n in MAKERS if n not in ("instruments/good-sounds",)])
def test_a_part_of_a_corpus_is_no_published_split(there, name):
    with pytest.raises(DataError, match="published"):
        MAKERS[name]()


def test_medley_solos_trains_on_one_collection_and_tests_on_the_other(there, monkeypatch):
    monkeypatch.setattr(published_instruments, "MEDLEY_COUNTS", {"train": 16, "test": 16})
    protocol = MAKERS["instruments/medley-solos-db"]()
    (cell,) = protocol.cells
    assert (len(cell.train), [len(ids) for ids in cell.tests.values()]) == (32, [16])
    assert protocol.task.labels[1] == "distorted electric guitar"
    assert set(protocol.table.loc[list(cell.train), "split"]) == {"train", "validation"}


def test_tinysols_official_folds_stand_beside_ours(there):
    official = MAKERS["instruments/tinysol"](partial=True)
    fold = items("tinysol").set_index("id")["fold"]
    assert len(official.cells) == 5
    for k, cell in enumerate(official.cells):
        assert set(fold[list(cell.tests["tinysol"])]) == {str(k)}
        assert str(k) not in set(fold[list(cell.train)])
    assert audit_cells(official)
    ours = MAKERS["instruments/tinysol-by-pitch"](partial=True)
    assert ours.shares == (OFFICIAL,)
    assert [cell.source for cell in ours.cells] == ["tinysol"] * 5 + [OFFICIAL] * 5
    assert not audit_cells(ours)


def test_no_player_of_good_sounds_is_on_both_sides(there):
    protocol = MAKERS["instruments/good-sounds"]()
    labels, groups = protocol.table["label"], protocol.table["group"]
    tested = []
    for cell in protocol.cells:
        ids = list(cell.tests["good-sounds"])
        assert not set(groups[ids]) & set(groups[list(cell.train)])
        assert set(labels[ids]) <= set(labels[list(cell.train)])
        tested += ids
    assert len(set(tested)) == len(tested)
    # the double bass has one player: it is trained on, never tested
    assert set(labels[tested]) == {"flute", "cello", "saxophone"}
    assert "double_bass" in set(labels)


def test_nsynth_leaves_its_validation_part_out(there):
    protocol = MAKERS["instruments/nsynth"](partial=True)
    (cell,) = protocol.cells
    assert {i.split("-")[-1] for i in cell.train} == {"050"}
    assert len(cell.train) == len(cell.tests["nsynth"]) == len(protocol.items) / 2
    assert protocol.task.column == "family"


def test_irmas_reports_what_the_field_does(there):
    protocol = MAKERS["tags/irmas"](partial=True)
    assert protocol.headline == ("PR-AUC", "ROC-AUC", "micro F1", "macro F1")
    assert len(protocol.task.labels) == 11
    assert protocol.unknown == {}


def test_openmics_gaps_are_in_the_protocol(there):
    protocol = MAKERS["tags/openmic"](partial=True)
    assert len(protocol.unknown) == len(protocol.items) == 24
    for name, label in protocol.labels.items():
        row = np.array(protocol.task.target(label, protocol.unknown[name]))
        assert (row == -1).sum() == 13
        assert (row == 1).sum() == len(json.loads(label))


def test_pitches_by_name():
    from_names = [midi_number(f"{n}{o}") for o in (3, 4) for n in ("C", "C#", "Db", "B", "Bb")]
    assert from_names == [48, 49, 49, 59, 58, 60, 61, 61, 71, 70]
    assert midi_number("A-1") == 9
    assert midi_number("h4") is None
    assert midi_number("") is None


@pytest.mark.parametrize("name", FEW_LABELS)
def test_few_labels_of_a_large_corpus_are_shares_of_its_classes(there, name):
    made = FEW_LABELS[name](partial=True)
    assert made.name == f"{name}-partial"
    assert all(check.passed for check in check_protocol(made))
    [cell] = made.cells
    [whole] = MAKERS[name.replace("few-labels", "instruments")](partial=True).cells
    assert set(cell.train) == set(whole.train)
    assert set().union(*cell.tests.values()) <= {i for ids in whole.tests.values() for i in ids}
    *few, every = cell.labelled.values()
    assert every == (cell.train,)
    label = made.table["label"]
    for draw in few[0]:
        assert set(label[list(draw)]) == set(label[list(cell.train)]), (
            "one of each class at the least"
        )

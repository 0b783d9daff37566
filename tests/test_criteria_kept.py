"""Criteria: their sides, what is kept of measures and what is judged; what goes wrong is said in a line."""

import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from deep.criteria import __main__ as command
from deep.criteria import judged as judged_module
from deep.criteria import measured
from deep.criteria.criteria import CRITERIA, Criterion
from deep.criteria.judged import judged
from deep.criteria.measured import COLUMNS, MEASURES, code_of, measure_missing, protocol_of, read
from mirbench.errors import DataError

SETS = [f"set {i}" for i in range(1, 6)]
A, B = [5, 6, 5.5, 6.5, 5.2], [4, 4.2, 4.1, 4.9, 4.7]
GAINS = [a - b for a, b in zip(A, B, strict=True)]

SMALL = ("squared error", "relative slope", "bits, ", "KL of the worst step", "change by noise")
"""What a method is praised for having little of; of anything else, for having much."""
BASELINES = (
    "components",
    "relative slope, auto-encoder",
    "bits, linear",
    "other instruments",
    "chance",
    "half the spread",
    "VAE, prior",
    "labels alone",
    "first teacher",
    "untrained",
    "its student",  # but of labels alone
)
"""What a method is compared with."""


@pytest.mark.parametrize("one", [one for one in CRITERIA if not one.tie], ids=lambda one: one.words)
def test_a_criterion_praises_the_method_and_not_what_it_is_compared_with(one):
    sides = (one.more, one.less)
    words = [side for side in sides if isinstance(side, str)]
    if len(words) == 1:
        [baseline] = set(sides) - set(words)
    else:
        known = [[side for side in words if name in side] for name in BASELINES]
        [baseline] = next(found for found in known if found)
    assert (one.more == baseline) == words[0].startswith(SMALL)


# verdicts


@pytest.fixture
def quick(monkeypatch):
    """Code of a measure that is told by its name, and a measure that tells which sets it was asked for."""
    asked = []

    def fake(notes, seed, steps):
        asked.append(seed)
        return {"thing": float(seed)}

    for table in (measured.OF_NOTES, measured.MEASURES):
        monkeypatch.setitem(table, "fake", fake)
    for module in (measured, judged_module):
        monkeypatch.setattr(module, "code_of", lambda name: f"code of {name}")
    for module in (measured, command):
        monkeypatch.setattr(module, "protocol_items", lambda protocol: {})
    monkeypatch.setattr(measured, "notes_of", lambda *_: None)
    return asked


def kept(folder, name="codes", code=None, sets=SETS, **quantities):
    """A file of a measure, a list a quantity."""
    rows = [
        ("few-labels/embedded", place, quantity, value, code or f"code of {name}")
        for quantity, values in quantities.items()
        for place, value in zip(sets, values, strict=True)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.to_csv(folder / f"{name}.csv", index=False)
    return table


def verdict_of(folder, *sides, **more):
    [row] = judged(folder, [Criterion("words", *sides, **more)]).to_dict("records")
    return row


def test_verdicts_are_student_s_t_over_the_sets(tmp_path, quick):
    kept(tmp_path, a=A, b=B, c=[1.02, 0.99, 1.0, 1.01, 1.0])
    criteria = [
        Criterion("apart", "a", "b"),
        Criterion("the other way round", "b", "a"),
        Criterion("equal", "c", 1.0, tie=0.1),
        Criterion("hardly less", 1.0, "c", slack=0.1),
        Criterion("not known", "a", "nothing"),
    ]
    table = judged(tmp_path, criteria).set_index("claim")
    assert table.loc["apart", "p"] == pytest.approx(ttest_1samp(GAINS, 0).pvalue)
    assert table.loc["apart", "figures"] == "5.64, 4.38"
    assert table.loc["apart", "sets"] == "5 of 5"
    assert table.loc["the other way round", "sets"] == "0 of 5"
    assert table.loc["hardly less", "sets"] == "5 of 5"
    less = [-0.02, 0.01, 0, -0.01, 0]
    assert table.loc["hardly less", "p"] == pytest.approx(ttest_1samp(less, -0.1).pvalue)
    assert pd.isna(table.loc["equal", "p"])
    assert table["verdict"].tolist() == [
        "reproduced",
        "not reproduced: the other way round",
        "reproduced",
        "reproduced",
        "no record of nothing",
    ]


@pytest.mark.parametrize("file", ["codes", "told"])
def test_quantities_are_compared_set_by_set(tmp_path, quick, file):
    """Rows of the second quantity are in another order, and in the same or another file."""
    table = kept(tmp_path, a=A, b=B)
    other = table[table["quantity"] == "b"].iloc[[3, 0, 4, 2, 1]]
    first = table[table["quantity"] == "a"]
    if file == "codes":
        pd.concat([first, other]).to_csv(tmp_path / "codes.csv", index=False)
    else:
        first.to_csv(tmp_path / "codes.csv", index=False)
        other.assign(code="code of told").to_csv(tmp_path / "told.csv", index=False)
    assert verdict_of(tmp_path, "a", "b")["p"] == pytest.approx(ttest_1samp(GAINS, 0).pvalue)


@pytest.mark.parametrize("sides", [("a", "b"), ("b", "a"), ("b", 1.0)])
def test_sets_that_are_not_all_there_are_not_judged(tmp_path, quick, sides):
    kept(tmp_path, a=A)
    kept(tmp_path, "told", sets=SETS[:2], b=B[:2])
    row = verdict_of(tmp_path, *sides)
    assert row["verdict"] == "no record of all sets: measured on 2 of 5"
    assert (row["figures"], row["difference"], row["sets"]) == ("–", "–", "–")
    assert pd.isna(row["p"])


def test_a_quantity_that_a_set_lacks_is_not_judged(tmp_path, quick):
    table = kept(tmp_path, a=A, b=B)
    table[:-1].to_csv(tmp_path / "codes.csv", index=False)
    assert verdict_of(tmp_path, "a", "b")["verdict"].startswith("no record of all quantities")


@pytest.mark.parametrize("older", [1, 5])
def test_measures_of_other_code_are_not_judged(tmp_path, quick, older):
    kept(tmp_path, a=A)
    kept(tmp_path, "told", b=B)
    assert verdict_of(tmp_path, "a", "b")["verdict"] == "reproduced"
    table = read(tmp_path / "told.csv")
    table.loc[: older - 1, "code"] = "code of codes"
    table.to_csv(tmp_path / "told.csv", index=False)
    assert verdict_of(tmp_path, "a", "b")["verdict"] == "no record of today's code"


def test_files_that_no_measure_names_are_not_read(tmp_path, quick):
    kept(tmp_path, "other", a=A, b=B)
    assert verdict_of(tmp_path, "a", "b")["verdict"] == "no record of a"


def test_code_is_of_a_measure_and_of_its_sets(monkeypatch):
    monkeypatch.setattr(measured, "code_hash", lambda function: "code")
    assert code_of("codes") == code_of("told") != code_of("alignment")
    monkeypatch.setattr(measured, "code_hash", lambda function: function.__name__)
    assert code_of("codes") != code_of("told")


# what is kept


def test_sets_are_measured_once_and_anew_after_a_change_of_code(tmp_path, quick):
    run = measure_missing("fake", tmp_path)
    assert [next(run), next(run), next(run)] == SETS[:3]
    run.close()
    assert quick == [0, 1]
    assert list(measure_missing("fake", tmp_path)) == SETS[2:]
    assert quick == [0, 1, 2, 3, 4]
    assert list(measure_missing("fake", tmp_path)) == []
    table = read(tmp_path / "fake.csv")
    assert table["value"].tolist() == [0, 1, 2, 3, 4]
    table["code"] = ["older", *table["code"][1:]]
    table.to_csv(tmp_path / "fake.csv", index=False)
    assert list(measure_missing("fake", tmp_path)) == SETS[:1]
    assert [path.name for path in tmp_path.iterdir()] == ["fake.csv"]


def test_a_run_that_stops_keeps_what_other_code_measured(tmp_path, quick):
    kept(tmp_path, "fake", "older", thing=[9.0] * 5, gone=[8.0] * 5)
    run = measure_missing("fake", tmp_path)
    assert [next(run), next(run)] == SETS[:2]
    run.close()
    table = read(tmp_path / "fake.csv").set_index(["set", "quantity"])
    assert table.index.tolist() == [
        ("set 1", "thing"),
        *((place, quantity) for place in SETS[1:] for quantity in ("thing", "gone")),
    ]
    assert table["value"].tolist() == [0.0, *[9.0, 8.0] * 4]
    assert table["code"].tolist() == ["code of fake", *["older"] * 8]


def test_a_measure_of_lines_has_the_protocol_and_the_cell(monkeypatch, quick):
    told = []
    monkeypatch.setattr(measured, "alignment", lambda *given: told.extend(given) or {"a": 2.0})
    [row] = measured.measure("alignment", {"a": None}, 1, 9).values.tolist()
    protocol = protocol_of("alignment")
    assert row == [protocol.name, protocol.cells[1].name, "a", 2.0, "code of alignment"]
    assert (told[0].hash, told[1:]) == (protocol.hash, [{"a": None}, 1, 9])


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", f"{','.join(COLUMNS)}\np,s,q,,c\n", "\x00"])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "codes.csv").write_text(text)
    with pytest.raises(DataError, match=r"codes\.csv: .*delete it and measure again"):
        read(tmp_path / "codes.csv")


WRONG = {
    "infinite": ("value", float("inf"), "no finite number"),
    "minus infinity": ("value", float("-inf"), "no finite number"),
    "a word": ("value", "much", "no finite number"),
    "a gap": ("value", None, "without gaps"),
    "a set of none": ("set", "set 6", "few-labels/embedded has no set 'set 6'"),
    "another protocol": ("protocol", "few-shot/embedded", "another protocol"),
    "a row twice": ("set", "set 1", "twice"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_rows_that_are_of_no_measure_are_refused(tmp_path, fault):
    table = kept(tmp_path, a=A, b=B)
    pd.testing.assert_frame_equal(read(tmp_path / "codes.csv"), table)
    column, value, words = WRONG[fault]
    table[column] = table[column].astype(object)
    table.loc[4, column] = value
    table.to_csv(tmp_path / "codes.csv", index=False)
    with pytest.raises(DataError, match=rf"codes\.csv: .*{words}.*; delete it and measure again"):
        read(tmp_path / "codes.csv")


# the command


def test_the_command_measures_what_is_asked_and_judges_it(tmp_path, quick, capsys):
    assert command.main(["fake", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines() == [f"fake: {place}" for place in SETS]
    assert said.out.count("| no record of ") == len(CRITERIA)
    assert len(read(tmp_path / "fake.csv")) == 5


def test_few_steps_show_one_set_and_keep_nothing(tmp_path, quick, capsys):
    assert command.main(["fake", "--folder", str(tmp_path), "--steps", "3"]) == 0
    said = capsys.readouterr().out
    assert said.count("| set ") == 2  # the head and a row
    assert (quick, list(tmp_path.iterdir())) == ([0], [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "no measure 'nothing'; choose from codes, waveforms, "),
        (["codes", "--steps", "2"], "--steps 2: give 3 or more"),
    ],
)
def test_a_command_that_asks_for_what_is_not_there_is_refused(quick, capsys, arguments, words):
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    usage, _, said = capsys.readouterr().err.rpartition("python -m deep.criteria: error: ")
    assert usage.startswith("usage: ")
    assert said.startswith(words)
    assert said.count("\n") == 1


@pytest.mark.parametrize("fault", ["damaged", "a folder"])
def test_a_file_that_can_not_be_read_is_said_in_one_line(tmp_path, quick, capsys, fault):
    path = tmp_path / "fake.csv"
    if fault == "damaged":
        path.write_text("a,b\n1,2\n")
    else:
        path.mkdir()
    assert command.main(["fake", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"mirbench: {path}: ")
    assert said.count("\n") == 1
    assert quick == []


def test_a_folder_that_is_a_file_is_said_before_anything_is_measured(tmp_path, quick, capsys):
    (tmp_path / "file").touch()
    assert command.main(["fake", "--folder", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert quick == []


@pytest.mark.parametrize("name", MEASURES)
def test_committed_measures_are_of_today_s_code_and_of_all_sets(name, pytestconfig):
    table = read(pytestconfig.rootpath / "leaderboards" / "criteria" / f"{name}.csv")
    assert set(table["set"]) == {cell.name for cell in protocol_of(name).cells}
    assert len(table) == table["set"].nunique() * table["quantity"].nunique()
    assert set(table["code"]) == {code_of(name)}

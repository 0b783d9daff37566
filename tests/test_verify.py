"""`mirbench verify`: what is sound passes, each kind of damage is refused with its reason.

Damage is done twice where it can be: as it is (the hash tells), and with a hash that agrees again.
What a comparison with the board alone can tell is said at ``ONLY_THE_BOARD``.
"""

import json
import shutil

import numpy as np
import pytest
from trust_records import CLASSES, FRAMES, SEGMENTS, answering, committed, made

from mirbench.errors import RecordError
from mirbench.protocols import load_protocol
from mirbench.records import Record, encode_outputs, load_record, save_record
from mirbench.trust.answers import answers_fault
from mirbench.trust.headers import header_fault
from mirbench.trust.verify import verify


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    root = tmp_path_factory.mktemp("sound")
    committed(root)
    return root


@pytest.fixture
def shelf(sound, tmp_path):
    """A copy of records and boards to damage."""
    return shutil.copytree(sound, tmp_path / "shelf")


def victim(shelf):
    [path] = shelf.glob("records/*/*/good/*.json")
    return load_record(path)


def refused(shelf):
    report = verify(shelf / "records")
    assert report.passed < report.records or report.faults
    return "\n".join(report.faults)


def rewrite(record, change, *, rehash=True):
    """Other outputs; with ``rehash`` under a hash that agrees with them."""
    outputs = change(record.outputs.copy())
    if rehash:
        save_record(Record(record.header, outputs), record.path)
    else:
        data = encode_outputs(outputs, record.identity["kind"])
        record.path.with_suffix(".parquet").write_bytes(data)


def reheaded(record, **identity):
    header = json.loads(record.path.read_text())
    header["identity"] |= identity
    record.path.write_text(json.dumps(header))


def one_figure(outputs):
    """One decision turned round."""
    outputs.at[0, "scores"] = -outputs.at[0, "scores"]
    return outputs


def one_dropped(outputs):
    return outputs.drop(index=3)


def ids_swapped(outputs):
    a, b = outputs.at[0, "id"], outputs.at[1, "id"]
    outputs.at[0, "id"], outputs.at[1, "id"] = b, a
    return outputs


def another_id(outputs):
    outputs.at[0, "id"] = "nobody/1"
    return outputs


def one_nan(outputs):
    outputs.at[0, "scores"] = np.full_like(outputs.at[0, "scores"], np.nan)
    return outputs


def column_lost(outputs):
    outputs["scores"] = [scores[:1] for scores in outputs["scores"]]
    return outputs


def answers_swapped(outputs):
    """The answers of a right and a wrong item exchanged, the ids left: rows are all there."""
    right = outputs["id"].str.contains("speech") == [s[1] > s[0] for s in outputs["scores"]]
    other = outputs["id"].str.contains("speech").to_numpy()
    i = int(np.flatnonzero(right & other)[0])
    j = int(np.flatnonzero(right & ~other)[0])
    outputs.at[i, "scores"], outputs.at[j, "scores"] = (
        outputs.at[j, "scores"],
        outputs.at[i, "scores"],
    )
    return outputs


DAMAGE = {
    "dropped": (one_dropped, "is missing"),
    "swapped ids": (ids_swapped, "ids are swapped"),
    "foreign id": (another_id, "isn't in the protocol"),
    "NaN": (one_nan, "NaN or infinite"),
    "a column lost": (column_lost, "shape"),
}
ONLY_THE_BOARD = {"changed figure": one_figure, "swapped answers": answers_swapped}


def test_sound_records_pass(sound):
    report = verify(sound / "records")
    assert report.faults == []
    assert (report.records, report.passed) == (4, 4)
    assert report.compared > 4
    assert "4 of 4 records pass" in str(report)


@pytest.mark.parametrize("name", [*DAMAGE, *ONLY_THE_BOARD])
def test_the_hash_tells_changed_outputs(shelf, name):
    change = DAMAGE[name][0] if name in DAMAGE else ONLY_THE_BOARD[name]
    record = victim(shelf)
    rewrite(record, change, rehash=False)
    said = refused(shelf)
    assert "doesn't match the hash" in said
    assert record.path.stem in said


@pytest.mark.parametrize("name", DAMAGE)
def test_the_protocol_tells_changed_rows_whose_hash_agrees(shelf, name):
    change, reason = DAMAGE[name]
    record = victim(shelf)
    rewrite(record, change)
    said = refused(shelf)
    assert reason in said
    assert record.path.stem in said


@pytest.mark.parametrize("name", ONLY_THE_BOARD)
def test_only_the_board_tells_changed_figures_whose_hash_agrees(shelf, name):
    record = victim(shelf)
    rewrite(record, ONLY_THE_BOARD[name])
    said = refused(shelf)
    assert "recomputed" in said
    assert record.path.stem in said
    shutil.rmtree(shelf / "boards")
    alone = verify(shelf / "records")
    assert alone.faults == []  # by itself the record is as good as any
    assert "no board" in str(alone)


@pytest.mark.parametrize("form", ["board.json", "board.csv", "board.md", "board.tex"])
def test_a_changed_figure_of_a_board_is_refused(shelf, form):
    [file] = shelf.glob(f"boards/*/{form}")
    text = file.read_text()
    about = json.loads(file.with_name("board.json").read_text())
    name = about["metrics"][0]["name"]
    value = about["rows"][0][name]
    shown = {"board.json": repr(value), "board.csv": f"{value:.6g}"}.get(form, f"{value:.1f} [")
    assert shown in text
    higher = {"board.json": repr(value + 1), "board.csv": f"{value + 1:.6g}"}
    file.write_text(text.replace(shown, higher.get(form, f"{value + 1:.1f} ["), 1))
    assert str(file.parent) in refused(shelf)


def test_a_foreign_path_is_refused(shelf):
    record = victim(shelf)
    other = record.path.parent.parent / "bad" / record.path.name
    record.path.rename(other)
    record.path.with_suffix(".parquet").rename(other.with_suffix(".parquet"))
    assert "its place is" in refused(shelf)


def test_files_that_are_no_records_are_named(shelf):
    record = victim(shelf)
    (record.path.parent / "notes.txt").write_text("x")
    (record.path.parent / "lost.parquet").write_text("x")
    (record.path.parent / "link.json").symlink_to(record.path)
    said = refused(shelf)
    assert all(name in said for name in ("notes.txt", "lost.parquet", "link.json"))


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ({"method": "better", "spec": "better"}, "its place is"),
        ({"seed": 7}, "its place is"),
        ({"spec": "other"}, "isn't its method and parameters"),
        ({"protocol_hash": "0" * 64}, "another version of protocol"),
        ({"protocol": "no/such"}, "unknown protocol"),
        ({"protocol": "elsewhere/none.json"}, "no such file"),
        ({"task": "instruments"}, "its task is"),
        ({"evidence": "real"}, "its evidence is"),
        ({"kind": "frames"}, "its kind is"),
        ({"title": "a\u202eb"}, "control character"),
        ({"title": 3}, "not text"),
        ({"spec": "gооd", "method": "gооd"}, "look-alike"),
        ({"extra": 1}, "field 'extra'"),
        ({"trained_on": "all"}, "isn't a list"),
        ({"params": {"a": {"b": 1}}}, "not a plain value"),
        ({"seed": True}, "not a whole number"),
    ],
)
def test_a_changed_header_is_refused(shelf, identity, reason):
    reheaded(victim(shelf), **identity)
    assert reason in refused(shelf)


def test_a_record_that_hides_a_leak_is_refused(tmp_path):
    protocol = load_protocol("segmentation/leave-one-programme-out")
    from trust_records import keep

    keep(tmp_path / "records", made(protocol))
    assert "leaks" in "".join(verify(tmp_path / "records").faults)


def test_rows_and_records_without_each_other_are_named(shelf):
    record = victim(shelf)
    record.path.unlink()
    record.path.with_suffix(".parquet").unlink()
    assert "row good has no sound record" in refused(shelf)
    [folder] = (shelf / "boards").iterdir()
    shutil.copytree(folder, folder.parent / "speech-music.mini")
    assert "without sound records" in refused(shelf)


def test_one_seed_less_is_told(shelf):
    first = min(shelf.glob("records/*/*/bad/*.json"))
    first.unlink()
    first.with_suffix(".parquet").unlink()
    assert "2 seeds on the board, 1 sound" in refused(shelf)


def test_a_verified_row_whose_answers_changed_is_told(shelf):
    record = victim(shelf)
    entry = {"outcome": "identical", "outputs_sha256": record.header["outputs_sha256"]}
    ledger = shelf / "verified.json"
    ledger.write_text(json.dumps({record.path.stem: entry}))
    assert verify(shelf / "records").faults == []
    ledger.write_text(json.dumps({record.path.stem: entry | {"outputs_sha256": "0" * 64}}))
    assert "no sound record with those outputs" in refused(shelf)
    ledger.write_text("[]")
    assert "damaged" in refused(shelf)


def test_no_folder_and_no_records(tmp_path):
    with pytest.raises(RecordError, match="no such folder"):
        verify(tmp_path / "none")
    with pytest.raises(RecordError, match="no records"):
        verify(tmp_path)


@pytest.mark.parametrize("name", [CLASSES, FRAMES, SEGMENTS, "instruments/mini"])
def test_answers_of_each_kind(name):
    protocol = load_protocol(name)
    outputs = made(protocol).outputs
    assert answers_fault(outputs, protocol) == ""
    column = outputs.columns[-1]
    worse = outputs.copy()
    answer = worse.at[2, column]
    worse.at[2, column] = answer[:-1] if protocol.task.kind == "segments" else answer[..., :-1]
    assert outputs.at[2, "id"] in answers_fault(worse, protocol)
    assert "columns" in answers_fault(outputs.rename(columns={column: "x"}), protocol)


def test_segments_of_unknown_labels_are_refused():
    protocol = load_protocol(SEGMENTS)
    outputs = made(protocol, error=1.0).outputs
    start, end, _ = outputs.at[0, "segments"][0]
    outputs.at[0, "segments"] = [(start, end, "jingle")]
    assert "unknown label 'jingle'" in answers_fault(outputs, protocol)


RANKED_FAULTS = {
    "neighbour twice": lambda ids, d: (np.array([ids[0], ids[0]], np.int32), d[:2]),
    "the query itself": lambda ids, d: (np.append(ids[:-1], 0).astype(np.int32), d),
    "outside": lambda ids, d: (ids + 1, d),
    "don't ascend": lambda ids, d: (ids, d[::-1]),
    "finite": lambda ids, d: (ids, d * np.nan),
    "neighbours": lambda ids, d: (ids[:2], d[:1]),
}


@pytest.fixture
def ranking():
    from made_records import frame_items, record

    from mirbench.frames import Grid
    from mirbench.protocols.protocol import Cell, Protocol
    from mirbench.tasks import load_task

    items = frame_items(("A",), 3)
    ids = tuple(items["id"])
    cells = (Cell("all", "A", ids, {"A": ids}),)
    protocol = Protocol("same-genre/x", "1", load_task("same-genre"), Grid(), items, cells)

    def answer(cell, test, item):
        others = [i for i in range(len(ids)) if ids[i] != item["id"]]
        return np.array(others, np.int32), np.arange(len(others), dtype=np.float32)

    return protocol, record(protocol, "m", answer).outputs


def test_a_ranking_is_whole(ranking):
    protocol, outputs = ranking
    assert answers_fault(outputs, protocol) == ""


@pytest.mark.parametrize("fault", RANKED_FAULTS)
def test_a_broken_ranking_is_refused(ranking, fault):
    protocol, outputs = ranking
    outputs.at[0, "ranked"] = RANKED_FAULTS[fault](*outputs.at[0, "ranked"])
    assert answers_fault(outputs, protocol)


def test_headers_that_are_no_mappings():
    header = made(load_protocol(CLASSES)).header | {"outputs_sha256": "0" * 64}
    assert header_fault(header) == ""
    for broken in (None, [], {}, header | {"identity": []}, header | {"provenance": None}):
        assert header_fault(broken)
    cost = {"cells": {"a": {"fit_s": float("nan")}}}
    assert "fit_s" in header_fault(header | {"provenance": cost})


def test_answering_is_as_wrong_as_asked():
    protocol = load_protocol(CLASSES)
    right = answering(protocol, 0.0, 0)
    item = protocol.items.iloc[0]
    assert protocol.task.labels[int(np.argmax(right(None, None, item)))] == item["label"]

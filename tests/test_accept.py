"""Bundles: what a good one gives, and how it is sent."""

import json

import pytest
from bundle_helpers import PROTOCOL, good_files, taken, with_json
from trust_records import CLASSES, FRAMES, SEGMENTS, keep, made

from mirbench.boards.table import board
from mirbench.errors import MethodError, RecordError
from mirbench.protocols import load_protocol
from mirbench.records import load_record, record_path
from mirbench.trust.accept import accept
from mirbench.trust.archive import pack
from mirbench.trust.submit import bundle, submit
from mirbench.trust.verify import verify


@pytest.fixture(scope="module")
def good():
    return good_files()


@pytest.mark.parametrize("name", [CLASSES, FRAMES, SEGMENTS])
def test_a_good_bundle_is_taken_as_external(name, tmp_path):
    protocol = load_protocol(name)
    path = tmp_path / "b.zip"
    path.write_bytes(
        bundle([made(protocol, "theirs:k=3", method="theirs", params={"k": 3})], protocol)
    )
    found = accept(path, tmp_path / "records")
    [record] = found.records
    assert record.identity["spec"] == "external:theirs:k=3"
    assert record.identity["family"] == "external"
    assert record.identity["claims"] == {"family": "hand-crafted", "spec": "theirs:k=3"}
    assert found.notes == []
    assert "external:theirs:k=3 seed 0: " in str(found)
    saved = load_record(record_path(tmp_path / "records", record.identity))
    assert saved.identity == record.identity
    assert verify(tmp_path / "records").faults == []
    flags = board([saved], protocol)["flags"].item()
    assert "external" in flags.split(", ")
    accept(path, tmp_path / "records")  # the same again changes nothing


def test_the_same_bundle_twice_is_the_same_bytes():
    records = [made(PROTOCOL, "theirs")]
    assert bundle(records, PROTOCOL) == bundle(records, PROTOCOL)


def test_another_record_in_its_place_stays(tmp_path):
    for error in (0.1, 0.3):
        (tmp_path / f"{error}.zip").write_bytes(bundle([made(PROTOCOL, "theirs", error)], PROTOCOL))
    accept(tmp_path / "0.1.zip", tmp_path / "records")
    with pytest.raises(RecordError, match="another record is there"):
        accept(tmp_path / "0.3.zip", tmp_path / "records")
    assert verify(tmp_path / "records").passed == 1


def test_it_never_takes_the_place_of_ours(tmp_path, good):
    [ours] = keep(tmp_path / "records", made(PROTOCOL, "theirs"))
    path = tmp_path / "b.zip"
    path.write_bytes(pack(good))
    accept(path, tmp_path / "records")
    assert load_record(ours.path).header == ours.header


def test_near_perfect_answers_are_flagged(tmp_path):
    path = tmp_path / "b.zip"
    path.write_bytes(bundle([made(PROTOCOL, "copy", 0.0)], PROTOCOL))
    found = accept(path, tmp_path / "records")
    assert "test labels are public" in str(found)
    assert found.records[0].header["provenance"]["flags"] == ["near-perfect"]
    assert verify(tmp_path / "records").faults == []


def test_what_it_claims_to_be_is_kept_apart(good):
    def lie(header):
        header["identity"] |= {"family": "deep", "leaks": False}
        header["provenance"]["flags"] = ["near-perfect"]

    files = good
    for name in [n for n in good if n.endswith(".json") and n != "bundle.json"]:
        files = with_json(files, name, lie)
    record = taken(files).records[0]
    assert record.identity["family"] == "external"
    assert "flags" not in record.header["provenance"]


def test_submit_checks_the_method_first(home, tmp_path, method_file, make_corpus):
    from conftest import FRAMES_BODY

    from mirbench.protocols import make_protocol
    from mirbench.running import run_protocol

    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    spec = method_file(FRAMES_BODY, "clips")
    run_protocol([spec], protocol, n_jobs=1, progress=False)
    path = tmp_path / "b.zip"
    [record] = submit(spec, path, protocol.name)
    found = accept(path, tmp_path / "records", protocol=protocol)
    assert found.records[0].spec == f"external:{record.spec}"
    with pytest.raises(RecordError, match="isn't one of"):
        accept(path)  # nobody else knows a protocol of one's own
    moody = (
        FRAMES_BODY
        + '''
class Moody(GaussianNB):
    """Other answers every time."""
    def predict_proba(self, X):
        import os
        share = np.frombuffer(os.urandom(len(X)), np.uint8)[:, None] / 255
        return np.concatenate([share, 1 - share], axis=1)

def moody():
    """Moody."""
    return make_pipeline(Extract(summary, sr=8000), Moody())
'''
    )
    spec = method_file(moody, "moody", "moody.py")
    run_protocol([spec], protocol, n_jobs=1, progress=False)
    with pytest.raises(MethodError, match="fails its contract"):
        submit(spec, tmp_path / "c.zip", protocol.name)
    assert not (tmp_path / "c.zip").exists()


def test_submit_refuses_a_record_that_is_not_sound(tmp_path):
    [record] = keep(tmp_path / "records", made(PROTOCOL, "m"))
    header = json.loads(record.path.read_text())
    header["identity"]["title"] = "a\x07"
    record.path.write_text(json.dumps(header))
    with pytest.raises(RecordError, match="control character"):
        submit(str(record.path), tmp_path / "b.zip")


def test_no_such_bundle(tmp_path):
    for path in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(RecordError, match="no such file"):
            accept(path)


def test_predictions_made_elsewhere_travel_too(tmp_path):
    from mirbench.predictions import record_of_predictions

    table = PROTOCOL.export().query("role == 'test'")[["cell", "test", "id", "label"]]
    table.loc[table.index[::3], "label"] = "music"
    record = record_of_predictions(table, PROTOCOL, "my-system")
    keep(tmp_path / "records", record)
    [sent] = submit("my-system", tmp_path / "b.zip", CLASSES, tmp_path / "records")
    found = accept(tmp_path / "b.zip", tmp_path / "theirs")
    assert found.records[0].spec == sent.spec == "external:my-system"
    assert verify(tmp_path / "theirs").faults == []


def test_what_reads_a_bundle_runs_no_method():
    from test_layers import files, offenders

    names = (
        "accept",
        "answers",
        "archive",
        "bundle",
        "figures",
        "headers",
        "outputs",
        "strict_json",
    )
    paths = [path for name in names for path in files("mirbench", "trust", f"{name}.py")]
    assert not offenders(paths, ["mirbench.running", "mirbench.methods", "mirbench.features"])

"""Snapshots: the same bytes twice, nothing in them can move, and a DOI is a DOI."""

import hashlib
import json
import shutil

import pytest
from trust_records import committed, draw, keep, made

from mirbench.errors import RecordError
from mirbench.records import load_record
from mirbench.trust.archive import pack, unpack
from mirbench.trust.freeze import freeze
from mirbench.trust.snapshot import LIMITS, verify_snapshot

DATE = "2026-01-31"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    root = tmp_path_factory.mktemp("sound")
    committed(root)
    return root


@pytest.fixture(scope="module")
def frozen(sound, tmp_path_factory):
    return freeze(sound / "records", tmp_path_factory.mktemp("frozen"), "2026.1", date=DATE)


def files_of(path):
    return unpack(path.read_bytes(), LIMITS, str(path))


def test_the_same_bytes_twice(sound, frozen, tmp_path, monkeypatch):
    again = freeze(sound / "records", tmp_path / "a", "2026.1", date=DATE)
    assert again.read_bytes() == frozen.read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1769860800")  # the same day
    assert freeze(sound / "records", tmp_path / "b", "2026.1").read_bytes() == frozen.read_bytes()


def test_what_is_in_it(sound, frozen):
    files = files_of(frozen)
    manifest = json.loads(files["MANIFEST.json"])
    assert {n.partition("/")[0] for n in files} >= {"records", "protocols", "boards", "README.md"}
    assert set(manifest["files"]) == set(files) - {"MANIFEST.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == digest
    for path in (sound / "records").rglob("*.parquet"):
        name = path.relative_to(sound).as_posix()
        assert files[name] == path.read_bytes()
    deposit = json.loads(files["zenodo.json"])
    assert deposit["publication_date"] == manifest["date"] == DATE
    assert manifest["content_sha256"] in deposit["description"]
    assert "4 records under 1 protocols" in deposit["description"]
    assert (frozen.parent / "zenodo.json").read_bytes() == files["zenodo.json"]
    assert b"cff-version" in files["CITATION.cff"]
    assert verify_snapshot(frozen) == manifest


def test_a_doi_given_later_leaves_the_content_hash(sound, frozen, tmp_path):
    later = freeze(sound / "records", tmp_path, "2026.1", "10.5281/zenodo.1234567", DATE)
    assert later.read_bytes() != frozen.read_bytes()
    a, b = (verify_snapshot(path, scores=False) for path in (frozen, later))
    assert a["content_sha256"] == b["content_sha256"]
    assert b["doi"] == "10.5281/zenodo.1234567"
    assert b"doi: " in files_of(later)["CITATION.cff"]
    shutil.copy(frozen, tmp_path / frozen.name)  # the DOI may be filled in over it
    freeze(sound / "records", tmp_path, "2026.1", "10.5281/zenodo.1234567", DATE)


@pytest.mark.parametrize(
    "doi",
    [
        "10.5281/zenodo.XXXXXXX",
        "10.xxxx/abc",
        "10.1234/zenodo.1",
        "10.5072/zenodo.12345",
        "doi:10.5281/zenodo.1",
        "https://doi.org/10.5281/zenodo.1",
        "10.5281/placeholder",
        "10.5281/a b",
        "TODO",
    ],
)
def test_placeholders_are_no_doi(sound, tmp_path, doi):
    with pytest.raises(RecordError, match="is no DOI"):
        freeze(sound / "records", tmp_path, "2026.1", doi, DATE)
    assert not list(tmp_path.iterdir())


def test_a_date_is_given_never_read_off_the_clock(sound, tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for date in ("", "yesterday", "2026-13-01"):
        with pytest.raises(RecordError, match="is no date"):
            freeze(sound / "records", tmp_path, "2026.1", date=date)
    with pytest.raises(RecordError, match="version"):
        freeze(sound / "records", tmp_path, "../2026", date=DATE)


def test_other_content_needs_another_version(sound, frozen, tmp_path):
    root = shutil.copytree(sound, tmp_path / "more")
    protocol, records = committed(root)
    more = keep(root / "records", made(protocol, "fifth"))
    draw([*records, *more], protocol, root / "boards")
    shutil.copy(frozen, root / frozen.name)
    with pytest.raises(RecordError, match="a new snapshot needs a new version"):
        freeze(root / "records", root, "2026.1", date=DATE)
    freeze(root / "records", root, "2026.2", date=DATE)


def test_records_that_are_not_sound_are_not_frozen(sound, tmp_path):
    root = shutil.copytree(sound, tmp_path / "broken")
    path = min((root / "records").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RecordError, match="mend them first"):
        freeze(root / "records", tmp_path, "2026.1", date=DATE)


def repacked(path, files, *, remanifest=False):
    """The archive with other files; with ``remanifest`` under a manifest that agrees with them."""
    if remanifest:
        from mirbench.trust.snapshot import content_hash
        from mirbench.trust.submit import plain_json

        manifest = json.loads(files["MANIFEST.json"])
        kept = {n: d for n, d in files.items() if n != "MANIFEST.json"}
        manifest["files"] = {n: hashlib.sha256(d).hexdigest() for n, d in kept.items()}
        manifest["content_sha256"] = content_hash(kept)
        files = kept | {"MANIFEST.json": plain_json(manifest)}
    path.write_bytes(pack(files))
    return path


def test_a_file_that_moved_is_named(frozen, tmp_path):
    files = files_of(frozen)
    name = next(n for n in files if n.endswith("board.csv"))
    for changed in (
        files | {name: files[name] + b"x"},
        {n: d for n, d in files.items() if n != name},
        files | {"records/extra.txt": b"x"},
    ):
        with pytest.raises(RecordError, match="since it was frozen"):
            verify_snapshot(repacked(tmp_path / "s.zip", changed))
    manifest = json.loads(files["MANIFEST.json"]) | {"content_sha256": "0" * 64}
    with pytest.raises(RecordError, match="content hash"):
        verify_snapshot(
            repacked(tmp_path / "s.zip", files | {"MANIFEST.json": json.dumps(manifest).encode()})
        )


def test_figures_are_recomputed_where_every_hash_agrees(frozen, tmp_path):
    files = files_of(frozen)
    name = next(n for n in files if n.endswith("board.json"))
    table = json.loads(files[name])
    metric = table["metrics"][0]["name"]
    table["rows"][0][metric] += 1.0
    text = (json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode()
    changed = repacked(tmp_path / "s.zip", files | {name: text}, remanifest=True)
    verify_snapshot(changed, scores=False)
    with pytest.raises(RecordError, match=r"board"):
        verify_snapshot(changed)
    record = next(n for n in files if n.endswith(".parquet"))
    broken = repacked(tmp_path / "t.zip", files | {record: b"PAR1"}, remanifest=True)
    with pytest.raises(RecordError, match="hash in its header"):
        verify_snapshot(broken)


def test_no_snapshot(tmp_path):
    with pytest.raises(RecordError, match="can't be read"):
        verify_snapshot(tmp_path / "none.zip")
    (tmp_path / "some.zip").write_bytes(b"x")
    with pytest.raises(RecordError, match="not a zip"):
        verify_snapshot(tmp_path / "some.zip")


def test_a_frozen_record_loads_as_any_other(frozen, tmp_path):
    for name, data in files_of(frozen).items():
        if name.startswith("records/"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
    assert all(load_record(path).outputs is not None for path in tmp_path.rglob("*.json"))

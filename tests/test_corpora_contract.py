"""Every corpus, offline: its facts are complete, and a damaged copy of its layout gives one clear error."""

import inspect
import re
import shutil
from importlib import import_module, util
from pathlib import Path
from pkgutil import iter_modules

import layouts
import pandas as pd
import pytest
from corpora_damage import GARBAGE, files, headers, is_a_sentence, loaded, names, read, told

from mirbench.corpora.facts import Remote, facts
from mirbench.datasheets.every import our_names
from mirbench.datasheets.uses import uses
from mirbench.trust.bibtex import parse

LOOKS = sorted(module.name for module in iter_modules(layouts.__path__))
NAMES = our_names()
NO_SOUND = {"taste-profile"}
"""Counts without recordings: nothing to lay out."""
NO_TASK = {
    "flickr-soundnet": "no labels: sound beside frames",
    "mdb-stem-synth": "pitch",
}
"""Corpora without a protocol, and what they are for."""


def module_of(name):
    return import_module(f"mirbench.corpora.{name.replace('-', '_')}")


def published():
    """Names of corpora that somebody else publishes: their loaders can take a part."""
    return [n for n in NAMES if "partial" in inspect.signature(module_of(n).load).parameters]


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_complete(name):
    known = facts(name)
    assert known.title
    assert not known.title.endswith(".")
    assert isinstance(known.faults, tuple)
    assert all(isinstance(fault, str) and fault.strip() for fault in known.faults)
    keys = [entry.key for entry in parse(known.bibtex, name)]
    assert len(set(keys)) == len(keys)
    assert all(entry.get("title") for entry in parse(known.bibtex, name))
    if name in published():
        assert known.licence
        assert known.how
        assert known.faults
        assert keys
        assert known.remotes or known.by_hand, f"{name}: say in BY_HAND why no command fetches it"
    assert not known.by_hand.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_remotes_are_well_formed(name):
    remotes = facts(name).remotes
    assert len({remote.name for remote in remotes}) == len(remotes)
    digits = {"md5": 32, "sha1": 40, "sha256": 64}
    for remote in remotes:
        assert isinstance(remote, Remote)
        assert remote.urls
        assert not isinstance(remote.urls, str)
        assert all(re.fullmatch(r"(https?|ftp)://\S+", url) for url in remote.urls)
        assert not Path(remote.name).is_absolute()
        assert ".." not in Path(remote.name).parts
        if remote.checksum:
            kind, _, value = remote.checksum.partition(":")
            assert re.fullmatch(rf"[0-9a-f]{{{digits[kind]}}}", value)
        assert remote.n_bytes is None or remote.n_bytes > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_task_a_protocol_and_a_metric_are_named(name):
    known = facts(name)
    used = uses(name, known)
    if name in NO_TASK:
        assert not known.protocols, f"{name}: has a protocol now; take it off this test's list"
        return
    if name in NO_SOUND or (name.startswith("embedded-") and not used):
        return
    assert used, f"{name}: name its protocols in PROTOCOLS"
    assert all(use.task and use.metrics for use in used)
    assert len(set(known.protocols)) == len(known.protocols)


def test_published_corpora_have_a_look_alike():
    without = {n for n in published() if n.replace("-", "_") not in LOOKS}
    assert not without, f"write tests/layouts/MODULE.py: make(data) of {', '.join(sorted(without))}"
    strays = [look for look in LOOKS if util.find_spec(f"mirbench.corpora.{look}") is None]
    assert not strays


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Look-alike of a module, written once."""
    written = {}

    def make(look):
        if look not in written:
            written[look] = tmp_path_factory.mktemp(look)
            (written[look] / "data").mkdir()
            import_module(f"layouts.{look}").make(written[look] / "data")
        return written[look]

    return make


@pytest.fixture
def fresh(made, tmp_path, monkeypatch):
    """A copy of a look-alike to damage, where ``MIRBENCH_DATA`` points; its module."""

    def copy(look):
        shutil.copytree(made(look), tmp_path / "own")
        monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "own/data"))
        return import_module(f"mirbench.corpora.{look}"), tmp_path / "own"

    return copy


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_alike_is_read(look, fresh):
    module, _ = fresh(look)
    table, partial = read(module)
    name = look.replace("_", "-")
    assert len(table)
    assert table["id"].is_unique
    assert table["id"].str.startswith(f"{name}/").all()
    assert (table["group"].astype(str).str.strip() != "").all()
    assert table["group"].notna().all()
    assert (table["duration_s"] > 0).all()
    again = loaded(module, **({"partial": True} if partial else {}))
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize("look", LOOKS)
def test_strangers_are_ignored(look, fresh):
    module, root = fresh(look)
    table, partial = read(module)
    sounds, lists = files(root)
    for folder in {path.parent for path in (*sounds[:1], *lists[:1])}:
        (folder / "stray.txt").write_text("not of the corpus\n", encoding="utf-8")
        (folder / ".DS_Store").write_bytes(GARBAGE)
        (folder / f"._{sounds[0].name}").write_bytes(GARBAGE)  # as some archives have beside each
        shutil.copy(sounds[0], folder / f"stray{sounds[0].suffix}")
    said, now = told(module, folder, partial=partial)
    if now is None:
        assert "stray" in said
        assert is_a_sentence(said)
    else:
        pd.testing.assert_frame_equal(table, now)


@pytest.mark.parametrize("look", LOOKS)
def test_a_missing_or_empty_sound_is_named(look, fresh):
    module, root = fresh(look)
    table, partial = read(module)
    listed = [path for path in files(root)[0] if str(path.resolve()) in set(table["path"])]
    for path in (listed[0], listed[-1]):
        kept = path.read_bytes()
        path.write_bytes(b"")
        said, now = told(module, path, partial=partial)
        assert names(said, path), f"an empty {path.name} isn't named: {said!r}"
        assert now is not None or is_a_sentence(said)
        path.unlink()
        said, now = told(module, path, partial=False)
        if now is None:
            assert partial or names(said, path), f"a missing {path.name} isn't named: {said}"
            assert is_a_sentence(said)
        else:
            assert "isn't missed" in " ".join((inspect.getdoc(module.load) or "").split()), (
                f"{module.__name__}: {path.name} is missing and nothing says so"
            )
        left = loaded(module, partial=True)
        assert str(path.resolve()) not in set(left["path"])
        path.write_bytes(kept)


@pytest.mark.parametrize("look", LOOKS)
def test_a_damaged_or_missing_list_is_named(look, fresh):
    module, root = fresh(look)
    table, partial = read(module)
    kinds = {}
    for path in files(root)[1]:
        kinds.setdefault((path.parent, path.suffix), []).append(path)
    alone = [p for paths in kinds.values() for p in (paths if len(paths) < 4 else paths[:1])]
    for path in alone:
        kept = path.read_bytes()
        path.write_bytes(GARBAGE)
        _damaged(module, path, table, partial, "garbage in it")
        for column, text in headers_of(kept, path):
            path.write_text(text, encoding="utf-8")
            _damaged(module, path, table, partial, f"column {column} renamed")
        path.unlink()
        _damaged(module, path, table, partial, "removed")
        path.write_bytes(kept)


def headers_of(kept, path):
    path.write_bytes(kept)
    return list(headers(path))


def _damaged(module, path, table, partial, how):
    """The loader names the list, or never needed it: the table is the same."""
    said, now = told(module, path, partial=partial)
    if now is None:
        assert names(said, path), f"{path.name}, {how}: {said}"
        assert is_a_sentence(said), said
    elif not now.equals(table):
        pd.testing.assert_frame_equal(now, table, obj=f"table with {path.name}, {how}")

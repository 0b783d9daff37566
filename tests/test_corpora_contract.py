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
from mirbench.protocols import protocol_names, published_names
from mirbench.trust.bibtex import parse

LOOKS = sorted(module.name for module in iter_modules(layouts.__path__))
NAMES = our_names()
COUNTED = re.compile(r"\d+ of \d+")
"""How the loader of a corpus whose file names aren't known tells that one is missing or too many."""
NO_SOUND = {"taste-profile"}
"""Counts without recordings: nothing to lay out."""
NO_TASK = {
    "audioset-instruments": "sounds of videos, heard beside what is seen",
    "flickr-soundnet": "no labels: sound beside frames",
    "giantsteps": "tempo in beats a minute and keys; no split of its genres is published",
    "kinetics-sounds": "sounds of videos, heard beside what is seen",
    "mdb-stem-synth": "pitch",
}
"""Corpora without a protocol, and what they are for."""
DOCUMENTED = {
    ("kinetics_sounds", "test.csv"): "may be missing or be without labels",
    ("magnatagatune", "annotations_final.csv"): "those of ``TAGS``",
    ("musan", "noise"): "Noise that isn't there isn't missed",
}
"""Damages that a loader takes as they are, by module and list (or kind of sound), with the words of its
documentation that say so."""


def module_of(name):
    return import_module(f"mirbench.corpora.{name.replace('-', '_')}")


def published():
    """Names of corpora that somebody else publishes: their loaders can take a part."""
    loads = {name: getattr(module_of(name), "load", None) for name in NAMES}
    return [
        n for n, load in loads.items() if load and "partial" in inspect.signature(load).parameters
    ]


def documented(look, path):
    """Whether a loader's documentation says that it takes this damage as it is."""
    for (module, part), words in DOCUMENTED.items():
        if module == look and part in path.parts:
            doc = " ".join((import_module(f"mirbench.corpora.{look}").load.__doc__ or "").split())
            assert words in doc
            return True
    return False


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
    unknown = set(known.protocols) - {*protocol_names(), *published_names()}
    assert not unknown, f"{name}: no frozen or published protocol {', '.join(sorted(unknown))}"
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
def test_what_archives_leave_behind_is_ignored(look, fresh):
    module, root = fresh(look)
    table, partial = read(module)
    sounds, lists = files(root)
    beside = {path.parent: path for path in (*lists, *sounds) if not path.name.startswith(".")}
    for folder, path in beside.items():
        (folder / "stray.txt").write_text("not of the corpus\n", encoding="utf-8")
        (folder / ".DS_Store").write_bytes(GARBAGE)
        (folder / f"._{path.name}").write_bytes(GARBAGE)  # as macOS packs beside each file
    said, now = told(module, partial=partial)
    assert now is not None, said
    pd.testing.assert_frame_equal(table, now)


@pytest.mark.parametrize("look", LOOKS)
def test_a_stray_sound_is_ignored_or_told(look, fresh):
    module, root = fresh(look)
    table, partial = read(module)
    listed = [path for path in files(root)[0] if str(path.resolve()) in set(table["path"])]
    shutil.copy(listed[0], listed[0].with_name(f"stray{listed[0].suffix}"))
    said, now = told(module, partial=partial)
    if now is None:
        assert "stray" in said or COUNTED.search(said)
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
        said, now = told(module, partial=partial)
        assert names(said, path), f"an empty {path.name} isn't named: {said!r}"
        assert now is not None or is_a_sentence(said)
        path.unlink()
        said, now = told(module, partial=False)
        if now is None:
            assert partial or names(said, path) or COUNTED.search(said), said
            assert is_a_sentence(said)
        else:
            assert documented(look, path), f"{path.name} is missing and nothing says so"
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
    wrong = []
    for path in alone:
        kept = path.read_bytes()
        texts = {f"column {column} renamed": text.encode() for column, text in headers(path)}
        for how, data in ({"garbage": GARBAGE, "empty": b""} | texts).items():
            path.write_bytes(data)
            wrong += _silent(module, path, table, partial, how)
        path.unlink()
        wrong += _silent(module, path, table, partial, "removed")
        path.write_bytes(kept)
    assert not wrong, "\n".join(wrong)


def _silent(module, path, table, partial, how):
    """What is wrong with how a list's damage is told: that it isn't, though it changes the table."""
    try:
        said, now = told(module, partial=partial)
    except Exception as error:
        return [f"{path.name}, {how}: {type(error).__name__}, {error}"]
    if now is None:
        short = [] if is_a_sentence(said) else [f"{path.name}, {how}: says no mend: {said}"]
        return short + ([] if names(said, path) else [f"{path.name}, {how}: isn't named: {said}"])
    same = now.equals(table) or documented(module.__name__.rpartition(".")[2], path)
    return [] if same else [f"{path.name}, {how}: loads with another table"]

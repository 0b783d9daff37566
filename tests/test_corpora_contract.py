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
from corpora_damage import (
    GARBAGE,
    files,
    headers,
    is_a_sentence,
    loaded,
    names,
    read,
    restored,
    told,
)

from mirbench.corpora.facts import Remote, facts
from mirbench.datasheets.sheet import our_names
from mirbench.datasheets.uses import uses
from mirbench.protocols import protocol_names, published_names
from mirbench.trust.bibtex import parse

LOOKS = sorted(module.name for module in iter_modules(layouts.__path__))
NAMES = our_names()
COUNTED = re.compile(r"\d+ of \d+")
"""How the loader of a corpus whose file names aren't known tells that one is missing or too many."""
NO_SOUND = {"taste-profile"}
"""Counts without recordings: nothing to lay out."""
DOCUMENTED = {
    ("audioset_instruments", "balanced_train_segments.csv"): "Those of ``LISTS`` that are there",
    ("audioset_instruments", "eval_segments.csv"): "Those of ``LISTS`` that are there",
    ("giantsteps", "annotations"): "empty where a track has no such annotation",
    ("giantsteps", "annotations_v2"): "version 2 where it is there",
    ("irmas", "IRMAS-TrainingData"): "no list names it",
    ("kinetics_sounds", "test.csv"): "may be missing or be without labels",
    ("magnatagatune", "annotations_final.csv"): "those of ``TAGS``",
    ("musan", "noise"): "Noise that isn't there isn't missed",
    ("scheirer_slaney", "wavfile"): "No list names the excerpts",
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
def laid(tmp_path_factory):
    """A look-alike where ``MIRBENCH_DATA`` points, written once; tests leave it as they found it."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:

        def lay(look):
            if look not in found:
                root = tmp_path_factory.mktemp(look)
                (root / "data").mkdir()
                import_module(f"layouts.{look}").make(root / "data")
                patch.setenv("MIRBENCH_DATA", str(root / "data"))
                module = import_module(f"mirbench.corpora.{look}")
                found[look] = (module, root, *read(module))
            patch.setenv("MIRBENCH_DATA", str(found[look][1] / "data"))
            return found[look]

        yield lay


def sounds_of(root, table):
    """Sounds of a look-alike that its loader lists."""
    listed = set(table["path"])
    return [path for path in files(root)[0] if str(path.resolve()) in listed]


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_alike_is_read(look, laid):
    module, _, table, partial = laid(look)
    name = look.replace("_", "-")
    assert len(table)
    assert table["id"].is_unique
    assert table["id"].str.startswith(f"{name}/").all()
    assert table["group"].notna().all()
    assert (table["group"].astype(str).str.strip() != "").all()
    assert (table["duration_s"] > 0).all()
    again = loaded(module, **({"partial": True} if partial else {}))
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize("look", LOOKS)
def test_what_archives_leave_behind_is_ignored_or_named(look, laid):
    module, root, table, partial = laid(look)
    sounds, lists = files(root)
    beside = {path.parent: path for path in (*lists, *sounds)}
    texts = [folder / "stray.txt" for folder in beside]
    hidden = [folder / ".DS_Store" for folder in beside]
    packed = [path.with_name(f"._{path.name}") for path in beside.values()]  # by macOS
    with restored(*texts, *hidden, *packed):
        for path in texts:
            path.write_text("not of the corpus\n", encoding="utf-8")
        for path in hidden:
            path.write_bytes(GARBAGE)
        said, now = told(module, partial=partial)
        assert now is not None, said
        pd.testing.assert_frame_equal(table, now)
        for path in packed:
            path.write_bytes(GARBAGE)
        said, now = told(module, partial=partial)
        if now is None:  # libsndfile itself reads such a file with the sound beside it
            assert "._" in said
            assert is_a_sentence(said)
        else:
            pd.testing.assert_frame_equal(table, now)


@pytest.mark.parametrize("look", LOOKS)
def test_a_stray_sound_is_ignored_or_told(look, laid):
    module, root, table, partial = laid(look)
    first = sounds_of(root, table)[0]
    stray = first.with_name(f"stray{first.suffix}")
    with restored(stray):
        shutil.copy(first, stray)
        said, now = told(module, partial=partial)
        if partial and now is not None and not now.equals(table):
            said, now = told(module, partial=False)
            assert COUNTED.search(said)
        elif now is None:
            assert "stray" in said or COUNTED.search(said)
            assert is_a_sentence(said)
        elif not documented(look, stray):
            pd.testing.assert_frame_equal(table, now)


@pytest.mark.parametrize("look", LOOKS)
def test_a_missing_or_empty_sound_is_named(look, laid):
    module, root, table, partial = laid(look)
    listed = sounds_of(root, table)
    for path in (listed[0], listed[-1]):
        with restored(path):
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
            assert str(path.resolve()) not in set(loaded(module, partial=True)["path"])


@pytest.mark.parametrize("look", LOOKS)
def test_a_damaged_or_missing_list_is_named(look, laid):
    module, root, table, partial = laid(look)
    kinds = {}
    for path in files(root)[1]:
        kinds.setdefault((path.parent, path.suffix), []).append(path)
    alone = [p for paths in kinds.values() for p in (paths if len(paths) < 4 else paths[:1])]
    wrong, known = [], set()
    for path in alone:
        tops = {
            path.read_bytes().partition(b"\n")[0]
        } - known  # lists of one form are read by one code
        known |= tops
        renamed = headers(path) if tops else ()
        texts = {f"column {column} renamed": text.encode() for column, text in renamed}
        with restored(path):
            for how, data in ({"garbage": GARBAGE, "empty": b""} | texts).items():
                path.write_bytes(data)
                wrong += _silent(module, path, table, partial, how)
            path.unlink()
            wrong += _silent(module, path, table, partial, "removed")
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

"""``Extract`` and its cache: whatever changes is a miss, whatever doesn't is a hit."""

import importlib
import sys
from functools import partial

import numpy as np
import pytest
import soundfile as sf

from mirbench.canonical import canonical, code_hash, digest
from mirbench.corpora import load_folder
from mirbench.errors import DataError, MethodError
from mirbench.features import Extract
from mirbench.features.cache import FeatureCache
from mirbench.features.extract import entry_key
from mirbench.items import AudioRef, Item, as_items

CALLS = []


def mean_and_deviation(signal, sr, power=1):
    CALLS.append(len(signal))
    return np.array([np.mean(signal**power), np.std(signal)])


def frames(signal, sr):
    return np.abs(signal[: len(signal) // 100 * 100].reshape(-1, 100)).mean(axis=1)[:, None]


def bad(signal, sr):
    return np.array([np.nan])


@pytest.fixture
def item(tmp_path, home):
    path = tmp_path / "a.wav"
    sf.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 8000), 8000)
    row = _row(path)
    return Item.from_file(row["key"], AudioRef(row["path"], 0.0, row["duration_s"]), "g")


def _row(path):
    return load_folder_of(path).items.iloc[0]


def load_folder_of(path):
    (path.parent / "index.csv").write_text(f"path,label\n{path.name},x\n")
    return load_folder(path.parent)


def test_second_transform_reads_the_cache(item):
    CALLS.clear()
    extract = Extract(mean_and_deviation, sr=8000)
    first = extract.fit_transform(as_items([item]))
    second = extract.transform(as_items([item]))
    np.testing.assert_array_equal(first, second)
    assert len(CALLS) == 1


def test_vectors_stack_and_frames_do_not(item):
    vectors = Extract(mean_and_deviation, sr=8000).transform(as_items([item, item]))
    assert vectors.shape == (2, 2)
    ragged = Extract(frames, sr=8000).transform(as_items([item]))
    assert ragged.shape == (1,)
    assert ragged[0].shape == (80, 1)


def test_several_functions_join_their_last_axis(item):
    both = Extract([mean_and_deviation, mean_and_deviation], sr=8000).transform(as_items([item]))
    assert both.shape == (1, 4)


def test_parameter_rate_byte_and_degradation_change_the_key(item, tmp_path):
    keys = {
        entry_key(item, Extract(mean_and_deviation, sr=8000).key()),
        entry_key(item, Extract(mean_and_deviation, sr=16_000).key()),
        entry_key(item, Extract(mean_and_deviation, sr=8000, kw_args={"power": 2}).key()),
        entry_key(item, Extract(frames, sr=8000).key()),
    }
    assert len(keys) == 4
    path = tmp_path / "a.wav"
    before = _row(path)["key"]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    assert _row(path)["key"] != before


def test_library_version_changes_the_key(item, monkeypatch):
    before = Extract(frames, sr=8000).key()
    monkeypatch.setattr("mirbench.features.extract.versions", lambda *names: {"numpy": "0"})
    assert Extract(frames, sr=8000).key() != before


@pytest.mark.parametrize("where", ["function", "helper"])
def test_one_line_of_source_changes_the_key(tmp_path, monkeypatch, where):
    monkeypatch.syspath_prepend(str(tmp_path))
    hashes = []
    for i, number in enumerate(("1", "2")):
        name, helper = f"front_{where}_{i}", f"helper_{where}_{i}"
        (tmp_path / f"{helper}.py").write_text(
            f"K = {number if where == 'helper' else 0}\n".replace(f"_{i}", "")
        )
        (tmp_path / f"{name}.py").write_text(
            f"import {helper} as helper\n\ndef f(signal, sr):\n"
            f"    return signal[:1] + helper.K + {number if where == 'function' else 0}\n"
        )
        importlib.invalidate_caches()
        module = importlib.import_module(name)
        hashes.append(code_hash(module.f))
        del sys.modules[name]
    assert hashes[0] != hashes[1]


def test_docstrings_and_comments_do_not_change_the_hash(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    from mirbench import canonical as module

    hashes = []
    for text in (
        'def f(x):\n    """One."""\n    return x\n',
        "def f(x):\n    # two\n    return x\n",
    ):
        (tmp_path / "same_front.py").write_text(text)
        importlib.invalidate_caches()
        module._reach_hash.cache_clear()
        module._source_path.cache_clear()
        sys.modules.pop("same_front", None)
        hashes.append(code_hash(importlib.import_module("same_front").f))
    assert hashes[0] == hashes[1]


def test_closures_count(item):
    def make(k):
        def f(signal, sr):
            return signal[:1] * k

        return f

    assert Extract(make(1), sr=8000).key() != Extract(make(2), sr=8000).key()


def test_canonical_tells_values_apart_and_refuses_what_has_no_name():
    values = [1, 1.0, True, "1", [1], {"a": 1}, None, np.arange(2), np.arange(2.0), frames]
    values += [partial(frames, sr=1), partial(frames, sr=2), Extract(frames), Extract(frames, sr=1)]
    assert len({digest(v) for v in values}) == len(values)
    assert digest(np.float64(0.1)) == digest(0.1)
    with pytest.raises(TypeError, match="can't name"):
        canonical(object())


def test_nan_features_name_the_file(item):
    with pytest.raises(DataError, match=r"a\.wav.*bad gave NaN"):
        Extract(bad, sr=8000).transform(as_items([item]))


def test_signals_are_refused_with_the_mend():
    with pytest.raises(MethodError, match=r"Item\.from_array"):
        Extract(frames).transform([np.zeros(10)])


def test_damaged_entries_are_misses(tmp_path):
    store = FeatureCache(tmp_path / "f")
    big = np.random.default_rng(0).standard_normal((100, 100))
    store.put("ab" * 32, big, 0.5)
    store.put("cd" * 32, np.arange(3.0), 0.1)
    fresh = FeatureCache(tmp_path / "f")
    np.testing.assert_array_equal(fresh.get("ab" * 32), big)
    np.testing.assert_array_equal(fresh.get("cd" * 32), np.arange(3.0))
    path = next((tmp_path / "f").rglob("*.npy"))
    path.write_bytes(path.read_bytes()[:200])
    assert FeatureCache(tmp_path / "f").get("ab" * 32) is None


def test_a_damaged_index_is_begun_again(tmp_path):
    root = tmp_path / "f"
    root.mkdir()
    (root / "index.sqlite").write_bytes(b"not a database at all" * 100)
    store = FeatureCache(root)
    store.put("ab" * 32, np.arange(3.0), 0.1)
    assert store.has("ab" * 32)

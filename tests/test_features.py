"""``Extract`` and its cache: whatever changes is a miss, whatever doesn't is a hit."""

import importlib
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from mirbench.canonical import canonical, code_hash, digest
from mirbench.corpora import load_folder
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.features.cache import FeatureCache
from mirbench.features.extract import entry_key
from mirbench.items import AudioRef, Item, as_items, content_key
from mirbench.methods import load_method

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
    assert content_key("sha", 0.0, 1.0) != content_key("sha", 0.0, 1.0, "noise-45")
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
    monkeypatch.undo()
    monkeypatch.setattr("mirbench.features.extract.RESAMPLER", "other")
    assert Extract(frames, sr=8000).key() != before


@pytest.mark.parametrize("where", ["function", "helper", "neither"])
def test_one_line_of_source_changes_the_key(tmp_path, monkeypatch, where):
    monkeypatch.syspath_prepend(str(tmp_path))
    hashes = []
    for number in ("1", "22"):  # the same module names both times
        (tmp_path / "kept_helper.py").write_text(f"K = {number if where == 'helper' else 0}\n")
        (tmp_path / "kept_front.py").write_text(
            "import kept_helper as helper\n\ndef f(signal, sr):\n"
            f"    return signal[:1] + helper.K + {number if where == 'function' else 0}\n"
        )
        for name in ("kept_front", "kept_helper"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        hashes.append(code_hash(importlib.import_module("kept_front").f))
    assert (hashes[0] == hashes[1]) == (where == "neither")


def test_names_that_a_package_loads_late_count_too(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "late_front.py").write_text(
        "from mirbench import PerFrame\n\ndef f(s, sr): return s\n"
    )
    (tmp_path / "none_front.py").write_text("\n\ndef f(s, sr): return s\n")
    importlib.invalidate_caches()
    from mirbench import canonical as module

    path = module._source_path("mirbench.estimators")
    stat = path.stat()
    tree, *_ = module._read_source(path, "mirbench.estimators", stat.st_mtime_ns, stat.st_size)
    with monkeypatch.context() as patch:
        before = code_hash(importlib.import_module("late_front").f)
        original = module._read_source
        patch.setattr(
            module,
            "_read_source",
            lambda p, m, *a: (
                ("edited", (), "") if m == "mirbench.estimators" else original(p, m, *a)
            ),
        )
        assert code_hash(importlib.import_module("late_front").f) != before
    assert tree


def test_an_edited_tree_changes_the_code_of_a_method_that_uses_it(tmp_path, monkeypatch):
    """On a copy of the module and its data, in the place of the original."""
    from mirbench import canonical as module
    from mirbench import taxonomy

    source = Path(taxonomy.__file__)
    shutil.copy(source, tmp_path)
    shutil.copytree(source.parent / "taxonomies", tmp_path / "taxonomies")
    where = module._source_path
    copied = {"mirbench.taxonomy": tmp_path / source.name}
    monkeypatch.setattr(module, "_source_path", lambda name: copied.get(name) or where(name))
    method, other = load_method("peeters-knn"), load_method("prior")
    before = method.code, other.code
    edited = tmp_path / "taxonomies" / "instrument_peeters.json"
    text = edited.read_text()
    edited.write_text(text.replace('"violin"', '"fiddle"'))
    assert method.code != before[0]
    assert other.code == before[1]
    edited.write_text(text)
    assert method.code == before[0]


def test_the_hash_does_not_depend_on_what_is_imported_already():
    program = (
        "import sys; {first}from mirbench.methods import load_method; "
        "print(load_method('joint-viterbi').code)"
    )
    codes = {
        subprocess.run(
            [sys.executable, "-c", program.format(first=first)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for first in ("", "import deep.frame_cnn; ")
    }
    assert len(codes) == 1


def typed(text, name="feature"):
    """A function as a notebook has it: no file, its own globals."""
    space = {"__name__": "typed_at_a_prompt", "np": np}
    exec(compile(text, "<cell>", "exec"), space)
    return space[name]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return signal[:1] * K", "return signal[:1] + K"),
        ("K = 1", "K = 2"),
        ("a=1", "a=2"),
        ("return 3", "return 4"),
    ],
)
def test_code_typed_at_a_prompt_is_named_by_all_it_reaches(before, after):
    text = (
        "K = 1\ndef helper(): return 3\n"
        "def feature(signal, sr, a=1):\n    helper()\n    return signal[:1] * K\n"
    )
    assert code_hash(typed(text)) == code_hash(typed(text))
    assert code_hash(typed(text)) != code_hash(typed(text.replace(before, after)))


def test_lambdas_and_namesakes_are_told_apart_and_bound_methods_refused():
    first, second = (lambda s, sr: s[:1]), (lambda s, sr: s[:2])
    assert Extract(first).key() != Extract(second).key()

    class Front:
        def feature(self, signal, sr):
            return signal[:1]

    with pytest.raises(TypeError, match="bound method"):
        Extract(Front().feature).key()


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
        module._read_source.cache_clear()
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
    with pytest.raises(MethodError, match=r"a\.wav.*bad gave NaN"):
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


def test_a_feature_that_works_in_place_can_not_change_what_others_hear(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, np.full(8000, 0.25), 8000)
    item = Item.from_file(content_key("x", 0.0, 1.0), AudioRef(str(path), 0.0, 1.0))
    for one in (item, Item.from_array(np.full(8000, 0.25), 8000)):
        with pytest.raises(MethodError, match="read-only"):
            Extract(_silencing, sr=8000).transform(as_items([one]))
        assert one.signal(8000).max() == pytest.approx(0.25, abs=1e-4)


def _silencing(signal, sr):
    signal *= 0
    return signal[:1]

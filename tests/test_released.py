"""Released encoders: weights are read faithfully, told apart by hash, and refused with a reason."""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from deep.nets.architecture import n_parameters
from deep.nets.musicnn import MusiCNN
from deep.released import hub, mert, methods, musicnn
from deep.released.checkpoint import DATA, INDEX, MAGIC, variables
from deep.released.weights import Weights, windows
from deep.tracks.inputs import musicnn_logmel
from mirbench.errors import DataError, MethodError
from mirbench.items import Item, as_items
from mirbench.methods import load_method

SR = 16_000
METHODS = (
    methods.released_musicnn,
    methods.released_musicnn_msd,
    methods.released_openl3,
    methods.released_clap,
    methods.released_mert,
)


def varint(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F)
    return bytes(g | 0x80 for g in groups[:-1]) + bytes(groups[-1:])


def write_checkpoint(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    """A checkpoint as TensorFlow lays it out: names share prefixes, one block, one part."""
    folder.mkdir(parents=True, exist_ok=True)
    data, rows, before = b"", b"", b""
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name], "<f4")
        dims = b"".join(
            b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(n) for n in array.shape)
        )
        entry = b"\x08\x01\x12" + varint(len(dims)) + dims
        entry += b"\x20" + varint(len(data)) + b"\x28" + varint(array.nbytes) + b"\x35\0\0\0\0"
        key = name.encode()
        shared = next((i for i, (a, b) in enumerate(zip(key, before)) if a != b), len(before))
        rows += varint(shared) + varint(len(key) - shared) + varint(len(entry))
        rows += key[shared:] + entry
        before, data = key, data + array.tobytes()
    block = rows + struct.pack("<II", 0, 1)
    handle = varint(0) + varint(len(block))
    top = b"\0\x01" + varint(len(handle)) + b"z" + handle + struct.pack("<II", 0, 1)
    footer = varint(0) * 2 + varint(len(block) + 5) + varint(len(top))
    footer = footer.ljust(40, b"\0") + struct.pack("<Q", MAGIC)
    (folder / INDEX).write_bytes(block + b"\0" * 5 + top + b"\0" * 5 + footer)
    (folder / DATA).write_bytes(data)
    return folder


def as_tensorflow(net: MusiCNN) -> dict[str, np.ndarray]:
    """Variables of the authors' net with our net's weights, written out one by one."""
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    found: dict[str, np.ndarray] = {}
    lower = state["front.1.conv.bias"].size
    higher = state["front.0.conv.bias"].size
    n = state["back.0.weight"].size // 2
    place = [*range(lower, lower + higher), *range(lower), *range(lower + higher, n)]
    names = ["conv2d_1", "conv2d", "conv2d_2", "conv2d_3", "conv2d_4"]
    for i, name in enumerate(names):
        kernel = state[f"front.{i}.conv.weight"]
        kernel = kernel if kernel.ndim == 4 else kernel[..., None]
        found[f"{name}/kernel"] = np.einsum("oitf->tfio", kernel)
        found[f"{name}/bias"] = state[f"front.{i}.conv.bias"]
    for i in range(3):
        kernel = np.einsum("oit->tio", state[f"mid.{i}.0.weight"])[:, :, None]
        if i == 0:
            theirs = np.empty_like(kernel)
            theirs[:, place[: kernel.shape[1]]] = kernel
            kernel = theirs
        found[f"conv2d_{5 + i}/kernel"] = kernel
        found[f"conv2d_{5 + i}/bias"] = state[f"mid.{i}.0.bias"]

    def interleaved(values: np.ndarray) -> np.ndarray:
        theirs = np.empty((n, 2, *values.shape[1:]), np.float32)
        theirs[place, 0], theirs[place, 1] = values[:n], values[n:]
        return theirs.reshape(values.shape)

    found["dense/kernel"] = interleaved(state["back.2.weight"].T)
    found["dense/bias"] = state["back.2.bias"]
    found["dense_1/kernel"] = state["back.6.weight"].T
    found["dense_1/bias"] = state["back.6.bias"]
    for ours, theirs_name in musicnn.NORMS.items():
        for name, other in musicnn.STATISTICS.items():
            values = state[f"{ours}.{name}"]
            values = interleaved(values) if ours == "back.0" else values
            found[f"batch_normalization{theirs_name}/{other}"] = values
    return found


@pytest.fixture(scope="module")
def net() -> MusiCNN:
    """musicnn with random weights and statistics, for evaluation."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = MusiCNN((1, 187, 96), 7)
        for name, values in made.state_dict().items():
            if name.endswith("running_mean"):
                values.normal_()
            if name.endswith("running_var"):
                values.uniform_(0.001, 2)
    for module in made.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.eps = 1e-3
    return made.eval()


@pytest.fixture(scope="module")
def folder(net: MusiCNN, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("weights") / "MTT_musicnn", as_tensorflow(net))


def sounds(n: int, seconds: float = 3.5) -> np.ndarray:
    rng = np.random.default_rng(1)
    time = np.arange(round(seconds * SR)) / SR
    made = [
        np.sin(2 * np.pi * (200 + 90 * i) * time) + rng.normal(0, 0.1, len(time)) for i in range(n)
    ]
    return as_items(
        Item.from_array((0.1 * x).astype(np.float32), SR, group=str(i)) for i, x in enumerate(made)
    )


def embeddings(estimator: Any, items: np.ndarray) -> np.ndarray:
    return estimator.extract.transform(items)


def test_a_checkpoint_is_read_as_it_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {"a/bias": rng.random(3), "a/kernel": rng.random((2, 200, 1)), "b": rng.random(())}
    found = variables(write_checkpoint(tmp_path, arrays))
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert_array_equal(found[name], array.astype(np.float32))


@pytest.mark.parametrize("file", [DATA, INDEX])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, file: str) -> None:
    write_checkpoint(tmp_path, {"a": np.ones(50), "b": np.ones(9)})
    whole = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(whole[:-20])
    with pytest.raises(DataError, match="fetch it again"):
        variables(tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(DataError, match="can't be read"):
        variables(tmp_path)


def test_musicnn_from_a_checkpoint_is_the_net(net: MusiCNN, folder: Path) -> None:
    loaded = musicnn.load(Weights.of(folder / DATA))
    x = torch.rand(2, 1, 187, 96, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        assert_allclose(loaded(x), net(x), rtol=1e-4, atol=1e-5)


def test_musicnn_embeds_windows_by_hand(net: MusiCNN, folder: Path) -> None:
    items = sounds(2, 6.5)  # two windows and a rest
    found = embeddings(methods.released_musicnn(str(folder)), items)
    assert found.shape == (2, 1506)
    assert found.dtype == np.float32
    for item, row in zip(items, found):
        mel = musicnn_logmel(item.signal(SR), SR)
        parts = torch.from_numpy(np.stack([mel[:187], mel[187:374]]))[:, None]
        with torch.inference_mode():
            x = net.norm(parts)
            front = torch.cat([filters(x) for filters in net.front], dim=1)
            first = net.mid[0](front)
            second = net.mid[1](first) + first
            maps = torch.cat([front, first, second, net.mid[2](second) + second], dim=1)
        by_hand = np.concatenate([maps.amax(2).mean(0), maps.mean(2).mean(0)])
        assert_allclose(row, by_hand, rtol=1e-3, atol=1e-4)


def test_other_weights_are_a_miss_and_another_place_a_hit(
    net: MusiCNN, folder: Path, tmp_path: Path
) -> None:
    here = methods.released_musicnn(str(folder)).extract
    copy = write_checkpoint(tmp_path / "copy", as_tensorflow(net))
    assert methods.released_musicnn(str(copy)).extract.key() == here.key()
    changed = as_tensorflow(net)
    changed["dense/bias"] = changed["dense/bias"] + 1
    other = write_checkpoint(tmp_path / "other", changed)
    assert methods.released_musicnn(str(other)).extract.key() != here.key()
    cloned = clone(methods.released_musicnn(str(folder))).extract
    assert cloned.key() == here.key()
    assert cloned.kw_args["weights"].path == folder / DATA


def test_another_net_s_checkpoint_is_refused(tmp_path: Path, folder: Path) -> None:
    arrays = variables(folder)
    write_checkpoint(tmp_path / "part", {k: v for k, v in arrays.items() if k != "dense/bias"})
    with pytest.raises(MethodError, match="dense/bias"):
        musicnn.load(Weights.of(tmp_path / "part" / DATA))


@pytest.mark.parametrize("kind", ["classes", "tags", "values"])
def test_a_head_learns_on_embeddings(folder: Path, kind: str) -> None:
    X = sounds(6)
    y = {
        "classes": np.array([0, 0, 0, 1, 1, 1]),
        "tags": np.array([[0, 1], [0, 1], [0, 0], [1, 0], [1, 0], [1, 1]]),
        "values": np.arange(6.0)[:, None],
    }[kind]
    estimator = methods.released_musicnn(str(folder), trials=1).fit(X, y)
    told = estimator.predict(X) if kind == "values" else estimator.predict_proba(X)
    assert np.isfinite(told).all()
    assert told.shape == {"classes": (6, 2), "tags": (6, 2), "values": (6, 1)}[kind]


@pytest.mark.parametrize("method", METHODS)
def test_cards(method: Any) -> None:
    loaded = load_method(method)
    assert loaded.family == "deep"
    assert not loaded.seeded
    assert len(loaded.title) < 80
    assert method.trained_on
    assert all(name == name.lower() and name.strip() for name in method.trained_on)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_missing_is_told(
    method: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRBENCH_ENCODERS", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    reason = load_method(method).skip()
    assert reason is not None
    assert "installed" in reason or "brings them" in reason
    with pytest.raises(MethodError, match="no weights: "):
        method(path=str(tmp_path / "nowhere"))


def test_weights_are_found_in_the_environment_s_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRBENCH_ENCODERS", str(folder.parent))
    assert methods.released_musicnn.skip() is None  # type: ignore[attr-defined]
    found = methods.released_musicnn().extract.kw_args
    assert found["weights"].path == folder / DATA
    assert "no weights" in methods.released_musicnn.skip(path=str(tmp_path))  # type: ignore[attr-defined]


def test_windows() -> None:
    signal = np.arange(10.0)
    assert_array_equal(windows(signal, 4, 4)[-1], [8, 9, 0, 0])
    assert_array_equal(windows(signal, 4, 4, fill="drop"), [[0, 1, 2, 3], [4, 5, 6, 7]])
    assert_array_equal(windows(signal, 4, 2)[:, 0], [0, 2, 4, 6])
    assert_array_equal(windows(signal[:3], 7, 7, fill="drop"), [[0, 1, 2, 0, 1, 2, 0]])
    assert_array_equal(windows(signal[:3], 5, 5), [[0, 1, 2, 0, 0]])


@pytest.mark.slow
@pytest.mark.parametrize("model", ["MTT_musicnn", "MSD_musicnn"])
def test_the_released_weights_fit_the_net(model: str) -> None:
    """Statistics that the released batch norm has stored: a channel's mean is below its maximum."""
    place = musicnn.packaged(model)
    if place is None:
        pytest.skip("the package musicnn isn't installed")
    loaded = musicnn.load(Weights.of(place / DATA))
    assert n_parameters(loaded) == 787_159
    stored = loaded.back[0].running_mean
    assert (stored[:753] >= stored[753:] - 1e-5).all()


@pytest.fixture
def tiny_mert(tmp_path: Path) -> Path:
    transformers = pytest.importorskip("transformers")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = transformers.HubertConfig(
            hidden_size=24,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=16,
            conv_dim=[8] * 7,
            num_conv_pos_embeddings=16,
            num_conv_pos_embedding_groups=2,
        )
        transformers.HubertModel(config).save_pretrained(tmp_path)
    said = json.loads((tmp_path / "config.json").read_text())
    said |= {
        "model_type": "mert_model",
        "auto_map": {"AutoModel": "modeling_MERT.MERTModel"},
        "feature_extractor_cqt": False,
        "attention_relax": -1.0,
    }
    (tmp_path / "config.json").write_text(json.dumps(said))
    prepare = transformers.Wav2Vec2FeatureExtractor(sampling_rate=mert.SR, do_normalize=True)
    prepare.save_pretrained(tmp_path)
    return tmp_path


def test_mert_is_hubert(tiny_mert: Path) -> None:
    from transformers import HubertModel

    estimator = methods.released_mert(str(tiny_mert))
    signal = np.random.default_rng(0).normal(0, 0.1, 2 * mert.SR).astype(np.float32)
    row = mert.embed(signal, mert.SR, **estimator.extract.kw_args)
    model = HubertModel.from_pretrained(
        tiny_mert, config=mert.load(estimator.extract.kw_args["weights"])[0].config
    ).eval()
    heard = torch.from_numpy((signal - signal.mean()) / np.sqrt(signal.var() + 1e-7))[None]
    with torch.inference_mode():
        layers = model(heard, output_hidden_states=True).hidden_states
    assert_allclose(row, torch.stack(layers).mean(0)[0].mean(0), rtol=1e-3, atol=1e-4)
    assert_allclose(mert.embed(signal / 2, mert.SR, **estimator.extract.kw_args), row, atol=1e-4)


def test_mert_that_needs_its_own_code_is_refused(tiny_mert: Path) -> None:
    said = json.loads((tiny_mert / "config.json").read_text())
    (tiny_mert / "config.json").write_text(json.dumps(said | {"deepnorm": True}))
    mert.load.cache_clear()
    with pytest.raises(MethodError, match="deepnorm needs the repository's own code"):
        mert.load(Weights.of(tiny_mert / hub.FILES[0]))


def test_clap_hears_all_windows(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    from deep.released import clap

    audio = {"hidden_size": 16, "patch_embeds_hidden_size": 8, "depths": [1, 1]}
    audio |= {"num_attention_heads": [1, 2], "num_hidden_layers": 2, "enable_fusion": False}
    text = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text |= {"intermediate_size": 16, "vocab_size": 50}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=16)
        transformers.ClapModel(config).save_pretrained(tmp_path)
    transformers.ClapFeatureExtractor(truncation="rand_trunc").save_pretrained(tmp_path)
    kw_args = methods.released_clap(str(tmp_path)).extract.kw_args
    signal = np.random.default_rng(0).normal(0, 0.1, 20 * clap.SR).astype(np.float32)
    half = len(signal) // 2
    parts = [clap.embed(part, clap.SR, **kw_args) for part in (signal[:half], signal[half:])]
    assert_allclose(np.linalg.norm(parts, axis=1), 1, atol=1e-5)
    assert_allclose(clap.embed(signal, clap.SR, **kw_args), np.mean(parts, axis=0), atol=1e-5)

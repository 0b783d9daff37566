"""Methods over tracks: each fits, answers, and says what it is; their front-ends."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from deep.similarity.inputs import track_logmel
from deep.tracks import (
    choi2016,
    dieleman2014,
    generic,
    inputs,
    musicnn,
    pons2016,
    short_chunk,
    waveform,
)
from deep.tracks.estimator import TrackEstimator
from mirbench.errors import MethodError
from mirbench.items import Item, as_items

METHODS = [
    choi2016.fcn,
    choi2016.crnn,
    pons2016.pons2016,
    musicnn.musicnn,
    dieleman2014.latent_cnn,
    short_chunk.short_chunk_cnn,
    waveform.sample_cnn,
    waveform.wave_tcn,
    generic.track_mlp,
    generic.track_rnn,
    generic.attention_cnn,
    generic.track_transformer,
]


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tracks():
    rng = np.random.default_rng(0)
    items = []
    for i in range(12):
        time = np.arange(int(16_000 * rng.uniform(2.0, 3.5))) / 16_000
        sound = np.sin(2 * np.pi * 300 * (1 + i % 2) * time) + 0.1 * rng.standard_normal(len(time))
        items.append(Item.from_array(sound, 16_000, f"g{i % 2}{i // 4}"))
    return as_items(items)


def quick(method, **args):
    return method(**args).set_params(max_epochs=1, patches=1, grid=None, device="cpu")


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.__name__)
def test_a_method_answers_and_says_what_it_is(method, tracks):
    assert method.family == "deep"
    assert re.match(r"[A-Z].*\.\n\n", method.__doc__)
    keys = re.findall(r"@\w+\{(\w+),", Path("deep/references.bib").read_text())
    assert getattr(method, "cite", keys[0]) in keys
    code = np.arange(12) % 2
    kinds = (code, np.stack([code, 1 - code, code], axis=1), code[:, None] * 2.0)
    y = kinds[METHODS.index(method) % 3]  # the estimator's own tests have all three
    model = quick(method).fit(tracks[:10], y[:10])
    assert isinstance(model, TrackEstimator)
    rows = model.predict(tracks[10:])
    assert rows.shape == y[10:].shape
    assert np.isfinite(rows).all()
    assert model.n_params_ > 0
    assert model.n_multiply_adds_ > 0


@pytest.mark.parametrize("net", pons2016.NETS)
def test_pons_nets_are_as_wide_as_published(net, tracks):
    model = quick(pons2016.pons2016, net=net).fit(tracks, np.arange(12) % 8)
    wanted = {"time": 7_336, "frequency": 3_368, "black-box": 3_275_312}.get(net, 196_816)
    assert model.n_params_ == wanted


def test_pons_init_starts_from_branches_trained_before(tracks):
    y = np.arange(12) % 2
    plain = quick(pons2016.pons2016, net="time-frequency")
    init = quick(pons2016.pons2016, net="time-frequency-init")
    time = quick(pons2016.pons2016, net="time")
    trained = time.fit(tracks, y).module_[1].branch.conv.weight
    init.set_params(inherit=_inherit_and_note).fit(tracks, y)
    assert torch.equal(NOTED[-1], trained)
    plain.fit(tracks, y)
    assert not np.array_equal(plain.predict_proba(tracks), init.predict_proba(tracks))


NOTED = []


def _inherit_and_note(net, *trained):
    pons2016.load_branches(net, *trained)
    NOTED.append(net.time.conv.weight.detach().clone())


def test_published_sizes_are_those_of_the_papers():
    for method in METHODS:
        model = method(size="published")
        assert model.net_args["width"] == 1
        assert model.grid is None
        with pytest.raises(MethodError, match="size"):
            method(size="large")
    pons = pons2016.pons2016(size="published")
    assert (pons.optimizer, pons.lr, pons.batch_size, pons.aggregation) == ("sgd", 0.01, 10, "vote")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: choi2016.fcn(input="cqt"), "input"),
        (lambda: musicnn.musicnn(net="vgg"), "net"),
        (lambda: pons2016.pons2016(patch_frames=100), "patch_frames"),
        (lambda: pons2016.pons2016(net="frequency", patch_frames=250), "80"),
    ],
)
def test_unknown_options_are_told(make, message):
    with pytest.raises(MethodError, match=message):
        make()


FRONT_ENDS = [(getattr(inputs, name), sr) for name, sr in inputs.RATES.items()]


@pytest.mark.parametrize(("front_end", "sr"), FRONT_ENDS, ids=inputs.RATES)
def test_front_ends_have_the_published_frames_and_bands(front_end, sr):
    sound = np.random.default_rng(0).standard_normal(int(29.12 * sr)).astype(np.float32) * 0.1
    rows = front_end(sound, sr)
    name = front_end.__name__
    bands = {"choi_logmel": 96, "choi_stft": 128, "choi_mfcc": 90, "pons_logmel": 40}
    assert rows.shape[1] == {**bands, "musicnn_logmel": 96}.get(name, 128)
    assert rows.dtype == np.float32
    frames = {
        "pons_logmel": 1255,
        "musicnn_logmel": 1821,
        "won_logmel": 1821,
        "latent_logmel": 1255,
    }
    assert len(rows) == frames.get(name, 1366)
    for short in (np.zeros(sr, np.float32), sound[:10]):
        assert np.isfinite(front_end(short, sr)).all()
    louder = front_end(sound * 2, sr) - rows
    if name == "won_logmel":  # HTK's lowest band holds no bin
        louder = louder[:, 1:]
    if name in ("choi_logmel", "choi_stft", "won_logmel"):
        assert np.allclose(louder, 10 * np.log10(4), atol=1e-3)
    elif name == "choi_mfcc":
        assert np.abs(np.delete(louder, 0, axis=1)).max() < 1e-2
    else:
        assert louder.min() > 0


def test_where_a_gain_cancels():
    sound = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    assert np.allclose(track_logmel(sound, 16_000), track_logmel(sound * 4, 16_000), atol=1e-4)
    assert np.array_equal(inputs.waveform(sound, 22_050), sound[:, None])

"""Architectures: shapes of the published inputs, receptive fields, causality, parameter counts."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from deep import royo_letelier, royo_letelier_inputs
from deep.frame_cnn import cnn_frames, random_channel
from deep.nets.cnn2d import CNN2d
from deep.nets.frame_cnn import FrameCNN
from deep.nets.mlp import MLP
from deep.nets.tcn import TCN
from deep.tcn_frames import tcn_frames
from mirbench.errors import MethodError
from mirbench.frames import Grid
from mirbench.items import Item, as_items

SR = 22_050
PRINTED = {
    "cqt": (1, 216, 144),
    "stft": (1, 431, 700),
    "mfcc": (1, 108, 12),
    "chroma": (1, 108, 12),
    "cm": (2, 108, 12),
    "cmd": (3, 108, 12),
}


@pytest.fixture(scope="module")
def clip():
    return Item.from_array(np.random.default_rng(0).standard_normal(5 * SR), SR)


@pytest.mark.parametrize("name", PRINTED)
def test_inputs_have_the_printed_shapes_and_ignore_gain(name, clip):
    estimator = royo_letelier.cnn(input=name)
    rows = estimator.extract.transform(as_items([clip]))[0]
    channels, frames, bins = PRINTED[name]
    assert estimator.channels == channels
    assert rows.shape == (frames, channels * bins)
    soft = Item.from_array(clip.signal(SR) * 1e-2, SR)
    np.testing.assert_allclose(estimator.extract.transform(as_items([soft]))[0], rows, atol=2e-3)
    silent = Item.from_array(np.zeros(5 * SR), SR)
    assert estimator.extract.transform(as_items([silent]))[0].shape == rows.shape


def test_the_flattened_input_has_the_printed_length():
    assert np.prod(PRINTED["cmd"]) == 3888


def test_an_unknown_input_is_one_clear_error():
    with pytest.raises(MethodError, match="cqt, stft"):
        royo_letelier.cnn(input="wavelet")


def test_delta_is_the_slope_of_the_mfcc(clip):
    signal = clip.signal(SR)
    base, slope = (f(signal, SR) for f in royo_letelier_inputs.INPUTS["cmd"][1:])
    weights = np.arange(-4, 5)
    expected = weights @ base[46:55] / (weights @ weights)
    np.testing.assert_allclose(slope[50], expected, atol=1e-3)


@pytest.mark.parametrize("shape", PRINTED.values())
@pytest.mark.parametrize("net", [CNN2d, MLP])
def test_nets_take_the_printed_shapes(net, shape):
    module = net(shape, 3).eval()
    assert module(torch.randn(2, *shape)).shape == (2, 3)


def test_cnn_layers_and_parameter_count():
    module = CNN2d((3, 108, 12), 2)
    kinds = [type(layer) for layer in module.blocks]
    assert kinds[1:] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d] * 4
    widths = [3, 16, 32, 64, 64]
    expected = sum(9 * a * b + 2 * b for a, b in pairwise(widths)) + 65 * 64 + 65 * 2
    assert sum(p.numel() for p in module.parameters()) == expected


def test_cnn_hardly_moves_when_its_input_is_shifted():
    torch.manual_seed(0)
    module = CNN2d((1, 216, 12), 2).eval()
    x = torch.zeros(1, 1, 216, 12)
    x[:, :, 64:128] = torch.randn(1, 1, 64, 12)
    with torch.no_grad():
        near = (module(x) - module(x.roll(16, dims=2))).abs().max()
        other = (module(x) - module(x.flip(3))).abs().max()
    assert near < 1e-5 < other


FRAME_NETS = [
    lambda: FrameCNN((1, 0, 40), 2),
    lambda: FrameCNN((1, 0, 40), 2, causal=True),
    lambda: TCN((1, 0, 40), 2, units=8),
    lambda: TCN((1, 0, 40), 2, units=8, widths=(2, 2)),
]


@pytest.mark.parametrize("make", FRAME_NETS)
@pytest.mark.parametrize("n_frames", [1, 7, 250])
def test_frame_nets_give_a_row_a_frame(make, n_frames):
    assert make().eval()(torch.randn(2, 1, n_frames, 40)).shape == (2, 2, n_frames)


@pytest.mark.parametrize("make", FRAME_NETS)
def test_receptive_field_is_the_stated_context_and_no_more(make):
    torch.manual_seed(0)
    module = make().eval().double()
    for p in module.parameters():
        p.data.abs_().add_(0.05)  # no ReLU stops the gradient, no weight hides it
    before, after = module.context
    middle = 200
    x = torch.rand(1, 1, 400, 40, dtype=torch.double, requires_grad=True)
    module(x)[0, 0, middle].backward()
    seen = np.flatnonzero(x.grad.abs().sum(dim=(0, 1, 3)).numpy())
    assert (seen.min(), seen.max()) == (middle - before, middle + after)


def test_tcn_receptive_field_and_layers_are_the_published_ones():
    module = TCN((1, 0, 88), 88)
    assert 1 + module.context[0] == 1 + 2 * (5 - 1) * (2**4 - 1) == 121
    assert module.blocks[0].first.weight.shape == (150, 88, 5)
    assert [block.first.dilation for block in module.blocks] == [(1,), (2,), (4,), (8,)]
    assert hasattr(module.blocks[3].second, "parametrizations")
    assert isinstance(module.blocks[1].shortcut, nn.Identity)


def test_tcn_block_against_a_loop():
    torch.manual_seed(0)
    block = TCN((1, 0, 3), 2, units=3, levels=2).eval().blocks[1]  # dilation 2, width 3 to 3
    for p in block.parameters():
        nn.init.normal_(p)
    x = torch.randn(1, 3, 30)

    def convolution(layer, x):
        out = np.zeros((3, 30))
        for t in range(30):
            for k in range(5):
                if (source := t - 2 * (4 - k)) >= 0:
                    out[:, t] += layer.weight[:, :, k].detach().numpy() @ x[:, source]
        return np.maximum(out + layer.bias.detach().numpy()[:, None], 0)

    inner = x[0].numpy().astype(float)
    expected = convolution(block.second, convolution(block.first, inner))
    expected = np.maximum(expected + inner, 0)
    np.testing.assert_allclose(block(x)[0].detach().numpy(), expected, rtol=1e-4, atol=1e-4)


def test_random_channel_is_seeded_bounded_and_leaves_its_input():
    patch = np.random.default_rng(0).uniform(-6, 0, (1, 50, 40)).astype(np.float32)
    before = patch.copy()
    first = random_channel(patch, np.random.default_rng(1))
    np.testing.assert_array_equal(first, random_channel(patch, np.random.default_rng(1)))
    np.testing.assert_array_equal(patch, before)
    assert first.shape == patch.shape
    for seed in range(50):
        out = random_channel(patch, np.random.default_rng(seed))
        assert out.min() > -6.6
        assert out.max() < 0.7
        assert np.isfinite(out).all()


@pytest.mark.parametrize("method", [cnn_frames, tcn_frames])
def test_frame_methods_train_and_answer_on_the_grid(method):
    rng = np.random.default_rng(0)
    time = np.arange(6 * SR) / SR
    items, codes = [], []
    for i in range(6):
        chord = sum(np.sin(2 * np.pi * f * time) for f in rng.uniform(100, 2000, 4))
        bursts = rng.standard_normal(len(time)) * (np.sin(2 * np.pi * 4 * time) > 0)
        items.append(Item.from_array(bursts if i % 2 else chord, SR, f"g{i}"))
        codes.append(i % 2)
    estimator = method().set_params(max_epochs=1).fit(as_items(items), codes)
    test = as_items([Item.from_array(rng.standard_normal(n), SR) for n in (1, 441, 5 * SR + 7)])
    for rows, item in zip(estimator.predict_proba(test), test):
        assert rows.shape == (Grid().n_frames(item.duration_s), 2)
        assert np.isfinite(rows).all()


def test_the_causal_cnn_does_not_look_ahead():
    torch.manual_seed(0)
    module = FrameCNN((1, 0, 40), 2, causal=True).eval()
    x = torch.randn(1, 1, 100, 40)
    edited = x.clone()
    edited[:, :, 60:] = 5
    with torch.no_grad():
        np.testing.assert_array_equal(module(x)[..., :60], module(edited)[..., :60])


def test_titles_and_families():
    for method in (cnn_frames, tcn_frames, royo_letelier.cnn, royo_letelier.mlp):
        assert method.family == "deep"
        assert method.__doc__.splitlines()[0].endswith((".", "2015."))

"""Published nets by their figures: sizes of maps, printed counts, branches loaded, other inputs."""

from functools import partial

import pytest
import torch
from torch import nn

from deep.nets import fcn, latent_cnn, musicnn, pons2016, short_chunk, tagging_baselines
from deep.nets.architecture import n_parameters
from deep.nets.fcn import FCN
from deep.nets.latent_cnn import LatentCNN
from deep.nets.musicnn import MusiCNN, Temporal
from deep.nets.norms import MapNorm, VectorNorm
from deep.nets.pons2016 import BlackBox, Frequency, Time, TimeFrequency, load_branches
from deep.nets.short_chunk import ShortChunk
from deep.nets.tagging_baselines import TaggingVGG, TimeCNN
from mirbench.errors import MethodError


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def maps(blocks: nn.Sequential, x: torch.Tensor) -> list[tuple[int, int]]:
    """(bins, frames) behind each block, as the paper prints them."""
    sizes = []
    for block in blocks:
        x = block(x)
        sizes.append((x.shape[3], x.shape[2]))
    return sizes


@pytest.mark.parametrize(
    ("layers", "sizes"),
    [
        (3, [(32, 273), (8, 17), (1, 1)]),
        (4, [(48, 341), (12, 68), (4, 8), (1, 1)]),
        (5, [(48, 341), (24, 85), (12, 21), (4, 4), (1, 1)]),
        (6, [(48, 341), (24, 85), (12, 21), (4, 4), (1, 1), (1, 1)]),
        (7, [(48, 341), (24, 85), (12, 21), (4, 4), (1, 1), (1, 1), (1, 1)]),
    ],
)
def test_fcn_maps_have_the_published_sizes(layers, sizes):
    net = FCN((1, 1366, 96), 50, layers=layers, width=1 / 32).eval()
    assert maps(net.blocks, torch.zeros(1, 1, 1366, 96)) == sizes


def test_fcn_has_the_millions_of_weights_worked_out_by_hand():
    millions = {a.name: round(a.n_params / 1e6, 1) for a in fcn.ARCHITECTURES}
    assert {"FCN-4": 17.4, "FCN-5": 25.2, "FCN-6": 27.2, "FCN-7": 28.3}.items() <= millions.items()


@pytest.mark.parametrize(("bins", "left"), [(128, 5), (90, 3)])
def test_fcn_4_on_stft_and_mfcc_leaves_rows_to_the_last_pool(bins, left):
    net = FCN((1, 1366, bins), 50, width=1 / 32).eval()
    assert maps(net.blocks, torch.zeros(1, 1, 1366, bins))[2:] == [(left, 8), (1, 1)]


@pytest.mark.parametrize("layers", [3, 4, 5, 6, 7])
@pytest.mark.parametrize("shape", [(1, 200, 48), (1, 3000, 96), (2, 9, 3)])
def test_fcn_takes_other_inputs(layers, shape):
    net = FCN(shape, 5, layers=layers, width=1 / 32).eval()
    assert net(torch.randn(2, *shape)).shape == (2, 5)


def test_fcn_of_two_layers_is_one_clear_error():
    with pytest.raises(MethodError, match="3, 4, 5, 6, 7"):
        FCN((1, 200, 48), 5, layers=2)


@pytest.mark.parametrize(
    ("net", "n_params"),
    [
        (lambda: BlackBox((1, 80, 40), 8), 3_275_312),
        (lambda: BlackBox((1, 250, 40), 8, size=(200, 12)), 2_363_440),
        (lambda: Time((1, 80, 40), 8), 7_336),
        (lambda: Time((1, 250, 40), 8, length=200), 19_496),
        (lambda: Frequency((1, 80, 40), 8, height=30), 3_816),
        (lambda: Frequency((1, 80, 40), 8, height=32), 3_368),
        (lambda: Frequency((1, 80, 40), 8, height=34), 2_920),
        (lambda: Frequency((1, 80, 40), 8, height=36), 2_472),
        (lambda: Frequency((1, 80, 40), 8, height=38), 2_024),
        (lambda: Frequency((1, 80, 40), 8, height=40), 1_576),
        (lambda: TimeFrequency((1, 80, 40), 8), 196_816),
    ],
)
def test_pons_2016_has_the_printed_counts(net, n_params):
    assert n_parameters(net()) == n_params
    assert n_params in {arch.n_params for arch in pons2016.ARCHITECTURES}


def test_pons_2016_has_twelve_rows():
    assert len({arch.name for arch in pons2016.ARCHITECTURES}) == 12


def test_time_ignores_the_order_of_bands_and_frequency_that_of_frames():
    x = torch.randn(2, 1, 80, 40)
    net = Time((1, 80, 40), 8).eval()
    torch.testing.assert_close(net(x), net(x[:, :, :, torch.randperm(40)]))
    net = Frequency((1, 80, 40), 8).eval()
    torch.testing.assert_close(net(x), net(x[:, :, torch.randperm(80)]))


def test_branches_start_as_the_trained_ones():
    time, frequency = Time((1, 80, 40), 8), Frequency((1, 80, 40), 8)
    net = TimeFrequency((1, 80, 40), 8)
    dense = net.dense[1].weight.clone()
    load_branches(net, time, frequency)
    x = torch.randn(2, 1, 80, 40)
    torch.testing.assert_close(net.time(x), time.branch(x))
    torch.testing.assert_close(net.frequency(x), frequency.branch(x))
    assert torch.equal(net.dense[1].weight, dense)
    with torch.no_grad():
        net.time.conv.weight.zero_()
    assert time.branch.conv.weight.abs().sum() > 0  # a copy


def test_branches_of_another_size_are_one_clear_error():
    net = TimeFrequency((1, 80, 40), 8)
    with pytest.raises(MethodError, match="the frequency net's filters"):
        load_branches(net, Time((1, 80, 40), 8), Frequency((1, 80, 40), 8, height=40))


def test_pons_2016_weights_lie_within_glorots_bound():
    weight = Time((1, 80, 40), 8).branch.conv.weight
    bound = (6 / (60 + 32 * 60)) ** 0.5
    assert 0.9 * bound < weight.abs().max() <= bound


@pytest.mark.parametrize("net", [BlackBox, Time, Frequency, TimeFrequency])
def test_pons_2016_takes_smaller_inputs(net):
    assert net((1, 50, 24), 3).eval()(torch.randn(2, 1, 50, 24)).shape == (2, 3)


@pytest.mark.parametrize(
    ("module", "printed"),
    [
        (musicnn, {"musicnn": 787}),
        (tagging_baselines, {"VGG-128": 605, "VGG-32": 40, "1-D convolution": 66}),
    ],
)
def test_counts_agree_with_the_printed_thousands(module, printed):
    counts = {arch.name: arch.n_params // 1000 for arch in module.ARCHITECTURES}
    assert printed.items() <= counts.items()


def test_musicnn_joins_561_and_753_channels():
    net = MusiCNN((1, 187, 96), 50).eval()
    frames = [part(torch.randn(1, 1, 187, 96)) for part in net.front]
    assert [part.shape[1:] for part in frames] == [(204, 187)] * 2 + [(51, 187)] * 3
    assert net.back[2].in_features == 2 * 753


def test_temporal_filters_are_a_convolution_one_band_high():
    part = Temporal(2, 5, 32).eval()
    x = torch.randn(3, 2, 40, 7)
    padded = nn.functional.pad(x, (0, 0, 15, 16))
    maps = nn.functional.conv2d(padded, part.conv.weight[..., None], part.conv.bias)
    expected = torch.relu(maps).amax(dim=3) / (1 + part.norm.eps) ** 0.5
    torch.testing.assert_close(part(x), expected, atol=1e-5, rtol=1e-5)


def test_latent_cnn_keeps_the_published_lengths():
    net = LatentCNN((1, 599, 128), 40, width=1 / 16).eval()
    x, lengths = torch.zeros(1, 128, 599), [599]
    for layer in net.time:
        x = layer(x)
        lengths += [x.shape[2]] if not isinstance(layer, nn.ReLU) else []
    assert lengths == latent_cnn.lengths(599) == [599, 596, 149, 146, 73, 70, 35, 32]


def test_statistics_are_mean_maximum_and_root_mean_square():
    x = torch.tensor([[[0.0, 3.0, 3.0, 0.0]]])
    expected = torch.tensor([[1.5, 3.0, 4.5**0.5]])
    torch.testing.assert_close(latent_cnn.statistics(x), expected)
    silent = torch.zeros(1, 2, 4, requires_grad=True)
    latent_cnn.statistics(silent).sum().backward()
    assert silent.grad.isfinite().all()


@pytest.mark.parametrize(("net", "fewest", "bins"), [(LatentCNN, 103, 128), (TimeCNN, 51, 96)])
def test_too_few_frames_are_one_clear_error(net, fewest, bins):
    assert net((1, fewest, bins), 3).eval()(torch.randn(1, 1, fewest, bins)).shape == (1, 3)
    with pytest.raises(MethodError, match=f"patches of {fewest} or more"):
        net((1, fewest - 1, bins), 3)


@pytest.mark.parametrize("shape", [(1, 40, 20), (2, 200, 48)])
@pytest.mark.parametrize("net", [MusiCNN, TaggingVGG, ShortChunk])
def test_small_inputs_work(net, shape):
    assert net(shape, 3, width=1 / 16).eval()(torch.randn(2, *shape)).shape == (2, 3)


def test_short_chunk_halves_to_one_row_and_two_frames():
    net = ShortChunk((1, 231, 128), 50, width=1 / 16).eval()
    assert net.blocks(torch.zeros(1, 1, 231, 128)).shape[2:] == (2, 1)
    plain = short_chunk.ARCHITECTURES[0].build(width=1 / 16).eval()
    assert plain.blocks(torch.zeros(1, 1, 231, 128)).shape[2:] == (1, 1)


@pytest.mark.parametrize("net", [FCN, partial(FCN, layers=7), MusiCNN, TaggingVGG, ShortChunk])
def test_a_batch_of_one_can_be_trained_on(net):
    assert net((1, 64, 48), 3, width=1 / 16).train()(torch.randn(1, 1, 64, 48)).isfinite().all()


def test_norms_are_batch_norm_but_for_a_single_value():
    x = torch.randn(6, 4, 5, 3)
    torch.testing.assert_close(MapNorm(4)(x), nn.BatchNorm2d(4)(x))
    norm = VectorNorm(4)
    norm(x[:, :, 0, 0])
    past = norm.running_mean.clone()
    one = x[:1, :, 0, 0]
    torch.testing.assert_close(norm(one), norm.eval()(one))
    assert torch.equal(norm.running_mean, past)

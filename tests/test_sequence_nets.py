"""Nets over time: what a step may look at, order, masks, published sizes, attention by hand."""

import numpy as np
import pytest
import torch

from deep.nets.architecture import n_parameters
from deep.nets.attention import AttentionNet
from deep.nets.crnn import BUDGETS, CRNN
from deep.nets.sample_cnn import SampleCNN
from deep.nets.seq2seq import AdditiveAttention, Seq2Seq
from deep.nets.track_mlp import TrackMLP
from deep.nets.track_rnn import track_rnn
from deep.nets.track_transformer import track_transformer
from deep.nets.wave_tcn import WaveTCN
from mirbench.errors import MethodError

PATCH = (1, 24, 18)


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_sample_cnn_has_the_printed_shapes_and_size():
    net = SampleCNN((1, 59_049, 1), 50).eval()
    x, lengths = torch.randn(1, 1, 59_049), []
    with torch.no_grad():
        for layer in net.blocks:
            x = layer(x)
            lengths.append(tuple(x.shape[1:]))
    assert lengths[0] == (128, 19_683)
    pooled = [shape for layer, shape in zip(net.blocks, lengths) if hasattr(layer, "ceil_mode")]
    maps = [128, 128] + [256] * 6 + [512]
    assert pooled == [(n, 3 ** (8 - i)) for i, n in enumerate(maps)]
    norms = sum(
        p.numel() for m in net.modules() if hasattr(m, "running_mean") for p in m.parameters()
    )
    assert round((n_parameters(net) - norms) / 1e6, 1) == 1.9


def test_sample_cnn_refuses_a_short_waveform():
    with pytest.raises(MethodError, match="59049"):
        SampleCNN((1, 59_048, 1), 2)


def test_a_step_of_the_wave_tcn_looks_back_as_far_as_it_says_and_never_ahead():
    net = WaveTCN((1, 4000, 1), 3, units=4, window=20, hop=10, kernel_size=3, levels=3).eval()
    for p in net.parameters():
        torch.nn.init.uniform_(p, 0.5, 1)  # so that nothing cancels
    wave = torch.rand(1, 1, 1000, 1, requires_grad=True)
    step = 70
    net.steps(wave)[0, :, step].sum().backward()
    seen = np.flatnonzero(wave.grad.flatten().numpy())
    last = (step + 1) * 10 - 1
    assert (seen.min(), seen.max()) == (last - net.context[0], last)
    assert net.context == (19 + 2 * 10 * 2 * 7, 0)


def test_the_wave_tcn_answers_for_an_unfinished_step():
    net = WaveTCN((1, 1, 1), 3, units=4, window=20, hop=10, levels=1).eval()
    assert net.steps(torch.randn(2, 1, 41, 1)).shape == (2, 3, 5)
    with pytest.raises(MethodError, match="pooling"):
        WaveTCN((1, 1, 1), 3, pooling="median")
    with pytest.raises(MethodError, match="gaps"):
        WaveTCN((1, 1, 1), 3, window=9, hop=10)


@pytest.mark.parametrize("name", BUDGETS)
def test_crnn_has_the_parameters_of_the_papers_budgets(name):
    maps, units = BUDGETS[name]
    count = n_parameters(CRNN((1, 1366, 96), 50, maps=maps, units=units))
    assert count == pytest.approx(1e6 * float(name[:-1]), rel=0.07)


def test_crnn_leaves_fifteen_steps_of_one_band():
    net = CRNN((1, 1366, 96), 50, width=1 / 16).eval()
    steps = []
    net.rnn.register_forward_hook(lambda module, args, out: steps.append(args[0].shape[1:]))
    with torch.no_grad():
        net(torch.randn(1, 1, 1366, 96))
    assert steps == [(15, 8)]


@pytest.mark.parametrize(("frames", "bins"), [(1, 96), (97, 48), (300, 12)])
def test_crnn_takes_any_length_and_fewer_bands(frames, bins):
    net = CRNN((1, frames, bins), 3, width=1 / 16).eval()
    assert net(torch.randn(2, 1, frames, bins)).shape == (2, 3)


def test_order_tells_the_recurrent_net_and_positions_tell_the_transformer():
    x = torch.randn(2, *PATCH)
    shuffled = x[:, :, torch.randperm(24)]
    options = {"widths": (), "input_pool": 1}
    blind = [
        TrackMLP(PATCH, 3),
        AttentionNet(PATCH, 3, **options),
        track_transformer(PATCH, 3, positions=False, **options),
    ]
    alert = [
        track_rnn(PATCH, 3, **options),
        track_rnn(PATCH, 3, cell="lstm", **options),
        track_transformer(PATCH, 3, **options),
    ]
    with torch.no_grad():
        for net in blind:
            torch.testing.assert_close(net.eval()(x), net(shuffled), atol=1e-5, rtol=1e-5)
        for net in alert:
            assert (net.eval()(x) - net(shuffled)).abs().max() > 1e-3


def test_the_track_mlp_sees_mean_and_deviation():
    x = torch.randn(5, *PATCH)
    net = TrackMLP(PATCH, 3).eval()
    seen = []
    net.norm.register_forward_hook(lambda module, args, out: seen.append(args[0]))
    net(x)
    rows = x.numpy()[:, 0]
    expected = np.concatenate([rows.mean(axis=1), rows.std(axis=1)], axis=1)
    np.testing.assert_allclose(seen[0][:, :, 0], expected, atol=1e-5)


def test_instances_out_of_the_mask_tell_nothing():
    net = AttentionNet(PATCH, 3, widths=(), input_pool=1).eval()
    torch.nn.init.normal_(net.pool.score.weight)
    x = torch.randn(2, *PATCH)
    mask = torch.arange(24)[None] < torch.tensor([[10], [10]])
    with torch.no_grad():
        torch.testing.assert_close(net(x, mask), net(x[:, :, :10]))
        assert (net(x) - net(x, mask)).abs().max() > 1e-4


@pytest.mark.parametrize("width", [1 / 16, 0.3, 1, 2])
def test_widths_scale_the_transformer_by_whole_heads(width):
    net = track_transformer(PATCH, 3, width=width).eval()
    assert net(torch.randn(2, *PATCH)).shape == (2, 3)


def test_an_unknown_cell_is_one_clear_error():
    with pytest.raises(MethodError, match="gru, lstm"):
        track_rnn(PATCH, 3, cell="qrnn")


def test_additive_attention_is_the_formula():
    layer = AdditiveAttention(4, 6, 5)
    state, memory = torch.randn(2, 4), torch.randn(2, 7, 6)
    with torch.no_grad():
        context, weights = layer(state, memory, layer.key(memory))
    W, b = (p.detach().numpy() for p in (layer.query.weight, layer.query.bias))
    U, v = layer.key.weight.detach().numpy(), layer.score.weight.detach().numpy()[0]
    for s, frames, c, w in zip(state.numpy(), memory.numpy(), context, weights):
        e = np.array([v @ np.tanh(W @ s + b + U @ a) for a in frames])
        alpha = np.exp(e) / np.exp(e).sum()
        np.testing.assert_allclose(w, alpha, atol=1e-6)
        np.testing.assert_allclose(c, alpha @ frames, atol=1e-6)


def test_a_masked_frame_has_no_weight():
    layer = AdditiveAttention(4, 6, 5)
    state, memory = torch.randn(2, 4), torch.randn(2, 7, 6)
    mask = (torch.arange(7) < 3).expand(2, 7)
    with torch.no_grad():
        context, weights = layer(state, memory, layer.key(memory), mask)
        short, _ = layer(state, memory[:, :3], layer.key(memory[:, :3]))
    assert not weights[:, 3:].any()
    torch.testing.assert_close(context, short)


def test_a_token_depends_on_those_before_it_only():
    net = Seq2Seq(PATCH, 5, width=1 / 16).eval()
    x = torch.randn(1, *PATCH)
    tokens = torch.tensor([[0, 1, 2, 3]])
    with torch.no_grad():
        rows, other = net.taught(x, tokens), net.taught(x, torch.tensor([[0, 1, 4, 3]]))
        first = net(x)
    torch.testing.assert_close(rows[:, :3], other[:, :3])
    assert (rows[:, 3] - other[:, 3]).abs().max() > 1e-4
    torch.testing.assert_close(rows[:, 0, :5], first)


def test_without_repeats_what_was_said_is_barred():
    net = Seq2Seq(PATCH, 5, width=1 / 16, repeats=False).eval()
    tokens = torch.tensor([[3, 1, 5, 5]])
    with torch.no_grad():
        rows = net.taught(torch.randn(1, *PATCH), tokens)[0]
    barred = [np.flatnonzero(row == -torch.inf).tolist() for row in rows]
    assert barred == [[], [3], [1, 3], [1, 3]]

"""Contract of published nets: shapes, counts, single items, memory of a few clips, seeds, sources."""

import importlib
import pkgutil
from pathlib import Path

import pytest
import torch
from torch import nn

import deep.nets
from deep.nets.__main__ import METHODS, WITHOUT_A_CHOICE
from deep.nets.architecture import Architecture, n_parameters
from mirbench.errors import MethodError
from mirbench.methods import load_method

SOURCES = {"published", "derived", "recalled", "ours"}
NARROW = 1 / 16
N_CLIPS = 8
STEPS = 200
ENOUGH = 0.05


def found():
    """Every entry of every module of `deep.nets`."""
    for info in pkgutil.iter_modules(deep.nets.__path__):
        module = importlib.import_module(f"deep.nets.{info.name}")
        for arch in getattr(module, "ARCHITECTURES", ()):
            yield pytest.param(arch, id=f"{info.name}-{arch.name}".replace(" ", "-"))


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


each = pytest.mark.parametrize("arch", list(found()))


@each
def test_shape_and_number_of_parameters_at_full_size(arch):
    with torch.device("meta"):  # shapes without values
        net = arch.build().eval()
        assert net(torch.empty(2, *arch.in_shape)).shape == (2, arch.n_outputs)
    assert n_parameters(net) == arch.n_params


@each
def test_what_is_known_is_named(arch):
    assert arch.source in SOURCES
    assert arch.source == "published" or arch.free_choices
    assert all(choice.endswith(".") for choice in arch.free_choices)


@each
def test_an_item_has_the_same_answer_alone_as_among_seven(arch):
    net = arch.build(width=NARROW).eval()
    clips = torch.randn(7, *arch.in_shape)
    with torch.no_grad():
        together = net(clips)
        alone = torch.cat([net(clip[None]) for clip in clips])
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=0)


@each
def test_a_seed_says_the_initial_weights(arch):
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        net = arch.build(width=NARROW)
        weights.append(torch.cat([p.detach().flatten() for p in net.parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@each
def test_every_parameter_is_trained(arch):
    in_shape = shortened(arch)
    net = at(arch, in_shape).train()
    net(torch.randn(2, *in_shape)).square().sum().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@each
def test_one_item_left_over_is_a_batch(arch):
    in_shape = shortened(arch)
    net = at(arch, in_shape).train()
    assert net(torch.randn(1, *in_shape)).isfinite().all()


@each
def test_a_narrow_net_learns_eight_clips_by_heart(arch):
    """Without dropout, which of four channels leaves too little to remember by."""
    in_shape = shortened(arch)
    net = without_dropout(at(arch, in_shape)).train()
    clips = torch.randn(N_CLIPS, *in_shape)
    truth = torch.arange(N_CLIPS) % min(2, arch.n_outputs)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(STEPS):
        loss = nn.functional.cross_entropy(net(clips), truth)
        if loss.item() < ENOUGH:
            return
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    pytest.fail(f"a loss of {loss.item():.2f} after {STEPS} steps")


def at(arch: Architecture, in_shape: tuple[int, int, int]) -> nn.Module:
    """The narrow net for another input."""
    return arch.net(in_shape, arch.n_outputs, **arch.args, width=NARROW)


def without_dropout(net: nn.Module) -> nn.Module:
    """The net, its dropout set to 0."""
    for module in net.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
        elif isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0
    return net


def shortened(arch: Architecture) -> tuple[int, int, int]:
    """The input, cut to 64 frames or 2048 samples, twice as much until the net takes it."""
    channels, frames, bins = arch.in_shape
    length = 2048 if bins == 1 else 64
    while length < frames:
        try:
            with torch.device("meta"):
                at(arch, (channels, length, bins)).eval()(torch.empty(1, channels, length, bins))
            return channels, length, bins
        except (MethodError, RuntimeError):
            length *= 2
    return arch.in_shape


@pytest.mark.parametrize("arch", [p for p in found() if p.values[0].name in METHODS])
def test_the_method_of_the_page_has_that_net(arch):
    spec = METHODS[arch.name]
    method = load_method(spec if spec.startswith("seq2seq") else _published(spec))
    estimator = method.build()
    if spec.startswith("seq2seq"):
        assert estimator.net_args == {"width": 1}
        return
    assert n_parameters(estimator.net(arch.in_shape, arch.n_outputs, **estimator.net_args)) == (
        arch.n_params
    )


@pytest.mark.parametrize("arch", [p for p in found() if p.values[0].name in WITHOUT_A_CHOICE])
def test_the_only_net_of_a_method_is_that_of_the_page(arch):
    estimator = load_method(WITHOUT_A_CHOICE[arch.name]).build()
    net = getattr(estimator, "encoder", None) or estimator.net
    args = getattr(estimator, "net_args", None) or {}
    assert n_parameters(net(arch.in_shape, arch.n_outputs, **args)) == arch.n_params


def _published(spec):
    return f"{spec},size=published" if ":" in spec else f"{spec}:size=published"


def test_the_page_of_architectures_is_as_printed():
    from deep.nets.__main__ import main, page

    with pytest.raises(SystemExit):
        main(["--help"])
    told = Path(__file__).parents[1] / "docs" / "architectures.md"
    assert told.read_text(encoding="utf-8") == page()

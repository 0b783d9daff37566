"""Losses of reconstruction, generation and prediction against other formulas, and what each is for."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import entropy, norm
from sklearn.decomposition import PCA

from baselines.representation.pca import PatchPCA
from deep.nets.small_encoder import SmallEncoder
from deep.representation import masked_frames, sparse, vae
from deep.representation.autoencoder import Autoencoder
from deep.representation.contractive import Contractive, squared_slope
from deep.representation.denoising import Denoising
from deep.representation.frame_prediction import FramePrediction
from deep.representation.gan import Adversarial, discriminator_loss, generator_loss
from deep.representation.inpainting import Inpainting, rectangles
from deep.representation.masked_frames import MaskedFrames, spans
from deep.representation.sparse import Sparse
from deep.representation.vae import Variational
from mirbench.errors import MethodError

SHAPE = (1, 32, 16)
LR = 3e-3


def patches(n=64, seed=0):
    """A few bands that swell and fade, standardised: much can be told from little."""
    rng = np.random.default_rng(seed)
    t, k = np.arange(SHAPE[1])[:, None], np.arange(SHAPE[2])
    centre, rate, phase = rng.uniform(2, 14, n), rng.uniform(0.1, 0.5, n), rng.uniform(0, 6.3, n)
    x = [
        np.exp(-((k - c) ** 2) / 6) * (1 + np.sin(r * t + p))
        for c, r, p in zip(centre, rate, phase)
    ]
    x = np.stack(x)[:, None]
    return torch.as_tensor((x - x.mean()) / x.std(), dtype=torch.float32)


def made(task, **args):
    torch.manual_seed(0)
    return task(SmallEncoder(SHAPE, 128), SHAPE, **args)


def learned(task, steps=40, **args):
    """A task after some steps on the same patches, in evaluation mode, and its losses."""
    x = patches()
    with torch.random.fork_rng():
        net = made(task, **args)
        optimisers = net.start(None, LR)
        losses = [net.update(x[i % 4 :: 4], optimisers) for i in range(steps)]
    return net.eval(), losses


@pytest.fixture(scope="module")
def plain():
    return learned(Autoencoder)[0]


def drawn(net, x):
    with torch.no_grad():
        return net.decoder(net.encoder.frames(x))


def test_denoising_takes_the_noise_out():
    net, _ = learned(Denoising)
    x = patches(seed=1)
    struck = x * (torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) >= 0.25)
    after, before = (((a - x) ** 2).mean() for a in (drawn(net, struck), struck))
    assert after < 0.7 * before


def test_denoising_of_nothing_is_the_auto_encoder():
    x = patches(8)
    one, other = made(Denoising, share=0.0), made(Autoencoder)
    torch.testing.assert_close(one.loss(x), other.loss(x))


def test_the_divergence_of_coins_is_scipys():
    activity = np.array([0.01, 0.05, 0.5, 0.9])
    expected = [entropy([0.05, 0.95], [a, 1 - a]) for a in activity]
    ours = sparse.divergence(torch.as_tensor(activity), 0.05)
    np.testing.assert_allclose(ours.numpy(), expected, atol=1e-9)
    assert torch.isfinite(sparse.divergence(torch.tensor([0.0, 1.0]), 0.05)).all()


def test_sparse_units_are_as_active_as_asked():
    net, _ = learned(Sparse, rho=0.1)
    with torch.no_grad():
        activity = net.code(patches(seed=1)).mean(dim=(0, 2))
    assert activity.mean() == pytest.approx(0.1, abs=0.03)
    loose, _ = learned(Sparse, weight=0.0)
    with torch.no_grad():
        assert loose.code(patches(seed=1)).mean() > 0.3


def test_the_slope_is_that_of_finite_differences():
    net = made(Contractive).double().eval()
    x = patches(2).double().requires_grad_()
    v = torch.randn(2, 128, dtype=torch.double)
    ours = squared_slope(net.encoder(x), x, v)
    step, flat = 1e-6, x.detach().flatten(1)
    with torch.no_grad():
        for i in range(2):
            moved = flat[i] + step * torch.eye(flat.shape[1], dtype=torch.double)
            back = flat[i] - step * torch.eye(flat.shape[1], dtype=torch.double)
            rise = [net.encoder(m.view(-1, *SHAPE)) for m in (moved, back)]
            jacobian = (rise[0] - rise[1]) / (2 * step)  # (inputs, outputs)
            assert ours[i] == pytest.approx(float(((jacobian @ v[i]) ** 2).sum()), rel=1e-4)


def test_signs_give_the_frobenius_norm_on_average():
    encoder = SmallEncoder(SHAPE, 3).double().eval()
    x = patches(1).double().requires_grad_()
    signs = torch.tensor(list(itertools.product([-1.0, 1.0], repeat=3)), dtype=torch.double)
    mean = torch.stack([squared_slope(encoder(x), x, s[None])[0] for s in signs]).mean()
    jacobian = torch.autograd.functional.jacobian(encoder, x)
    assert float(mean.detach()) == pytest.approx(float(jacobian.square().sum()), rel=1e-9)


def test_a_factor_on_the_embedding_does_not_make_it_less_sensitive():
    net, x = made(Contractive), patches(8)
    norms = []
    for _ in range(2):
        torch.manual_seed(1)
        norms.append(float(net.sensitivity(x).detach()))
        with torch.no_grad():
            net.encoder.mix.weight *= 0.1
    assert norms[0] == pytest.approx(norms[1], rel=1e-3)
    assert net.encoder.training, "batch norm is as it was"


def test_contractive_embeddings_follow_noise_less(plain):
    net, _ = learned(Contractive)
    x = patches(seed=1)
    noisy = x + 0.1 * torch.randn(x.shape, generator=torch.Generator().manual_seed(0))

    def moved(task):
        with torch.no_grad():
            clean, other = task.embed(x), task.embed(noisy)
        return float((other - clean).square().sum(dim=1).mean() / clean.var(dim=0).sum())

    assert moved(net) < 0.7 * moved(plain)


def test_the_divergence_of_gaussians_is_the_integral():
    z = np.linspace(-12, 12, 20_001)
    for mean, log_variance in [(0.0, 0.0), (1.5, -1.0), (-0.3, 0.7)]:
        p = norm.pdf(z, mean, np.exp(log_variance / 2))
        ratio = norm.logpdf(z, mean, np.exp(log_variance / 2)) - norm.logpdf(z)
        ours = vae.divergence(torch.tensor(mean), torch.tensor(log_variance))
        assert float(ours) == pytest.approx(np.trapezoid(p * ratio, z), abs=1e-6)


def test_the_bound_falls_and_units_are_active():
    net, losses = learned(Variational)
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:10])
    with torch.no_grad():
        means = net.encoder.frames(patches(seed=1)).transpose(1, 2).flatten(0, 1)
    active = means.var(dim=0) > 0.01  # Burda, Grosse and Salakhutdinov 2016
    assert active.float().mean() > 0.1
    strict, _ = learned(Variational, beta=100.0)
    with torch.no_grad():
        assert strict.encoder.frames(patches(seed=1)).square().mean() < 0.1, "all at the prior"


def test_the_variational_loss_counts_the_divergence():
    x, net = patches(4), made(Variational, beta=0.0)
    losses = []
    for net.beta in (0.0, 2.0):
        torch.manual_seed(1)
        losses.append(float(net.loss(x).detach()))
    mean = net.encoder.frames(x).detach().numpy()
    log_variance = net.log_variance(torch.as_tensor(mean)).detach().numpy()
    total = 0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1).sum()
    assert losses[1] - losses[0] == pytest.approx(2 * total / x.numel(), rel=1e-3)


def test_adversarial_losses_are_those_of_probabilities():
    real, false = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])
    p, q = (1 / (1 + np.exp(-s.numpy())) for s in (real, false))
    assert float(discriminator_loss(real, false)) == pytest.approx(
        -np.log(p).mean() - np.log(1 - q).mean(), rel=1e-5
    )
    assert float(generator_loss(false)) == pytest.approx(-np.log(q).mean(), rel=1e-5)


def test_each_side_learns_by_its_own_loss():
    net, x = made(Adversarial), patches(8)
    judge, artist = net.start(None, LR)
    before = [p.detach().clone() for p in net.generator.parameters()]
    for group in judge.param_groups:
        group["lr"] = 0.0
    kept = [p.detach().clone() for p in net.encoder.parameters()]
    net.update(x, [judge, artist])
    assert any((a != b).any() for a, b in zip(before, net.generator.parameters(), strict=True))
    assert all((a == b).all() for a, b in zip(kept, net.encoder.parameters(), strict=True))
    assert net.draw(3, x.device).shape == (3, *SHAPE)


def test_the_discriminator_tells_real_from_drawn():
    _, losses = learned(Adversarial, steps=30)
    assert np.isfinite(losses).all()
    assert np.mean(losses[-5:]) < 2 * np.log(2), "better than guessing"


def test_rectangles_hide_a_quarter():
    hidden = rectangles(400, 64, 64).numpy()
    assert hidden.shape == (400, 64, 64)
    assert hidden.mean() == pytest.approx(0.25, abs=0.05)
    rows = hidden.any(axis=2).sum(axis=1)
    assert rows.min() >= 8, "a side is an eighth or more"
    assert (hidden[0] != hidden[1]).any()


@pytest.mark.parametrize("frames", [14, 64, 100, 187])
def test_spans_are_long_and_a_seventh_of_the_frames(frames):
    masked = spans(50, frames).numpy()
    for row in masked:
        edges = np.flatnonzero(np.diff(np.r_[0, row.astype(int), 0]))
        assert (edges[1::2] - edges[::2]).min() >= 7
    share = max(masked_frames.SHARE, 7 / frames)
    assert masked.mean() == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(
    ("task", "name", "error"),
    [(Inpainting, "rectangles", np.square), (MaskedFrames, "spans", np.abs)],
)
def test_only_what_is_hidden_counts_and_is_hidden(task, name, error, monkeypatch):
    net, x = made(task).eval(), patches(8)
    hidden = torch.zeros((8, SHAPE[1], SHAPE[2]) if name == "rectangles" else (8, SHAPE[1]))
    hidden[:, 10:17] = 1
    monkeypatch.setattr(f"{task.__module__}.{name}", lambda *a: hidden.bool())
    rest = x.clone()
    rest[:, :, 10:17] = 0
    wrong = error((drawn(net, rest) - x).numpy()[:, :, 10:17]).mean()
    with torch.no_grad():
        assert float(net.loss(x)) == pytest.approx(wrong, rel=1e-5)


@pytest.mark.parametrize("task", [Inpainting, MaskedFrames, FramePrediction])
def test_what_was_not_heard_is_better_told_than_by_the_mean(task):
    net, losses = learned(task)
    x = patches(seed=1)
    floor = x.abs().mean() if task is MaskedFrames else x.square().mean()
    torch.manual_seed(0)
    with torch.no_grad():
        assert net.loss(x) < 0.8 * floor
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:10])


def test_frames_are_predicted_from_the_middle_alone():
    net, x = made(FramePrediction).eval(), patches(4)
    with torch.no_grad():
        past, future = net.predict(x[:, :, 8:24])
        told = torch.cat([past, future], dim=2)
        ends = torch.cat([x[:, :, :8], x[:, :, 24:]], dim=2)
        assert float(net.loss(x)) == pytest.approx(float((told - ends).square().mean()), rel=1e-5)
    assert past.shape == (4, 1, 8, SHAPE[2])


def test_patches_too_short_are_refused():
    for task in (MaskedFrames, FramePrediction):
        with pytest.raises(MethodError, match="patch_frames"):
            task(SmallEncoder((1, 12, 16), 128), (1, 12, 16))


def test_pca_of_patches_is_scikit_learns():
    rng = np.random.default_rng(0)
    X = np.empty(5, dtype=object)
    X[:] = [rng.normal(3, 2, (n, 5)) for n in (8, 16, 20, 8, 3)]
    ours = PatchPCA(n_components=3, patch_frames=8).fit(X)
    frames = np.concatenate(list(X))
    standard = [(rows - frames.mean(axis=0)) / frames.std(axis=0) for rows in X]
    standard[4] = np.resize(standard[4], (8, 5))  # repeated to fill a patch
    starts = [(0,), (0, 8), (0, 8, 12), (0,), (0,)]
    cut = [[rows[s : s + 8].ravel() for s in ss] for rows, ss in zip(standard, starts, strict=True)]
    reference = PCA(3).fit(np.concatenate(cut))
    expected = [reference.transform(patches).mean(axis=0) for patches in cut]
    np.testing.assert_allclose(ours.transform(X), expected, atol=1e-4)
    with pytest.raises(MethodError, match="two or more"):
        PatchPCA().fit(X[:1])

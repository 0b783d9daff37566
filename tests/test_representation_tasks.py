"""Ways of learning a representation as composed: the loss of a batch against the formula of its parts."""

import copy

import pytest
import torch
from torch.nn import functional

from deep.nets.small_encoder import SmallEncoder
from deep.representation.autoencoder import encoder_autoencoder
from deep.representation.cpc import CPC
from deep.representation.denoising import encoder_denoising
from deep.representation.gan import NOISE, encoder_gan
from deep.representation.inpainting import encoder_inpainting, rectangles
from deep.representation.masked_frames import encoder_masked_frames, spans
from deep.representation.simclr import encoder_simclr
from deep.representation.sparse import encoder_sparse
from deep.representation.vae import encoder_vae
from deep.representation.views import view

SHAPE = (1, 16, 16)
N = 6


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def autoencoder(task, x):
    return ((drawn(task, x) - x) ** 2).mean()


def drawn(task, x):
    return task.decoder(task.encoder.frames(x))


def denoising(task, x):
    kept = (torch.rand_like(x) >= 0.4).float()
    assert 0.5 < kept.mean() < 0.7
    return ((drawn(task, x * kept) - x) ** 2).mean()


def inpainting(task, x):
    hidden = rectangles(N, *SHAPE[1:])[:, None].float()
    assert 0 < hidden.mean() < 0.5
    return (hidden * (drawn(task, x * (1 - hidden)) - x) ** 2).sum() / hidden.sum()


def masked_frames(task, x):
    masked = spans(N, SHAPE[1])[:, None, :, None].float().expand_as(x)
    assert 0 < masked.mean() < 0.5
    return (masked * (drawn(task, x * (1 - masked)) - x).abs()).sum() / masked.sum()


def sparse(task, x):
    code = 1 / (1 + torch.exp(-task.encoder.frames(x)))
    a = code.mean(dim=(0, 2))
    coins = 0.2 * torch.log(0.2 / a) + 0.8 * torch.log(0.8 / (1 - a))
    return ((task.decoder(code) - x) ** 2).mean() + 0.5 * coins.sum()


def variational(task, x):
    mean = task.encoder.frames(x)
    variance = torch.exp(task.log_variance(mean))
    z = mean + torch.sqrt(variance) * torch.randn_like(mean)
    away = (mean**2 + variance - torch.log(variance) - 1).sum() / 2
    return (((task.decoder(z) - x) ** 2).sum() / 2 + 0.3 * away) / x.numel()


def simclr(task, x):
    views = torch.cat([view(x, 16), view(x, 16)])
    assert (views[:N] != views[N:]).any()
    z = functional.normalize(task.projection(task.encoder(views)), dim=1)
    alike = torch.exp(z @ z.T / 0.2) * (1 - torch.eye(2 * N))
    pairs = [alike[i, (i + N) % (2 * N)] / alike[i].sum() for i in range(2 * N)]
    return -torch.stack(pairs).log().mean()


def cpc(task, x):
    """Time by time, step by step."""
    z = task.encoder.frames(x)
    c = task.context(z.transpose(1, 2))[0]
    losses = []
    for k, w in zip((1, 2), task.ahead, strict=True):
        odds = [torch.exp(w(c[:, t]) @ z[:, :, t + k].T) for t in range(4 - k)]
        losses.append(torch.stack([-(o.diag() / o.sum(dim=1)).log().mean() for o in odds]).mean())
    return (losses[0] + losses[1]) / 2


TASKS = {
    "autoencoder": (encoder_autoencoder().make, autoencoder),
    "denoising": (encoder_denoising(share=0.4).make, denoising),
    "inpainting": (encoder_inpainting().make, inpainting),
    "masked-frames": (encoder_masked_frames().make, masked_frames),
    "sparse": (encoder_sparse(rho=0.2, weight=0.5).make, sparse),
    "vae": (encoder_vae(beta=0.3).make, variational),
    "simclr": (encoder_simclr(tau=0.2).make, simclr),
    "cpc": (lambda encoder, shape: CPC(encoder, shape, steps_ahead=(1, 2)), cpc),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_loss_and_its_gradient_are_those_of_the_formula(name):
    make, formula = TASKS[name]
    task, x = make(SmallEncoder(SHAPE, 128), SHAPE), torch.randn(N, *SHAPE)
    if name == "vae":
        torch.nn.init.constant_(task.log_variance.bias, -2.0)
    losses = []
    for loss in (task.loss, lambda x: formula(task, x)):
        torch.manual_seed(1)
        losses.append(loss(x))
    torch.testing.assert_close(*losses, rtol=1e-4, atol=1e-5)
    weight = task.encoder.mix.weight
    ours, theirs = (torch.autograd.grad(loss, weight)[0] for loss in losses)
    assert theirs.abs().max() > 0
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


def test_embeddings_are_the_codes_that_a_task_trains():
    x = torch.randn(N, *SHAPE)
    with torch.no_grad():
        task = encoder_sparse().make(SmallEncoder(SHAPE, 128), SHAPE).eval()
        active = 1 / (1 + torch.exp(-task.encoder.frames(x)))
        torch.testing.assert_close(task.embed(x), active.mean(dim=2))
        for make in (encoder_vae().make, encoder_simclr().make, encoder_gan().make):
            task = make(SmallEncoder(SHAPE, 128), SHAPE).eval()
            torch.testing.assert_close(task.embed(x), task.encoder.frames(x).mean(dim=2))
        task = CPC(SmallEncoder(SHAPE, 128), SHAPE, steps_ahead=(1,)).eval()
        heard = task.context(task.encoder.frames(x).transpose(1, 2))[0]
        torch.testing.assert_close(task.embed(x), heard.mean(dim=1))


def stepped(parameters, loss, lr):
    """A step of plain gradient descent, the gradient's norm at most 5."""
    grads = torch.autograd.grad(loss, parameters)
    norm = torch.cat([g.flatten() for g in grads]).norm()
    with torch.no_grad():
        for p, g in zip(parameters, grads, strict=True):
            p -= lr * g * min(1.0, 5 / float(norm))


def sides(task):
    return [*task.encoder.parameters(), *task.score.parameters()], [*task.generator.parameters()]


def test_a_step_of_the_adversaries_is_one_of_each():
    task, x = encoder_gan().make(SmallEncoder(SHAPE, 128), SHAPE), torch.randn(N, *SHAPE)
    twin = copy.deepcopy(task)
    torch.manual_seed(1)
    loss = task.update(x, [torch.optim.SGD(side, lr=0.3) for side in sides(task)])
    torch.manual_seed(1)
    judge, artist = sides(twin)

    def real():
        """Probabilities of being real: of real patches and of drawn ones, one batch."""
        made = twin.generator(torch.randn(N, NOISE))
        p = 1 / (1 + torch.exp(-twin.score(twin.encoder(torch.cat([x, made])))[:, 0]))
        return p[:N], p[N:]

    p, q = real()
    wanted = -torch.log(p).mean() - torch.log(1 - q).mean()
    assert loss == pytest.approx(wanted.item(), rel=1e-4)
    stepped(judge, wanted, 0.3)
    stepped(artist, -torch.log(real()[1]).mean(), 0.3)
    for ours, theirs in zip(sides(task), sides(twin)):
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)

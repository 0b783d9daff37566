"""Each quantity of a criterion is of the net and the notes that its name says: stubs in place of fits."""

import dataclasses
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from deep.criteria import alignment as alignment_module
from deep.criteria import answers as answers_module
from deep.criteria import codes as codes_module
from deep.criteria import drawn as drawn_module
from deep.criteria import transfer as transfer_module
from deep.criteria import waveforms as waveforms_module
from deep.criteria.answers import FirstTeacher
from deep.criteria.codes import components_error
from deep.criteria.drawn import EACH
from deep.criteria.notes import Notes, heard
from deep.generative.gan import STEPS as GAN_STEPS
from deep.representation.untrained import encoder_untrained
from deep.sequences.lines import STEPS as LINE_STEPS
from mirbench.items import Item, as_items

RATE = 16_000


def tones(*hz):
    t = np.arange(RATE) / RATE
    waves = [np.sin(2 * np.pi * f * t).astype(np.float32) for f in hz]
    return as_items(Item.from_array(w, RATE, group=str(i)) for i, w in enumerate(waves))


@pytest.fixture(scope="module")
def notes():
    """Low notes (class 3) and high ones (class 5)."""
    X, T = tones(110, 1760, 112, 1800), tones(115, 1780, 111, 1810, 150, 1500)
    few = np.array([3, 5, -1, -1])
    return Notes(X, np.array([3, 5, 3, 5]), few, T, np.array([3, 5] * 3))


@pytest.fixture(scope="module")
def ear(notes):
    """An encoder that learned nothing, to hear patches with."""
    return encoder_untrained().set_params(steps=1, n_outputs=7).fit(notes.X)


class Stub:
    """A learner that writes down what it is asked to learn from; it hears as ``ear`` does."""

    def __init__(self, ear=None, **parts):
        self.extract, self.tiled = getattr(ear, "extract", None), getattr(ear, "tiled", None)
        self.n_outputs, self.classes_ = 7, np.array([3, 5])
        self.task_ = SimpleNamespace(**parts)

    def made(self, seed=None, random_state=None):
        self.seed = seed if random_state is None else random_state
        return self

    def set_params(self, **given):
        self.given = given
        return self

    def fit(self, *told):
        self.told = told
        return self


def stub_makers(monkeypatch, module, **stubs):
    for name, stub in stubs.items():
        monkeypatch.setattr(module, name, stub.made)


PROBES = ("probe (%), L3-Net's sound encoder", "probe (%), the same untrained")


def test_bits_of_a_told_net_are_compared_by_class(notes, monkeypatch):
    bits = np.array([[1, 4], [5, 2], [3, 2], [2, 2.5], [1, 2], [6, 5]], dtype=float)
    net = Stub()
    net.bits = lambda T: bits if T is notes.T else None
    stub_makers(monkeypatch, waveforms_module, wavenet_by_instrument=net)
    assert waveforms_module.told(notes, 0) == {
        "bits, right instrument": (1 + 2 + 3 + 2.5 + 1 + 5) / 6,
        "bits, other instruments": (4 + 5 + 2 + 2 + 2 + 6) / 6,
        "named by fewest bits (%)": pytest.approx(100 * (2 / 3 + 2 / 3) / 2),
        "named by chance (%)": 50,
    }
    assert net.told == (notes.X, notes.y)


def test_a_sound_encoder_is_probed_beside_its_untrained_self(ear, notes, monkeypatch):
    """A stub that hears whether a patch is high once it has learned, and nothing before."""

    made = []

    class Hearing(Stub):
        lr = 1.0

        def set_params(self, **given):
            vars(self).update(given)
            return self

        def fit(self, *told):
            self.task_.sound = lambda x: self.lr * x[:, 0].mean(dim=1)
            return super().fit(*told)

    def l3_net(seed):
        made.append(Hearing(ear).made(seed))
        return made[-1]

    cells = [None, SimpleNamespace(train=("clip",))]
    stubs = {
        "load_protocol": lambda name: SimpleNamespace(cells=cells),
        "protocol_items": lambda protocol: {},
        "select": lambda items, ids: ids,
        "targets": lambda protocol, ids: [f"picture of {i}" for i in ids],
        "l3_net": l3_net,
    }
    for name, stub in stubs.items():
        monkeypatch.setattr(transfer_module, name, stub)
    whole = dataclasses.replace(notes, few=None)  # all labels
    assert transfer_module.transfer(whole, 1) == dict(zip(PROBES, (100, 50), strict=True))
    assert [one.told for one in made] == [(("clip",), ["picture of clip"])] * 2
    assert [one.seed for one in made] == [1, 1]


class Linear:
    """One number a patch, and ``factor`` times the patch as vectors."""

    def __init__(self, row, factor=1.0):
        self.row, self.factor = torch.as_tensor(row, dtype=torch.float32), factor

    def __call__(self, x):
        return (x.flatten(1) @ self.row)[:, None]

    def frames(self, x):
        return self.factor * x[:, 0]

    def slope(self, x):
        """``|de/dx|^2 / var e``; one sign of one number doesn't count."""
        return float((self.row**2).sum() / self(x).var(correction=0))


def test_quantities_of_codes_are_of_the_net_that_they_name(ear, notes, monkeypatch):
    x = heard(ear, notes.T)
    plain_row, row = np.random.default_rng(0).standard_normal((2, 64 * 64)) * [[1], [2]]
    plain = Stub(ear, encoder=Linear(plain_row), decoder=lambda frames: frames[:, None] / 2)
    sparse = Stub(ear, encoder=Linear(row), code=lambda x: torch.sigmoid(3 * x[:, 0] - 1))
    contractive = Stub(ear, encoder=Linear(row))
    once = x[:, 0, 32]
    variances = torch.tensor([0, 1e-4, 0.00999, 0.01001, 1.0])
    factors = (variances / once.var())[:, None].sqrt()
    vae = Stub(ear, encoder=SimpleNamespace(frames=lambda x: factors * x[:, 0, 32:33]))
    stubs = {"autoencoder": plain, "sparse": sparse, "contractive": contractive, "vae": vae}
    stub_makers(monkeypatch, codes_module, **{f"encoder_{k}": v for k, v in stubs.items()})
    assert codes_module.codes(notes, 4, 9) == {
        "squared error, auto-encoder": pytest.approx(float((x**2).mean() / 4)),
        "squared error, components": components_error(ear, notes),
        "mean activity, sparse": pytest.approx(float(torch.sigmoid(3 * x - 1).mean())),
        "mean activity, auto-encoder": pytest.approx(float(torch.sigmoid(x).mean())),
        "relative slope, contractive": pytest.approx(contractive.task_.encoder.slope(x), rel=1e-4),
        "relative slope, auto-encoder": pytest.approx(plain.task_.encoder.slope(x), rel=1e-4),
        "active units (%), VAE": pytest.approx(40),
    }
    for stub in stubs.values():
        assert (stub.told, stub.seed, stub.given) == ((notes.X,), 4, {"steps": 9})


def test_answers_are_of_the_net_that_they_name_and_of_five_labels_a_class(notes, monkeypatch):
    rules = ("supervised", "vat", "consistency", "entropy", "mean_teacher", "noisy_student")
    of = {k: Stub(net=f"{k}'s net", teacher=f"{k}'s teacher", first="the first") for k in rules}
    makers = {f"few_{k}": of[k] for k in rules[:-1]}
    stub_makers(monkeypatch, answers_module, **makers)
    student = {FirstTeacher: of["noisy_student"]}
    monkeypatch.setattr(
        answers_module,
        "FewLabels",
        lambda extract, rule, random_state: student[rule].made(random_state),
    )
    for name in ("worst_step", "change", "classes_answered", "accuracy"):
        monkeypatch.setattr(answers_module, name, partial(lambda *given: given, name))
    seed = 4
    assert answers_module.answers(notes, seed, 9) == {
        "KL of the worst step, VAT": ("worst_step", of["vat"], notes, seed),
        "KL of the worst step, labels alone": ("worst_step", of["supervised"], notes, seed),
        "change by noise, consistency": ("change", of["consistency"], notes, seed),
        "change by noise, labels alone": ("change", of["supervised"], notes, seed),
        "classes answered (%), entropy": ("classes_answered", of["entropy"], notes),
        "classes answered (%), labels alone": ("classes_answered", of["supervised"], notes),
        **{
            f"balanced accuracy, {name}": ("accuracy", of[rule], answering, notes)
            for name, rule, answering in (
                ("the mean teacher", "mean_teacher", "mean_teacher's teacher"),
                ("its student", "mean_teacher", "mean_teacher's net"),
                ("labels alone", "supervised", "supervised's net"),
                ("the noisy student", "noisy_student", "noisy_student's net"),
                ("its first teacher", "noisy_student", "the first"),
            )
        },
    }
    for stub in of.values():
        assert (stub.told, stub.seed, stub.given) == ((notes.X, notes.few), seed, {"steps": 9})


@pytest.mark.parametrize("steps", [None, 9])
def test_drawn_patches_are_of_the_net_that_they_name(notes, monkeypatch, steps):
    """Stubs draw a number, which the judge takes for the share that it recognises."""
    judge, vae, gans = Stub(), Stub(), []
    wanted = [3] * EACH + [5] * EACH
    shares = {GAN_STEPS if steps is None else steps: 0.6, 0: 0.1}

    def labelled_gan(n, seed):
        gan = Stub().made(seed)
        gan.draw = lambda told, seed: shares[n] if (list(told), seed) == (wanted, 4) else None
        gans.append(gan)
        return gan

    def agreement(judging, share, labels):
        assert judging is judge
        assert list(labels) == (list(notes.t) if share == 0.9 else wanted)
        return SimpleNamespace(recall=share, spread=10 * share)

    stubs = {
        "labelled_gan": labelled_gan,
        "agreement": agreement,
        "class_codes": lambda net, X, y: {id(X): "own", id(y): net is vae},
        "vae_draws": lambda net, told, own, seed: (
            0.3 if own is None else 0.7 * (own == {id(notes.X): "own", id(notes.y): True})
        ),
        "real_patches": lambda net, T, t: (0.9 if T is notes.T else None, t),
    }
    for name, stub in stubs.items():
        monkeypatch.setattr(drawn_module, name, stub)
    stub_makers(monkeypatch, drawn_module, few_supervised=judge, encoder_vae=vae)
    expected = {
        "other notes": 0.9,
        "GAN told the label": 0.6,
        "untrained GAN": 0.1,
        "VAE, Gaussian of a class": 0.7,
        "VAE, prior": 0.3,
    }
    assert drawn_module.drawn(notes, 4, steps) == {
        **{f"taken for their label (%), {name}": 100 * p for name, p in expected.items()},
        **{f"spread within a class, {name}": 10 * p for name, p in expected.items()},
        "half the spread within a class of notes": 4.5,
        "taken for their label by chance (%)": 50,
    }
    assert vae.told == (notes.X,)
    assert [one.told for one in (judge, *gans)] == [(notes.X, notes.y)] * 3
    assert {one.seed for one in (judge, vae, *gans)} == {4}
    assert judge.given == vae.given == ({} if steps is None else {"steps": 9})


def test_bits_are_of_unheard_notes_and_linear_ones_of_the_same_levels(notes, monkeypatch):
    whose = {id(notes.X): "learned", id(notes.T): "asked", id(None): "none"}
    nets = {"encoder_wavenet": Stub(), "encoder_samplernn": Stub()}
    names = {id(net): name for name, net in nets.items()}
    stub_makers(monkeypatch, waveforms_module, **nets)
    monkeypatch.setattr(waveforms_module, "net_bits", lambda net, X: (names[id(net)], whose[id(X)]))
    monkeypatch.setattr(
        waveforms_module, "linear_bits", lambda net, X, train: (whose[id(X)], whose[id(train)])
    )
    assert waveforms_module.waveforms(notes, 4, 9) == {
        "bits, WaveNet": ("encoder_wavenet", "asked"),
        "bits, SampleRNN": ("encoder_samplernn", "asked"),
        "bits, linear, fitted to the training notes": ("asked", "learned"),
        "bits, linear, fitted to the 512 samples before": ("asked", "none"),
    }
    for net in nets.values():
        assert (net.told, net.seed, net.given) == ((notes.X,), 4, {"steps": 9})


@pytest.mark.parametrize("steps", [None, 9])
def test_alignment_is_of_lines_that_were_not_trained_on(monkeypatch, steps):
    """The stub reads three tested lines' notes in the order 0, 2, 1, 3, and training lines backwards."""
    writer, asked = Stub(), []

    def attention_line(steps, random_state):
        return writer.made(random_state).set_params(steps=steps)

    def reads(X, y):
        asked.append((X, y))
        return [np.eye(4)[[0, 2, 1, 3] if line == "C" else [3, 2, 1, 0]] for line in X]

    writer.alignment = reads
    stubs = {
        "attention_line": attention_line,
        "select": lambda items, ids: [items[i] for i in ids],
        "targets": lambda protocol, ids: [protocol.notes[i] for i in ids],
    }
    for name, stub in stubs.items():
        monkeypatch.setattr(alignment_module, name, stub)
    cells = [None, SimpleNamespace(train=("a", "b"), tests={"lines": ("c",)})]
    protocol = SimpleNamespace(cells=cells, notes={"a": 1, "b": 2, "c": 3})
    found = alignment_module.alignment(protocol, {"a": "A", "b": "B", "c": "C"}, 1, steps)
    assert found == {"read forward (%)": pytest.approx(200 / 3)}
    assert writer.told == (["A", "B"], [1, 2])
    assert asked == [(["C"], [3])]
    assert (writer.seed, writer.given) == (1, {"steps": LINE_STEPS if steps is None else 9})

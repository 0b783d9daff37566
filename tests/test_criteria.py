"""Criteria that look into fitted models: quantities against closed forms, verdicts, what is kept."""

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import entropy, ttest_1samp
from torch import nn

from deep.criteria import measured
from deep.criteria import transfer as transfer_module
from deep.criteria import waveforms as waveforms_module
from deep.criteria.answers import (
    FirstTeacher,
    accuracy,
    answers,
    change,
    classes_answered,
    worst_step,
)
from deep.criteria.codes import codes, components_error, relative_slope
from deep.criteria.criteria import CRITERIA, Criterion
from deep.criteria.drawn import drawn
from deep.criteria.judged import judged
from deep.criteria.measured import COLUMNS, MEASURES, measure_missing, protocol_of, read
from deep.criteria.notes import Notes, heard, notes_of
from deep.criteria.waveforms import told, waveforms
from deep.representation.budget import log_mel
from deep.representation.untrained import encoder_untrained
from deep.semisupervised.classifier import FewLabels
from deep.semisupervised.supervised import few_supervised
from mirbench.canonical import code_hash
from mirbench.errors import DataError
from mirbench.items import Item, as_items
from mirbench.protocols import load_protocol

RATE = 16_000


def tones(seed, n=8):
    """Notes of 110 Hz (class 3) or 1,760 Hz (class 5) of two seconds."""
    rng = np.random.default_rng(seed)
    t = np.arange(2 * RATE) / RATE
    y = np.where(np.arange(n) % 2, 5, 3)
    sounds = [
        0.3 * np.sin(2 * np.pi * (110 if c == 3 else 1760) * t + rng.uniform(0, 6)) for c in y
    ]
    noisy = [s + 0.003 * rng.standard_normal(len(s)) for s in sounds]
    return as_items(
        Item.from_array(s.astype(np.float32), RATE, group=str(i)) for i, s in enumerate(noisy)
    ), y


@pytest.fixture(scope="module")
def notes():
    X, y = tones(0)
    T, t = tones(1, 6)
    return Notes(X, y, np.where(np.arange(8) < 4, y, -1), T, t)


@pytest.fixture(scope="module")
def every(notes):
    """What each measure of notes finds with two steps."""
    return {f.__name__: f(notes, 0, 2) for f in (codes, waveforms, told, drawn, answers)}


PROBES = ("probe (%), L3-Net's sound encoder", "probe (%), the same untrained")


def test_criteria_name_what_is_measured(every):
    known = {quantity for found in every.values() for quantity in found}
    known |= {"read forward (%)", *PROBES}
    for one in CRITERIA:
        for side in (one.more, one.less):
            assert isinstance(side, float) or side in known, one.words
    assert all(math.isfinite(value) for found in every.values() for value in found.values())
    assert every["told"]["named by chance (%)"] == 50
    assert every["drawn"]["taken for their label by chance (%)"] == 50


def test_measures_are_the_same_again(notes, every):
    assert codes(notes, 0, 2) == every["codes"]
    assert answers(notes, 0, 2) == every["answers"]
    assert codes(notes, 1, 2) != every["codes"]


def test_the_error_of_components_is_what_they_leave_out(notes):
    net = encoder_untrained().set_params(steps=1, n_outputs=7).fit(notes.X)
    same = dataclasses.replace(notes, T=notes.X)
    x = heard(net, notes.X)[:, 0].numpy()
    blocks = x.reshape(len(x) * 16, -1)  # four frames of 64 bands
    left = np.linalg.svd(blocks - blocks.mean(axis=0), compute_uv=False)[7:]
    assert components_error(net, same) == pytest.approx((left**2).sum() / blocks.size, rel=1e-3)


def test_the_slope_of_a_linear_net_is_its_norm_over_the_variance(notes):
    net = encoder_untrained().set_params(steps=1).fit(notes.X)
    rows = torch.linalg.qr(torch.randn(64 * 64, 5, generator=torch.Generator().manual_seed(0)))[0].T
    net.task_.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64 * 64, 5, bias=False))
    with torch.no_grad():
        net.task_.encoder[1].weight.copy_(3 * rows)  # orthogonal, so that the signs don't count
    x = heard(net, notes.T).flatten(1).numpy()
    spread = (x @ (3 * rows).T.numpy()).var(axis=0).sum()
    assert relative_slope(net, notes.T, 0) == pytest.approx(45 / spread, rel=1e-4)


@pytest.fixture(scope="module")
def net(notes):
    return few_supervised().set_params(steps=3).fit(notes.X, notes.y)


def linear(net, weight):
    """``net`` with a linear layer on the patch in place of its net."""
    changed = nn.Sequential(nn.Flatten(), nn.Linear(64 * 64, len(weight), bias=False))
    with torch.no_grad():
        changed[1].weight.copy_(torch.as_tensor(np.array(weight)))
    other = few_supervised()
    vars(other).update(vars(net))
    other.task_ = SimpleNamespace(
        net=changed, logits=changed, parameters=lambda: iter([torch.zeros(1)])
    )
    return other


def test_the_worst_step_of_a_linear_net_is_along_its_weights(net, notes):
    w = np.random.default_rng(0).standard_normal(64 * 64).astype(np.float32) / 64
    flat = linear(net, np.zeros((2, 64 * 64), dtype=np.float32))
    assert worst_step(flat, notes, 0) == pytest.approx(0, abs=1e-7)
    x = heard(net, notes.T).flatten(1).double().numpy()
    small = linear(net, [0.01 * w, 0 * w])
    p = 1 / (1 + np.exp(-0.01 * x @ w))

    def mean_kl(sign):
        """Of a step of norm 8 up or down the weights, which is all that counts."""
        q = 1 / (1 + np.exp(-0.01 * (x @ w + sign * 8 * np.linalg.norm(w))))
        return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))

    lo, hi = sorted((mean_kl(-1).mean(), mean_kl(1).mean()))
    assert 0.95 * lo <= worst_step(small, notes, 0) <= 1.05 * hi


def test_change_by_noise_is_none_for_answers_that_are_all_alike(net, notes):
    flat = linear(net, np.zeros((2, 64 * 64), dtype=np.float32))
    assert change(flat, notes, 0) == pytest.approx(0, abs=1e-9)
    steep = linear(net, np.random.default_rng(0).standard_normal((2, 64 * 64)).astype(np.float32))
    assert change(steep, notes, 0) == change(steep, notes, 0) > 0.1


@pytest.mark.parametrize("told", [[3, 3, 3, 3], [3, 5, 3, 5], [3, 5, 5, 5]])
def test_classes_answered_are_the_exponential_of_their_entropy(told):
    stub = SimpleNamespace(classes_=np.array([3, 5, 9]), predict=lambda T: np.array(told))
    expected = 100 * np.exp(entropy(np.unique(told, return_counts=True)[1])) / 3
    assert classes_answered(stub, SimpleNamespace(T=None)) == pytest.approx(expected)


def test_accuracy_asks_the_net_that_is_given(net, notes):
    def always(number):
        return lambda x: nn.functional.one_hot(torch.full((len(x),), number), 2).double()

    hear = linear(net, np.zeros((2, 64 * 64), dtype=np.float32))
    assert accuracy(hear, always(0), notes) == 50
    truth = iter(np.searchsorted([3, 5], notes.t))
    assert accuracy(hear, lambda x: always(int(next(truth)))(x), notes) == 100


def test_the_first_teacher_is_the_net_of_the_first_round(notes):
    seen = []

    class Watched(FirstTeacher):
        def start(self, part, lr):
            seen.append([p.detach().clone() for p in self.net.parameters()])
            return super().start(part, lr)

    fitted = FewLabels(log_mel(), Watched).set_params(steps=6).fit(notes.X, notes.few)
    first = list(fitted.task_.first.parameters())
    assert all(torch.equal(a, b) for a, b in zip(first, seen[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, seen[2], strict=True))
    assert not any(p.requires_grad for p in first)


def test_bits_of_a_told_net_are_compared_by_class(notes, monkeypatch):
    bits = np.array([[1, 4], [5, 2], [3, 2], [2, 2.5], [1, 2], [6, 5]], dtype=float)

    class Stub:
        classes_ = np.array([3, 5])

        def set_params(self, **_):
            return self

        def fit(self, X, y):
            return self

        def bits(self, T):
            return bits

    monkeypatch.setattr(waveforms_module, "wavenet_by_instrument", lambda seed: Stub())
    assert told(notes, 0) == {
        "bits, right instrument": (1 + 2 + 3 + 2.5 + 1 + 5) / 6,
        "bits, other instruments": (4 + 5 + 2 + 2 + 2 + 6) / 6,
        "named by fewest bits (%)": pytest.approx(100 * (2 / 3 + 2 / 3) / 2),
        "named by chance (%)": 50,
    }


def test_a_sound_encoder_is_probed_beside_its_untrained_self(net, notes, monkeypatch):
    """A stub that hears whether a patch is high once it has learned, and nothing before."""

    class Stub:
        extract, tiled, lr = net.extract, net.tiled, 1.0

        def set_params(self, **given):
            vars(self).update(given)
            return self

        def fit(self, X, y):
            self.task_ = SimpleNamespace(sound=lambda x: self.lr * x[:, 0].mean(dim=1))
            return self

    cells = [None, SimpleNamespace(train=("clip",))]
    stubs = {
        "load_protocol": lambda name: SimpleNamespace(cells=cells),
        "protocol_items": lambda protocol: {},
        "select": lambda items, ids: ids,
        "targets": lambda protocol, ids: ids,
        "l3_net": lambda seed: Stub(),
    }
    for name, stub in stubs.items():
        monkeypatch.setattr(transfer_module, name, stub)
    assert transfer_module.transfer(notes, 1) == dict(zip(PROBES, (100, 50), strict=True))


# what is kept, and its verdicts

ASKED = []


def fake(notes, seed, steps):
    """A measure that tells which sets it was asked for."""
    ASKED.append(seed)
    return {"thing": float(seed)}


def kept(folder, **quantities):
    rows = [
        ("few-labels/embedded", f"set {i + 1}", name.replace("_", " "), value, "c")
        for name, values in quantities.items()
        for i, value in enumerate(values)
    ]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "some.csv", index=False)


def test_verdicts_are_student_s_t_over_the_sets(tmp_path):
    kept(tmp_path, a=[5, 6, 5.5, 6.5], b=[4, 4.2, 4.1, 4.9], c=[1.02, 0.99, 1.0, 1.01])
    criteria = [
        Criterion("apart", "a", "b"),
        Criterion("the other way round", "b", "a"),
        Criterion("equal", "c", 1.0, tie=0.1),
        Criterion("hardly less", 1.005, "c", slack=0.1),
        Criterion("not known", "a", "nothing"),
    ]
    table = judged(tmp_path, criteria).set_index("claim")
    gains = np.subtract([5, 6, 5.5, 6.5], [4, 4.2, 4.1, 4.9])
    assert table.loc["apart", "p"] == pytest.approx(ttest_1samp(gains, 0).pvalue)
    assert table.loc["apart", "figures"] == "5.75, 4.3"
    assert table.loc["apart", "sets"] == "4 of 4"
    assert table["verdict"].tolist() == [
        "reproduced",
        "not reproduced: the other way round",
        "reproduced",
        "reproduced",
        "no record of nothing",
    ]


def test_sets_are_measured_once_and_anew_after_a_change_of_code(tmp_path, monkeypatch):
    ASKED.clear()
    monkeypatch.setitem(measured.OF_NOTES, "fake", fake)
    monkeypatch.setitem(measured.MEASURES, "fake", fake)
    monkeypatch.setattr(measured, "protocol_items", lambda protocol: {})
    monkeypatch.setattr(measured, "notes_of", lambda *_: None)
    run = measure_missing("fake", tmp_path)
    assert [next(run), next(run), next(run)] == ["set 1", "set 2", "set 3"]
    run.close()
    assert ASKED == [0, 1]
    assert list(measure_missing("fake", tmp_path)) == ["set 3", "set 4", "set 5"]
    assert ASKED == [0, 1, 2, 3, 4]
    assert list(measure_missing("fake", tmp_path)) == []
    table = read(tmp_path / "fake.csv")
    assert table["value"].tolist() == [0, 1, 2, 3, 4]
    table["code"] = ["older", *table["code"][1:]]
    table.to_csv(tmp_path / "fake.csv", index=False)
    assert list(measure_missing("fake", tmp_path)) == ["set 1"]
    assert [path.name for path in tmp_path.iterdir()] == ["fake.csv"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", f"{','.join(COLUMNS)}\np,s,q,,c\n", "\x00"])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "codes.csv").write_text(text)
    with pytest.raises(DataError, match=r"codes\.csv: .*delete it and measure again"):
        read(tmp_path / "codes.csv")


def test_notes_of_a_cell_show_five_labels_a_class():
    protocol = load_protocol("few-labels/embedded")
    items = {i: Item.from_array(np.ones(8, dtype=np.float32), 8, group=i) for i in protocol.labels}
    found = notes_of(protocol, items, 2)
    assert set(np.unique(found.few, return_counts=True)[1][1:]) == {5}
    assert (found.few == found.y)[found.few >= 0].all()
    assert {i.group for i in found.X} == set(protocol.cells[2].train)
    assert not {i.group for i in found.X} & {i.group for i in found.T}


@pytest.mark.parametrize("name", MEASURES)
def test_committed_measures_are_of_today_s_code_and_of_all_sets(name, pytestconfig):
    table = read(pytestconfig.rootpath / "leaderboards" / "criteria" / f"{name}.csv")
    protocol = load_protocol(protocol_of(name))
    assert set(table["set"]) == {cell.name for cell in protocol.cells}
    assert not table.duplicated(["set", "quantity"]).any()
    assert set(table["code"]) == {code_hash(MEASURES[name])}

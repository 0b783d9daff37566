"""Few-shot networks: their rules, how they are trained, how they answer."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from deep.fewshot import episodic
from deep.fewshot.episodic import ASKED, SHOWN, Episodic
from deep.fewshot.rules import SCALE, attention, cosine, euclidean, prototypes
from deep.nets.small_encoder import SmallEncoder
from deep.representation.budget import STEPS
from mirbench.errors import MethodError
from mirbench.items import Item, as_items
from mirbench.methods import load_method

SR = 8000


NETS = ("shot-prototypes", "shot-prototypes-cosine", "shot-matching", "shot-finetune")


def made_rows(seed=0):
    rng = np.random.default_rng(seed)
    codes = np.array([0, 1, 2, 0, 1, 0, 2])
    return rng.standard_normal((5, 4)), rng.standard_normal((7, 4)), codes


def test_rules_against_numpy():
    queries, support, codes = made_rows()
    q, s, y = (torch.as_tensor(a) for a in (queries, support, codes))
    means = np.stack([support[codes == k].sum(axis=0) / np.sum(codes == k) for k in range(3)])
    np.testing.assert_allclose(prototypes(s, y), means)
    odds = np.exp(-((queries[:, None] - means) ** 2).sum(axis=2))
    np.testing.assert_allclose(euclidean(q, s, y).exp(), odds / odds.sum(axis=1, keepdims=True))

    def cos(a, b):
        return (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))

    odds = np.exp(SCALE * cos(queries, means))
    np.testing.assert_allclose(cosine(q, s, y).exp(), odds / odds.sum(axis=1, keepdims=True))
    weights = np.exp(SCALE * cos(queries, support))
    weights /= weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(attention(q, s, y).exp(), weights @ np.eye(3)[codes])


def test_one_shot_makes_matching_and_cosine_prototypes_one():
    queries, support, _ = made_rows()
    q, s, y = torch.as_tensor(queries), torch.as_tensor(support[:3]), torch.arange(3)
    torch.testing.assert_close(attention(q, s, y), cosine(q, s, y))


def told_by(name, queries, support, codes):
    """What each network says of queries, by loops over the support."""

    def cos(a, b):
        return a @ b / np.sqrt(a @ a * (b @ b))

    means = [support[codes == k].mean(axis=0) for k in range(3)]
    if name == "shot-prototypes":
        odds = [[np.exp(-np.sum((q - m) ** 2)) for m in means] for q in queries]
    elif name == "shot-prototypes-cosine":
        odds = [[np.exp(10 * cos(q, m)) for m in means] for q in queries]
    else:
        each = np.array([[np.exp(10 * cos(q, s)) for s in support] for q in queries])
        odds = each @ np.eye(3)[codes]
    return odds / np.sum(odds, axis=1, keepdims=True)


@pytest.mark.parametrize("name", NETS[:3])
def test_a_method_answers_by_the_rule_of_its_name(name):
    queries, support, codes = made_rows()
    task = load_method(name).build(0).make(SmallEncoder((1, 64, 64), 8), (1, 64, 64))
    np.testing.assert_allclose(
        task.adapt(support, codes)(queries), told_by(name, queries, support, codes), rtol=1e-6
    )
    task.know(codes, ["a"] * len(codes))
    task._n_shown = 4
    rows, places = torch.randn(7, 8), np.array([0, 1, 2, 3, 4, 5, 6])
    shown, asked = rows[:4].numpy(), rows[4:].numpy()
    p = told_by(name, asked, shown, codes[:4])
    wanted = -np.log(p[np.arange(3), codes[4:]]).mean()
    assert float(task.of(rows, places)) == pytest.approx(wanted, rel=1e-4), "trained by it too"


def test_the_classifier_is_trained_on_the_classes_of_its_items():
    task = load_method("shot-finetune").build(0).make(SmallEncoder((1, 64, 64), 8), (1, 64, 64))
    codes = np.array([2, 0, 1, 2, 1])
    task.know(codes, ["a"] * 5)
    rows, places = torch.randn(4, 8), np.array([3, 0, 4, 1])
    scores = rows.numpy() @ task.head.weight.detach().numpy().T + task.head.bias.detach().numpy()
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    wanted = -np.log(p[np.arange(4), codes[places]]).mean()
    assert task.of(rows, places).item() == pytest.approx(wanted, rel=1e-5)
    drawn = np.bincount(
        codes[np.concatenate([task.draw(np.random.default_rng(i)) for i in range(20)])]
    )
    assert drawn.max() < 1.3 * drawn.min(), "each class as often as another"


def task_of(codes, databases):
    task = Episodic(SmallEncoder((1, 64, 64), 8), (1, 64, 64), euclidean)
    task.know(np.asarray(codes), databases)
    return task


def test_training_episodes_divide_databases():
    codes, databases = np.repeat(np.arange(7), 12), np.tile([*"aaaabbbbcccc"], 7)
    task, rng = task_of(codes, databases), np.random.default_rng(0)
    for _ in range(20):
        places = task.draw(rng)
        shown, asked = places[: task._n_shown], places[task._n_shown :]
        assert (len(shown), len(asked)) == (5 * SHOWN, 5 * ASKED)
        assert not set(databases[shown]) & set(databases[asked])
        assert set(codes[shown]) == set(codes[asked])
        rows = torch.randn(len(places), 8)
        classes = np.unique(codes[places], return_inverse=True)[1]
        logs = euclidean(rows[15:], rows[:15], torch.as_tensor(classes[:15])).numpy()
        twin = -np.mean([row[k] for row, k in zip(logs, classes[15:], strict=True)])
        assert float(task.of(rows, places)) == pytest.approx(twin, rel=1e-5)


def test_training_episodes_of_one_database_divide_items():
    task = task_of([0, 0, 0, 1, 1, 2], ["a"] * 6)
    places = task.draw(np.random.default_rng(0))
    assert len(set(places)) == len(places)
    assert 5 not in places, "a class of one note can't be shown and asked for"
    with pytest.raises(MethodError, match="two items or more"):
        task_of([0, 1], ["a", "a"]).draw(np.random.default_rng(0))
    assert episodic.WAYS * (SHOWN + ASKED) <= 32, "the shared batch"


def notes(n=12, seed=0):
    """Tones of three classes."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(16_000 * 0.8)) / 16_000
    sounds = (
        0.1 * np.sin(2 * np.pi * 300 * 3 ** (i % 3) * t) + 0.01 * rng.standard_normal(len(t))
        for i in range(n)
    )
    items = as_items(
        Item.from_array(s.astype(np.float32), 16_000, group=f"g{i}", corpus="ab"[i // 3 % 2])
        for i, s in enumerate(sounds)
    )
    return items, np.arange(n) % 3


@pytest.mark.parametrize("name", NETS)
def test_networks(name):
    assert load_method(name).build().steps == STEPS, "one budget for all"
    items, y = notes()
    method = load_method(name).build(0).set_params(steps=2)
    state = torch.random.get_rng_state()
    method.fit(items, y + 4)
    assert torch.equal(state, torch.random.get_rng_state())
    before = method.transform(items[:2])
    support, codes = notes(6, seed=1)
    one = method.adapt(support, codes + 10)
    answers = one.predict_proba(items)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    assert one.classes_.tolist() == [10, 11, 12]
    method.adapt(support[:2], codes[:2])
    np.testing.assert_array_equal(one.predict_proba(items), answers)
    np.testing.assert_array_equal(method.transform(items[:2]), before)
    again = clone(method).fit(items, y + 4)
    np.testing.assert_array_equal(again.adapt(support, codes + 10).predict_proba(items), answers)
    for wrong in (None, -np.ones(len(items), int), np.zeros(len(items), int)):
        with pytest.raises(MethodError, match="need a known class each"):
            clone(method).fit(items, wrong)


@pytest.mark.slow
def test_prototypes_learn_and_answer_for_unseen_tones():
    items, y = notes(24)
    method = load_method("shot-prototypes").build(0).set_params(steps=40).fit(items, y)
    assert method.history_[-1]["train_loss"] < 0.7 * method.history_[0]["train_loss"]
    support, codes = notes(3, seed=1)
    asked, truth = notes(9, seed=2)
    assert (method.adapt(support, codes).predict_proba(asked).argmax(axis=1) == truth).all()

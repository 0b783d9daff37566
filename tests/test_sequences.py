"""Tags as a sequence: decoding against brute force, learning, seeds, batches, clear errors."""

from itertools import permutations

import numpy as np
import pytest
import torch
from sklearn.base import clone

from deep.nets.seq2seq import Seq2Seq
from deep.sequences import batches
from deep.sequences.batches import sequences
from deep.sequences.decoding import beam, greedy
from deep.sequences.methods import seq2seq
from deep.sequences.tagger import SequenceTagger
from mirbench.errors import MethodError
from mirbench.features import Extract
from mirbench.features.spectral import mel_power
from mirbench.items import Item, as_items

SR = 8000
TONES = (300, 900, 2200)
PATCH = (1, 12, 18)


def decibels(signal, sr):
    return np.log10(mel_power(signal, sr, n_fft=256, hop_length=160, n_mels=18) + 1e-4)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def corpus(n, seed=0, longest=0.5):
    """Noise with up to three tones, each a tag; a fourth tag that no item has."""
    rng = np.random.default_rng(seed)
    tags = np.zeros((n, 4), dtype=np.int64)
    tags[:, :3] = rng.random((n, 3)) < (0.3, 0.5, 0.7)
    items = []
    for i, row in enumerate(tags):
        t = np.arange(int(SR * rng.uniform(0.3, longest))) / SR
        sound = 0.2 * rng.standard_normal(len(t))
        for tone in np.flatnonzero(row):
            sound += np.sin(2 * np.pi * TONES[tone] * rng.uniform(0.95, 1.05) * t)
        items.append(Item.from_array(sound, SR, f"g{i // 2}"))
    return as_items(items), tags


def small(**options):
    options = {
        "net_args": {"width": 1 / 4},
        "patch_frames": 16,
        "max_epochs": 16,
        "lr": 1e-2,
    } | options
    return SequenceTagger(Extract(decibels, sr=SR), **options)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(*corpus(80))


@pytest.fixture
def net():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        net = Seq2Seq(PATCH, 3, width=1 / 4, repeats=False).eval()
        for p in net.parameters():
            torch.nn.init.normal_(p, 0, 0.4)
        with torch.no_grad():
            yield net


def log_probability(net, x, tokens, longest):
    """Of a sequence and its end, by teacher forcing."""
    truth = torch.tensor([[*tokens, net.end]])
    rows = torch.log_softmax(net.taught(x, truth), dim=2)[0]
    picked = rows[torch.arange(truth.shape[1]), truth[0]]
    return float(picked[: max(1, longest)].sum())  # the end after the longest is certain


def test_a_full_beam_is_exhaustive_search(net):
    x = torch.randn(1, *PATCH, generator=torch.Generator().manual_seed(0))
    everything = [p for n in range(4) for p in permutations(range(3), n)]
    expected = sorted(((log_probability(net, x, p, 3), list(p)) for p in everything), reverse=True)
    found = beam(net, x, 3, width=len(everything))
    assert [tokens for tokens, _ in found] == [tokens for _, tokens in expected]
    np.testing.assert_allclose([s for _, s in found], [s for s, _ in expected], atol=1e-4)
    assert np.exp([s for _, s in found]).sum() == pytest.approx(1, abs=1e-4)


def test_a_beam_of_one_is_greedy_and_a_wider_one_no_worse(net):
    x = torch.randn(9, *PATCH, generator=torch.Generator().manual_seed(1))
    tokens, rows = greedy(net, x, 3)
    assert rows.shape == (*tokens.shape, 4)
    torch.testing.assert_close(rows.sum(dim=2), torch.ones(tokens.shape))
    for one, said in zip(x, tokens):
        best, score = beam(net, one[None], 3, width=1)[0]
        assert best == said[said != net.end].tolist()
        assert beam(net, one[None], 3, width=16)[0][1] >= score - 1e-6


def test_greedy_says_nothing_after_the_end(net):
    net.readout[1].bias[net.end] = 100
    tokens, rows = greedy(net, torch.randn(2, *PATCH), 3)
    assert tokens.tolist() == [[net.end]] * 2
    assert rows[:, :, net.end].min() > 0.99


def test_a_beam_takes_one_item(net):
    with pytest.raises(MethodError, match="one item"):
        beam(net, torch.randn(2, *PATCH), 3)


def test_sequences_hold_columns_then_ends():
    holds = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    assert sequences(holds).tolist() == [[0, 2, 3], [3, 3, 3], [1, 3, 3]]


def test_learns_tags_and_writes_the_most_frequent_first(fitted):
    X, tags = corpus(40, seed=1)
    probabilities = fitted.predict_proba(X)
    assert probabilities.shape == tags.shape
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1
    assert ((probabilities > 0.5) == tags).mean() > 0.9
    assert (fitted.predict(X) == tags).mean() > 0.9
    assert fitted.order_.tolist() == [2, 1, 0, 3]
    said = fitted.decode(X)
    assert np.mean([set(s) == set(np.flatnonzero(row)) for s, row in zip(said, tags)]) > 0.8
    in_order = [s == sorted(s, reverse=True) for s in said]
    assert np.mean(in_order) > 0.9


def test_a_tag_without_a_positive_is_never_likely(fitted):
    assert fitted.predict_proba(corpus(20, seed=2)[0])[:, 3].max() < 0.2


def test_learns_classes_of_any_code():
    X, tags = corpus(80)
    model = small(max_epochs=30).fit(X, 7 * tags[:, 1])
    assert model.classes_.tolist() == [0, 7]
    test, truth = corpus(30, seed=1)
    np.testing.assert_allclose(model.predict_proba(test).sum(axis=1), 1)
    assert model.score(test, 7 * truth[:, 1]) > 0.9
    assert {code for said in model.decode(test) for code in said} == {0, 7}


def test_one_seed_repeats_another_differs_and_torch_is_left_alone(fitted):
    X, tags = corpus(24)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, again, other = (
        small(max_epochs=2, random_state=seed).fit(X, tags).predict_proba(X) for seed in (1, 1, 2)
    )
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4


def test_answers_do_not_depend_on_the_batch(fitted, monkeypatch):
    X = corpus(15, seed=3)[0]
    together = fitted.predict_proba(X)
    monkeypatch.setattr(batches, "ITEMS_AT_ONCE", 7)
    np.testing.assert_allclose(fitted.predict_proba(X), together, atol=1e-5)
    alone = np.concatenate([fitted.predict_proba(X[i : i + 1]) for i in range(15)])
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_whole_groups_are_held_out_and_seen_by_nothing(fitted):
    X = corpus(80)[0]
    held, groups = fitted.held_out_, np.array([item.group for item in X])
    assert 0 < held.mean() < 0.3
    assert not set(groups[held]) & set(groups[~held])
    rows = np.concatenate([decibels(item.signal(SR), SR) for item in X[~held]])
    np.testing.assert_allclose(fitted.mean_[0, 0], rows.mean(axis=0), atol=1e-3)
    assert fitted.history_[0].keys() == {"epoch", "train_loss", "valid_loss"}


def test_the_best_epoch_is_kept():
    X, tags = corpus(24)
    model = small(max_epochs=6, patience=2, lr=0.05).fit(X, tags)
    losses = [row["valid_loss"] for row in model.history_]
    parts = batches.same_length(
        [
            ((decibels(x.signal(SR), SR) - model.mean_) / model.scale_).astype(np.float32)
            for x in X[model.held_out_]
        ],
        "cpu",
    )
    tokens = sequences(tags[:, model.order_])[model.held_out_]
    with torch.no_grad():
        pairs = [batches.token_loss(model.module_, x, tokens[some]) for some, x in parts]
    loss = float(sum(a for a, _ in pairs)) / sum(n for _, n in pairs)
    assert loss == pytest.approx(min(losses), abs=1e-4)


def test_without_groups_to_hold_out_it_trains_to_the_end():
    X, tags = corpus(8)
    for item in X:
        item.group = "one"
    model = small(max_epochs=2).fit(X, tags)
    assert not model.held_out_.any()
    assert [sorted(row) for row in model.history_] == [["epoch", "train_loss"]] * 2


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (lambda n: np.zeros((n, 2), dtype=int), "one at least"),
        (lambda n: np.full((n, 2), 2), "0 and 1"),
        (lambda n: np.zeros((n, 2)), "not values"),
        (lambda n: np.zeros(n, dtype=int), "two classes"),
        (lambda n: np.full(n, -1), "negative"),
        (lambda n: np.arange(n + 1), "one an item"),
    ],
)
def test_labels_that_cannot_be_learned_are_one_clear_error(labels, message):
    X = corpus(4)[0]
    with pytest.raises(MethodError, match=message):
        small().fit(X, labels(len(X)))


def test_one_item_is_one_clear_error():
    X, tags = corpus(1)
    with pytest.raises(MethodError, match="two items"):
        small().fit(X, np.ones_like(tags))


def test_the_method_is_a_clonable_estimator():
    model = clone(seq2seq(width=0.25, random_state=3))
    assert model.net_args == {"width": 0.25}
    assert (seq2seq.family, seq2seq.cite) == ("deep", "bahdanau2015neural")

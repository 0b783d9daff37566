"""Methods of note lines: what they hear, the hidden Markov model, nets, beams, training, claims."""

from itertools import permutations, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.sequences import hmm
from baselines.sequences.frames import HOP, N_CHROMA, SR, note_frames
from baselines.sequences.hmm import HmmLine
from baselines.sequences.prior import ConstantLine
from deep.nets.line_ctc import LineCTC, collapsed
from deep.nets.line_seq2seq import LineSeq2Seq
from deep.nets.line_transformer import LineTransformer
from deep.sequences.__main__ import main, without_record
from deep.sequences.claims import CLAIMS
from deep.sequences.decoding import beam, greedy
from deep.sequences.line_batches import IGNORED, draw, padded, transposed
from deep.sequences.line_writer import LineWriter, line_loss
from deep.sequences.monotone import forward_share, places
from mirbench.errors import MethodError
from mirbench.methods import load_method
from mirbench.metrics.sequences import edit_distance

BINS = N_CHROMA + 2
NETS = {
    "plain": lambda: LineSeq2Seq((1, 9, BINS), 12, attention=False, units=16),
    "attention": lambda: LineSeq2Seq((1, 9, BINS), 12, units=16),
    "transformer": lambda: LineTransformer((1, 9, BINS), 12, units=16, layers=1),
    "ctc": lambda: LineCTC((1, 9, BINS), 12, units=16),
}
WRITERS = ("plain", "attention", "transformer")


class AsTheyAre:
    """Items that are their own features."""

    def transform(self, X):
        return X


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def toy(n, seed, notes=12, longest=5):
    """Lines of clear notes of 6 to 9 frames with silence between, repeated notes among them."""
    rng = np.random.default_rng(seed)
    frames, lines = [], []
    for _ in range(n):
        line = rng.integers(notes, size=rng.integers(2, longest + 1))
        line[1] = line[0]
        rows = [np.tile(np.append(np.zeros(12), -5.0), (3, 1))]
        for note in line:
            held = np.zeros((rng.integers(6, 10), 13))
            held[:, note] = 1.0
            rows += [held, np.tile(np.append(np.zeros(12), -5.0), (2, 1))]
        chroma = np.concatenate(rows)
        chroma += 0.05 * rng.standard_normal(chroma.shape)
        rise = np.diff(chroma[:, -1:], axis=0, prepend=chroma[:1, -1:])
        frames.append(np.hstack([chroma, rise]).astype(np.float32))
        lines.append(line.astype(np.int64))
    return frames, lines


def test_frames_hold_the_note_and_no_gain():
    t = np.arange(SR) / SR
    sound = np.concatenate([np.zeros(SR // 2), 0.1 * np.sin(2 * np.pi * 440 * t)]).astype("float32")
    rows = note_frames(sound, SR)
    assert rows.shape == (1 + len(sound) // HOP, BINS)
    assert (rows[24:40, :N_CHROMA].argmax(axis=1) == 9).all()
    assert rows[:8, N_CHROMA].max() < -5
    assert rows[24:40, N_CHROMA].min() > -0.3
    assert rows[:, -1].max() > 3
    np.testing.assert_allclose(note_frames(0.25 * sound, SR), rows, atol=1e-3)
    assert not note_frames(np.zeros(SR), SR)[:, :N_CHROMA].any()


def test_the_prior_is_the_best_line_of_one_note():
    lines = [np.array([3, 3, 1]), np.array([2, 3, 4, 3]), np.array([3])]
    said = ConstantLine().fit(["x"] * 3, lines).predict(["x", "y"])
    errors = {n: sum(edit_distance(list(line), [3] * n) for line in lines) for n in range(5)}
    assert set(said[0]) == {3}
    assert errors[len(said[0])] == min(errors.values())


def test_a_model_of_notes_is_taught_by_their_order_alone():
    model = HmmLine(AsTheyAre(), n_iter=3).fit(*toy(40, 0))
    assert model.likelihoods_[-1] >= model.likelihoods_[0]
    np.testing.assert_allclose(model.transitions_.sum(axis=1), 1)
    assert not model.transitions_[~hmm.allowed(12)].any()
    frames, lines = toy(10, 1)
    for said, line in zip(model.predict(frames), lines):
        assert said.tolist() == line.tolist()
    for rows, line in zip(frames, lines):
        assert hmm.entered(model._aligned(rows, line)[0], 24).tolist() == line.tolist()
    short = model._aligned(frames[0][:3], lines[0])[0]
    assert len(short) == 3
    with pytest.raises(MethodError, match="no notes"):
        HmmLine(AsTheyAre()).fit(frames, [*lines[:-1], np.array([], dtype=int)])


def test_a_line_starts_spread_evenly_over_what_sounds():
    rows = np.zeros((12, BINS))
    rows[[0, 1, 11], N_CHROMA] = -4.0
    path = hmm.spread(rows, np.array([1, 1, 0]), 24)
    assert path.tolist() == [24, 24, 2, 2, 3, 2, 2, 3, 0, 0, 1, 24]
    assert hmm.entered(path, 24).tolist() == [1, 1, 0]
    assert hmm.left_right(np.array([1, 0]), 24).tolist() == [24, 2, 3, 24, 0, 1, 24]


@pytest.mark.parametrize("name", NETS)
def test_what_a_line_is_padded_to_changes_nothing(name):
    net = NETS[name]().eval()
    frames = [torch.randn(1, n, BINS).numpy() for n in (20, 13)]
    lines = [np.array([1, 2, 2]), np.array([5])]
    both, one = padded(frames, lines), padded(frames[1:], lines[1:])
    with torch.no_grad():
        if name == "ctc":
            rows, counted = net.spoken(both.x, both.lengths)
            alone = net.spoken(one.x)[0]
            rows = rows[1, : counted[1]]
        else:
            rows = net.taught(both.x, both.lengths, both.targets(net.end)[0])[1, :2]
            alone = net.taught(one.x, one.lengths, one.targets(net.end)[0])
    torch.testing.assert_close(rows, alone[0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", WRITERS)
def test_a_note_is_told_by_those_before_it_and_the_loss_is_cross_entropy(name):
    net = NETS[name]().eval()
    batch = padded([torch.randn(1, 20, BINS).numpy()] * 2, [np.array([1, 2, 3]), np.array([1, 2])])
    fed, told = batch.targets(net.end)
    assert fed.tolist() == [[1, 2, 3, 12], [1, 2, 12, 12]]
    assert told.tolist() == [[1, 2, 3, 12], [1, 2, 12, IGNORED]]
    with torch.no_grad():
        logits = net.taught(batch.x, batch.lengths, fed)
        torch.testing.assert_close(logits[0, :3], logits[1, :3])
        memory, keys, state = net.encode(batch.x[:1])
        before, steps = torch.tensor([net.start]), []
        for token in (1, 2, 3):
            row, state, _ = net.step(memory, keys, state, before)
            steps.append(row[0])
            before = torch.tensor([token])
        torch.testing.assert_close(torch.stack(steps), logits[0, :3], atol=1e-5, rtol=0)
        p = np.exp(logits.double().numpy())
        p /= p.sum(axis=2, keepdims=True)
        wanted = [
            -np.log(p[i, j, t]) for i, row in enumerate(told) for j, t in enumerate(row) if t >= 0
        ]
        assert float(line_loss(net, batch)) == pytest.approx(np.mean(wanted), rel=1e-5)


def test_the_loss_with_blanks_sums_over_all_paths():
    net = LineCTC((1, 8, BINS), 2, units=8).eval()
    batch = padded([torch.randn(1, 8, BINS).numpy()], [np.array([0, 0])])
    with torch.no_grad():
        p = net.spoken(batch.x)[0][0].double().exp().numpy()
        ways = [
            path for path in product(range(3), repeat=len(p))
            if collapsed(torch.tensor(path), 2) == [0, 0]
        ]  # fmt: skip
        total = sum(np.prod([p[t, k] for t, k in enumerate(path)]) for path in ways)
        assert ways
        assert float(line_loss(net, batch)) == pytest.approx(-np.log(total) / 2, rel=1e-5)


def test_without_positions_frames_have_no_order():
    rows, turned = torch.randn(1, 6, 16), torch.tensor([3, 1, 5, 0, 2, 4])
    for positions in (True, False):
        net = LineTransformer((1, 9, BINS), 12, positions=positions, units=16, layers=1).eval()
        with torch.no_grad():
            kept, moved = (net.encoder(net.placed(r)) for r in (rows, rows[:, turned]))
        assert torch.allclose(kept[:, turned], moved, atol=1e-5) != positions


@pytest.mark.parametrize("name", WRITERS)
def test_beams_hold_the_greedy_line_and_find_the_best_one(name):
    net = LineSeq2Seq((1, 9, BINS), 2, attention=name == "attention", units=8)
    if name == "transformer":
        net = LineTransformer((1, 9, BINS), 2, units=8, layers=1)
    net.eval()
    x = torch.randn(1, 1, 12, BINS)
    with torch.no_grad():
        said = greedy(net, x, 3)[0][0].tolist()
        said = said[: said.index(net.end)] if net.end in said else said
        assert beam(net, x, 3, 1)[0][0] == said
        scores = {}
        for n in range(4):
            for line in product(range(2), repeat=n):
                rows = net.taught(x, None, torch.tensor([[*line, net.end]])).log_softmax(dim=2)[0]
                ends = [*line, net.end][:3]  # certain after the longest
                scores[line] = sum(float(rows[i, t]) for i, t in enumerate(ends))
        best = max(scores, key=scores.get)
        found, score = beam(net, x, 3, 50)[0]
    assert tuple(found) == best
    assert score == pytest.approx(scores[best], abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(turn=st.integers(0, 11), seed=st.integers(0, 99))
def test_chroma_and_notes_are_turned_together(turn, seed):
    frames, lines = toy(1, seed)
    rows, line = transposed(frames[0][None], lines[0], turn)
    heard = [n for n in np.argmax(rows[0, :, :12], axis=1)[frames[0][:, 12] > -2.0]]
    assert [n for i, n in enumerate(heard) if i == 0 or n != heard[i - 1]] == [
        n for i, n in enumerate(line) if i == 0 or n != line[i - 1]
    ]
    np.testing.assert_array_equal(rows[0, :, 12:], frames[0][:, 12:])
    np.testing.assert_array_equal(np.sort(rows[0, :, :12]), np.sort(frames[0][:, :12]))


def test_training_begins_with_short_lines():
    frames, lines = toy(40, 2, longest=12)
    frames = [rows[None] for rows in frames]
    rng = np.random.default_rng(0)
    first = [draw(frames, lines, 4, 0.0, rng, False) for _ in range(20)]
    last = [draw(frames, lines, 4, 1.0, rng, True) for _ in range(20)]
    bound = np.sort([len(line) for line in lines])[11]
    assert max(len(t) for batch in first for t in batch.tokens) <= bound
    assert max(len(t) for batch in last for t in batch.tokens) > bound
    assert all(len(batch.tokens) == len(batch.lengths) == 4 for batch in first + last)
    assert all(batch.x.shape[2] == batch.lengths.max() for batch in first + last)


def test_a_writer_learns_repeats_itself_and_leaves_the_seed_alone():
    frames, lines = toy(12, 3, notes=2, longest=2)
    args = {"net_args": {"units": 16, "dropout": 0.0}, "steps": 30, "batch_size": 8, "lr": 0.03}
    writer = LineWriter(AsTheyAre(), LineSeq2Seq, transpose=False, **args)
    state = torch.random.get_rng_state()
    writer.fit(frames, lines)
    assert torch.equal(state, torch.random.get_rng_state())
    said = writer.predict(frames)
    assert all(line.dtype == np.int64 and len(line) <= 2 for line in said)
    assert sum(edit_distance(list(t), list(s)) for t, s in zip(lines, said)) < 4
    again = LineWriter(AsTheyAre(), LineSeq2Seq, transpose=False, **args).fit(frames, lines)
    pairs = zip(writer.module_.parameters(), again.module_.parameters())
    assert all(torch.equal(a, b) for a, b in pairs)
    rows = writer.alignment(frames[:2], lines[:2])
    assert [r.shape for r in rows] == [(len(t), -(-len(f) // 2)) for t, f in zip(lines, frames[:2])]
    np.testing.assert_allclose(np.concatenate([r.sum(axis=1) for r in rows]), 1, rtol=1e-5)


def test_bad_lines_are_refused():
    frames, lines = toy(3, 4)
    writer = LineWriter(AsTheyAre(), LineCTC, steps=1)
    with pytest.raises(MethodError, match="3 items and 2 lines"):
        writer.fit(frames, lines[:2])
    with pytest.raises(MethodError, match="no pitch class"):
        writer.fit(frames, [line + 12 for line in lines])
    with pytest.raises(MethodError, match="no additive attention"):
        writer.fit(frames, lines).alignment(frames, lines)
    with pytest.raises(MethodError, match="steps=0, batch_size=16: give 1 or more"):
        LineWriter(AsTheyAre(), LineCTC, steps=0).fit(frames, lines)


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (np.array([3, -1]), "the code -1: codes are 0 or more"),
        (["1", "2"], "no list of codes"),
        (np.array([1.0, np.nan]), "no list of codes"),
        (np.array([[1, 2]]), "no list of codes"),
        (5, "no list of codes"),
        ([], "no notes: leave it out"),
    ],
)
def test_all_methods_refuse_codes_that_are_no_notes(bad, match):
    frames, lines = toy(3, 4)
    writer = LineWriter(AsTheyAre(), LineSeq2Seq, steps=1)
    for method in (HmmLine(AsTheyAre()), ConstantLine(), writer):
        with pytest.raises(MethodError, match=match):
            method.fit(frames, [*lines[:2], bad])
        with pytest.raises(MethodError, match="no training item"):
            method.fit([], [])


@pytest.mark.parametrize("net", [LineSeq2Seq, LineTransformer, LineCTC])
def test_a_loss_that_is_not_finite_ends_a_fit(net):
    frames, lines = toy(4, 5)
    writer = LineWriter(AsTheyAre(), net, {"units": 8}, steps=9, lr=1e30)
    with pytest.raises(MethodError, match=r"not finite in step [1-8]: lower lr \(1e\+30\)"):
        writer.fit(frames, lines)


def test_order_of_reading():
    ahead = np.eye(4)
    assert places(ahead).tolist() == [0, 1, 2, 3]
    assert forward_share([ahead]) == 1
    assert forward_share([ahead[::-1]]) == 0
    assert forward_share([ahead, ahead[::-1]]) == 0.5
    assert forward_share([ahead[:, [0, 0, 0, 0]] * 0 + 0.25]) == 0
    mixed = [ahead[list(order)] for order in permutations(range(4))]
    assert forward_share(mixed) == 0.5
    assert np.isnan(forward_share([ahead[:1]]))


def test_claims_are_about_methods_that_load():
    for claims in CLAIMS.values():
        for claim in claims:
            for spec in filter(None, (claim.better, claim.worse)):
                load_method(spec).build(0)


def test_claims_without_records_say_what_makes_them(tmp_path, capsys):
    main([str(tmp_path)])
    said = capsys.readouterr().out
    wanted = (
        "`mirbench run hmm-line prior-line seq2seq-line attention-line transformer-line ctc-line "
    )
    assert wanted in said
    end = f"attention-line:beam=4 --protocol sequence/embedded --records {tmp_path}`."
    assert end in said
    claims = CLAIMS["tags/embedded"]
    assert without_record(claims, {"transformer-bag"}) == ["transformer-bag:positions=False"]


def test_the_control_differs_by_positions_alone():
    with_them, without = (
        load_method(f"transformer-bag:positions={p}").build(0) for p in (True, False)
    )
    assert with_them.net_args == {"width": 0.5, "positions": True}
    assert without.net_args == {"width": 0.5, "positions": False}
    a, b = (load_method(f"transformer-line:pe={p}").build(0) for p in (True, False))
    assert a.net_args["positions"] != b.net_args["positions"]

"""Videos for a music: the best path is the best of all, a list covers the music, faults say what to mend."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.apply.alignment import CUT_HERE, NEXT, SKIP, STAY, align, best_path

CUT, BEND = 1.0, 0.3
"""Cheap, so that the best of short paths has some."""


def worth(scores, place, columns, steps, unit):
    """Sum of scores less costs of a path; None where it isn't allowed."""
    total, before = 0.0, None
    for i, (column, step) in enumerate(zip(columns, steps)):
        total += scores[i, column]
        if i == 0:
            if step != CUT_HERE:
                return None
        elif step == CUT_HERE:
            total -= CUT * unit
        elif column - columns[i - 1] != step or place[column] < step or step == before == STAY:
            return None
        elif step != NEXT:
            total -= BEND * unit
        before = step
    return total


def by_hand(scores, lengths, warp):
    """The best of all paths."""
    n, m = scores.shape
    place = np.concatenate([np.arange(k) for k in lengths])
    kinds = (CUT_HERE, STAY, NEXT, SKIP) if warp else (CUT_HERE, NEXT)
    found = [
        worth(scores, place, columns, (CUT_HERE, *steps), scores.std())
        for columns in product(range(m), repeat=n)
        for steps in product(kinds, repeat=n - 1)
    ]
    return max(value for value in found if value is not None)


@pytest.mark.parametrize("warp", [False, True])
@pytest.mark.parametrize(("n", "lengths"), [(4, (2, 1)), (3, (1, 4)), (1, (2,)), (4, (4,))])
def test_no_path_is_better(n, lengths, warp):
    rng = np.random.default_rng(n)
    place = np.concatenate([np.arange(k) for k in lengths])
    for _ in range(3):
        scores = rng.standard_normal((n, sum(lengths)))
        columns, steps = best_path(scores, np.array(lengths), warp=warp, cut=CUT, bend=BEND)
        value = worth(scores, place, columns, steps, scores.std())
        assert value == pytest.approx(by_hand(scores, lengths, warp))


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.booleans(),
    st.floats(0.01, 1.0),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_each_moment_of_the_music_has_one_moment_of_a_video(seed, n, lengths, warp, rest, segment):
    rng = np.random.default_rng(seed)
    tables = [rng.standard_t(1, (n, k)) for k in lengths]
    duration = (n - 1 + rest) * segment
    found = align(tables, duration, segment, warp=warp)
    at = 0.0
    for one in found:
        assert one.music_start_s == pytest.approx(at, abs=1e-5)
        at = one.music_end_s
        assert at > one.music_start_s
        assert 0 <= one.video_start_s < one.video_end_s <= lengths[one.video] * segment + 1e-5
        speed = (one.video_end_s - one.video_start_s) / (at - one.music_start_s)
        slack = 1e-5 / (at - one.music_start_s)
        allowed = (0.5, 1.0, 2.0) if warp else (1.0,)
        assert any(speed == pytest.approx(s, abs=slack) for s in allowed)
    assert at == pytest.approx(duration, abs=1e-5)


def diagonal(places, m, other=3):
    """Two tables, in the first of which the places fit."""
    table = np.full((len(places), m), -1.0)
    table[np.arange(len(places)), places] = 1.0
    return [table, np.full((len(places), other), -1.0)]


def test_a_run_at_equal_speed_is_one_stretch():
    [one] = align(diagonal([2, 3, 4, 5, 6], 9), 4.5)
    assert (one.video, one.video_start_s, one.video_end_s) == (0, 2.0, 6.5)
    assert one.score == 1.0


@pytest.mark.parametrize(
    ("places", "start_s", "end_s", "speed"),
    [([1, 3, 5, 7, 9, 11], 1.0, 12.0, 2.0), ([1, 1, 2, 2, 3, 3], 1.0, 4.0, 0.5)],
)
def test_a_fast_and_a_slow_video_are_followed_with_warping_alone(places, start_s, end_s, speed):
    tables = diagonal(places, 14)
    warped = align(tables, 6.0, warp=True)
    assert {one.video for one in warped} == {0}
    assert (warped[0].video_start_s, warped[-1].video_end_s) == (start_s, end_s)
    for before, after in pairwise(warped):
        assert before.video_end_s == after.video_start_s, "a video goes on where it was"
    longest = max(warped, key=lambda one: one.music_end_s - one.music_start_s)
    length = longest.music_end_s - longest.music_start_s
    assert longest.video_end_s - longest.video_start_s == speed * length
    straight = align(tables, 6.0)
    scores = [
        sum(one.score * (one.music_end_s - one.music_start_s) for one in found)
        for found in (warped, straight)
    ]
    assert scores[0] == 6.0
    assert scores[1] < 6.0

"""The picture of a comparison: intervals of classes, sides, and words where nothing is separable."""

import numpy as np
import pytest
from made_records import good_to_bad, matrix_protocol, noisy_frames, record, segment_protocol

from mirbench.boards import compare
from mirbench.boards.class_differences import class_differences
from mirbench.boards.cross import paired_interval
from mirbench.boards.judge import Judge
from mirbench.boards.looks import image
from mirbench.boards.plot_versus import COLOURS, plot_versus


def drawn(a, b, protocol):
    found = compare(a, b, protocol)
    return found, class_differences(found, a, b, protocol)


def words(figure):
    return figure.get_supxlabel().replace("\n", " ")


@pytest.fixture(scope="module")
def made():
    protocol = matrix_protocol()
    good, twin, bad, _ = good_to_bad(protocol)
    return protocol, good, twin, bad


def test_each_class_has_its_paired_interval(made):
    protocol, good, _, bad = made
    found, table = drawn(good, bad, protocol)
    assert table["label"].tolist() == found.per_class["label"].tolist()
    judge = Judge([good, bad], protocol)
    metric = judge.headline[0]
    for row in table.to_dict("records"):
        of = judge.main & (judge.rows["label"] == row["label"]).to_numpy()
        a, b = (judge.counts(r.spec, metric)[:, of] for r in (good, bad))
        one = paired_interval(a, b, judge.rows[of], metric)
        assert (row["difference"], row["lo"], row["hi"]) == (one.value, one.lo, one.hi)
        assert row["difference"] == pytest.approx(row["a"] - row["b"])
        assert row["lo"] < row["difference"] < row["hi"] < 0
    assert table.attrs["greater_is_better"] is False


def test_picture_colours_the_better_side_and_shows_all_items_first(made):
    protocol, good, _, bad = made
    for a, b, side in ((good, bad, "a"), (bad, good, "b")):
        figure = plot_versus(*drawn(a, b, protocol))
        left, right = figure.axes
        assert left.get_yticklabels()[0].get_text() == "all (48)"
        dots = [line for line in left.lines if line.get_marker() in ("o", "D")]
        assert {dot.get_color() for dot in dots} == {COLOURS[side]}
        assert "left of 0: a is better" in left.get_xlabel()
        widths = [bar.get_width() for bar in right.patches if bar.get_facecolor()[:3] != (1, 1, 1)]
        assert sum(widths) == pytest.approx(3)
        assert f"{good.spec} is better" in words(figure)


def test_picture_says_not_separable_and_leaves_the_dot_grey(made):
    protocol, good, twin, _ = made
    figure = plot_versus(*drawn(good, twin, protocol))
    assert "not separable" in words(figure)
    assert figure.axes[0].lines[1].get_color() == "#666666"


def test_segments_have_one_row_and_no_interval_under_8_groups():
    protocol = segment_protocol()
    whole = record(protocol, "whole", lambda cell, test, item: [(0.0, 20.0, "music")])
    split = record(protocol, "split", lambda *_: [(0.0, 10.0, "music"), (10.0, 20.0, "speech")])
    found, table = drawn(whole, split, protocol)
    assert table["label"].tolist() == ["all"]
    assert np.isnan(table["lo"]).all()
    figure = plot_versus(found, table)
    assert len(figure.axes[0].get_yticks()) == 1
    assert "Coloured classes" not in words(figure)


def test_the_same_bytes_twice_and_hostile_names_are_text():
    protocol = matrix_protocol(evidence="embedded")
    a = record(protocol, "$x_{1}$ & <b>", noisy_frames(0.1, 0))
    b = record(protocol, "b" * 200, noisy_frames(0.3, 1))
    found, table = drawn(a, b, protocol)
    one, two = (image(plot_versus(found, table), "svg") for _ in "ab")
    assert one == two
    assert "not a result" in words(plot_versus(found, table))


def test_of_many_classes_those_that_differ_most_are_drawn():
    protocol = matrix_protocol()
    good, _, bad, _ = good_to_bad(protocol)
    found, table = drawn(good, bad, protocol)
    many = table.iloc[[0] * 60].reset_index(drop=True)
    many["label"] = [f"c{i:02}" for i in range(60)]
    many["difference"] = np.arange(60) - 9.5
    many.attrs = table.attrs
    figure = plot_versus(found, many)
    shown = [label.get_text().partition(" ")[0] for label in figure.axes[0].get_yticklabels()]
    assert shown == ["all", *(f"c{i}" for i in range(20, 60))]
    assert "Of 60 classes the 40 that differ most" in words(figure)

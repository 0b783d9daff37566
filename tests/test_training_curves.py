"""How nets trained, from what cells tell."""

import json

import numpy as np
import pytest
from made_records import learner, learning_protocol

from mirbench.boards.judge import Judge
from mirbench.boards.looks import image
from mirbench.boards.plot_training import plot_training
from mirbench.boards.training import training_curves
from mirbench.boards.write import write_board
from mirbench.records import Record


def trained(curves):
    made = learner(learning_protocol())
    header = json.loads(json.dumps(made.header))
    for cost, curve in zip(header["provenance"]["cells"].values(), curves, strict=True):
        cost["curve"] = curve
    return Record(header, made.outputs)


def test_epochs_are_means_over_the_fits_that_reached_them():
    one, two = [[1.0, 2.0], [0.5, 1.5], [0.25, None]], [[3.0, None]]
    table = training_curves(Judge([trained([one, two])], learning_protocol()))
    assert table["train"].tolist() == [2.0, 0.5, 0.25]
    assert table["valid"].tolist()[:2] == [2.0, 1.5]
    assert np.isnan(table["valid"].iloc[2])
    assert table["n_fits"].tolist() == [2, 1, 1]
    assert image(plot_training(table), "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("nets", [True, False])
def test_the_picture_is_there_where_a_net_told(tmp_path, nets):
    protocol = learning_protocol()
    curve = [[1.0, 1.0], [0.5, 0.9]]
    records = [trained([curve, curve]) if nets else learner(protocol)]
    write_board(records, protocol, tmp_path)
    assert (tmp_path / "training.png").is_file() == nets
    assert (tmp_path / "training.csv").is_file() == nets

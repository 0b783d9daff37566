"""How far a run is: plain lines where nobody watches a terminal, nothing where it is switched off."""

import threading
import time

import pytest

from mirbench.running import progress
from mirbench.running.progress import Progress, line


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (("cells", 12, 50, 130.0), "cells 12/50, 2 min"),
        (("cells", 0, 50, 30.2), "cells 0/50, 30 s"),
        (("features", 7, 7, 59.4), "features 7/7, 59 s"),
    ],
)
def test_a_line(phase, words):
    assert line(*phase) == words


def told(show, capsys):
    """Standard error of a run that goes on until a line of its second phase is out, or a while."""
    with Progress(show) as bars:
        bars.task("features", 4)(4)
        advance = bars.task("cells", 3)
        advance(1)
        advance(1)
        said, tries = "", 0
        while show and "cells" not in said and tries < 3000:
            time.sleep(0.01)
            said, tries = said + capsys.readouterr().err, tries + 1
    return said + capsys.readouterr().err


def test_lines_come_while_a_cell_runs_and_end_with_the_run(monkeypatch, capsys):
    monkeypatch.setattr(progress, "EVERY_S", 0.005)
    before = threading.active_count()
    assert "cells 2/3, 0 s\n" in told(True, capsys)
    assert threading.active_count() == before


def test_nothing_where_it_is_switched_off_or_soon_over(monkeypatch, capsys):
    with Progress(True) as bars:
        bars.task("cells", 3)(3)
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    assert told(False, capsys) == ""


def test_it_ends_with_an_error_too(monkeypatch):
    before = threading.active_count()
    with pytest.raises(KeyError), Progress(True):
        raise KeyError
    assert threading.active_count() == before

"""What boards write: every format, the page, the same bytes each time."""

import base64
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_records import (
    good_to_bad,
    learner,
    learning_protocol,
    matrix_protocol,
    noisy_frames,
    record,
)

from mirbench.boards import (
    board,
    load_published,
    matrix,
    render,
    write_board,
)
from mirbench.boards.cells import seconds, size
from mirbench.boards.text import folded, markdown_table, summary


@pytest.fixture(scope="module")
def protocol():
    return matrix_protocol()


@pytest.fixture(scope="module")
def records(protocol):
    return good_to_bad(protocol)


def test_published_figures_stand_beside_the_method(tmp_path, protocol):
    path = tmp_path / "published.csv"
    columns = "task,protocol,method,metric,value,plus_minus,unit\n"
    rows = [
        "speech-music,speech-music/fake,m,frame error,5.8,2.1,%",
        "speech-music,,,2.4-s error,1.4,,%",
        "speech-music,another,m,frame error,9,,%",
        "speech-music,,m,no headline,9,,%",
    ]
    path.write_text(columns + "\n".join(rows), encoding="utf-8")
    table = board([record(protocol, "m", noisy_frames(0.1, 0))], protocol, published=path)
    assert table["published"].tolist() == ["frame error 5.8 ± 2.1 %"]
    assert "Best published figures, on other data: 2.4-s error 1.4 %." in render(table, "markdown")


def test_the_repositorys_published_figures_are_well_formed():
    table = load_published()
    assert {"S", "D", "M"} == set(table["evidence"])
    assert set(table["status"]) == {"reported"}
    assert table["comparable"].str.startswith("no: ").all()
    assert pd.to_numeric(table["value"]).notna().all()
    assert table[["task", "metric", "source", "bibkey", "unit"]].ne("").all(axis=None)


@pytest.mark.parametrize("form", ["text", "markdown", "csv", "latex", "json", "html"])
def test_every_format_is_the_same_twice_and_escaped(protocol, records, form):
    made = render(board(records, protocol), form)
    assert made == render(board(records[::-1], protocol), form)
    assert "good-twin" in made
    assert ("<script>alert" in made) == (form in ("text", "csv", "json"))
    if form == "markdown":
        rows = [line for line in made.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows[:6]}) == 1
    if form == "latex":
        assert r"\textless{}script\textgreater{}" in made
        assert r"\&\_\$\textbackslash{}x" in made
        assert made.count(r"\toprule") == 1
    if form == "json":
        assert json.loads(made)["rows"][0]["rank"] == "1–2"
        assert "NaN" not in made


def test_csv_cells_do_not_run_in_a_spreadsheet(protocol):
    table = board([record(protocol, "=1+1", noisy_frames(0.1, 0))], protocol)
    assert ",'=1+1," in render(table, "csv")
    back = pd.read_csv(pd.io.common.StringIO(render(table, "csv")))
    assert back["frame error"].iloc[0] == pytest.approx(table["frame error"].iloc[0], rel=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, protocol, records):
    path = tmp_path_factory.mktemp("board")
    return path, write_board(records, protocol, path)


def test_page_needs_nothing_from_elsewhere(folder):
    page = (folder[0] / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", page)
    assert "http" not in re.sub(r'base64,[^"]+', "", page).replace("http-equiv", "")
    assert "prefers-color-scheme: dark" in page
    for data in re.findall(r'svg\+xml;base64,([^"]+)', page):
        ElementTree.fromstring(base64.b64decode(data))


def test_a_folder_is_the_same_bytes_twice(tmp_path, protocol, records, folder):
    first = folder[1]
    second = write_board(records[::-1], protocol, tmp_path)
    assert [p.name for p in first] == [p.name for p in second]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second))
    assert {"matrix.svg", "drops.png", "by-sex.csv", "classes.csv"} <= {p.name for p in first}


def test_versions_and_seeds_may_come_in_any_order(protocol):
    given = [
        record(protocol, "m", noisy_frames(0.1 * k, k), seed=k % 2, code=code)
        for k, code in enumerate(("new", "new", "old", "old"))
    ]
    made = [render(board(order, protocol), "json") for order in (given, given[::-1])]
    assert made[0] == made[1]


RENDER = """
import sys
sys.path.insert(0, sys.argv[1])
from test_board_files import rendered
print(hash("a") % 2**32, rendered())
"""


def rendered():
    made = matrix_protocol()
    records = [record(made, spec, noisy_frames(0.1, i)) for i, spec in enumerate("ab")]
    table = board(records, made)
    return f"{render(table, 'json')}{render(table, 'markdown')}{matrix(records, made).to_csv()}"


def test_another_process_renders_the_same_bytes():
    """Sets have another order there."""
    other = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = subprocess.run(
        [sys.executable, "-c", RENDER, str(Path(__file__).parent)],
        env=os.environ | {"PYTHONHASHSEED": other},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    seed, _, there = done.stdout.partition(" ")
    assert int(seed) != hash("a") % 2**32
    here = rendered()
    assert there == here + "\n"
    assert len(here) > 1000


def test_embedded_corpora_say_so_wherever_they_appear(tmp_path):
    made = learning_protocol()
    write_board([learner(made), learner(made, "m2")], made, tmp_path)
    for name in ("board.md", "board.tex", "index.html"):
        assert "embedded" in (tmp_path / name).read_text(encoding="utf-8")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_text_helpers():
    assert [seconds(s) for s in (0.0443, 3.14, 720, 9000)] == [
        "44.3 ms",
        "3.14 s",
        "12 min",
        "2.5 h",
    ]
    assert [size(n) for n in (12, 12_300, 4.5e6, 2e9)] == ["12", "12.3k", "4.5M", "2G"]
    table = pd.DataFrame({"value": [1.0], "lo": [0.5], "hi": [2.0], "n": [3], "x": [np.nan]})
    assert folded(table).iloc[0].tolist() == ["1.0 [0.5, 2.0]", "3", "–"]
    assert markdown_table(folded(table)).splitlines()[0] == "| value | n | x |"


def test_summary_hides_what_every_row_shares(protocol, records):
    printed = summary(board(records, protocol))
    assert "few groups" not in " ".join(printed["flags"])
    assert "parameters" not in printed

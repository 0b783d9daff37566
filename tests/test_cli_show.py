"""From the command line: a page of mistakes, tables for other tools, the picture of a comparison."""

import pandas as pd
import pytest
from made_records import good_to_bad, matrix_protocol

from mirbench.cli import main
from mirbench.records import record_path, save_record


@pytest.fixture
def made(home):
    """Made-up records of a protocol that lies beside them; its name."""
    protocol = matrix_protocol()
    root = home / "records"
    for one in good_to_bad(protocol)[:3]:
        path = record_path(root, one.identity)
        save_record(one, path, small=False)
    protocol.save(path.parent.parent / "protocol.json")
    return str(path.parent.parent / "protocol.json")


def test_export_writes_every_protocol_with_records(made, tmp_path, capsys):
    assert main(["export", "-o", str(tmp_path / "out")]) == 0
    paths = capsys.readouterr().out.split()
    assert [p.rpartition("/")[2] for p in paths] == ["speech-music.fake.parquet", "scores.parquet"]
    assert len(pd.read_parquet(paths[0])) == 3 * 96
    assert main(["export", "-p", "speech-music/mini", "-o", str(tmp_path / "out")]) == 1
    assert "run a method first" in capsys.readouterr().err


def test_compare_draws_where_it_is_told_to(made, tmp_path, capsys):
    picture = tmp_path / "new" / "versus.svg"
    assert main(["compare", "good", "bad", "-p", made, "-o", str(picture)]) == 0
    assert "good is better" in capsys.readouterr().out
    assert picture.read_text("utf-8").startswith("<?xml")
    assert main(["compare", "good", "bad", "-p", made, "-o", str(tmp_path / "x.gif")]) == 1
    assert "name a .svg, .png or .pdf file" in capsys.readouterr().err


def test_report_of_a_run_on_a_folder(home, make_corpus, plain_method, tmp_path, capsys):
    folder = str(make_corpus(groups=4, per_group=1, seconds=6.0))
    where = ["--task", "speech-music", "--train", folder, "--folds", "2"]
    page = tmp_path / "report.html"
    assert main(["report", plain_method, *where, "-o", str(page)]) == 1
    assert "make one: mirbench run" in capsys.readouterr().err
    assert main(["run", plain_method, *where, "-j", "1"]) == 0
    assert main(["report", plain_method, *where, "-o", str(page), "-n", "3"]) == 0
    assert "report.html: " in capsys.readouterr().out
    assert "Mistakes of mine.py:method" in page.read_text("utf-8")

"""Boards in a terminal: whatever its width, nothing of a row is cut off."""

import pandas as pd
import pytest

from mirbench.boards import to_matrix_text, to_text
from mirbench.boards.console import text_table

METRICS = ("balanced accuracy", "balanced accuracy (family)", "balanced accuracy (sustain)")
SPECS = ("note-lda", "peeters-gaussian:selection=none", "external:someones-system")
FLAGS = ("few groups, code changed", "", "external, leaks, code changed")


def made(metrics):
    rows = []
    for i, (spec, flags) in enumerate(zip(SPECS, FLAGS)):
        row = {"rank": f"{i + 1}–3", "letters": "abc", "method": spec, "family": "hand-crafted"}
        for metric in metrics:
            row |= {metric: 60.5 + i, f"{metric} lo": 50.25, f"{metric} hi": 100.0}
        row |= {"seeds": 5, "seed_sd": 0.4, "extract_speed": 300.0, "fit_s": 12.0}
        rows.append(
            row | {"peak_mb": 300.0, "n_params": 1e6, "published": "error 3 %", "flags": flags}
        )
    table = pd.DataFrame(rows)
    table.attrs = {
        "metrics": [{"name": m, "unit": "%", "greater_is_better": True} for m in metrics],
        "task": "A task",
        "protocol": "a/protocol",
        "evidence": "real",
        "pooled": ["a"],
        "n_items": 90,
        "n_groups": 30,
        "min_groups": 8,
        "few_groups": 30,
        "published": "",
        "description": "",
    }
    return table


@pytest.mark.parametrize("n_metrics", [1, 3])
@pytest.mark.parametrize("width", [40, 80, 100, 120, 200])
def test_no_row_loses_anything(n_metrics, width):
    text = to_text(made(METRICS[:n_metrics]), width)
    body = text.partition("Sorted by")[0]
    if width >= 80:
        assert max(map(len, body.splitlines())) <= width
    words = body.replace("(", " ").replace(")", " ").replace(",", " ").split()
    for spec in ("note-lda", "peeters-gaussian:", "selection=none", "external:someones-system"):
        assert spec in words
    assert words.count("code") == words.count("changed") == 2
    assert words.count("leaks") == 1
    for i in range(3):
        assert words.count(f"{60.5 + i}") == n_metrics
    assert body.count("[50.2, 100.0]") == 3 * n_metrics
    assert ("sustain" in words) == (n_metrics == 3)
    head = body.splitlines()[1:4]
    assert any("ties" in line for line in head)
    # every column that the notes explain is there
    for column in ("features", "fit", "seeds", "hand-crafted"):
        assert words.count(column) == (3 if column == "hand-crafted" else 1)
    assert "Published" not in text


def test_a_wide_terminal_shows_every_column_in_one_line_a_row():
    head = to_text(made(METRICS[:1]), 200).splitlines()[1].split()
    for column in ("rank", "ties", "method", "family", "seeds", "features", "fit", "flags"):
        assert column in head


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("keys", [1, 2])
def test_columns_without_room_stand_below_behind_the_methods_again(width, keys):
    columns = [f"corpus-{i} + first 1.0 s" for i in range(9)]
    cells = [[f"{i}{j}.5 [1.0, 100.0]\ndrop +{i}{j}.7" for j in range(9)] for i in range(3)]
    table = pd.DataFrame(cells, columns=columns)
    table.insert(0, "method", SPECS)
    if keys == 2:
        table.insert(1, "trained on", "iowa")
    text = text_table(table, width, keys)
    words = text.split()
    for i in range(3):
        for j in range(9):
            assert words.count(f"{i}{j}.5") == 1
            assert words.count(f"+{i}{j}.7") == 1
    parts = text.split("\n\n")
    assert all(words.count(spec) == len(parts) for spec in ("note-lda", "external:someones-system"))
    assert words.count("iowa") == (3 * len(parts) if keys == 2 else 0)
    assert width == 40 or max(map(len, text.splitlines())) <= width


def crossed(*tests):
    rows = [
        {"method": "m", "source": "a", "test": test, "value": 9.0, "lo": 8.0, "hi": 10.0,
         "n_classes": 2, "drop": float("nan") if test == "a" else 1.0}
        for test in tests
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table.attrs = {"metric": "accuracy", "unit": "%"}
    return " ".join(to_matrix_text(table).partition("method")[0].split())


def test_a_drop_is_explained_by_the_kind_of_column():
    elsewhere, clean = (
        "against training on the tested corpus, same items",
        "the same items unchanged",
    )
    assert "drop" not in crossed("a")
    assert elsewhere in crossed("a", "b")
    assert clean not in crossed("a", "b")
    assert f"against {clean}, same fit; positive" in crossed("a", "a + snr20")
    both = crossed("a", "b", "a + snr20")
    assert elsewhere in both
    assert f"or {clean}, same fit in columns with a plus" in both

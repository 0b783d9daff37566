"""The code of docs/adding.md: every whole file loads and builds, own encoders and few-label methods run."""

import dataclasses
import re
from pathlib import Path

import pytest
from running_helpers import run

from mirbench.methods import load_method
from mirbench.protocols import make_protocol
from mirbench.protocols.few_labels import few_label_cell
from mirbench.running.few_labels import is_encoder

PAGE = (Path(__file__).parents[1] / "docs" / "adding.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
NAMED = sorted(set(re.findall(r"(?<= )(\w+\.py):(\w+)", PAGE)))


@pytest.fixture
def page(tmp_path):
    folder = tmp_path / "page"
    folder.mkdir()
    for name, code in FILES.items():
        (folder / name).write_text(code, encoding="utf-8")
    return folder


def test_what_is_named_in_a_command_is_written_on_the_page(page):
    assert {"own.py", "band_levels.py", "zcr_knn.py", "histogram.py"} == set(FILES)
    for file, function in NAMED:
        if file in FILES:
            method = load_method(f"{page / file}:{function}")
            assert method.title.endswith(".")
            method.build()


def test_own_encoder_few_label_method_and_pretext_task(home, page, make_corpus):
    folders = [make_corpus("a", seconds=2.0), make_corpus("b", seconds=2.0, seed=1)]
    made = make_protocol("speech-music-clip", folders[:1], folders[1:])
    train, test = (part for _, part in made.items.groupby("corpus", sort=False))
    cell = few_label_cell("b", train, test, per_class=(3,), draws=1)
    protocol = dataclasses.replace(made, name="few/page", cells=(cell,), seeds=(0,))
    specs = [f"{page / 'own.py'}:{m}" for m in ("components", "spread", "backwards:steps=2")]
    assert [is_encoder(load_method(spec).build()) for spec in specs] == [True, False, True]
    assert load_method(specs[1]).unlabelled
    records, failures = run(specs, protocol)
    assert not failures
    assert len(records) == 3

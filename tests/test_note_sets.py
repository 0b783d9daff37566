"""Five sets of embedded notes: frozen, each of its own sound, and protocols over them."""

import pandas as pd
import pytest

from mirbench.corpora import embedded_notes
from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.notes import pitch_blocks
from mirbench.corpora.synthetic.note_sets import SETS
from mirbench.corpora.synthetic.notes import build, render_notes
from mirbench.protocols import load_protocol, note_sets
from mirbench.protocols.note_sets import NOTE_SETS, TESTED

FEW = "few-labels/embedded"


@pytest.fixture(scope="module")
def items():
    """The corpus's items as the frozen protocol of few labels, which holds all of them, has them."""
    items = load_protocol(FEW).items
    parts = items["item"].str.split("/", expand=True)
    return items.assign(catalogue=parts[1], database=parts[2], instrument=parts[3])


@pytest.mark.parametrize("name", NOTE_SETS)
def test_frozen_protocols_are_what_their_makers_make(name, items, monkeypatch):
    corpus = Corpus("embedded-notes", items.drop(columns="label"))
    monkeypatch.setattr(note_sets, "load_corpus", lambda _: corpus)
    assert NOTE_SETS[name]().hash == load_protocol(name).hash


def test_the_frozen_sound_is_what_is_rendered(items, tmp_path):
    number, database = SETS[1], "attic"
    index = render_notes(database, tmp_path, number)
    made = item_table(index, tmp_path, "x").set_index("id")
    own = items[(items["catalogue"] == str(number)) & (items["database"] == database)]
    frozen = own.set_index(own["item"].str.split("/", n=3).str[3])
    made.index = [i.partition("/")[2] for i in made.index]
    assert made.loc[frozen.index, "key"].tolist() == frozen["key"].tolist()
    prefix = f"embedded-notes/{number}/{database}"
    blocks = pd.Series(pitch_blocks(index, prefix, tmp_path), index=made.index)
    assert blocks[frozen.index].tolist() == frozen["group"].tolist()


def test_no_build_of_an_instrument_is_in_two_sets():
    builds = [build("cello", database, s) for s in SETS for database in ("hall", "booth", "attic")]
    assert len({str(one) for one in builds}) == len(builds) == 15


def test_the_corpus_says_what_it_is_for():
    assert set(embedded_notes.PROTOCOLS) == set(NOTE_SETS)
    for name in NOTE_SETS:
        assert load_protocol(name).evidence == "embedded"


def test_few_labels_keep_sets_and_rooms_apart(items):
    protocol = load_protocol(FEW)
    where = items.set_index("id")[["catalogue", "database"]]
    for cell in protocol.cells:
        train = where.loc[list(cell.train)]
        assert set(train["database"]) == {"booth", "attic"}
        for ids in cell.tests.values():
            tested = where.loc[list(ids)]
            assert set(tested["database"]) == {TESTED}
            assert set(tested["catalogue"]) == set(train["catalogue"])
            assert len(set(tested["catalogue"])) == 1

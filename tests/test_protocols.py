"""Protocols: folds by group, matched sizes, hashes, and errors that say what to do."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_frozen_embedded import UNHEARD

from mirbench.cli import main
from mirbench.corpora import load_corpus, load_folder
from mirbench.errors import DataError, ProtocolError
from mirbench.metrics.pairs import LOCALISATION
from mirbench.protocols import Protocol, load_protocol, make_protocol, protocol_names
from mirbench.protocols.frozen_files import frozen_path
from mirbench.protocols.headlines import headline
from mirbench.protocols.makers import excerpts, grouped_folds, learning_curve_cells, matched
from mirbench.protocols.note_sets import NOTE_SETS
from mirbench.protocols.ours import MAKERS
from mirbench.testing import check_corpus, check_protocol


def table(groups=12, per_group=3):
    rows = [
        {
            "id": f"c/{label}{g}-{j}",
            "corpus": "c",
            "label": label,
            "group": f"{label}{g}",
            "duration_s": 12.0,
            "key": f"{label}{g}{j}",
            "start_s": 0.0,
        }
        for label in ("music", "speech")
        for g in range(groups)
        for j in range(per_group)
    ]
    return pd.DataFrame(rows)


@given(st.integers(2, 6), st.integers(0, 3))
def test_folds_keep_groups_together_and_cover_every_item_once(k, seed):
    items = table()
    folds = grouped_folds(items, k, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate(folds)), np.arange(len(items)))
    for fold in folds:
        outside = np.setdiff1d(np.arange(len(items)), fold)
        assert not set(items["group"].iloc[fold]) & set(items["group"].iloc[outside])
        assert set(items["label"].iloc[fold]) == {"music", "speech"}


def test_too_few_groups_is_one_clear_error():
    with pytest.raises(ProtocolError, match="5 folds by group need 5 groups"):
        grouped_folds(table(groups=3), 5)


def test_one_class_is_one_clear_error():
    items = table()
    with pytest.raises(ProtocolError, match="at least two classes"):
        grouped_folds(items[items["label"] == "music"], 3)


@given(st.integers(20, 80))
def test_matched_leaves_out_whole_groups_in_proportion(size):
    items = table()
    kept = matched(items, size)
    assert abs(len(kept) - min(size, len(items))) <= 6
    assert (kept.groupby("group").size() == 3).all()
    counts = kept["label"].value_counts()
    assert abs(counts["music"] - counts["speech"]) <= 3


def test_excerpts_have_keys_of_their_own_and_keep_the_group():
    cut = excerpts(table(), 5.0)
    assert len(cut) == 2 * len(table())
    assert cut["key"].is_unique
    assert (cut["duration_s"] == 5.0).all()
    assert set(cut["group"]) == set(table()["group"])


def test_learning_curve_is_nested_and_tests_on_one_set():
    cells = learning_curve_cells(table(), (10, 20))
    sizes = [len(c.train) for c in cells]
    assert sizes == sorted(sizes)
    for small, large in itertools.pairwise(cells):
        assert set(small.train) <= set(large.train)
        assert small.tests == large.tests


def test_matrix_from_two_folders(make_corpus):
    a, b = make_corpus("a"), make_corpus("b", seed=1)
    protocol = make_protocol("speech-music", [a, b], [a, b], folds=3)
    blocks = {(cell.source, test) for cell in protocol.cells for test in cell.tests}
    assert blocks == {("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")}
    sizes = {len(cell.train) for cell in protocol.cells}
    assert sizes == {16}
    assert all(check.passed for check in check_protocol(protocol))


def test_hash_follows_content_and_survives_writing(make_corpus, tmp_path):
    root = make_corpus("a")
    first = make_protocol("speech-music", [root], folds=3)
    assert make_protocol("speech-music", [root], folds=3).hash == first.hash
    first.save(tmp_path / "p.json")
    assert load_protocol(tmp_path / "p.json").hash == first.hash
    assert repr(first) == (
        f"<Protocol {first.name} 1: task speech-music, 24 items, 3 cells, {first.hash[:12]}>"
    )
    assert make_protocol("speech-music", [root], folds=3, seed=1).hash != first.hash
    wav = next(root.rglob("*.wav"))
    data = bytearray(wav.read_bytes())
    data[-1] ^= 1
    wav.write_bytes(bytes(data))
    assert make_protocol("speech-music", [root], folds=3).hash != first.hash


@pytest.mark.parametrize("text", ["", "{}", '{"schema": 1}', '{"schema": 99}', "[1, 2]"])
def test_malformed_protocol_file(tmp_path, text):
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(ProtocolError, match=r"p\.json"):
        Protocol.load(path)


def test_splits_suit_scikit_learn(make_corpus):
    protocol = make_protocol("speech-music", [make_corpus("a")], folds=3)
    for train, test in protocol.splits():
        groups = protocol.items["group"]
        assert not set(groups.iloc[train]) & set(groups.iloc[test])
    exported = protocol.export()
    assert set(exported.columns) >= {"cell", "role", "test", "id", "label", "group"}
    assert (exported["role"] == "test").sum() == len(protocol.items)


LEAKING = {"segmentation/leave-one-programme-out", "instruments/random", "instruments/66-33"}
"""Protocols that say of themselves that they leak: their runs need --allow-leaks and are marked."""


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_frozen_protocols_hold_their_contract(name):
    assert name in protocol_names()
    checks = check_protocol(load_protocol(name))
    failed = [c.name for c in checks if not c.passed]
    assert failed == (["no item, group or recording on both sides"] if name in LEAKING else [])


@pytest.mark.parametrize("name", sorted(set(MAKERS) - set(UNHEARD) - set(NOTE_SETS)))
def test_frozen_protocols_are_what_their_makers_make(name):
    try:
        made = MAKERS[name]()
    except DataError as error:
        pytest.skip(str(error))
    assert made.hash == Protocol.load(frozen_path(name)).hash


def test_segmentation_training_has_no_artist_or_speaker_of_the_programmes():
    protocol = load_protocol("segmentation/programmes")
    heard = {g for names in protocol.items["members"].dropna() for g in names.split("|")}
    train = protocol.table.loc[list(protocol.cells[0].train)]
    assert len(heard) > 10
    assert not set(train["group"]) & heard
    assert {json.loads(v)[0][2] for v in train["label"]} == {"music", "speech"}


# --- folders of one's own ---------------------------------------------------------------------


def test_class_folders_and_index_give_the_same_items(make_corpus):
    root = make_corpus("a")
    with_index = load_folder(root)
    (root / "index.csv").unlink()
    without = load_folder(root)
    assert sorted(with_index.items["key"]) == sorted(without.items["key"])
    assert set(without.items["label"]) == {"music", "speech"}


def test_corpus_contract_finds_a_duplicate(make_corpus):
    root = make_corpus("a")
    assert all(check.passed for check in check_corpus(load_folder(root)))
    (root / "music" / "0-1.wav").write_bytes((root / "music" / "0-0.wav").read_bytes())
    failed = [c for c in check_corpus(load_folder(root)) if not c.passed]
    assert [c.name for c in failed] == ["no exact duplicates"]


def test_a_changed_file_is_noticed(make_corpus):
    root = make_corpus("a")
    corpus = load_folder(root)
    wav = root / "music" / "0-0.wav"
    wav.write_bytes((root / "music" / "1-0.wav").read_bytes())
    with pytest.raises(DataError, match="changed since"):
        corpus.verify()


def test_forgotten_groups_are_counted(make_corpus):
    root = make_corpus("a")
    index = pd.read_csv(root / "index.csv")
    index.loc[[2, 5], "group"] = [" ", np.nan]
    index.to_csv(root / "index.csv", index=False)
    with pytest.warns(UserWarning, match=r"index\.csv: 2 of 24 items have no group .a/music/1-0"):
        groups = load_folder(root).items["group"]
    assert groups.nunique() == 12 + 2


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("path,label\nmusic/0-0.wav,music\nmusic/0-0.wav,music\n", "duplicate id"),
        ("file,label\nmusic/0-0.wav,music\n", "column 'path'"),
        ("path,label\n", "lists no item"),
        ("", "not a CSV file"),
        ("path,label\nmusic/none.wav,music\n", r"none\.wav: no such file"),
        ("path,label\n,music\n", "line 2 has no path"),
        ("path,label,start_s,duration_s\nmusic/0-0.wav,music,6,5\n", "covers 6.00 to 11.00 s"),
        ("path,label,start_s,duration_s\nmusic/0-0.wav,music,soon,5\n", "not a number"),
    ],
)
def test_malformed_index(make_corpus, index, words):
    root = make_corpus("a")
    (root / "index.csv").write_text(index)
    with pytest.raises(DataError, match=words):
        load_folder(root)


def test_unknown_label_column_and_labels(make_corpus):
    root = make_corpus("a")
    table = pd.read_csv(root / "index.csv")
    table.rename(columns={"label": "klass"}).to_csv(root / "index.csv", index=False)
    with pytest.raises(ProtocolError, match=r"no label column 'label'.*klass"):
        make_protocol("speech-music", [root])
    table.assign(label="other").to_csv(root / "index.csv", index=False)
    with pytest.raises(ProtocolError, match=r"no item has a label.*other"):
        make_protocol("speech-music", [root])


def test_an_unknown_corpus_is_answered_with_the_nearest():
    with pytest.raises(DataError, match="mirbench list corpora"):
        load_corpus("nowhere")
    with pytest.raises(DataError, match="embedded-studio"):
        load_corpus("embeded-studio")


def test_parts_of_a_file_and_places_in_a_source(make_corpus):
    root = make_corpus("a", seconds=8.0)
    (root / "index.csv").write_text(
        "path,label,start_s,duration_s\n"
        "music/0-0.wav,music,0,4\nmusic/0-0.wav,music,4,4\nmusic/1-0.wav,music,123.4,8.0\n"
    )
    items = load_folder(root).items
    assert items["start_s"].tolist() == [0.0, 4.0, 0.0]
    assert items["duration_s"].tolist() == [4.0, 4.0, 8.0]
    assert items["key"].is_unique


def test_training_on_one_class_is_refused(make_corpus):
    root = make_corpus("one")
    index = pd.read_csv(root / "index.csv")
    index[index["label"] == "music"].to_csv(root / "index.csv", index=False)
    with pytest.raises(ProtocolError, match=r"one: all \d+ items are labelled 'music'"):
        make_protocol("speech-music", [root], [make_corpus("two", seed=1)], folds=2)


def test_a_protocol_of_ones_own_is_found_again_with_its_folders(
    home, make_corpus, tmp_path, capsys
):
    where = tmp_path / "elsewhere"
    options = ("--records", str(where))
    folder = str(make_corpus("a"))
    made = make_protocol("speech-music-clip", [folder], folds=3)
    assert main(["run", "prior", "--task", "speech-music-clip", "--train", folder,
                 "--folds", "3", "-j", "1", *options]) == 0  # fmt: skip
    saved = next(where.rglob("protocol.json"))
    assert folder not in saved.read_text(), "a protocol may be given away: it names no folder"
    for name in (made.name, str(saved)):
        assert main(["board", "-p", name, *options]) == 0
        assert main(["run", "mfcc-svm", "-p", name, "-j", "1", *options]) == 0
    assert main(["compare", "prior", "mfcc-svm", "-p", made.name, *options]) == 0
    assert main(["board", "-p", made.name]) == 1
    assert "unknown protocol" in capsys.readouterr().err


def relabelled(root, labels, column="label"):
    index = pd.read_csv(root / "index.csv")
    names = index["path"].str.extract(r"(\w+)/(\d)").agg("".join, axis=1)
    index.assign(**{column: names.map(labels)}).to_csv(root / "index.csv", index=False)
    return root


def test_tests_across_corpora_hold_only_what_training_can_know(home, make_corpus, capsys):
    names = [f"{kind}{g}" for kind in ("music", "speech") for g in range(6)]
    few = dict(zip(names, ["flute"] * 6 + ["violin"] * 6))
    many = few | {"music0": "harp", "music1": "harp", "speech0": "piano"}
    a = relabelled(make_corpus("a"), few, "instrument")
    b = relabelled(make_corpus("b", seed=1), many, "instrument")
    made = make_protocol("instruments", [a], [b])
    [cell] = made.cells
    tested = made.table.loc[list(cell.tests["b"]), "label"]
    assert tested.value_counts().to_dict() == {"flute": 8, "violin": 10}
    words = "6 items of b left out where a trains: it has no harp, piano"
    assert words in made.description
    assert main(["run", "prior", "--task", "instruments", "--train", str(a), "--test", str(b),
                 "-j", "1"]) == 0  # fmt: skip
    assert words in " ".join(capsys.readouterr().out.split())
    assert made.headline == load_protocol("instruments/mini").headline
    other = relabelled(
        make_corpus("c", seed=2), dict.fromkeys(names, "harp") | {"music0": "flute"}, "instrument"
    )
    with pytest.raises(
        ProtocolError, match=r"trained on a, tested on c: two classes .* flute, harp"
    ):
        make_protocol("instruments", [a], [other])


BOXED = ("audiovisual/mini", "audiovisual/embedded")
"""Their truth says where in the picture the sound comes from."""


@pytest.mark.parametrize("name", [n for n in sorted(MAKERS) if not n.startswith("speech-music/5s")])
def test_frozen_headlines_are_those_of_their_task(name):
    protocol = load_protocol(name)
    localised = (LOCALISATION,) if name in BOXED else ()
    assert protocol.headline == (*headline(protocol.task), *localised)


def test_folds_without_groups_are_said_to_flatter(make_corpus):
    a, b = make_corpus("a"), make_corpus("b", seed=1)
    words = "every item of a is its own group"
    assert words not in make_protocol("speech-music-clip", [a]).description
    (a / "index.csv").unlink()
    assert words in make_protocol("speech-music-clip", [a]).description
    assert words not in make_protocol("speech-music-clip", [a], [b]).description
    tested = make_protocol("speech-music-clip", [b], [a]).description
    assert words in tested
    assert "its interval is too narrow" in tested
    assert "folds flatter" not in tested

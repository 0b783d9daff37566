"""The commands that fetch, link and verify corpora, and folders of one's own."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import published_layouts as layouts
import pytest
from fetch_helpers import NOTES, known, options, publish, quiet, serving, wav
from fetch_server import Page, remote

import mirbench.corpora
from mirbench.commands import corpora as command
from mirbench.corpora import gtzan, load_corpus, real_folder
from mirbench.corpora.embedding import load_embedded
from mirbench.corpora.folder import read_index
from mirbench.corpora.synthetic import EXPECTED_SHA256
from mirbench.corpora.synthetic.store import pcm_sha256, write_wav
from mirbench.errors import DataError
from mirbench.fetch import Checked, check, fetch, link, where


@pytest.fixture
def server(monkeypatch):
    yield from serving(monkeypatch)


@pytest.fixture
def corpus(monkeypatch, tmp_path):
    return known(monkeypatch, tmp_path)


def test_the_command_goes_on_after_a_corpus_that_fails(server, corpus, capsys):
    publish(server, corpus)
    assert command.fetch(options("no-such", "embedded-studio", "tiny_notes")) == 1
    out, error = capsys.readouterr()
    assert "unknown corpus 'no-such'" in error
    assert "embedded-studio: made on this machine" in error
    assert "licence: CC0" in out
    assert check("tiny-notes").n_items == 2


def test_list_and_dry_run_download_nothing(server, corpus, capsys):
    publish(server, corpus)
    assert command.fetch(options("tiny-notes", dry_run=True)) == 0
    out = capsys.readouterr().out
    assert "licence: CC0 (tests)" in out
    assert f"notes.zip  {where.size(len(NOTES))}  to fetch  sha256:" in out
    assert command.fetch(options(list=True)) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["corpus"].split() == ["corpus", "size", "state", "licence"]
    assert f"{where.size(len(NOTES))}  to fetch" in rows["tiny-notes"]
    assert "about 1.2 GB  to fetch" in rows["gtzan"]
    assert not [name for name, row in rows.items() if "size unknown" in row]
    assert "embedded-studio" not in rows
    assert server.asked == []
    assert not where.place_of("tiny-notes").exists()


def test_fetched_corpora_are_found_without_any_variable(server, corpus, monkeypatch, home):
    monkeypatch.delenv("MIRBENCH_DATA")
    publish(server, corpus)
    assert fetch("tiny-notes", say=quiet) == home / "data" / "tiny_notes"
    assert len(load_corpus("tiny-notes").items) == 2
    assert check("tiny-notes").faults == ()
    assert real_folder("tiny-notes") == home / "data" / "tiny_notes"


def test_data_named_by_the_variable_comes_first(monkeypatch, home, tmp_path):
    for root in (tmp_path / "data", home / "data"):
        (root / "one").mkdir(parents=True)
    (home / "data" / "two").mkdir()
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    assert real_folder("one") == tmp_path / "data" / "one"
    assert real_folder("two") == home / "data" / "two"
    with pytest.raises(DataError, match="holds no three"):
        real_folder("three")
    monkeypatch.delenv("MIRBENCH_DATA")
    with pytest.raises(DataError, match="set MIRBENCH_DATA"):
        real_folder("three")


def own(tmp_path, names=("a", "b")):
    folder = tmp_path / "own"
    (folder / "sounds").mkdir(parents=True)
    for seed, name in enumerate(names):
        (folder / "sounds" / f"{name}.wav").write_bytes(wav(seed))
    return folder


def test_a_folder_of_ones_own_is_linked(corpus, tmp_path, capsys):
    folder = own(tmp_path)
    assert command.fetch(options("tiny-notes", source=str(folder))) == 0
    assert "2 items" in capsys.readouterr().out
    assert (tmp_path / "data" / "tiny_notes").resolve() == folder
    assert check("tiny-notes").n_items == 2
    link("tiny-notes", folder, say=quiet)
    with pytest.raises(DataError, match="is there already; move it away"):
        link("tiny-notes", tmp_path / "data", say=quiet)


def test_a_folder_that_isnt_the_corpus_is_not_linked(corpus, tmp_path):
    folder = own(tmp_path, ["a"])
    with pytest.raises(
        DataError, match=r"doesn't load as tiny-notes, not linked: 1 of 2"
    ) as caught:
        link("tiny-notes", folder, say=quiet)
    assert str(caught.value).startswith(f"{folder}: ")
    assert "tiny_notes" not in str(caught.value)
    assert "partial" not in str(caught.value)
    assert not (tmp_path / "data" / "tiny_notes").is_symlink()
    with pytest.raises(DataError, match="not a folder"):
        link("tiny-notes", tmp_path / "nowhere", say=quiet)


def test_a_folder_that_loads_is_left_as_it_is(server, corpus, tmp_path):
    publish(server, corpus)
    link("tiny-notes", own(tmp_path), say=quiet)
    said = []
    fetch("tiny-notes", say=said.append)
    assert "is there and loads" in said[-1]
    assert server.asked == []


def test_nothing_is_fetched_into_a_linked_folder_of_ones_own(server, corpus, tmp_path):
    publish(server, corpus)
    folder = own(tmp_path)
    link("tiny-notes", folder, say=quiet)
    (folder / "sounds" / "a.wav").unlink()
    with pytest.raises(DataError, match="complete that folder, or remove the link"):
        fetch("tiny-notes", say=quiet)
    assert server.asked == []
    assert sorted(p.name for p in folder.rglob("*")) == ["b.wav", "sounds"]


def test_another_folder_can_be_named(server, corpus, tmp_path, capsys):
    publish(server, corpus)
    corpus.FOLDER = "notes/tiny_notes"
    other = tmp_path / "other disk"
    assert command.fetch(options("tiny-notes", to=str(other))) == 0
    assert (other / "notes" / "tiny_notes" / "sounds" / "a.wav").read_bytes() == wav(0)
    assert f"set MIRBENCH_DATA={other} for mirbench" in capsys.readouterr().out
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("where_to", ["name", "unpack"])
def test_a_remote_cant_leave_the_corpus(server, corpus, tmp_path, where_to):
    publish(server, corpus, **{where_to: "../../evil"})
    with pytest.raises(DataError, match="would leave the corpus's folder"):
        fetch("tiny-notes", say=quiet)
    assert server.asked == []


def test_files_of_one_name_in_two_folders_are_two_files(server, corpus):
    server.pages |= {"one": Page(wav(0)), "two": Page(wav(1))}
    corpus.REMOTES = (
        remote(server, wav(0), "sounds/a.wav", ("one",)),
        remote(server, wav(1), "sounds/b.wav", ("two",)),
        remote(server, wav(1), "more/a.wav", ("two",), "md5"),
    )
    place = fetch("tiny-notes", say=quiet)
    assert check("tiny-notes") == Checked("tiny-notes", 2, (), ())
    (place / "more" / "a.wav").unlink()
    assert check("tiny-notes").faults == (f"{place}/more/a.wav: missing; fetch it again",)
    fetch("tiny-notes", say=quiet)
    assert [path for path, _ in server.asked] == ["one", "two", "two", "two"]


def test_verify_names_each_file_that_is_missing_or_wrong(server, corpus, capsys):
    publish(server, corpus)
    place = fetch("tiny-notes", say=quiet)
    assert command.verify("tiny-notes") == 0
    assert "tiny-notes: 2 items, nothing wrong" in capsys.readouterr().out
    (place / "sounds" / "a.wav").write_bytes(wav(9))
    (place / "sounds" / "b.wav").unlink()
    (place / "notes.zip").write_bytes(b"no zip")
    assert command.verify("tiny-notes") == 1
    out, error = capsys.readouterr()
    assert "tiny-notes: 1 items, 3 faults" in out
    for words in (
        "a.wav: isn't as it came out of notes.zip",
        "b.wav: missing",
        "notes.zip: has 6 bytes",
    ):
        assert sum(words in line for line in error.splitlines()) == 1


def test_a_recording_that_was_published_broken_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path))
    monkeypatch.setattr(gtzan, "PER_GENRE", 2)
    monkeypatch.setattr(gtzan, "BROKEN", frozenset(("jazz.00001",)))
    layouts.gtzan(tmp_path, gtzan.GENRES, range(2))
    genres = (tmp_path / "gtzan" / "genres").resolve()
    (genres / "jazz/jazz.00001.wav").write_bytes(b"")
    found = check("gtzan")
    assert found.faults == ()
    assert "jazz.00001 is the first" in found.notes[0]
    (genres / "pop/pop.00000.wav").unlink()
    found = check("gtzan")
    assert found.faults == (f"{genres}/pop/pop.00000.wav: missing; fetch it again",)
    assert found.notes == (
        f"{genres}/jazz/jazz.00001.wav: can't be read, as published; it is left out",
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a.json", "'mirbench check' takes a protocol"),
        ("a.txt", "takes a corpus, a folder or a frozen archive"),
        ("b.txt", "neither a corpus nor there"),
    ],
)
def test_verify_says_what_it_takes(tmp_path, name, why):
    for path in (tmp_path / "a.json", tmp_path / "a.txt"):
        path.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=why):
        command.frozen_archive(str(tmp_path / name))


def test_verify_names_each_recording_of_a_folder_that_cant_be_read(make_corpus, capsys):
    folder = make_corpus("mine", groups=2, seconds=0.2)
    assert command.is_corpus(str(folder))
    assert command.is_corpus("embedded-rhythm")
    assert not command.is_corpus("boards.zip")
    assert check(folder).n_items == 8
    (folder / "music" / "0-0.wav").write_bytes(b"no sound")
    (folder / "speech" / "0-0.wav").unlink()
    found = check(folder)
    assert sorted(fault.partition(":")[0] for fault in found.faults) == [
        str(folder / "music" / "0-0.wav"),
        str(folder / "speech" / "0-0.wav"),
    ]


def test_verify_holds_embedded_corpora_against_their_hash(monkeypatch, home):
    def render(root):
        for name in ("a", "b"):
            write_wav(root / f"{name}.wav", np.arange(800), 8000)
        (root / "index.csv").write_text("path,label\na.wav,x\nb.wav,y\n")
        return read_index(root / "index.csv")

    (home / "corpora").unlink()  # it damages one
    index = render(home / "reference")
    monkeypatch.setitem(EXPECTED_SHA256, "tiny", pcm_sha256(home / "reference", index))
    module = ModuleType("mirbench.corpora.embedded_tiny")
    module.TITLE = "two ramps"
    module.load = lambda: load_embedded("embedded_tiny", "tiny", render, module.TITLE)
    monkeypatch.setattr(mirbench.corpora, "_builtin", lambda: ["embedded_tiny"])
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert check("embedded-tiny") == Checked("embedded-tiny", 2, (), ())
    write_wav(Path(load_corpus("embedded-tiny").items["path"].iloc[0]), -np.arange(800), 8000)
    (fault,) = check("embedded-tiny").faults
    assert "expected" in fault
    assert "delete the folder to render it again" in fault


def test_a_list_of_files_is_as_sha256sum_reads_it(server, corpus):
    if shutil.which("sha256sum") is None:
        pytest.skip("needs sha256sum")
    publish(server, corpus)
    place = fetch("tiny-notes", say=quiet)
    done = subprocess.run(
        ["sha256sum", "--check", "notes.zip.sha256"], cwd=place, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.count("OK") == 2

"""A corpus fetched: checked, unpacked, interrupted, by two processes at once."""

import hashlib
import itertools
import json
import multiprocessing
import shutil
import threading
import time

import pytest
from fetch_helpers import BODY, NOTES, known, options, publish, quiet, serving, wav, zipped
from fetch_server import Page, remote

from mirbench.commands import corpora as command
from mirbench.corpora import load_corpus, real_folder
from mirbench.corpora.facts import Remote
from mirbench.errors import DataError
from mirbench.fetch import check, fetch, where
from mirbench.fetch import download as downloads
from mirbench.fetch.half import Half


@pytest.fixture
def server(monkeypatch):
    yield from serving(monkeypatch)


@pytest.fixture
def corpus(monkeypatch, tmp_path):
    return known(monkeypatch, tmp_path)


def test_a_corpus_is_fetched_unpacked_and_loads(server, corpus, tmp_path):
    publish(server, corpus)
    said = []
    place = fetch("tiny-notes", say=said.append)
    assert place == tmp_path / "data" / "tiny_notes"
    assert said[1] == "licence: CC0 (tests)"
    assert len(load_corpus("tiny-notes").items) == 2
    assert check("tiny-notes").faults == ()
    assert (place / "notes.zip").read_bytes() == NOTES
    assert json.loads((place / "fetched.json").read_text())["notes.zip"]["n_bytes"] == len(NOTES)
    fetch("tiny-notes", say=said.append)
    assert "nothing to fetch" in said[-1]
    assert len(server.asked) == 1


def test_archives_are_dropped_on_request_and_files_that_went_missing_fetched_again(server, corpus):
    publish(server, corpus)
    place = fetch("tiny-notes", drop_archives=True, say=quiet)
    assert not (place / "notes.zip").exists()
    fetch("tiny-notes", say=quiet)
    assert len(server.asked) == 1
    (place / "sounds" / "a.wav").unlink()
    fetch("tiny-notes", say=quiet)
    assert len(server.asked) == 2
    assert check("tiny-notes").faults == ()


def test_parts_of_a_zip_are_unpacked_as_one(server, corpus):
    cuts = [0, 700, 1400, len(NOTES)]
    bodies = {
        f"notes.zip.00{i + 1}": NOTES[a:b] for i, (a, b) in enumerate(itertools.pairwise(cuts))
    }
    server.pages |= {name: Page(body) for name, body in bodies.items()}
    corpus.REMOTES = tuple(
        remote(server, bodies[name], name, at=(name,), unpack=".")
        for name in sorted(bodies, reverse=True)
    )
    place = fetch("tiny-notes", drop_archives=True, say=quiet)
    assert sorted(p.name for p in place.iterdir()) == ["fetched.json", "notes.zip.sha256", "sounds"]
    assert check("tiny-notes").n_items == 2


@pytest.mark.parametrize("line", ["{} notes.zip\n", "{}  notes.zip\n", "{} *notes.zip\r\n"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_list_that_is_fetched_first_holds_the_checksums(server, corpus, line, case):
    def published(digits):
        lines = line.format(case(digits)).encode()
        server.pages |= {"sums.txt": Page(lines), "notes.zip": Page(NOTES)}
        archive = Remote("notes.zip", (server.url("notes.zip"),), unpack=".", listed_in="sums.txt")
        return remote(server, lines, "sums.txt", ("sums.txt",)), archive

    corpus.REMOTES = published("0" * 64)
    with pytest.raises(DataError, match="sha256"):
        fetch("tiny-notes", say=quiet)
    assert not (real_folder("tiny-notes") / "notes.zip").exists()
    shutil.rmtree(real_folder("tiny-notes"))
    corpus.REMOTES = published(hashlib.sha256(NOTES).hexdigest())
    place = fetch("tiny-notes", say=quiet)
    assert check("tiny-notes").faults == ()
    (place / "notes.zip").write_bytes(b"other")
    assert any("published is" in fault for fault in check("tiny-notes").faults)


def test_without_a_published_checksum_the_first_one_found_holds(server, corpus):
    publish(server, corpus, algorithm="")
    with pytest.warns(UserWarning, match=r"of notes.zip is published; .* sha256 [0-9a-f]{64};"):
        place = fetch("tiny-notes", drop_archives=True, say=quiet)
    (place / "sounds" / "a.wav").unlink()
    other = zipped({"sounds/a.wav": wav(5), "sounds/b.wav": wav(1)})
    server.pages["notes.zip"] = Page(other)
    corpus.REMOTES = (remote(server, other, "notes.zip", ("notes.zip",), "", unpack="."),)
    with pytest.raises(DataError, match="of an earlier fetch is"):
        fetch("tiny-notes", say=quiet)
    assert not (place / "notes.zip").exists()
    assert not (place / "sounds" / "a.wav").exists()


def test_a_damaged_archive_without_checksum_isnt_kept(server, corpus):
    publish(server, corpus, body=b"PK\3\4" + BODY, algorithm="")
    with pytest.raises(DataError, match="a damaged archive"):
        fetch("tiny-notes", say=quiet)
    place = where.place_of("tiny-notes")
    assert json.loads((place / "fetched.json").read_text()) == {}
    publish(server, corpus, algorithm="")
    with pytest.warns(UserWarning, match="no checksum"):
        fetch("tiny-notes", say=quiet)
    assert check("tiny-notes").faults == ()


def test_files_that_are_there_already_are_used_if_they_are_the_published_ones(server, corpus):
    publish(server, corpus)
    place = where.place_of("tiny-notes")
    place.mkdir()
    (place / "notes.zip").write_bytes(NOTES[:-1] + b"x")
    with pytest.raises(DataError, match=r"notes.zip: has sha256.*move it away"):
        fetch("tiny-notes", say=quiet)
    (place / "notes.zip").write_bytes(NOTES)
    (place / "sounds").mkdir()
    (place / "sounds" / "a.wav").write_bytes(wav(7))
    with pytest.raises(DataError, match=r"a.wav: is there already and differs"):
        fetch("tiny-notes", say=quiet)
    assert (place / "sounds" / "a.wav").read_bytes() == wav(7)
    (place / "sounds" / "a.wav").unlink()
    fetch("tiny-notes", say=quiet)
    assert server.asked == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("sounds/b.wav", "is there already and differs"),
        ("sounds/b.wav/x", "is a folder where a file belongs"),
        ("sounds", "is a file where a folder belongs"),
    ],
)
def test_nothing_is_moved_in_where_one_file_has_no_room(server, corpus, name, why):
    publish(server, corpus)
    mine = where.place_of("tiny-notes") / name
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(DataError, match=why):
        fetch("tiny-notes", say=quiet)
    files = [p for p in where.place_of("tiny-notes").rglob("*") if p.is_file()]
    assert sorted(p.name for p in files) == sorted(["fetched.json", "notes.zip", mine.name])


def test_lines_end_where_names_dont(server, corpus):
    odd = {f"a{mark}b.txt": b"x" for mark in "\x85\u2028\u2029"}
    publish(server, corpus, zipped({"sounds/a.wav": wav(0), "sounds/b.wav": wav(1), **odd}))
    place = fetch("tiny-notes", say=quiet)
    assert check("tiny-notes").faults == ()
    listing = place / "notes.zip.sha256"
    listing.write_bytes(listing.read_bytes()[:-1])
    with pytest.raises(DataError, match="damaged; delete it"):
        check("tiny-notes")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"sha256": "0"}}',
        '{"a": {"n_bytes": 1}}',
        '{"a": {"sha256": "0", "n_bytes": "1"}}',
        '{"a": {"sha256": "0", "n_bytes": 1, "url": 3}}',
        '{"a": 1}',
        "[]",
        "{",
    ],
)
def test_damaged_notes_are_one_error(server, corpus, text):
    publish(server, corpus)
    place = where.place_of("tiny-notes")
    place.mkdir()
    (place / "fetched.json").write_text(text)
    with pytest.raises(DataError, match=r"fetched.json: damaged \(.*delete it"):
        fetch("tiny-notes", say=quiet)


def test_an_interrupted_unpacking_is_done_again(server, corpus, monkeypatch):
    publish(server, corpus)
    from mirbench.fetch import place as placing

    moves, move = [], placing._move

    def stop_after_one(file, to):
        if moves:
            raise KeyboardInterrupt
        moves.append(to)
        move(file, to)

    monkeypatch.setattr(placing, "_move", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        fetch("tiny-notes", say=quiet)
    with pytest.raises(DataError, match="1 of 2 listed recordings aren't there"):
        load_corpus("tiny-notes")
    monkeypatch.setattr(placing, "_move", move)
    fetch("tiny-notes", say=quiet)
    assert check("tiny-notes").faults == ()
    assert len(server.asked) == 1


def test_a_killed_process_leaves_a_half_and_no_lock(server, corpus, monkeypatch):
    publish(server, corpus)
    monkeypatch.setattr(downloads, "CHUNK", 500)
    answer, hold = server.answer, threading.Event()
    server.pages["notes.zip"].cut = [1000]

    def stop_half_way(handler):
        answer(handler)
        handler.wfile.flush()
        hold.wait(20)

    server.answer = stop_half_way
    child = multiprocessing.get_context("fork").Process(target=fetch_one)
    child.start()
    half = Half(where.work_of(where.place_of("tiny-notes")) / "notes.zip.half")
    deadline = time.monotonic() + 20
    while half.n_bytes < 1000 and time.monotonic() < deadline:
        time.sleep(0.01)
    child.kill()
    child.join()
    hold.set()
    server.answer = answer
    assert half.n_bytes == 1000
    assert not where.place_of("tiny-notes").exists()
    fetch("tiny-notes", say=quiet)
    assert [asked for _, asked in server.asked] == [None, "bytes=1000-"]
    assert check("tiny-notes").faults == ()


def fetch_one():
    fetch("tiny-notes", say=quiet)


def fetch_slowly(started, said):
    started.wait(10)
    fetch("tiny-notes", say=said.put)


def test_two_processes_at_once_download_once(server, corpus):
    publish(server, corpus)
    answer = server.answer

    def slow(handler):
        time.sleep(0.4)
        answer(handler)

    server.answer = slow
    fork = multiprocessing.get_context("fork")
    started, said = fork.Event(), fork.Queue()
    both = [fork.Process(target=fetch_slowly, args=(started, said)) for _ in range(2)]
    for process in both:
        process.start()
    started.set()
    for process in both:
        process.join(30)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(server.asked) == 1
    lines = [said.get(timeout=5) for _ in range(6)]
    assert sum("another process fetches it; waiting" in line for line in lines) == 1
    assert check("tiny-notes").faults == ()


def test_what_must_be_got_by_hand_says_how_and_asks_no_server(server, corpus, capsys):
    publish(server, corpus)
    corpus.BY_HAND = "its authors want a form filled in"
    assert command.fetch(options("tiny-notes")) == 1
    error = capsys.readouterr().err
    assert "a form filled in; ask for notes.zip; put it in" in error
    assert "data/tiny_notes" in error
    assert server.asked == []
    assert command.fetch(options("tiny-notes", lists=True)) == 0
    assert len(server.asked) == 1

"""Fetching against a server that cuts, lies and forgets: only the published file is ever left."""

import errno
import hashlib
import io
import itertools
import json
import multiprocessing
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from argparse import Namespace
from collections import namedtuple
from pathlib import Path
from types import ModuleType

import numpy as np
import published_layouts as layouts
import pytest
import soundfile as sf
from fetch_server import Page, Server, remote, tiny_notes

import mirbench.corpora
from mirbench.commands import corpora as command
from mirbench.corpora import gtzan, load_corpus, real_folder
from mirbench.corpora.embedding import load_embedded
from mirbench.corpora.facts import Remote
from mirbench.corpora.folder import read_index
from mirbench.corpora.synthetic import EXPECTED_SHA256
from mirbench.corpora.synthetic.store import pcm_sha256, write_wav
from mirbench.errors import DataError
from mirbench.fetch import Checked, check, fetch, link, where
from mirbench.fetch import download as downloads
from mirbench.fetch.download import download
from mirbench.fetch.half import Half

BODY = np.random.default_rng(0).bytes(300_000)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(downloads, "WAIT_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Server()
    yield served
    served.close()


@pytest.fixture
def corpus(monkeypatch, tmp_path):
    """The corpus ``tiny-notes``, known and not there."""
    module, builtin = tiny_notes(), mirbench.corpora._builtin
    monkeypatch.setattr(mirbench.corpora, "_builtin", lambda: [*builtin(), "tiny_notes"])
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return module


def quiet(_):
    """Nothing is said."""


def get(one, tmp_path, noted=None):
    moves = []
    half, url = download(one, tmp_path / "work", noted or {}, moves.append)
    assert half.path.read_bytes() == BODY
    assert sum(moves) == len(BODY)
    return url


def wav(seed):
    file = io.BytesIO()
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, 800)
    sf.write(file, noise, 8000, format="WAV")
    return file.getvalue()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


NOTES = zipped({"sounds/a.wav": wav(0), "sounds/b.wav": wav(1)})


def publish(server, corpus, body=NOTES, **fields):
    server.pages["notes.zip"] = Page(body)
    fields = {"name": "notes.zip", "at": ("notes.zip",), "unpack": ".", **fields}
    corpus.REMOTES = (remote(server, body, n_bytes=len(body), **fields),)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_cut_download_goes_on_where_it_ended(server, tmp_path, algorithm):
    server.pages["notes.bin"] = Page(BODY, cut=[100_000, 100_000])
    get(remote(server, BODY, algorithm=algorithm), tmp_path)
    ranges = [asked for _, asked in server.asked]
    assert ranges == [None, "bytes=100000-", "bytes=200000-"]
    assert server.sent["notes.bin"] == len(BODY)


def test_another_call_goes_on_with_the_half_of_an_earlier_one(server, tmp_path):
    server.pages["notes.bin"] = Page(BODY, cut=[1000, 0, 0, 0, 0])
    one = remote(server, BODY)
    with pytest.raises(DataError, match=r"cut after 1,000 of 300,000 bytes; tried 5 times"):
        get(one, tmp_path)
    get(one, tmp_path)
    assert server.asked[-1] == ("notes.bin", "bytes=1000-")
    assert server.sent["notes.bin"] == len(BODY)


@pytest.mark.parametrize("checksum", ["sha256", ""])
def test_a_server_without_ranges_is_asked_for_all_of_it_again(server, tmp_path, checksum):
    server.pages["notes.bin"] = Page(BODY, cut=[100_000], ranges=False)
    get(remote(server, BODY, algorithm=checksum), tmp_path)
    assert [asked for _, asked in server.asked] == [None, "bytes=100000-"]
    assert server.sent["notes.bin"] == len(BODY) + 100_000


def test_two_versions_are_never_joined(server, tmp_path):
    old = bytes(len(BODY))
    server.pages["notes.bin"] = Page(old, cut=[100_000], after=BODY)
    get(remote(server, BODY), tmp_path)  # If-Range: the new version comes whole
    server.pages["notes.bin"] = Page(old, cut=[100_000], after=BODY, etag="")
    server.asked.clear()
    with pytest.raises(DataError, match="has sha256"):  # the tail served is of another file
        download(remote(server, BODY[::-1]), tmp_path / "other", {}, quiet)
    assert not list((tmp_path / "other").glob("*.half"))


def test_a_rest_of_another_version_is_seen_though_the_server_heeds_no_condition(server, tmp_path):
    server.pages["notes.bin"] = Page(bytes(len(BODY)), cut=[100_000], after=BODY, deaf=True)
    get(remote(server, BODY, algorithm=""), tmp_path)
    assert [asked for _, asked in server.asked] == [None, "bytes=100000-", None]


def test_without_validator_or_checksum_nothing_is_gone_on_with(server, tmp_path):
    server.pages["notes.bin"] = Page(BODY, cut=[100_000], etag="")
    get(remote(server, BODY, algorithm=""), tmp_path)
    assert [asked for _, asked in server.asked] == [None, None]


def test_a_half_longer_than_the_file_is_thrown_away(server, tmp_path):
    server.pages["notes.bin"] = Page(BODY)
    half = Half.of(tmp_path / "work", "notes.bin")
    half.begin(server.url("notes.bin"), {}, None)
    half.path.write_bytes(bytes(len(BODY) + 1))
    get(remote(server, BODY), tmp_path)
    assert [asked for _, asked in server.asked] == [f"bytes={len(BODY) + 1}-", None]


@pytest.mark.parametrize(
    ("page", "fields", "why"),
    [
        (Page(BODY[:-1] + b"x"), {}, r"has sha256 .*, published is "),
        (Page(BODY[:-1]), {}, r"has sha256"),
        (Page(BODY + b"x"), {"n_bytes": len(BODY)}, r"300,001 bytes there, 300,000 are published"),
        (Page(b"<html>log in</html>", kind="text/html; charset=utf-8"), {}, "it is a web page"),
        (Page(b"\n<!DOCTYPE html><p>log in"), {"algorithm": ""}, "it is a web page"),
        (Page(b"gone", status=404), {}, "the server answers 404"),
        (Page(b"busy", status=503), {}, "the server answers 503; tried 5 times"),
        (Page(BODY, claims=5_000_000_000), {"n_bytes": len(BODY)}, "5,000,000,000 bytes there"),
        (Page(BODY, claims=5_000_000_000), {}, "cut after 300,000 of 5,000,000,000 bytes"),
    ],
)
def test_what_isnt_the_file_is_refused_and_the_next_address_tried(
    server, tmp_path, monkeypatch, page, fields, why
):
    monkeypatch.setattr(where, "free_bytes", lambda _: 10**12)
    server.pages |= {"bad.bin": page, "good.bin": Page(BODY)}
    with pytest.raises(DataError, match=why):
        download(remote(server, BODY, at=("bad.bin",), **fields), tmp_path / "bad", {}, quiet)
    assert not list((tmp_path / "bad").glob("notes.bin"))
    one = remote(server, BODY, at=("bad.bin", "good.bin"), **fields)
    assert get(one, tmp_path).endswith("good.bin")


INSTEAD = {
    b"\xef\xbb\xbf<!DOCTYPE html><p>log in": "a web page",
    b"<?xml version='1.0'?>\n<!DOCTYPE html>": "a web page",
    b"<!-- a -->\n<!-- b --><html>": "a web page",
    b"<head><title>log in</title>": "a web page",
    b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>": "XML",
    b'\xef\xbb\xbf{"error": "not found"}\n': "JSON",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n": "git-lfs",
    b"": "empty",
}


@pytest.mark.parametrize(("body", "why"), INSTEAD.items())
@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream"])
def test_what_stands_in_for_a_list_is_refused(server, corpus, body, why, kind):
    server.pages["list.csv"] = Page(body, kind=kind)
    corpus.REMOTES = (Remote("list.csv", (server.url("list.csv"),)),)
    with pytest.raises(DataError, match=why):
        fetch("tiny-notes", say=quiet)
    place = where.place_of("tiny-notes")
    assert not (place / "list.csv").exists()
    place.mkdir(exist_ok=True)
    (place / "list.csv").write_bytes(body)  # as one who saved the page by hand
    with pytest.raises(DataError, match=rf"list.csv: .*{why}.*move it away"):
        fetch("tiny-notes", say=quiet)
    assert any(why in fault for fault in check("tiny-notes").faults)


@pytest.mark.parametrize(
    ("name", "body", "checksum"),
    [
        ("a.json", b'{"a": 1}', ""),
        ("a.html", b"<html>", ""),
        ("a.csv", b"<headline>,[x]\n", ""),
        ("a.txt", b"{a} and [b]\n", ""),
        ("a.csv", b'{"error": 1}', "sha256"),
        ("a.csv", b"", "md5"),
    ],
)
def test_what_only_looks_like_a_page_is_the_file(server, tmp_path, name, body, checksum):
    server.pages[name] = Page(body)
    one = remote(server, body, name, (name,), checksum)
    half, _ = download(one, tmp_path / "work", {}, quiet)
    assert half.path.read_bytes() == body


def test_addresses_that_arent_of_the_web_and_closed_ports_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "WAIT_S", 0.0)
    one = Remote("a.bin", ("file:///etc/hostname", "http://127.0.0.1:9/a.bin"))
    with pytest.raises(DataError, match=r"only http and https.*refused; tried 5 times"):
        download(one, tmp_path, {}, quiet)


@pytest.mark.parametrize("to", ["file:///etc/hostname", "http://a..b/", "http://[::1/"])
def test_addresses_that_cant_be_are_tried_once(server, tmp_path, to):
    server.pages["notes.bin"] = Page(status=302, to=to)
    for one in (remote(server, BODY), Remote("notes.bin", (to,))):
        with pytest.raises(DataError, match=r"not fetched: ") as caught:
            download(one, tmp_path, {}, quiet)
        assert "tried" not in str(caught.value)
    assert len(server.asked) == 1


def test_what_isnt_fetched_is_told_by_address_and_can_be_brought(server, corpus):
    publish(server, corpus)
    server.pages["notes.zip"] = Page(status=404)
    said = []
    with pytest.raises(DataError, match="not fetched: ") as caught:
        fetch("tiny-notes", say=said.append)
    (one,) = corpus.REMOTES
    assert said[-len(one.urls) :] == [f"{one.name}: from {url}" for url in one.urls]
    assert f"put it there as {where.place_of('tiny-notes') / one.name}; " in str(caught.value)
    assert str(caught.value).endswith("'mirbench fetch tiny-notes --from DIR'")


def test_a_published_length_alone_is_held_against_the_file(server, tmp_path):
    server.pages["notes.bin"] = Page(BODY)
    with pytest.raises(DataError, match="299,999 are published"):
        get(remote(server, BODY, algorithm="", n_bytes=len(BODY) - 1), tmp_path)


def test_a_full_disk_is_one_error_and_keeps_the_half(server, tmp_path, monkeypatch):
    server.pages["notes.bin"] = Page(BODY)
    one, full, append = remote(server, BODY), [True], downloads._append

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, left):
            if self.file.tell() >= 50_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(left[:50_000])

    monkeypatch.setattr(
        downloads,
        "_append",
        lambda file, chunk, path: append(Full(file) if full else file, chunk, path),
    )
    with pytest.raises(DataError, match=r"the disk is full.*goes on where it stopped"):
        get(one, tmp_path)
    full.clear()
    get(one, tmp_path)
    assert server.asked[-1] == ("notes.bin", "bytes=50000-")


def test_writing_past_a_limit_of_the_system_is_one_error(server, tmp_path):
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    server.pages["notes.bin"] = Page(BODY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
        with pytest.raises(DataError, match=r"can't be written \(File too large\)"):
            get(remote(server, BODY), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert Half.of(tmp_path / "work", "notes.bin").n_bytes == 65_536
    get(remote(server, BODY), tmp_path)


def test_a_small_disk_is_told_before_anything_is_downloaded(server, corpus, monkeypatch):
    usage = namedtuple("usage", "total used free")
    publish(server, corpus)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000, 0, 1000))
    with pytest.raises(DataError, match=r"tiny-notes needs .* 1.0 kB are free"):
        fetch("tiny-notes", say=quiet)
    assert server.asked == []


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


def options(*names, **given):
    usual = {"to": None, "source": None, "list": False, "dry_run": False}
    return Namespace(
        names=list(names), **{**usual, "drop_archives": False, "lists": False, **given}
    )


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

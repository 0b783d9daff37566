"""Downloads from a server that cuts, lies and forgets: only the published file is ever left."""

import errno
import shutil
from collections import namedtuple

import pytest
from fetch_helpers import BODY, known, publish, quiet, serving
from fetch_server import Page, remote

from mirbench.corpora.facts import Remote
from mirbench.errors import DataError
from mirbench.fetch import check, fetch, where
from mirbench.fetch import download as downloads
from mirbench.fetch.download import download
from mirbench.fetch.half import Half


@pytest.fixture
def server(monkeypatch):
    yield from serving(monkeypatch)


@pytest.fixture
def corpus(monkeypatch, tmp_path):
    return known(monkeypatch, tmp_path)


def get(one, tmp_path, noted=None):
    moves = []
    half, url = download(one, tmp_path / "work", noted or {}, moves.append)
    assert half.path.read_bytes() == BODY
    assert sum(moves) == len(BODY)
    return url


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

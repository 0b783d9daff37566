"""Zips and JSON of a stranger: what is refused, and that ours have the same bytes every time."""

import contextlib
import io
import stat
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.errors import RecordError
from mirbench.trust.archive import EPOCH, Limits, pack, unpack
from mirbench.trust.strict_json import parse

LIMITS = Limits(total=1 << 20, member=1 << 16, members=8)
FILES = {"bundle.json": b"{}", "records/a.json": b"1" * 100, "records/a.parquet": bytes(range(256))}


def zipped(*members, compress=zipfile.ZIP_STORED, mode=stat.S_IFREG | 0o644):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compress) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = compress
            info.create_system = 3
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return sink.getvalue()


def test_there_and_back():
    data = pack(FILES)
    assert unpack(data, LIMITS, "x") == FILES
    assert pack(dict(reversed(FILES.items()))) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


NAMES = [
    "../evil",
    "a/../../evil",
    "/etc/evil",
    "C:\\evil",
    "a\\b",
    "a//b",
    "folder/",
    "é.json",
    " a",
    ".hidden",
    "a" * 300,
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_leave_the_folder_are_refused(name):
    with pytest.raises(RecordError, match="a member called"):
        unpack(zipped((name, b"x")), LIMITS, "x")


def test_a_name_with_a_null_is_refused():
    data = zipped(("a_b.json", b"x")).replace(b"a_b", b"a\0b")
    with pytest.raises(RecordError, match="a member called"):
        unpack(data, LIMITS, "x")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_of_one_name_are_refused():
    for pair in (("a", "a"), ("a.json", "A.json")):
        with pytest.raises(RecordError, match="two members of one name"):
            unpack(zipped(*((name, b"x") for name in pair)), LIMITS, "x")


def test_links_are_refused():
    for mode in (stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, stat.S_IFIFO | 0o644):
        with pytest.raises(RecordError, match="link or a folder"):
            unpack(zipped(("a", b"/etc/passwd"), mode=mode), LIMITS, "x")


def test_bombs_are_refused_before_they_are_read():
    bomb = zipped(("a", bytes(10_000_000)), compress=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 20_000
    with pytest.raises(RecordError, match="compressed"):
        unpack(bomb, LIMITS, "x")
    lying = bytearray(bomb)  # says it is stored, and small
    at = lying.rindex(b"PK\x01\x02")
    lying[at + 10 : at + 12] = b"\0\0"
    lying[at + 24 : at + 28] = lying[at + 20 : at + 24]
    with pytest.raises(RecordError):
        unpack(bytes(lying), LIMITS, "x")
    with pytest.raises(RecordError, match="9 members"):
        unpack(zipped(*((f"a{i}", b"") for i in range(9))), LIMITS, "x")
    with pytest.raises(RecordError, match="65537 bytes"):
        unpack(zipped(("a", bytes(65_537))), LIMITS, "x")
    with pytest.raises(RecordError, match="bytes, 1048576 are allowed"):
        unpack(bytes(1 << 21), LIMITS, "x")


def test_a_member_that_is_listed_twice_from_one_place_is_refused():
    """The overlapping kind of bomb: many names for the same bytes."""
    data = bytearray(zipped(("a", bytes(60_000)), ("b", bytes(60_000))))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    with pytest.raises(RecordError):
        unpack(bytes(data), LIMITS, "x")
    small = bytes(data[: data.index(b"PK\x03\x04", 4)] + data[data.index(b"PK\x01\x02") :])
    with pytest.raises(RecordError):
        unpack(small, LIMITS, "x")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: b"",
        lambda d: b"PK",
        lambda d: d[:-1],
        lambda d: d + b"x",
        lambda d: b"#!/bin/sh\n" + d,
        lambda d: d[:-2] + b"\1\0c",
        lambda d: d.replace(b"1" * 100, b"2" * 100),
        lambda d: d[:-22] + b"PK\x06\x07" + bytes(16) + d[-22:],
        lambda d: d[:-14] + b"\xff\xff\xff\x7f" + d[-10:],
    ],
)
def test_damaged_and_dressed_up_zips_are_refused(change):
    with pytest.raises(RecordError, match=r"^x: "):
        unpack(change(pack(FILES)), LIMITS, "x")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_crashes_or_changes_a_file(data):
    packed = bytearray(pack(FILES))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(packed) - 1))
        packed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RecordError):
        assert pack(unpack(bytes(packed), LIMITS, "x")) == bytes(packed)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_zip_or_an_error(data):
    with pytest.raises(RecordError):
        unpack(data, LIMITS, "x")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b" " * (1 << 20) + b"{}",
    ],
)
def test_json_that_is_not_plain_is_refused(text):
    with pytest.raises(RecordError, match=r"^f: "):
        parse(text, "f")


def test_plain_json_is_read():
    assert parse(b'{"a": [1, 2.5, null, "x"]}', "f") == {"a": [1, 2.5, None, "x"]}

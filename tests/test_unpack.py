"""Archives that try to leave their folder, to fill the disk, or that are broken."""

import errno
import gzip
import io
import os
import shutil
import stat
import tarfile
import zipfile
from collections import namedtuple

import numpy as np
import pytest

from mirbench.errors import DataError
from mirbench.fetch import unpack as unpacking
from mirbench.fetch.joined import Joined
from mirbench.fetch.unpack import DamagedArchive, archive_of, unpack

FILES = {"a.txt": b"one", "deep/er/b.bin": np.random.default_rng(0).bytes(5000), "empty": b""}


def zip_of(path, files, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tar_of(path, files, *members, mode="w"):
    """A tar of files, and of members that are ``TarInfo`` without bytes."""
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in members:
            archive.addfile(info)
    return path


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def tree(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def refused(archive, tmp_path, words, error=DataError):
    """The archive is refused, and nothing of it is anywhere."""
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(error, match=words) as caught:
        unpack([archive], tmp_path / "in" / "out")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert not (tmp_path / "in" / "out").exists()
    return str(caught.value)


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_what_went_in_comes_out_with_its_hashes(tmp_path, kind):
    path = tmp_path / f"notes.{kind}"
    if kind == "zip":
        zip_of(path, FILES)
    else:
        tar_of(path, FILES, mode="w:" + kind.partition(".")[2])
    moved = []
    found = unpack([path], tmp_path / "out", moved.append)
    assert tree(tmp_path / "out") == FILES
    assert sum(moved) == sum(map(len, FILES.values()))
    assert list(found) == sorted(FILES)
    assert found["a.txt"] == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


def test_parts_are_read_as_one_file(tmp_path):
    whole = zip_of(tmp_path / "notes.zip", FILES).read_bytes()
    cuts = [0, 1, 2500, 2501, len(whole)]
    parts = [tmp_path / f"notes.zip.{i + 1:03d}" for i in range(4)]
    for part, a, b in zip(parts, cuts, cuts[1:]):
        part.write_bytes(whole[a:b])
    unpack(parts, tmp_path / "out")
    assert tree(tmp_path / "out") == FILES
    with io.BufferedReader(Joined(parts), 16) as file:
        for start, n in [(0, 10), (2499, 3), (2500, 1), (len(whole) - 2, 9), (len(whole) + 5, 1)]:
            file.seek(start)
            assert file.read(n) == whole[start : start + n]
    assert {archive_of(part.name) for part in parts} == {"notes.zip"}
    assert archive_of("notes.001.zip") == "notes.001.zip"


OUT = ["../evil", "deep/../../evil", "/tmp/evil", "..", "C:/evil", "C:\\evil"]


@pytest.mark.parametrize("name", [*OUT, "..\\evil"])
def test_a_zip_cant_leave_its_folder(tmp_path, name):
    archive = zip_of(tmp_path / "a.zip", {"good": b"1", name: b"evil"})
    refused(archive, tmp_path, "would leave the folder")


@pytest.mark.parametrize("name", OUT)
def test_a_tar_cant_leave_its_folder(tmp_path, name):
    archive = tar_of(tmp_path / "a.tar", {"good": b"1", name: b"evil"})
    refused(archive, tmp_path, "would leave the folder")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["../../secret", "/etc/hostname", "../x/../../secret"])
def test_links_cant_leave_the_folder(tmp_path, kind, target):
    (tmp_path / "secret").write_bytes(b"mine")
    archive = tar_of(tmp_path / "a.tar", {"good": b"1"}, link("deep/link", target, kind))
    refused(archive, tmp_path, "would leave the folder")


def test_nothing_is_written_through_a_link(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(link("door", "."))
        info = tarfile.TarInfo("door/evil")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    refused(tmp_path / "a.tar", tmp_path, "door links to the folder itself")


def test_links_inside_become_copies(tmp_path):
    archive = tar_of(
        tmp_path / "a.tar",
        FILES,
        link("deep/one", "../a.txt"),
        link("two", "deep/one"),
        link("three", "a.txt", tarfile.LNKTYPE),
    )
    found = unpack([archive], tmp_path / "out")
    for name in ("deep/one", "two", "three"):
        assert (tmp_path / "out" / name).read_bytes() == b"one"
        assert not (tmp_path / "out" / name).is_symlink()
        assert found[name] == found["a.txt"]


@pytest.mark.parametrize(
    "links", [[("a", "nowhere")], [("a", "b"), ("b", "a")], [("a", "deep")], [("a", "a")]]
)
def test_links_that_lead_nowhere_are_refused(tmp_path, links):
    archive = tar_of(tmp_path / "a.tar", {"deep/file": b"1"}, *(link(*pair) for pair in links))
    refused(archive, tmp_path, "a link to .*, which isn't a file of the archive")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_and_pipes_are_refused(tmp_path, kind):
    refused(tar_of(tmp_path / "a.tar", FILES, link("x", "", kind)), tmp_path, "a device or a pipe")


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/hostname")
    refused(tmp_path / "a.zip", tmp_path, "a link or a device")


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_bomb_is_refused_by_its_ratio(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(unpacking, "RATIO_FROM", 1 << 20)
    path, zeros = tmp_path / f"a.{kind}", {f"{i}": bytes(1 << 18) for i in range(20)}
    if kind == "zip":
        zip_of(path, zeros)
    else:
        tar_of(path, zeros, mode="w:gz")
    refused(path, tmp_path, r"would unpack to more than .*; not a corpus's archive")


def test_a_bomb_within_a_bomb_stays_packed(tmp_path):
    inner = zip_of(tmp_path / "inner.zip", {"zeros": bytes(1 << 20)}).read_bytes()
    outer = zip_of(tmp_path / "outer.zip", {f"{i}.zip": inner for i in range(5)})
    unpack([outer], tmp_path / "out")
    assert {data for data in tree(tmp_path / "out").values()} == {inner}


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_FILES", 2)
    refused(zip_of(tmp_path / "a.zip", FILES), tmp_path, "more than 2 files")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_more_than_the_disk_holds_is_refused_before_it_is_written(tmp_path, monkeypatch, kind):
    usage = namedtuple("usage", "total used free")
    path = (zip_of if kind == "zip" else tar_of)(tmp_path / f"a.{kind}", FILES)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(4000, 0, 4000))
    refused(path, tmp_path, r"needs more than the 4.0 kB that are free")


def test_a_zip_that_declares_less_than_it_holds_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a": b"0123456789" * 100})
    data = path.read_bytes()
    real, told = (1000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert data.count(real) == 2
    path.write_bytes(data.replace(real, told))
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


def test_a_full_disk_is_one_error_and_leaves_no_half(tmp_path, monkeypatch):
    archive = zip_of(tmp_path / "a.zip", FILES)

    def full(member, path, moved):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"ha")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(unpacking, "_file", full)
    refused(archive, tmp_path, "the disk is full")


def test_an_interrupted_one_leaves_no_half(tmp_path):
    archive = zip_of(tmp_path / "a.zip", FILES)

    def stop(n_bytes):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpack([archive], tmp_path / "out", stop)
    assert not (tmp_path / "out").exists()
    unpack([archive], tmp_path / "out")
    assert tree(tmp_path / "out") == FILES


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("how", ["truncated", "scrambled", "text", "nothing"])
def test_broken_archives_are_one_error(tmp_path, kind, how):
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        zip_of(path, FILES)
    else:
        tar_of(path, FILES, mode="w:" + kind.partition(".")[2])
    data = path.read_bytes()
    middle = len(data) // 2 if kind != "tar" else 512  # a plain tar checks its headers only
    path.write_bytes(
        {
            "truncated": data[: len(data) // 3],
            "scrambled": data[:middle] + b"\xff" * 200 + data[middle + 200 :],
            "text": b"not found\n",
            "nothing": b"",
        }[how]
    )
    if (kind, how) == ("tar", "scrambled"):
        path.write_bytes(data[:100] + b"\xff" * 200 + data[300:])
    assert str(path) in refused(path, tmp_path, "a damaged archive", DamagedArchive)


def blocks(path):
    """Where the headers of a plain tar of `FILES` start: their sizes are 3, 5000 and 0 bytes."""
    data = bytearray(path.read_bytes())
    assert data[1024:1035] == b"deep/er/b.b"
    return data


@pytest.mark.parametrize("kind", ["tar", "tar.gz"])
@pytest.mark.parametrize("at", [1024 + 3, 1024 + 512 + 5120 + 150])
def test_one_bad_bit_in_a_later_header_is_damage(tmp_path, kind, at):
    path = tar_of(tmp_path / f"a.{kind}", FILES)
    data = blocks(path)
    data[at] ^= 1
    path.write_bytes(gzip.compress(data) if kind == "tar.gz" else data)
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


@pytest.mark.parametrize("at", [-8, -4, -1])
def test_the_checksum_of_a_compressed_tar_is_read(tmp_path, at):
    path = tar_of(tmp_path / "a.tar.gz", FILES, mode="w:gz")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


@pytest.mark.parametrize("end", [b"", bytes(512), bytes(1024) + b"x", bytes(700)])
def test_a_tar_ends_in_two_blocks_of_zeros_and_nothing_else(tmp_path, end):
    path = tar_of(tmp_path / "a.tar", FILES)
    whole = path.read_bytes()[: 512 * 14]
    path.write_bytes(whole + end)
    refused(path, tmp_path, "a damaged archive", DamagedArchive)
    path.write_bytes(whole + bytes(1024))
    unpack([path], tmp_path / "out")
    assert tree(tmp_path / "out") == FILES


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("at", ["name", "link"])
def test_names_that_arent_utf8_are_refused(tmp_path, kind, at):
    path, name = tmp_path / "a.tar", b"Caf\xe9".decode("utf-8", "surrogateescape")
    info = link("b", name) if at == "link" else tarfile.TarInfo(name)
    with tarfile.open(
        path, "w", format=kind, encoding="utf-8", errors="surrogateescape"
    ) as archive:
        archive.addfile(tarfile.TarInfo("a"))
        archive.addfile(info)
    refused(path, tmp_path, "isn't UTF-8; unpack the archive by hand")


def test_a_bomb_in_a_header_is_refused(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"comment": "x" * (3 << 20)}
        archive.addfile(info)
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


@pytest.mark.parametrize("size", ["-1", "-1000000000000"])
def test_sizes_that_cant_be_are_damage(tmp_path, size):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"size": size}
        archive.addfile(info)
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


def test_headers_on_headers_are_damage(tmp_path):
    path = tmp_path / "a.tar"
    header = tarfile.TarInfo("x").create_pax_global_header({"comment": "x"})
    path.write_bytes(header * 3000)
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


def test_a_bad_name_in_a_zip_is_damage(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"caf\u00e9": b"1"})
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xff\xff"))
    refused(path, tmp_path, "a damaged archive", DamagedArchive)


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a")])
def test_a_name_that_is_a_file_and_a_folder_is_damage(tmp_path, kind, names):
    files = dict.fromkeys(names, b"1")
    path = (zip_of if kind == "zip" else tar_of)(tmp_path / f"a.{kind}", files)
    words = refused(path, tmp_path, "a file and a folder", DamagedArchive)
    assert "free some space" not in words


def test_a_zip_with_a_password_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a": b"1"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    refused(path, tmp_path, "needs a password")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_litter_is_left_out_and_the_later_of_two_counts(tmp_path, kind):
    litter = {"__MACOSX/a.txt": b"", "deep/._b.bin": b"", ".DS_Store": b""}
    path = (zip_of if kind == "zip" else tar_of)(tmp_path / f"a.{kind}", {**litter, **FILES})
    if kind == "tar":
        with tarfile.open(path, "a") as archive:
            info = tarfile.TarInfo("./a.txt")
            info.size = 3
            archive.addfile(info, io.BytesIO(b"two"))
    unpack([path], tmp_path / "out")
    assert tree(tmp_path / "out") == {**FILES, "a.txt": b"two" if kind == "tar" else b"one"}


def test_an_archive_of_nothing_is_refused(tmp_path):
    refused(zip_of(tmp_path / "a.zip", {}), tmp_path, "holds no file", DamagedArchive)


def test_a_folder_that_is_there_isnt_touched(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_bytes(b"mine")
    with pytest.raises(DataError):
        unpack([zip_of(tmp_path / "a.zip", FILES)], tmp_path / "out")
    assert tree(tmp_path / "out") == {"mine": b"mine"}

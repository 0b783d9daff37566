"""What tests of fetching share: a server, a corpus of two files, archives."""

import io
import sys
import zipfile
from argparse import Namespace

import numpy as np
import soundfile as sf
from fetch_server import Page, Server, remote, tiny_notes

import mirbench.corpora
from mirbench.fetch import download as downloads

BODY = np.random.default_rng(0).bytes(300_000)


def serving(monkeypatch):
    """A server while a test runs."""
    monkeypatch.setattr(downloads, "WAIT_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Server()
    yield served
    served.close()


def known(monkeypatch, tmp_path):
    """The corpus ``tiny-notes``, known and not there."""
    module, builtin = tiny_notes(), mirbench.corpora._builtin
    monkeypatch.setattr(mirbench.corpora, "_builtin", lambda: [*builtin(), "tiny_notes"])
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return module


def quiet(_):
    """Nothing is said."""


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


def options(*names, **given):
    usual = {"to": None, "source": None, "list": False, "dry_run": False}
    return Namespace(
        names=list(names), **{**usual, "drop_archives": False, "lists": False, **given}
    )

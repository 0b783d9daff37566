"""A server on this machine that misbehaves as asked, and a corpus of tiny files that it publishes."""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio


@dataclass
class Page:
    """What is served at an address.

    ``cut`` lists after how many bytes each answer in turn is broken off; ``claims`` is the length it
    says instead of its own; ``ranges`` whether it knows of ranges; ``after`` holds a second version
    that is served from the second request on; ``deaf`` whether it heeds no ``If-Range``; ``to`` is an
    address that it sends on to.
    """

    body: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    cut: list = field(default_factory=list)
    claims: int | None = None
    ranges: bool = True
    etag: str = '"one"'
    after: bytes | None = None
    deaf: bool = False
    to: str = ""


class Server:
    """Pages by path; ``asked`` lists the path and ``Range`` of each request, ``sent`` bytes by path."""

    def __init__(self):
        self.pages, self.asked, self.sent = {}, [], {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    def answer(self, handler):
        path = handler.path.lstrip("/")
        page = self.pages.get(path, Page(b"<html>none</html>", status=404, kind="text/html"))
        wanted = handler.headers.get("Range")
        version = sum(p == path for p, _ in self.asked)
        self.asked.append((path, wanted))
        body, etag = page.body, page.etag
        if page.after is not None and version:
            body, etag = page.after, '"two"'
        start, status = 0, page.status
        same = page.deaf or handler.headers.get("If-Range", etag) == etag
        if wanted and page.ranges and same:
            start, status = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]), 206
            if start >= len(body):
                status = 416
        handler.send_response(status)
        handler.send_header("Content-Type", page.kind)
        if page.to:
            handler.send_header("Location", page.to)
        if etag:
            handler.send_header("ETag", etag)
        if status == 206:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        length = len(body) - start if page.claims is None else page.claims
        handler.send_header("Content-Length", str(max(0, length)))
        handler.end_headers()
        out = body[start:]
        if page.cut:
            out = out[: page.cut.pop(0)]
        self.sent[path] = self.sent.get(path, 0) + len(out)
        handler.wfile.write(out)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def tiny_notes():
    """Module of the corpus ``tiny-notes``: two recordings that its loader wants in ``sounds``."""
    module = ModuleType("mirbench.corpora.tiny_notes")
    module.TITLE, module.LICENCE, module.HOW = "two notes", "CC0 (tests)", "ask for notes.zip"
    module.REMOTES, module.BY_HAND = (), ""

    def load(*, partial=False):
        root = corpus_folder("tiny_notes", module.HOW)
        index = pd.DataFrame({"path": ["sounds/a.wav", "sounds/b.wav"], "label": ["x", "y"]})
        index = with_audio(index, root, module.HOW, partial)
        return Corpus("tiny-notes", item_table(index, root, "tiny-notes"), source=str(root))

    module.load = load
    return module


def remote(server, body, name="notes.bin", at=("notes.bin",), algorithm="sha256", **fields):
    """A remote of these bytes, published under its hash."""
    digits = hashlib.new(algorithm, body).hexdigest() if algorithm else ""
    urls = tuple(server.url(path) for path in at)
    return Remote(name, urls, f"{algorithm}:{digits}" if algorithm else "", **fields)

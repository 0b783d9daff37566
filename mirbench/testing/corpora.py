"""The contract of a corpus."""

from __future__ import annotations

import numpy as np

from mirbench.audio import decode
from mirbench.corpora.corpus import Corpus
from mirbench.evidence import EVIDENCE
from mirbench.testing.checks import Check, attempt

REQUIRED = ("id", "path", "sha256", "start_s", "duration_s", "key", "group")


def check_corpus(corpus: Corpus) -> list[Check]:
    """Check a corpus: its table, its facts, its files' hashes, and that every item decodes."""
    table = corpus.items

    def columns() -> None:
        missing = [c for c in REQUIRED if c not in table]
        if missing:
            raise AssertionError(f"the item table lacks {', '.join(missing)}")
        if table["id"].duplicated().any() or not len(table):
            raise AssertionError("ids must be unique and there must be items")

    def facts() -> str:
        if corpus.evidence not in EVIDENCE:
            raise AssertionError(f"evidence {corpus.evidence!r} is none of {', '.join(EVIDENCE)}")
        return f"{corpus.evidence}, {len(table)} items, {table['group'].nunique()} groups"

    def decodes() -> str:
        seconds = 0.0
        for row in table.to_dict("records"):
            signal, sr = decode(row["path"], start_s=row["start_s"], duration_s=row["duration_s"])
            if abs(len(signal) / sr - row["duration_s"]) > 0.05:
                raise AssertionError(f"{row['id']}: {len(signal) / sr:.2f} s decoded")
            seconds += len(signal) / sr
        return f"{seconds / 60:.1f} min"

    def same_sound() -> str:
        twice = np.asarray(table["key"].duplicated(keep=False))
        if twice.any():
            raise AssertionError("same recording twice: " + ", ".join(table["id"][twice][:4]))
        return "no two items are the same recording"

    return [
        attempt("item table", columns),
        attempt("facts", facts),
        attempt("files match their hashes", corpus.verify),
        attempt("every item decodes", decodes),
        attempt("no exact duplicates", same_sound),
    ]

"""Embedded corpora: rendered on first use, checked against their hash, then loaded as a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder
from mirbench.corpora.synthetic import EXPECTED_SHA256, verify
from mirbench.home import home

LICENCE = "MIT, as the code"
HOW = "nothing to get: mirbench synthesises it on first use, from seeds"
FAULTS = (
    "synthesised, for a first run and for tests: a figure on it says nothing of real recordings",
    "what there is to hear was decided by whoever wrote the synthesis: groups are as independent, and "
    "classes as far apart, as it makes them",
)
REMOTES = ()
BY_HAND = ""
BIBTEX = r"""@misc{mirbench_embedded,
  author = {{The mirbench authors}},
  title  = {Embedded corpora of mirbench},
  note   = {Synthesised; for a first run and for tests, not for results}
}"""
"""Facts that all embedded corpora share."""


def load_embedded(
    module: str,
    key: str,
    render: Callable[[Path], pd.DataFrame],
    title: str,
    load: Callable[..., Corpus] = load_folder,
) -> Corpus:
    """Load an embedded corpus, rendering it if it isn't there yet.

    The folder's name holds the expected hash: another version of the synthesis is another folder.
    ``load(root, name, **facts)`` reads the folder.

    Raises
    ------
    DataError
        The rendered samples aren't the expected ones.
    """
    root = home() / "corpora" / f"{module}-{EXPECTED_SHA256[key][:12]}"
    if not (root / "index.csv").is_file():
        verify(key, root, render(root))
    name = module.replace("_", "-")
    return load(
        root,
        name,
        title=title,
        evidence="embedded",
        bibtex=BIBTEX,
        licence=LICENCE,
        faults=FAULTS,
    )

"""Embedded corpora: rendered on first use, checked against their hash, then loaded as a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus
from mirbench.corpora.folder import load_folder
from mirbench.corpora.synthetic import EXPECTED_SHA256, verify
from mirbench.home import home

BIBTEX = r"""@misc{mirbench_embedded,
  title = {Embedded corpora of mirbench},
  note  = {Synthesised; for a first run and for tests, not for results}
}"""


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
        root, name, title=title, evidence="embedded", bibtex=BIBTEX, licence="MIT, as the code"
    )

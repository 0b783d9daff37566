"""Embedded corpora: synthesised, seeded, rendered in seconds, the same bytes on every machine.

They are for a first run and for tests, and no substitute for real recordings.

`render` makes the speech/music clips of one domain, `render_programmes` radio programmes,
`render_songs` vocal/instrumental songs, `render_fingerprint` the corpus of the leak test; `verify`
compares the sound with what this version must give.
"""

from pathlib import Path

import pandas as pd

from mirbench.corpora.synthetic.clips import render
from mirbench.corpora.synthetic.fingerprint import render_fingerprint
from mirbench.corpora.synthetic.programmes import render_programmes, render_songs
from mirbench.corpora.synthetic.store import pcm_sha256
from mirbench.errors import DataError

__all__ = [
    "EXPECTED_SHA256",
    "render",
    "render_fingerprint",
    "render_programmes",
    "render_songs",
    "verify",
]

# SHA-256 over the 16-bit samples of all files in index order, seed 0
EXPECTED_SHA256 = {
    "studio": "5f924de1a893ce3aeef02ac587746e2321c5393692e0a22e045bac1280e25a53",
    "phone": "8b6102dfbb1e1dedbb0c9e12905cf7adf1bbf6c843e2d263fd2188656cb7521e",
    "programmes": "247e85d7c5425c11d574bfeb8143b7bcc3b61a8a6238d2f8c478acedfd9834f8",
    "songs": "b2d5abcd85878b3377de106eaa0021239133a5a11d09332cc90ce258371e10d0",
    "fingerprint": "a8ae443993707efa54a573e566b502c9a9fa4a99d5355a5b85803a13846c7316",
}


def verify(name: str, root: str | Path, index: pd.DataFrame) -> None:
    """Check the rendered sound of corpus ``name`` (seed 0) against `EXPECTED_SHA256`.

    Raises
    ------
    DataError
        The samples differ, or a file is missing or damaged.
    """
    found = pcm_sha256(Path(root), index)
    if found != EXPECTED_SHA256[name]:
        raise DataError(
            f"{root}: the rendered samples have SHA-256 {found[:12]}..., expected "
            f"{EXPECTED_SHA256[name][:12]}...; delete the folder to render it again"
        )

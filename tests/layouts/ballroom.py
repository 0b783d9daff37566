"""A look-alike of Ballroom: the contest's folder of recordings (tempi come in an archive of their own)."""

from pathlib import Path

import published_layouts as layouts

from mirbench.corpora.ballroom import STYLES


def make(data: Path) -> None:
    layouts.ballroom(data, STYLES, per_style=2, discs=2)
    for path in (data / "ballroom").glob("*.bpm"):
        path.unlink()

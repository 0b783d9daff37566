"""Where a fit keeps its state, under a name that no other fit has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mirbench.canonical import digest


@dataclass(frozen=True)
class Files:
    """Checkpoints of the parts of one fit (its settings, the nets it starts from).

    Attributes
    ----------
    folder : Path or None
        None keeps nothing.
    name : str
        Digest of the fit's parameters, code and data, so that several fits share a folder.
    """

    folder: Path | None
    name: str

    @classmethod
    def of_fit(cls, folder: Path, parameters: Mapping[str, Any], X: np.ndarray, y: Any) -> Files:
        """Those of a fit with these parameters on these items and labels."""
        items = [[item.key, item.group] for item in X]
        return cls(folder, digest([dict(parameters), items, np.asarray(y)])[:16])

    def of(self, part: str) -> Path | None:
        """Checkpoint of a part."""
        return None if self.folder is None else self.folder / f"{self.name}-{part}.pt"

    def delete(self) -> None:
        """Remove the checkpoints of all parts."""
        if self.folder is not None:
            for file in self.folder.glob(f"{self.name}-*.pt"):
                file.unlink()

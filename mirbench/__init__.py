"""mirbench: hand-crafted and deep MIR systems, side by side under identical protocols.

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "CorpusOut": "mirbench.estimators",
    "Extract": "mirbench.features",
    "GroupItems": "mirbench.estimators",
    "Item": "mirbench.items",
    "PerFrame": "mirbench.estimators",
    "Precomputed": "mirbench.external",
    "as_items": "mirbench.items",
    "board": "mirbench.api",
    "load_corpus": "mirbench.corpora",
    "load_folder": "mirbench.corpora",
    "load_items": "mirbench.api",
    "load_method": "mirbench.methods",
    "load_protocol": "mirbench.protocols",
    "load_records": "mirbench.records",
    "make_protocol": "mirbench.protocols",
    "run": "mirbench.api",
    "score": "mirbench.api",
}
__all__ = [*_WHERE, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'mirbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

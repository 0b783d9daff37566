"""What pages say of methods beyond their records, worked out once: their code now, what they hear."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mirbench.methods import installed

INPUTS = ("input", "features", "frames")
"""Parameters of methods that say what they hear, the first that a method has."""


@dataclass(frozen=True)
class Known:
    """What judging a protocol needs beside its records.

    Attributes
    ----------
    root : Path
        Of the records.
    published : DataFrame
        See `mirbench.boards.load_published`.
    ledger : mapping
        See `mirbench.trust.status`.
    code : mapping of str to str
        Code hash of each spec as it is now, of installed methods.
    heard : mapping of str to str
        What each spec hears, where a parameter says so.
    """

    root: Path
    published: pd.DataFrame
    ledger: Mapping[str, Mapping[str, Any]]
    code: Mapping[str, str]
    heard: Mapping[str, str]


def of_methods(
    identities: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, str], dict[str, str]]:
    """``code`` and ``heard`` of the specs of these identities."""
    code, heard = {}, {}
    for who in identities:
        spec, params = who["spec"], dict(who["params"])
        if spec in heard:
            continue
        method = installed(spec)
        if method is not None and method.name == who["method"]:
            code[spec] = method.code
            signature = inspect.signature(method.function)
            params = {k: p.default for k, p in signature.parameters.items()} | params
        heard[spec] = next((str(params[k]) for k in INPUTS if params.get(k) is not None), "")
    return code, heard

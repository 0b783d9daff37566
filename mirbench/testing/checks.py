"""A check and its outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One clause of a contract: what was asked, whether it holds, what was seen."""

    name: str
    passed: bool
    detail: str = ""


def attempt(name: str, clause: Callable[[], str | None]) -> Check:
    """Run a clause; it fails by raising, and may return a word on what it saw."""
    try:
        return Check(name, True, clause() or "")
    except Exception as error:  # whatever a plug-in raises is its outcome
        return Check(name, False, f"{type(error).__name__}: {error}")


def report(checks: Sequence[Check]) -> str:
    """One line a check."""
    return "\n".join(
        f"{'ok  ' if c.passed else 'FAIL'}  {c.name}{': ' + c.detail if c.detail else ''}"
        for c in checks
    )

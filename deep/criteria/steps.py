"""Fewer steps than a model's own, to see that it runs."""

from __future__ import annotations


def given(steps: int | None) -> dict[str, int]:
    """Parameters of a learner: its own for None."""
    return {} if steps is None else {"steps": steps}

"""Why methods gave no result: a sentence a cause, and which task would have suited them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mirbench.methods import load_method
from mirbench.protocols import Protocol
from mirbench.running.few_labels import is_encoder
from mirbench.testing import unsuited


def sentences(
    failures: Mapping[str, str], specs: Sequence[str | Callable[..., Any]], protocol: Protocol
) -> list[str]:
    """What to tell of a run's failures: a sentence a misfit with what suits it, then one a cause.

    Parameters
    ----------
    failures : mapping of str to str
        From `run_protocol`.
    specs : sequence of str or callable
        The methods that were run.
    protocol : Protocol
    """
    said, left = [], dict(failures)
    for spec in dict.fromkeys(specs):
        mine = [name for name in left if name.startswith(f"{load_method(spec).spec} seed ")]
        advice = _advice(spec, protocol) if mine else ""
        if advice:
            said.append(f"{advice}; {_counted(mine)}: {left[mine[0]]}")
            left = {name: why for name, why in left.items() if name not in mine}
    for why in dict.fromkeys(left.values()):
        said.append(f"{_counted([name for name in left if left[name] == why])}: {why}")
    return said


def _advice(spec: str | Callable[..., Any], protocol: Protocol) -> str:
    """Which task would have suited; nothing of an encoder with few labels, whose rows suit any classes."""
    if protocol.few_labels and is_encoder(load_method(spec).build()):
        return ""
    return unsuited(spec, protocol.task)


def _counted(names: Sequence[str]) -> str:
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return f"{names[0]}{more}"

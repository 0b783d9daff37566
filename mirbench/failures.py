"""Why methods gave no result: a sentence a cause, and which task would have suited them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mirbench.methods import load_method
from mirbench.tasks import Task
from mirbench.testing import unsuited


def sentences(
    failures: Mapping[str, str], specs: Sequence[str | Callable[..., Any]], task: Task
) -> list[str]:
    """What to tell of a run's failures: the task that suits a method first, then each cause once.

    Parameters
    ----------
    failures : mapping of str to str
        From `run_protocol`.
    specs : sequence of str or callable
        The methods that were run.
    task : Task
        The protocol's.
    """
    said = []
    for why in dict.fromkeys(failures.values()):
        what = [name for name, reason in failures.items() if reason == why]
        more = f" (and {len(what) - 1} more)" if len(what) > 1 else ""
        said.append(f"{what[0]}{more}: {why}")
    failed = [
        s for s in specs if any(f.startswith(f"{load_method(s).spec} seed ") for f in failures)
    ]
    return [*filter(None, (unsuited(spec, task) for spec in dict.fromkeys(failed))), *said]

"""What a protocol asks of an estimator, as far as it shows before any fit: which functions it has."""

from __future__ import annotations

from sklearn.base import BaseEstimator

from mirbench.protocols import Protocol
from mirbench.tasks import TASKS, Task

ANSWERS = ("predict_proba", "predict")
"""What gives classes, tags, values, pitch, notes or segments."""


def needs(task: Task, *, few_labels: bool = False) -> tuple[str, ...]:
    """Functions of which an estimator must have one to answer for a task.

    With few labels, or an episode's few, a transformer is answered for by what reads its rows.
    """
    if task.kind == "pairs":
        return ("match",)
    if task.kind == "ranking":
        return ("transform",)
    return (*ANSWERS, "transform", "adapt") if few_labels else ANSWERS


def needs_fault(spec: str, estimator: BaseEstimator, protocol: Protocol) -> str:
    """Why an estimator can't answer under a protocol, and what it is for; "" where nothing shows yet.

    Parameters
    ----------
    spec : str
        Name of the method, for the sentence.
    estimator : BaseEstimator
        Unfitted.
    protocol : Protocol
    """
    wanted = needs(protocol.task, few_labels=protocol.few_labels)
    of = f"{protocol.task.name} of {protocol.name}"
    return _fault(spec, estimator, wanted, of, _meant_for(spec, estimator))


def task_fault(spec: str, estimator: BaseEstimator, task: Task) -> str:
    """As `needs_fault`, where a method is to be trained for a task and applied to a recording."""
    instead = _meant_for(spec, estimator)
    if hasattr(estimator, "match"):
        instead = "; with match it chooses videos: give --music FILE --videos DIR"
    elif hasattr(estimator, "transform"):
        instead = "; with transform it lists the nearest tracks: give --query FILE --catalogue DIR"
    return _fault(spec, estimator, needs(task), task.name, instead)


def _fault(
    spec: str, estimator: BaseEstimator, wanted: tuple[str, ...], of: str, instead: str
) -> str:
    if any(hasattr(estimator, name) for name in wanted):
        return ""
    return f"{spec} doesn't suit task {of}: it has no {' or '.join(wanted)}{instead}"


def _meant_for(spec: str, estimator: BaseEstimator) -> str:
    """What an estimator with these functions is for, in words."""
    if hasattr(estimator, "match"):
        return f"; with match(X, V) it is for {_tasks('pairs')}, such as -p audiovisual/mini"
    if hasattr(estimator, "adapt"):
        return "; with adapt it is for few-shot episodes, such as -p few-shot/mini"
    if any(hasattr(estimator, name) for name in ANSWERS):
        return f"; 'mirbench check {spec}' finds a task that it answers for"
    if hasattr(estimator, "transform"):
        return (
            "; with transform alone it is for few labels, such as -p few-labels/mini or few-shot/mini, "
            f"or for {_tasks('ranking')}"
        )
    return f"; give it {' or '.join(ANSWERS)}, transform or match"


def _tasks(kind: str) -> str:
    return f"--task {' or '.join(task.name for task in TASKS.values() if task.kind == kind)}"

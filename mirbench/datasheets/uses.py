"""What a corpus is used for: protocols, their tasks, the metrics that their boards show first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mirbench.corpora.facts import Facts
from mirbench.errors import ProtocolError
from mirbench.protocols import load_protocol, protocol_names
from mirbench.protocols.headlines import headline
from mirbench.tasks import TASKS, Task

OTHER_TASKS = {
    "speech-music/gtzan-clips": "speech-music-clip",
    "audiovisual/flickr-soundnet": "music-video",
    "audiovisual/kinetics-sounds": "music-video",
    "few-labels/medley-solos-db": "instruments",
    "few-labels/nsynth": "instruments",
}
"""Tasks of published protocols that aren't the first part of their names."""
OTHER_METRICS = {
    "speech-music/gtzan-clips": ("balanced accuracy", "accuracy", "F (speech)"),
    "instruments/medley-solos-db": ("balanced accuracy", "accuracy"),
    "instruments/nsynth": ("balanced accuracy", "accuracy"),
    "few-labels/medley-solos-db": ("balanced accuracy", "accuracy"),
    "few-labels/nsynth": ("balanced accuracy", "accuracy"),
    "tags/irmas": ("PR-AUC", "ROC-AUC", "micro F1", "macro F1"),
    "tags/openmic": ("PR-AUC", "ROC-AUC", "macro F1"),
}
"""Metrics of published protocols that aren't those of their task."""


@dataclass(frozen=True)
class Use:
    """A protocol that uses a corpus.

    Attributes
    ----------
    protocol, task : str
        Their names.
    title : str
        What the task is, in words.
    metrics : tuple of str
        Those that its boards show first, the headline one first.
    kind : str
        "published" (a split of the literature, made from lists and recordings) or "frozen" (ours).
    """

    protocol: str
    task: str
    title: str
    metrics: tuple[str, ...]
    kind: str


def uses(name: str, known: Facts) -> tuple[Use, ...]:
    """Protocols of a corpus: those its module names, the usual one first, then frozen ones that test on
    it, then those that only train on it."""
    frozen = [p for p in protocol_names() if name in _corpora(p)]
    frozen.sort(key=lambda protocol: name not in _tested(protocol))
    return tuple(use(protocol) for protocol in dict.fromkeys((*known.protocols, *frozen)))


@cache
def use(protocol: str) -> Use:
    """A protocol's task and metrics; nothing of a published one is loaded.

    Raises
    ------
    ProtocolError
        Not frozen, and no task can be told from its name.
    """
    if protocol in protocol_names():
        made = load_protocol(protocol)
        return _use(protocol, made.task, made.headline, "frozen")
    task = published_task(protocol)
    accuracy = ("accuracy",) if task.kind == "classes" else ()  # as published_protocol adds it
    metrics = OTHER_METRICS.get(protocol, (*headline(task), *accuracy))
    return _use(protocol, task, metrics, "published")


def published_task(protocol: str) -> Task:
    """Task of a published protocol, without making it: mostly the first part of its name."""
    topic = OTHER_TASKS.get(protocol, protocol.partition("/")[0])
    if topic not in TASKS:
        raise ProtocolError(
            f"{protocol}: {topic!r} is no task; begin its name with one of {', '.join(TASKS)}, or name its task in OTHER_TASKS"
        )
    return TASKS[topic]


def _use(protocol: str, task: Task, metrics: tuple[str, ...], kind: str) -> Use:
    return Use(protocol, task.name, task.title, metrics or headline(task), kind)


@cache
def _corpora(protocol: str) -> frozenset[str]:
    """Names of the corpora in a frozen protocol."""
    return frozenset(load_protocol(protocol).items["corpus"])


@cache
def _tested(protocol: str) -> frozenset[str]:
    """Names of the corpora that a frozen protocol tests on."""
    made = load_protocol(protocol)
    ids = {i for cell in made.cells for test in cell.tests.values() for i in test}
    return frozenset(made.items["corpus"][made.items["id"].isin(ids)])

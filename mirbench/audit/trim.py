"""A cell without dropped items: its training and test sets, its draws of few labels, its episodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from mirbench.errors import ProtocolError
from mirbench.protocols.protocol import Cell


def trimmed(
    cell: Cell,
    alive: AbstractSet[str],
    joined_group: Mapping[str, str],
    label: Mapping[str, str],
    apart: bool,
    protocol: str,
) -> Cell:
    """The cell of the items that are alive.

    Where ``apart``, items of a joined group that is tested leave training, and the support of the
    episode that asks for it. A draw or an episode that shows a class no more is left out, of every
    number of labels or shots, so that fewer stay part of more.

    Parameters
    ----------
    cell : Cell
    alive : set of str
        Ids that stay.
    joined_group : mapping of str to str
        Group of each id whose group was joined with another.
    label : mapping of str to str
        Of each id.
    apart : bool
    protocol : str
        Named by errors.

    Raises
    ------
    ProtocolError
        A training or test set is left empty, or no draw is left.
    """

    def tested(ids: Iterable[str]) -> set[str]:
        return {joined_group[i] for i in ids if apart and i in joined_group}

    where = f"protocol {protocol}: the patch leaves nothing of {{}} in cell {cell.name}; drop or join less"
    tests = {name: tuple(i for i in ids if i in alive) for name, ids in cell.tests.items()}
    joined = tested(i for ids in tests.values() for i in ids)
    train = tuple(i for i in cell.train if i in alive and joined_group.get(i) not in joined)
    support: dict[str, tuple[str, ...]] = {}
    gone = set()
    for name, ids in cell.support.items():
        asked = tested(tests[name])
        support[name] = tuple(i for i in ids if i in alive and joined_group.get(i) not in asked)
        if not tests[name] or {label[i] for i in support[name]} != {label[i] for i in ids}:
            gone.add(_number(name))
    if cell.support:
        tests = {name: ids for name, ids in tests.items() if _number(name) not in gone}
        support = {name: support[name] for name in tests}
        if not tests:
            raise ProtocolError(where.format("any episode"))
    for name, ids in {"training": train, **tests}.items():
        if not ids:
            raise ProtocolError(where.format(f"set {name}"))
    labelled = _draws(cell, set(train), label)
    for name, draws in labelled.items():
        if not draws:
            raise ProtocolError(where.format(f"the draws of {name}"))
    return replace(cell, train=train, tests=tests, labelled=labelled, support=support)


def _number(test: str) -> str:
    """Of an episode (``n=5/07``)."""
    return test.rpartition("/")[2]


def _draws(
    cell: Cell, train: AbstractSet[str], label: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Draws that still show all their classes, by test set; the same ones of all that are drawn alike."""
    left = {
        name: [tuple(i for i in ids if i in train) for ids in draws]
        for name, draws in cell.labelled.items()
    }
    lost = {
        (len(draws), d)
        for name, draws in cell.labelled.items()
        for d, ids in enumerate(draws)
        if {label[i] for i in ids} != {label[i] for i in left[name][d]}
    }
    return {
        name: tuple(ids for d, ids in enumerate(draws) if (len(draws), d) not in lost)
        for name, draws in left.items()
    }

"""The contract of a protocol."""

from __future__ import annotations

from mirbench.audit import audit_cells
from mirbench.metrics import metrics_for
from mirbench.protocols import Protocol
from mirbench.running.items import protocol_items
from mirbench.testing.checks import Check, attempt


def check_protocol(protocol: Protocol, *, recordings: bool = False) -> list[Check]:
    """Check a protocol: its items, cells, labels and headline, no leak, that it survives being written.

    With ``recordings``, also that they are on this machine and those it was made for, as a run asks.
    """

    def items() -> str:
        table, grid, kind = protocol.items, protocol.grid, protocol.task.kind
        twice = table["id"][table["id"].duplicated()]
        if len(twice):
            raise AssertionError(f"id {twice.iloc[0]!r} stands for two items")
        for label in dict.fromkeys(table["label"]):
            protocol.task.target(label)
        for name, duration_s in zip(table["id"], table["duration_s"]):
            if kind == "frames" and grid.n_frames(duration_s) <= grid.first_scored:
                raise AssertionError(
                    f"{name}: {duration_s:.2f} s long, frames are scored from {grid.scored_from_s:g} s on"
                )
        return f"{len(table)} items"

    def headline() -> str:
        known = [metric.name for metric in metrics_for(protocol.task, protocol.grid)]
        unknown = [name for name in protocol.headline if name not in known]
        if unknown:
            raise AssertionError(f"no metric {unknown[0]!r}; the task has {', '.join(known)}")
        return ", ".join(protocol.headline)

    def cells() -> str:
        names = [cell.name for cell in protocol.cells]
        if not names or len(set(names)) < len(names):
            raise AssertionError("cells must exist and have names of their own")
        for cell in protocol.cells:
            if not cell.train or not cell.tests or not all(cell.tests.values()):
                raise AssertionError(f"cell {cell.name}: an empty training or test set")
            for name, ids in cell.tests.items():
                if len(set(ids)) < len(ids):
                    raise AssertionError(f"cell {cell.name}: an item twice in test set {name}")
        return f"{len(names)} cells"

    def labels() -> None:
        if protocol.task.kind in ("classes", "frames"):
            for cell in protocol.cells:
                found = set(protocol.table.loc[list(cell.train), "label"])
                if len(found) < 2:
                    raise AssertionError(f"cell {cell.name}: one class in training: {found}")

    def no_leak() -> None:
        leaks = audit_cells(protocol)
        if leaks:
            raise AssertionError(leaks[0])

    def survives() -> str:
        again = Protocol.from_dict(protocol.to_dict())
        if again.hash != protocol.hash:
            raise AssertionError("another hash after being written and read")
        return protocol.hash[:12]

    checks = [
        attempt("items", items),
        attempt("headline metrics exist", headline),
        attempt("cells", cells),
        attempt("every training set has two classes", labels),
        attempt("no item, group or recording on both sides", no_leak),
        attempt("written and read: same hash", survives),
    ]
    if recordings:
        checks.append(
            attempt("recordings", lambda: f"{len(protocol_items(protocol))} as they were")
        )
    return checks

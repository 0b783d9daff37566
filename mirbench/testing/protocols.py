"""The contract of a protocol."""

from __future__ import annotations

from mirbench.audit import audit_cells
from mirbench.protocols import Protocol
from mirbench.testing.checks import Check, attempt


def check_protocol(protocol: Protocol) -> list[Check]:
    """Check a protocol: its cells, its labels, no leak, and that it survives being written."""

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
        if protocol.task.kind != "segments":
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

    return [
        attempt("cells", cells),
        attempt("every training set has two classes", labels),
        attempt("no item, group or recording on both sides", no_leak),
        attempt("written and read: same hash", survives),
    ]

"""What is wrong with a collection before anything is measured on it: faults, duplicates, leaks, shortcuts.

`audit` decodes every item once; `audit_cells` looks at ids, groups and content keys only, and is what
a run calls to refuse leaking cells; `make_patch` says what to drop and to join, and `audited` gives a
protocol without it.
"""

from mirbench.audit.cells import audit_cells, between, split_cells
from mirbench.audit.check import audit
from mirbench.audit.patch import audited, load_patch, make_patch
from mirbench.audit.report import Finding, Pair, Report

__all__ = [
    "Finding",
    "Pair",
    "Report",
    "audit",
    "audit_cells",
    "audited",
    "between",
    "load_patch",
    "make_patch",
    "split_cells",
]

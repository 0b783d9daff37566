"""What is wrong with a collection before anything is measured on it: faults, duplicates, leaks, shortcuts.

`audit` decodes every item once; `audit_cells` looks at ids, groups and content keys only, and is what
a run calls to refuse leaking cells.
"""

from mirbench.audit.cells import audit_cells, between
from mirbench.audit.check import audit
from mirbench.audit.report import Finding, Report

__all__ = ["Finding", "Report", "audit", "audit_cells", "between"]

"""Contract tests for methods, corpora, metrics and protocols: users' and ours alike."""

from mirbench.testing.checks import Check, report
from mirbench.testing.corpora import check_corpus
from mirbench.testing.methods import check_method, unsuited
from mirbench.testing.metrics import check_metric
from mirbench.testing.protocols import check_protocol

__all__ = [
    "Check",
    "check_corpus",
    "check_method",
    "check_metric",
    "check_protocol",
    "report",
    "unsuited",
]

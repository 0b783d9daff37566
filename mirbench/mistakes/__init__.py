"""Listen to the errors: a page of a method's worst mistakes, for this machine only."""

from mirbench.mistakes.command import write_report
from mirbench.mistakes.find import Mistake, worst

__all__ = ["Mistake", "worst", "write_report"]

"""Get a published corpus by its name, bring one's own copy, check that everything is there."""

from mirbench.fetch.check import Checked, check
from mirbench.fetch.link import link
from mirbench.fetch.place import fetch
from mirbench.fetch.plan import Step, plan

__all__ = ["Checked", "Step", "check", "fetch", "link", "plan"]

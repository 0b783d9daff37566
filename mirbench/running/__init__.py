"""Running: plan cells, fill the feature cache, fit and predict on all cores, keep every result."""

from mirbench.running.execute import run_protocol

__all__ = ["run_protocol"]

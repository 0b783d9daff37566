"""Runs in this process, without a bar of progress."""

from mirbench.running import run_protocol


def run(spec, protocol, **options):
    options = {"n_jobs": 1, "progress": False} | options
    return run_protocol([spec] if isinstance(spec, str) else spec, protocol, **options)

"""The header of a record, field by field: what may stand there, and nothing else."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from mirbench.records import IDENTITY, SCHEMA

Rule = Callable[[Any], str]
"""What is wrong with a value, in words; empty if nothing is."""

NAME = 160
TITLE = 300
FLAGS = ("near-perfect",)
"""What `mirbench.trust.accept` says of a record it lets in."""
KEY = r"[A-Za-z0-9][A-Za-z0-9_.:+-]*"


def text(limit: int, pattern: str = "", *, ascii_only: bool = False) -> Rule:
    """A string of up to ``limit`` printable characters that matches ``pattern`` whole."""

    def rule(value: Any) -> str:
        if not isinstance(value, str):
            return f"is {_kind(value)}, not text"
        if len(value) > limit:
            return f"is {len(value)} characters long, {limit} are allowed"
        odd = next((c for c in value if unprintable(c)), None)
        if odd is not None:
            return f"holds the control character U+{ord(odd):04X}"
        if ascii_only and not value.isascii():
            return "holds other characters than ASCII: look-alike names can't be told apart"
        if pattern and not re.fullmatch(pattern, value):
            return f"is {value!r}, which isn't of the form {pattern}"
        return ""

    return rule


def unprintable(character: str) -> bool:
    """Control, formatting (right-to-left marks), surrogate and unassigned code points, and line
    separators."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def number(value: Any) -> str:
    """A finite number of 0 or more; None where it isn't known."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"is {_kind(value)}, not a number"
    return "" if 0 <= value < 1e15 else f"is {value!s:.40}"  # NaN fails both


def whole(value: Any) -> str:
    """A whole number that generators take as a seed."""
    if isinstance(value, bool) or not isinstance(value, int):
        return f"is {_kind(value)}, not a whole number"
    return "" if 0 <= value < 2**32 else f"is {value!s:.40}, outside 0 to 2**32 - 1"


def flag(value: Any) -> str:
    """True or false."""
    return "" if isinstance(value, bool) else f"is {_kind(value)}, not true or false"


def plain(value: Any) -> str:
    """A parameter's value: a short text, a number, true, false or none."""
    if isinstance(value, str):
        return text(NAME)(value)
    if value is None or isinstance(value, (bool, int)):
        return "" if not isinstance(value, int) or abs(value) < 2**63 else "is too large a number"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"is {value}"
    return f"is {_kind(value)}, not a plain value"


def listed(rule: Rule, limit: int) -> Rule:
    """A list of up to ``limit`` values."""

    def check(value: Any) -> str:
        if not isinstance(value, list) or len(value) > limit:
            return f"isn't a list of up to {limit} values"
        return next((f"holds one that {fault}" for v in value if (fault := rule(v))), "")

    return check


def mapped(rule: Rule, limit: int, *, optional: bool = False) -> Rule:
    """A mapping of up to ``limit`` short names to values; ``optional``: or none at all."""

    def check(value: Any) -> str:
        if value is None and optional:
            return ""
        if not isinstance(value, dict) or len(value) > limit:
            return f"isn't a mapping of up to {limit} names"
        for key, inner in value.items():
            fault = text(NAME)(key) or rule(inner)
            if fault:
                return f"holds {str(key)[:40]!r}, which {fault}"
        return ""

    return check


def fields(rules: Mapping[str, Rule], required: frozenset[str] = frozenset()) -> Rule:
    """A mapping with those fields and no others."""

    def check(value: Any) -> str:
        if not isinstance(value, dict):
            return f"is {_kind(value)}, not a mapping"
        if lacking := sorted(required - set(value)):
            return f"lacks {lacking[0]}"
        for key, inner in value.items():
            if key not in rules:
                return f"has a field {str(key)[:40]!r} that records don't have"
            if fault := rules[key](inner):
                return f"has {key}, which {fault}"
        return ""

    return check


def pair(first: Rule, second: Rule) -> Rule:
    """A list of two values."""

    def check(value: Any) -> str:
        if not isinstance(value, list) or len(value) != 2:
            return "isn't a pair"
        return first(value[0]) or second(value[1])

    return check


def signed(value: Any) -> str:
    """A finite number; None where it isn't known."""
    return number(abs(value) if type(value) in (int, float) else value)


COSTS = ("fit_s", "fit_cpu_s", "predict_s", "extract_s", "peak_mb", "n_params", "n_multiply_adds")
COST = {
    **dict.fromkeys(COSTS, number),
    "choice": mapped(plain, 100, optional=True),
    "search": listed(pair(mapped(plain, 100), signed), 1_000),
    "curve": listed(pair(signed, signed), 10_000),
    "thresholds": listed(signed, 10_000),
}
ENVIRONMENT = {
    **dict.fromkeys(("python", "system", "machine"), text(60)),
    **dict.fromkeys(("cores", "memory_gb"), number),
    "libraries": mapped(text(60), 100),
}
IDENTITY_RULES: dict[str, Rule] = {
    "method": text(NAME, r"\S(.*\S)?", ascii_only=True),
    "params": mapped(plain, 50),
    "spec": text(NAME, r"\S(.*\S)?", ascii_only=True),
    "title": text(TITLE),
    "family": text(40),
    "cite": text(NAME, rf"({KEY}(,? {KEY})*)?"),
    "trained_on": listed(text(NAME), 100),
    "seed": whole,
    "code": text(64, "[0-9a-f]*"),
    "libraries": mapped(text(60), 100),
    "protocol": text(NAME, ascii_only=True),
    "protocol_hash": text(64, "[0-9a-f]{64}"),
    "task": text(NAME, ascii_only=True),
    "kind": text(40),
    "evidence": text(40),
    "leaks": flag,
    "claims": mapped(text(TITLE), 10),
}
PROVENANCE = {
    "environment": fields(ENVIRONMENT),
    "cells": mapped(fields(COST), 10_000),
    "flags": listed(lambda v: "" if v in FLAGS else f"isn't one of {', '.join(FLAGS)}", 5),
}
HEADER = fields(
    {
        "schema": lambda v: "" if v == SCHEMA else f"is {v!r}, this version reads {SCHEMA}",
        "identity": fields(IDENTITY_RULES, frozenset(IDENTITY)),
        "provenance": fields(PROVENANCE),
        "status": lambda v: "" if v == "complete" else "isn't 'complete'",
        "outputs_sha256": text(64, "[0-9a-f]{64}"),
    },
    frozenset({"schema", "identity", "provenance", "status", "outputs_sha256"}),
)


def header_fault(header: Any) -> str:
    """What is wrong with a record's header, in words; empty if every field is as it should be.

    Unknown fields are wrong; so is a spec that isn't its method and parameters.
    """
    if fault := HEADER(header):
        return f"header {fault}"
    who = header["identity"]
    spelled = spell(who["method"], who["params"])
    if who["spec"] != spelled:
        return f"its spec {who['spec']!r} isn't its method and parameters, {spelled!r}"
    return ""


def spell(method: str, params: Mapping[str, Any]) -> str:
    """A method with its parameters, as one types it."""
    tail = ",".join(f"{key}={params[key]}" for key in sorted(params))
    return f"{method}:{tail}" if tail else method


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"

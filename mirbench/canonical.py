"""Names for values and code: canonical forms and hashes that change when the thing changes."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import json
import sys
import sysconfig
from collections.abc import Callable
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

_LIBRARY = tuple(
    str(Path(sysconfig.get_paths()[name]).resolve()) for name in ("stdlib", "purelib", "platlib")
)


def canonical(value: Any) -> Any:
    """JSON-ready form of a parameter value, the same for equal values.

    Raises
    ------
    TypeError
        A value with no name of its own (an open file, a generator): its ``repr`` would lie.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return canonical(value.item())
    if isinstance(value, (list, tuple)):
        return [canonical(v) for v in value]
    if isinstance(value, dict):
        return {"dict": [[canonical(k), canonical(v)] for k, v in sorted(value.items(), key=str)]}
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value)
        digest = hashlib.sha256(data.tobytes()).hexdigest()
        return {"array": [str(data.dtype), list(data.shape), digest]}
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, partial):
        return {
            "partial": [canonical(value.func), canonical(value.args), canonical(value.keywords)]
        }
    if isinstance(value, slice):
        return {"slice": [canonical(v) for v in (value.start, value.stop, value.step)]}
    if inspect.isclass(value) or inspect.isroutine(value):
        return {"code": [value.__module__, value.__qualname__, code_hash(value)]}
    if hasattr(value, "get_params") and not inspect.isclass(value):
        return {"estimator": [canonical(type(value)), canonical(value.get_params(deep=False))]}
    raise TypeError(
        f"can't name a parameter of type {type(value).__name__}; use numbers, strings, lists, "
        "dicts, arrays, module-level functions or estimators"
    )


def digest(value: Any) -> str:
    """SHA-256 (hex) of the canonical form of ``value``."""
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def code_hash(func: Callable[..., Any] | type) -> str:
    """Hash of everything of ours that ``func`` may run.

    The syntax trees (without docstrings) of the module that defines ``func`` and of every
    first-party module it imports, directly or not, and the values that a closure holds. Code in
    the standard library or in site-packages is named by its version instead.
    """
    module = inspect.getmodule(func)
    cells = [c.cell_contents for c in getattr(func, "__closure__", None) or ()]
    if module is None or not getattr(module, "__file__", None):
        return digest([_bytecode(func), cells])  # typed at a prompt or in a notebook, or built in
    if not _first_party(module):
        package = module.__name__.partition(".")[0]
        return digest([module.__name__, func.__qualname__, versions(package), cells])
    defaults = [getattr(func, "__defaults__", None), getattr(func, "__kwdefaults__", None)]
    values = [cells, defaults if "<locals>" in func.__qualname__ else None]
    return digest([_reach_hash(module.__name__), values])


def _bytecode(func: Any) -> list[Any]:
    if inspect.isclass(func):
        members = sorted(vars(func).items())
        return [[name, _bytecode(v)] for name, v in members if inspect.isfunction(v)]
    code = getattr(func, "__code__", None)
    if code is None:
        return [getattr(func, "__module__", ""), getattr(func, "__qualname__", "")]
    inner = [_bytecode(SimpleNamespace(__code__=c)) for c in code.co_consts if inspect.iscode(c)]
    consts = [repr(c) for c in code.co_consts if not inspect.iscode(c)]
    return [code.co_code.hex(), consts, list(code.co_names), inner]


@cache
def _reach_hash(name: str) -> str:
    seen: dict[str, str] = {}
    todo = [name]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        path = _source_path(current)
        if path is None:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        _drop_docstrings(tree)
        seen[current] = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
        todo.extend(_imports(tree, current, path.name == "__init__.py"))
    return digest(seen)


def _imports(tree: ast.AST, module: str, is_package: bool) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                keep = len(parts) - node.level + (1 if is_package else 0)
                base = ".".join([*parts[:keep], *([node.module] if node.module else [])])
            found.append(base)
            found += [f"{base}.{alias.name}" for alias in node.names]
    return found


@cache
def _source_path(name: str) -> Path | None:
    """Source file of a first-party module, else None."""
    module = sys.modules.get(name)
    if module is not None:
        return Path(module.__file__) if _first_party(module) and module.__file__ else None
    top = sys.modules.get(name.partition(".")[0])
    if top is None or not _first_party(top):
        return _findable(name) if "." not in name else None
    return _findable(name)


def _findable(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    origin = spec.origin if spec else None
    return Path(origin) if origin and _is_ours(origin) else None


def _first_party(module: ModuleType) -> bool:
    return _is_ours(getattr(module, "__file__", None) or "")


def _is_ours(file: str) -> bool:
    return file.endswith(".py") and not str(Path(file).resolve()).startswith(_LIBRARY)


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]


@cache
def versions(*names: str) -> dict[str, str]:
    """Installed versions of distributions, without importing them."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found

"""Names for values and code: canonical forms and hashes that change when the thing changes."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import json
import sys
import sysconfig
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

_LIBRARY = tuple(
    str(Path(sysconfig.get_paths()[name]).resolve()) for name in ("stdlib", "purelib", "platlib")
)


INFRASTRUCTURE = tuple(
    f"mirbench.{part}"
    for part in ("canonical", "home", "errors", "features.cache", "records", "running", "methods")
)
"""Modules that carry results about without changing them: an edit there outdates nothing."""


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
    if inspect.ismethod(value):
        raise TypeError(f"can't name the bound method {value.__qualname__}; use a function")
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

    For code in files: the syntax trees (without docstrings) of the module that defines ``func`` and of
    every first-party module it imports, directly or not, harness infrastructure aside; for a lambda
    or a function inside a function its bytecode and the values it closes over too. For code typed at
    a prompt: bytecode, defaults, and whatever its global names hold. Code in the standard library or
    in site-packages is named by its version. A module's data files count if it names them in
    ``DATA_FILES = "GLOB"``, seen from its folder; environment variables are outside.
    """
    module = inspect.getmodule(func)
    file = getattr(module, "__file__", None)
    if module is None or not file or not Path(file).is_file():
        return digest(_bytecode(func, set()))
    name = getattr(func, "__qualname__", "")
    if not _first_party(module):
        return digest([module.__name__, name, versions(*_distributions(module.__name__))])
    nameless = "<" in name
    return digest([_reach_hash(module.__name__), _bytecode(func, set()) if nameless else None])


def _distributions(module: str) -> list[str]:
    """Distributions that ship a module's top-level package; their names may differ from its own."""
    top = module.partition(".")[0]
    return sorted(set(_shipped().get(top, [top])))


@cache
def _shipped() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _bytecode(value: Any, seen: set[int]) -> Any:
    """Canonical form of code typed at a prompt, with the globals that it reaches."""
    if id(value) in seen:
        return "again"
    if inspect.isclass(value):
        seen.add(id(value))
        members = {k: v for k, v in vars(value).items() if inspect.isfunction(v) or _plain(v)}
        return [value.__qualname__, [[k, _bytecode(v, seen)] for k, v in sorted(members.items())]]
    if not inspect.isfunction(value):
        return _named(value)
    seen.add(id(value))
    cells = [_named(c.cell_contents) for c in value.__closure__ or ()]
    used = sorted(n for n in _names(value.__code__) if n in value.__globals__)
    reached = [[n, _global(value.__globals__[n], seen)] for n in used]
    defaults = [_named(value.__defaults__), _named(value.__kwdefaults__)]
    return [_code(value.__code__), cells, defaults, reached]


def _global(value: Any, seen: set[int]) -> Any:
    if inspect.isfunction(value) or inspect.isclass(value):
        module = inspect.getmodule(value)
        in_file = module is not None and getattr(module, "__file__", None)
        return code_hash(value) if in_file else _bytecode(value, seen)
    return _named(value)


def _named(value: Any) -> Any:
    if isinstance(value, ModuleType):
        return value.__name__
    try:
        return canonical(value)
    except TypeError:
        return type(value).__qualname__


def _plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str, tuple))


def _code(code: CodeType) -> Any:
    inner = [_code(c) for c in code.co_consts if inspect.iscode(c)]
    consts = [repr(c) for c in code.co_consts if not inspect.iscode(c)]
    return [code.co_code.hex(), consts, list(code.co_names), inner]


def _names(code: CodeType) -> set[str]:
    inner = (_names(c) for c in code.co_consts if inspect.iscode(c))
    return set(code.co_names).union(*inner)


def _reach_hash(name: str) -> str:
    seen: dict[str, str] = {}
    todo = [name]
    while todo:
        current = todo.pop()
        if current in seen or current.startswith(INFRASTRUCTURE):
            continue
        path = _source_path(current)
        if path is None:
            continue
        stat = path.stat()
        code, imported, data = _read_source(path, current, stat.st_mtime_ns, stat.st_size)
        seen[current] = code
        for file in path.parent.glob(data) if data else ():
            seen[f"{current}:{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()
        todo.extend(imported)
    return digest(seen)


@cache
def _read_source(
    path: Path, module: str, mtime: int, size: int
) -> tuple[str, tuple[str, ...], str]:
    """Hash of a file of source, the modules it imports, and the glob of its data files or ""."""
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).hexdigest(), (), ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = tuple(_imports(tree, module, path.name == "__init__.py"))
    _drop_docstrings(tree)
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imported, _data_files(tree)


def _data_files(tree: ast.Module) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DATA_FILES":
            return str(ast.literal_eval(node.value))
    return ""


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
            # names that a package loads when they are first used
            lazy = getattr(sys.modules.get(base), "_WHERE", {})
            found.append(base)
            found += [lazy.get(alias.name, f"{base}.{alias.name}") for alias in node.names]
    return found


def _source_path(name: str) -> Path | None:
    """Source file of a first-party module, imported already or not, else None."""
    module = sys.modules.get(name)
    if module is not None:
        return Path(module.__file__) if _first_party(module) and module.__file__ else None
    above = sys.modules.get(name.rpartition(".")[0])
    if above is not None and not hasattr(above, "__path__"):
        return None  # a name inside a module that is a file
    top, _, rest = name.partition(".")
    root = _top_file(top)
    if root is None or not rest:
        return root
    base = root.parent.joinpath(*rest.split("."))
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


def _top_file(top: str) -> Path | None:
    """File of a first-party top-level module or package, without importing it."""
    module = sys.modules.get(top)
    if module is not None:
        return Path(module.__file__) if _first_party(module) and module.__file__ else None
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and _is_ours(spec.origin) else None


def _first_party(module: ModuleType) -> bool:
    return _is_ours(getattr(module, "__file__", None) or "")


@cache
def _is_ours(file: str) -> bool:
    return bool(file) and not str(Path(file).resolve()).startswith(_LIBRARY)


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

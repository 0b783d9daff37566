"""Methods by name or by file: ``name``, ``file.py:function``, with parameters ``:k=v,k=v``."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mirbench.canonical import code_hash
from mirbench.errors import MethodError, MirbenchError
from mirbench.nearest_names import asked

GROUP = "mirbench.methods"


@dataclass(frozen=True)
class Method:
    """A method: a function that returns an estimator, and its parameters.

    Attributes
    ----------
    spec : str
        What one types to run it, parameters at their defaults left out: its label on a board.
    name : str
    function : callable
    params : dict
        Parameters that differ from the function's defaults.
    """

    spec: str
    name: str
    function: Callable[..., BaseEstimator]
    params: Mapping[str, Any]
    reference: str | Callable[..., BaseEstimator]
    """What another process loads the method from; a function typed at a prompt has only itself."""

    @property
    def seeded(self) -> bool:
        """Whether the function takes a ``random_state``."""
        return "random_state" in inspect.signature(self.function).parameters

    @property
    def family(self) -> str:
        """ "hand-crafted", "deep", "baseline", "external" or "user"."""
        declared = getattr(self.function, "family", "user")
        return declared(**self.params) if callable(declared) else declared

    @property
    def title(self) -> str:
        """First line of the docstring."""
        return (inspect.getdoc(self.function) or self.name).partition("\n")[0]

    @property
    def code(self) -> str:
        """Hash of the code that makes the estimator."""
        return code_hash(self.function)

    @property
    def masked(self) -> bool:
        """Whether it learns from tags with gaps (its function says ``masked = True``): y is then -1
        where nobody said whether a tag holds. Others are shown 0 there."""
        return bool(getattr(self.function, "masked", False))

    @property
    def unlabelled(self) -> bool:
        """Whether it learns from items without a label too (its function says ``unlabelled = True``):
        their y is -1. Others aren't given such items."""
        return bool(getattr(self.function, "unlabelled", False))

    @property
    def budget(self) -> str:
        """What it spends: "published", the encoder and the budget of its paper (its function says so);
        "matched", what all share, of other nets trained here; "" of methods without such a net."""
        trained_here = self.family == "deep" and not getattr(self.function, "trained_on", ())
        return getattr(self.function, "budget", "matched" if trained_here else "")

    def skip(self) -> str | None:
        """Why the method can't run here (a missing extra, say), or None; its function's ``skip`` is
        given those of the parameters that it takes."""
        check = getattr(self.function, "skip", None)
        if check is None:
            return None
        asked = inspect.signature(check).parameters
        return check(**{k: v for k, v in self.params.items() if k in asked})

    def build(self, seed: int = 0) -> BaseEstimator:
        """The unfitted estimator; every ``random_state`` left at None gets ``seed``.

        Raises
        ------
        MethodError
            The function fails or returns something that can't be fitted.
        """
        seeding = {"random_state": seed} if self.seeded else {}
        try:
            estimator = self.function(**seeding, **self.params)
        except Exception as error:
            kind = "" if isinstance(error, MirbenchError) else f"{type(error).__name__}: "
            raise MethodError(f"{self.spec}: {kind}{error}") from error
        if not hasattr(estimator, "fit") or not hasattr(estimator, "get_params"):
            raise MethodError(
                f"{self.spec}: returned {type(estimator).__name__}, not a scikit-learn estimator"
            )
        unset = {
            key: seed
            for key, value in estimator.get_params(deep=True).items()
            if key.rpartition("__")[2] == "random_state" and value is None
        }
        return estimator.set_params(**unset)


def load_method(spec: str | Callable[..., BaseEstimator]) -> Method:
    """Method of that spec.

    Parameters
    ----------
    spec : str or callable
        ``name``, ``file.py:function``, either followed by ``:k=v,k=v``; or the function itself.

    Raises
    ------
    MethodError
        Unknown name, missing file or function, a parameter that the function doesn't take, a word for
        one that is True or False.
    """
    if callable(spec):
        return _method(spec.__name__, spec, {}, spec)
    head, params = _split(str(spec))
    if ".py:" in head:
        file, _, attribute = head.rpartition(":")
        function = getattr(_import_file(Path(file)), attribute, None)
        if not callable(function):
            raise MethodError(f"{file}: has no function {attribute!r}")
        return _method(f"{Path(file).name}:{attribute}", function, params, spec)
    found = _installed()
    if head not in found:
        see = "see 'mirbench list methods', or give file.py:function"
        raise MethodError(f"unknown method {head!r}{asked(head, found, see)}")
    try:
        function = found[head].load()
    except (ImportError, AttributeError) as error:
        raise MethodError(f"{head}: can't be loaded ({error}); install what it needs") from error
    return _method(head, function, params, spec)


def current_code(records: Iterable[Any]) -> dict[str, str]:
    """Code hash, as it is now, of the installed methods that made these records."""
    found = {}
    for record in records:
        method = installed(record.spec)
        if method is not None and method.name == record.identity["method"]:
            found[record.spec] = method.code
    return found


def installed(spec: str) -> Method | None:
    """The installed method that a record's spec names; None for others.

    A record is data: a file of methods that a stranger's names is never imported.
    """
    with suppress(MethodError):  # parameters that no method takes now
        if _split(spec)[0] in method_names():
            return load_method(spec)
    return None


def method_names() -> list[str]:
    """Names of the installed methods: ours and those of other packages."""
    return sorted(_installed())


@cache
def _installed() -> dict[str, metadata.EntryPoint]:
    """Entry points by name, looked up once a process: the search reads every package's metadata."""
    return {entry.name: entry for entry in metadata.entry_points(group=GROUP)}


def _method(
    name: str,
    function: Callable[..., BaseEstimator],
    params: dict[str, Any],
    reference: str | Callable[..., BaseEstimator],
) -> Method:
    known = {
        k: p.default
        for k, p in inspect.signature(function).parameters.items()
        if k != "random_state"
    }
    unknown = sorted(set(params) - set(known))
    if unknown:
        said = asked(unknown[0], known, f"it takes {', '.join(known) or 'none'}")
        raise MethodError(f"{name}: takes no parameter {', '.join(unknown)}{said}")
    for key, value in params.items():
        if isinstance(known[key], bool) and not isinstance(value, bool):
            raise MethodError(f"{name}: {key} is {value!r}; write {key}=True or {key}=False")
    changed = {k: params[k] for k in sorted(params) if params[k] != known[k]}
    tail = ",".join(f"{k}={v}" for k, v in changed.items())
    return Method(f"{name}:{tail}" if tail else name, name, function, changed, reference)


def _split(spec: str) -> tuple[str, dict[str, Any]]:
    head, _, tail = spec.rpartition(":")
    if not head or "=" not in tail:
        return spec, {}
    pairs = [part.partition("=") for part in tail.split(",")]
    bad = [key for key, equals, _ in pairs if not equals]
    if bad:
        raise MethodError(f"{spec!r}: parameters are written k=v,k=v; {bad[0]!r} has no '='")
    return head, {key.strip(): _value(value.strip()) for key, _, value in pairs}


def _value(text: str) -> Any:
    words = {"None": None, "True": True, "False": False}
    if text in words:
        return words[text]
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    return text


def _import_file(path: Path) -> Any:
    """Import a user's file under a name made of its path and content, its folder on the path."""
    if not path.is_file():
        raise MethodError(f"{path}: no such file; give file.py:function")
    path = path.resolve()
    try:
        token = hashlib.sha256(str(path).encode() + path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise MethodError(
            f"{path}: can't be read ({error.strerror}); mend its permissions"
        ) from error
    name = f"mirbench_user_{token}"
    if name in sys.modules:
        return sys.modules[name]
    _forget_helpers(keep=path.parent)
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise MethodError(f"{path}: can't be imported ({type(error).__name__}: {error})") from error
    return module


_FOLDERS: set[Path] = set()


def _forget_helpers(keep: Path) -> None:
    """Let two files of methods in two folders each have a ``helper.py`` of their own."""
    for folder in _FOLDERS - {keep}:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and Path(file).parent == folder and not name.startswith("mirbench_user_"):
                del sys.modules[name]
        while str(folder) in sys.path:
            sys.path.remove(str(folder))
    _FOLDERS.add(keep)


def find_all(estimator: BaseEstimator, kind: type) -> list[Any]:
    """Parts of an estimator that are instances of ``kind``, in the order of ``get_params``."""
    parts = [estimator, *estimator.get_params(deep=True).values()]
    unique: dict[int, Any] = {id(part): part for part in parts if isinstance(part, kind)}
    return list(unique.values())


def count_params(estimator: BaseEstimator) -> int | None:
    """Trained parameters of a fitted deep method (its ``n_params_``), None elsewhere."""
    return _first(estimator, "n_params_")


def chosen_params(estimator: BaseEstimator) -> dict[str, Any] | None:
    """What inner searches of a fitted method chose (their ``best_params_``), None without any."""
    found: dict[str, Any] = {}
    for part in find_all(estimator, BaseEstimator):
        found |= getattr(part, "best_params_", {})
    return _plain(found) or None


def said_of_training(estimator: BaseEstimator) -> dict[str, Any]:
    """What a fitted method says of its training, as plain data; nothing that it doesn't say.

    ``n_params`` and ``n_multiply_adds`` (of one forward pass) of a net; ``choice``, see
    `chosen_params`; ``search``, all settings that were tried with their scores (``search_``);
    ``curve``, the losses of training and hold-out epoch by epoch (``history_``).
    """
    parts = find_all(estimator, BaseEstimator)
    said: dict[str, Any] = {"n_params": count_params(estimator), "choice": chosen_params(estimator)}
    if (cost := _first(estimator, "n_multiply_adds_")) is not None:
        said["n_multiply_adds"] = cost
    if search := [pair for part in parts for pair in getattr(part, "search_", ()) or ()]:
        said["search"] = [[_plain(setting), _rounded(score)] for setting, score in search]
    if history := [row for part in parts for row in getattr(part, "history_", ()) or ()]:
        losses = ("train_loss", "valid_loss")
        said["curve"] = [[_rounded(row.get(name)) for name in losses] for row in history]
    return said


def _first(estimator: BaseEstimator, name: str) -> int | None:
    parts = find_all(estimator, BaseEstimator)
    return next((int(np.asarray(getattr(p, name))) for p in parts if hasattr(p, name)), None)


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    plain = (int, float, str, bool, type(None))
    return {str(k): v if isinstance(v, plain) else str(v) for k, v in settings.items()}


def _rounded(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{float(value):.5g}")

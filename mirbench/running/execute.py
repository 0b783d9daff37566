"""``run_protocol``: plan, skip what is done, run the rest on all cores, keep each cell at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd
from joblib import delayed
from joblib.externals.loky.process_executor import BrokenProcessPool

from mirbench.audit import audit_cells
from mirbench.corpora.corpus import Corpus
from mirbench.errors import MethodError, ProtocolError, RecordError
from mirbench.home import home
from mirbench.items import Item
from mirbench.methods import Method, load_method
from mirbench.protocols import Cell, Protocol
from mirbench.protocols.custom import keep_places
from mirbench.protocols.frozen_files import frozen_path
from mirbench.records import (
    Record,
    load_record,
    merge,
    merged_identity,
    output_column,
    record_path,
    save_record,
)
from mirbench.running.cell import Answer, run_cell
from mirbench.running.environment import environment
from mirbench.running.fill import fill_cache, label_free
from mirbench.running.items import labelled, protocol_items, select, support, training, videos
from mirbench.running.job import Job
from mirbench.running.plan import Plan, finished, plans_of
from mirbench.running.progress import Progress
from mirbench.workers import workers


def run_protocol(
    specs: Sequence[str | Callable[..., object]],
    protocol: Protocol,
    *,
    n_jobs: int = 2,
    seeds: Sequence[int] | None = None,
    records: Path | None = None,
    corpora: dict[str, Corpus] | None = None,
    progress: bool = True,
    allow_leaks: bool = False,
) -> tuple[list[Record], dict[str, str]]:
    """Run methods under a protocol; finished cells are read from the store.

    Parameters
    ----------
    specs : sequence of str or callable
        See :func:`mirbench.methods.load_method`. Functions typed at a prompt run in this process.
    protocol : Protocol
    n_jobs : int
        Worker processes, one thread each; 1 runs in this process.
    seeds : sequence of int, optional
        Instead of the protocol's, for methods that have a ``random_state``.
    records : Path, optional
        Root of the records; ``MIRBENCH_HOME/records`` by default.
    corpora : dict of str to Corpus, optional
        Corpora of one's own by name.
    progress : bool
        Draw progress bars on standard error, or write plain lines where it is no terminal.
    allow_leaks : bool
        Run a protocol whose cells share groups or recordings, and mark the records.

    Returns
    -------
    records : list of Record
        Complete ones, a method and seed each.
    failures : dict of str to str
        Why a method (or one of its cells) gave no record.

    Raises
    ------
    MethodError
        An unknown method, two of one name, one without what the task asks for (``transform``, ``match``,
        ``predict``), or a seed that generators don't take.
    ProtocolError
        The cells leak, or the audio isn't what the protocol was made for.
    DataError
        A corpus is missing or an item can't be decoded.
    """
    for seed in seeds or ():
        if not 0 <= seed < 2**32:
            raise MethodError(f"seed {seed}: seeds are 0 to 2**32 - 1; mend --seeds")
    leaks = audit_cells(protocol)
    if leaks and not allow_leaks:
        raise ProtocolError(
            f"protocol {protocol.name}: {leaks[0]}"
            + (f" (and {len(leaks) - 1} more leaks)" if len(leaks) > 1 else "")
            + "; drop the copies or mend the groups, or run with --allow-leaks to get records marked as leaking"
        )
    failures: dict[str, str] = {}
    methods = []
    for spec in dict.fromkeys(specs):
        method = load_method(spec)
        reason = method.skip()
        if reason:
            failures[method.spec] = f"skipped: {reason}"
        else:
            methods.append(method)
    _refuse_namesakes(methods)
    plans = [p for m in methods for p in plans_of(m, protocol, seeds, bool(leaks))]
    todo = [plan for plan in plans if not finished(plan.path)]
    if todo:
        with Progress(progress) as bars:
            advance = bars.task("items", len(protocol.items))  # embedded ones may be rendered first
            items = protocol_items(protocol, corpora)
            advance(len(items))
            _execute(todo, protocol, items, n_jobs, bars, failures)
    keep_places(protocol)
    return list(_collect(plans, protocol, records or home() / "records", failures)), failures


def _refuse_namesakes(methods: Sequence[Method]) -> None:
    """Two methods under one label would become one row."""
    named: dict[str, Method] = {}
    for method in methods:
        other = named.setdefault(method.spec, method)
        if other is not method and other.code != method.code:
            raise MethodError(f"two methods are called {method.spec}; rename one file or function")


def _execute(
    plans: list[Plan],
    protocol: Protocol,
    items: dict[str, Item],
    n_jobs: int,
    bars: Progress,
    failures: dict[str, str],
) -> None:
    used = {
        i
        for cell in {p.cell.name: p.cell for p in plans}.values()
        for ids in (cell.train, *cell.tests.values(), *cell.support.values())
        for i in ids
    }
    needed = label_free(items[i] for i in used)
    references = list(dict.fromkeys(plan.method.reference for plan in plans))
    if any(callable(reference) for reference in references):
        n_jobs = 1  # other processes can't load a function that was typed at a prompt
    advance = bars.task("features", len(needed))
    fill_cache(references, needed, n_jobs, advance)
    advance = bars.task("cells", len(plans))
    refused: set[str] = set()
    for plan, answer in _answers(plans, protocol, items, n_jobs, refused):
        _keep(plan, answer)
        if answer.error and not (answer.refused and plan.method.spec in refused):
            failures[f"{plan.method.spec} seed {plan.seed} cell {plan.cell.name}"] = answer.error
        if answer.refused:
            refused.add(plan.method.spec)
        advance(1)


def _answers(
    plans: list[Plan],
    protocol: Protocol,
    items: dict[str, Item],
    n_jobs: int,
    refused: Container[str] = (),
) -> Iterator[tuple[Plan, Answer]]:
    """Answers as they come; a worker that dies costs only the cells it had in hand.

    Further cells of a method whose spec gets into ``refused`` meanwhile are left out.
    """
    jobs = {i: _job(plan, protocol, items) for i, plan in enumerate(plans)}
    if n_jobs == 1:
        for i, job in jobs.items():
            if job.spec not in refused:
                yield plans[i], run_cell(job)
        return
    # loky renews a worker whose memory has grown: no fault, and nothing is lost
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs")
    for _ in range(2):
        with suppress(BrokenProcessPool):
            results = workers(n_jobs, return_as="generator_unordered", batch_size=1)(
                delayed(_numbered)(i, job)
                for i, job in list(jobs.items())
                if job.spec not in refused
            )
            for i, answer in results:
                del jobs[i]
                yield plans[i], answer
        jobs = {i: job for i, job in jobs.items() if job.spec not in refused}
        if not jobs:
            return
    for i, job in list(jobs.items()):
        try:
            [(_, answer)] = workers(2)([delayed(_numbered)(i, job)])
        except BrokenProcessPool:
            answer = Answer({}, {}, "the worker process died (killed, or out of memory)")
        yield plans[i], answer


def _numbered(i: int, job: Job) -> tuple[int, Answer]:
    return i, run_cell(job)


def _job(plan: Plan, protocol: Protocol, items: dict[str, Item]) -> Job:
    cell = plan.cell
    return Job(
        plan.method.spec,
        plan.method.reference,
        plan.method.code,
        plan.seed,
        protocol.task,
        protocol.grid,
        *training(protocol, cell, items),
        {name: select(items, ids) for name, ids in cell.tests.items()},
        labelled(cell, plan.seed),
        support(protocol, cell, items),
        videos(protocol, cell),
    )


def _keep(plan: Plan, answer: Answer) -> None:
    column = output_column(str(plan.identity["kind"]))
    rows = [
        (plan.cell.name, plan.cell.source, name, i, row)
        for name, outputs in answer.outputs.items()
        for i, row in zip(plan.cell.tests[name], outputs, strict=True)
    ]
    header = {
        "identity": plan.identity,
        "provenance": {"environment": environment(), "cost": answer.cost},
        "status": "failed" if answer.error else "complete",
        "error": answer.error,
    }
    outputs = pd.DataFrame(rows, columns=["cell", "source", "test", "id", column])
    save_record(Record(header, outputs), plan.path, small=False)


def _collect(
    plans: list[Plan], protocol: Protocol, root: Path, failures: dict[str, str]
) -> Iterator[Record]:
    """Merge the finished cells of each method and seed into one record under ``root``."""
    by_run: dict[tuple[str, int], list[Plan]] = {}
    for plan in plans:
        group = by_run.setdefault((plan.method.spec, plan.seed), [])
        if plan.cell.name not in {p.cell.name for p in group}:
            group.append(plan)
    for (spec, seed), group in by_run.items():
        wanted = merged_identity(group[0].identity)
        path = record_path(root, wanted)
        if not _same(path, wanted, [plan.cell for plan in group]):
            if not all(finished(plan.path) for plan in group):
                who = f"{spec} seed {seed}"
                if not any(name.startswith(f"{spec} seed ") for name in failures):
                    failures[who] = "not every cell has a result"
                continue
            # a cell may have been run under another protocol: the plan's identity holds
            cells = [load_record(p.path) for p in group]
            renamed = zip(cells, group, strict=True)
            named = [Record(c.header | {"identity": p.identity}, c.outputs) for c, p in renamed]
            save_record(merge(named), path)
        beside = path.parent.parent / "protocol.json"
        if not frozen_path(protocol.name).is_file() and not _saved(beside, protocol):
            protocol.save(beside)
        yield load_record(path)


def _saved(path: Path, protocol: Protocol) -> bool:
    try:
        return path.is_file() and Protocol.load(path).hash == protocol.hash
    except ProtocolError:
        return False


def _same(path: Path, identity: dict[str, object], cells: list[Cell]) -> bool:
    """Whether the record on disk is whole, of this very run, and holds an answer to every row."""
    if not path.is_file():
        return False
    try:
        record = load_record(path)
    except RecordError:
        return False
    rows = zip(record.outputs["cell"], record.outputs["test"], record.outputs["id"])
    wanted = [(c.name, test, i) for c in cells for test, ids in c.tests.items() for i in ids]
    return record.identity == identity and list(rows) == wanted

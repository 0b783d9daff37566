"""Train a method on corpora, then label one recording with it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from mirbench.apply.lab import write_lab
from mirbench.apply.offline import apply_file, spread
from mirbench.apply.picture import plot_segments
from mirbench.apply.pitch import in_words, track_file, write_f0
from mirbench.apply.stream import context_of, report, segmenter, stream_file
from mirbench.apply.whole import KINDS, fitted_thresholds, hear_file
from mirbench.audio import info
from mirbench.corpora import Corpus, load_corpus
from mirbench.corpora.folder import AUDIO_SUFFIXES
from mirbench.errors import DataError, MethodError, MirbenchError, ProtocolError
from mirbench.frames import Grid
from mirbench.home import data_root
from mirbench.items import AudioRef, Item, as_items, ragged
from mirbench.methods import Method, load_method
from mirbench.pairs import place
from mirbench.protocols.custom import left_out
from mirbench.protocols.kept_items import protocol_items, with_labels
from mirbench.running.needs import task_fault
from mirbench.tasks import TASKS, Task, load_task
from mirbench.testing import unsuited

USUAL = "speech-music"
TRAINING = {
    "speech-music": ("librispeech-ccmusic", "gcompris-ccmusic"),
    "speech-music-segments": ("librispeech-ccmusic", "gcompris-ccmusic"),
    "singing-voice": ("singing-voice",),
}
EMBEDDED = {
    "speech-music": ("embedded-studio", "embedded-phone"),
    "speech-music-segments": ("embedded-studio", "embedded-phone"),
    "singing-voice": ("embedded-songs",),
}


def apply_method(
    spec: str,
    audio: str | Path,
    task: str,
    train: Sequence[str] = (),
    *,
    output: str | Path | None = None,
    picture: bool = True,
    stream: bool = False,
    block_s: float = 1.0,
) -> str:
    """Label ``audio`` with a method trained on the corpora ``train``; returns a word on it.

    Without ``train`` the task's real corpora are used where ``MIRBENCH_DATA`` is set, the embedded
    ones elsewhere. Writes ``output`` (by default the recording's name with ``.lab``) and a picture
    of the same name with ``.png``. With ``stream`` the scores come block by block (``block_s`` s).
    Of tags and values the word is the answer: tags over their threshold with their probabilities, or
    the values; ``train`` is needed, and ``output`` is written only where it is named. Of pitch
    ``output`` (by default the recording's name with ``.f0.csv``) holds times and frequencies.

    Raises
    ------
    DataError
        The label file exists already and wasn't named, or would overwrite the recording.
    DataError
        The recording or a training item can't be decoded.
    MethodError
        A method of another kind, or a task without recordings to label.
    """
    what = load_task(task)
    info(audio)  # fail before training
    if what.kind in KINDS and what.name not in TRAINING:
        return _whole(load_method(spec), audio, what, train, output, stream)
    if what.kind == "f0":
        return _pitch(load_method(spec), audio, what, train, output, stream)
    if what.name not in TRAINING:
        kinds = (*KINDS, "f0")
        names = [*TRAINING, *(t.name for t in TASKS.values() if t.kind in kinds)]
        raise MethodError(f"task {what.name} doesn't label recordings; use {', '.join(names)}")
    names = list(train) or list((TRAINING if data_root() else EMBEDDED)[what.name])
    method = load_method(spec)
    lab = free(Path(output) if output else Path(audio).with_suffix(".lab"), audio, bool(output))
    if not block_s > 0:
        raise MethodError(f"a block of {block_s} s: give more than 0 with --block")
    unfitted = built(method, what)
    X, y, _ = training(names, what)
    announce(method, names, X)
    with failing(method, what):
        estimator = unfitted.fit(X, y)
    words = [f"{method.spec} trained on {', '.join(names)}"]
    grid = Grid()
    if stream:
        to_segments = segmenter(estimator, what, grid)
        past_s, future_s = context_of(method.function, method.params)
        with failing(method, what):
            blocks = list(
                stream_file(
                    estimator, audio, block_s=block_s, past_s=past_s, future_s=future_s, grid=grid
                )
            )
        cost = report(blocks)
        raw = np.concatenate([block.scores for block in blocks])
        scores = spread(raw, np.asarray(estimator.classes_), len(what.labels))
        segments = to_segments(raw, info(audio).duration_s)
        words.append(
            f"stream: latency {cost.latency_s:.2f} s (sound that goes in before a decision) + "
            f"{cost.compute_s * 1000:.0f} ms of computing at most a block; "
            f"{1 / cost.real_time_factor:.0f} x real time"
        )
    else:
        with failing(method, what):
            applied = apply_file(estimator, audio, what, grid)
        scores, segments = applied.scores, applied.segments
        words.append(f"{applied.duration_s / applied.seconds:.0f} x real time")
    lab.parent.mkdir(parents=True, exist_ok=True)
    write_lab(lab, segments, what.labels)
    words.append(f"{lab}: {len(segments)} segments")
    if picture:
        png = lab.with_suffix(".png")
        plot_segments(
            audio, png, segments, what.labels, scores, title=f"{Path(audio).name}, {method.spec}"
        )
        words.append(str(png))
    return "\n".join(words)


def _whole(
    method: Method,
    audio: str | Path,
    task: Task,
    train: Sequence[str],
    output: str | Path | None,
    stream: bool,
) -> str:
    """Class, tags or values of a recording, as text."""
    if not train:
        raise MethodError(f"task {task.name} has no corpora by default; name some with --train")
    if stream:
        raise MethodError(f"task {task.name} asks for one answer a recording; leave the stream out")
    lab = free(Path(output), audio, True) if output else None
    unfitted = built(method, task)
    X, y, task = training(train, task)
    shown = np.maximum(y, 0) if task.kind == "tags" and not method.masked else y
    announce(method, train, X)
    with failing(method, task):
        estimator = unfitted.fit(X, shown)
        heard = hear_file(estimator, audio, task, fitted_thresholds(estimator, X, shown, task, y))
    if lab is not None:
        lab.parent.mkdir(parents=True, exist_ok=True)
        lab.write_text(f"{heard}\n", encoding="utf-8")
    words = [f"{method.spec} trained on {', '.join(train)}", str(heard)]
    return "\n".join([*words, *([str(lab)] if lab else [])])


def _pitch(
    method: Method,
    audio: str | Path,
    task: Task,
    train: Sequence[str],
    output: str | Path | None,
    stream: bool,
) -> str:
    """Frequencies of a recording in a file; without ``train`` the embedded lines train."""
    if stream:
        raise MethodError(f"task {task.name} hears a whole recording; leave the stream out")
    path = Path(output) if output else Path(audio).with_suffix(".f0.csv")
    path = free(path, audio, bool(output))
    names = list(train) or ["embedded-lines"]
    unfitted = built(method, task)
    X, y, _ = training(names, task)
    announce(method, names, X)
    with failing(method, task):
        answer = track_file(unfitted.fit(X, y), audio)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_f0(path, answer)
    return "\n".join([f"{method.spec} trained on {', '.join(names)}", in_words(answer), str(path)])


def task_of(train: Sequence[str]) -> str:
    """The task that all training corpora have the columns of: speech-music if it is one of several, or
    where no corpus is named.

    Raises
    ------
    MethodError
        No task, or several others: names them.
    """
    if not train:
        return USUAL
    corpora = [load_corpus(name) for name in train]
    known = [t for t in TASKS.values() if t.name in TRAINING or t.kind in (*KINDS, "f0")]
    found = [task.name for task in known if all(_has(corpus, task) for corpus in corpora)]
    if USUAL in found or len(found) == 1:
        return USUAL if USUAL in found else found[0]
    words = f"could be for {' or '.join(found)}" if found else "have the columns of no task"
    raise MethodError(f"{', '.join(train)}: {words}; name the task with --task")


def _has(corpus: Corpus, task: Task) -> bool:
    try:
        return len(protocol_items(corpus, task)) > 0
    except (DataError, ProtocolError):
        return False


def built(method: Method, task: Task) -> BaseEstimator:
    """The method, unfitted.

    Raises
    ------
    MethodError
        It lacks what the task asks of it: better said before corpora are read.
    """
    estimator = method.build()
    if fault := task_fault(method.spec, estimator, task):
        raise MethodError(fault)
    return estimator


def announce(method: Method, names: Sequence[str], X: np.ndarray) -> None:
    """Say on standard error that training begins: it may take minutes."""
    told = f"training {method.spec} on {len(X)} items of {', '.join(names)}"
    print(told, file=sys.stderr, flush=True)


@contextmanager
def failing(method: Method, task: Task) -> Iterator[None]:
    """Whatever a method raises becomes one error that names the method, the line, a task it suits."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f" ({where.filename}:{where.lineno})"
        ours = isinstance(error, MirbenchError)
        said = str(error) if ours else f"{method.spec}: {type(error).__name__}: {error}{place}"
        advice = unsuited(method.reference, task)
        raise MethodError("; ".join(filter(None, (advice, said)))) from error


def free(lab: Path, audio: str | Path, named: bool) -> Path:
    """The file to write; never the recording, and nobody's labels unless it was named."""
    if lab.suffix.lower() in AUDIO_SUFFIXES or lab.resolve() == Path(audio).resolve():
        raise DataError(f"{lab}: a recording, not a label file; name a .lab file with -o")
    if lab.is_file() and not named:
        raise DataError(f"{lab}: exists already; name the file to write with -o")
    return lab


def training(names: Sequence[str], task: Task) -> tuple[np.ndarray, np.ndarray, Task]:
    """Items, targets (-1 for unknown tags), and the task with the labels that the items have.

    Raises
    ------
    DataError
        A corpus can't be read, or all items are of one class.
    ProtocolError
        A corpus without the columns of the task.
    """
    items, labels, unknown, lost = [], [], [], ""
    for name in names:
        corpus = load_corpus(name)
        kept = protocol_items(corpus, task)
        lost += left_out(corpus, kept, task)
        table = corpus.items.set_index("id")
        paths, starts = table["path"], table["start_s"]
        for row in kept.to_dict("records"):
            ref = AudioRef(str(paths[row["id"]]), float(starts[row["id"]]), row["duration_s"])
            items.append(Item.from_file(row["key"], ref, row["group"], row["corpus"]))
            if task.kind == "pairs":
                place(row["label"], Path(ref.path).parent / str(table[task.column][row["id"]]))
            labels.append(row["label"])
            unknown.append(row.get("unknown"))
    task = with_labels(task, pd.DataFrame({"label": labels}))
    targets = [task.target(label, left) for label, left in zip(labels, unknown)]
    if task.kind in ("classes", "frames") and len(set(targets)) < 2:
        raise DataError(
            f"{', '.join(names)}: all items are labelled {task.labels[targets[0]]!r}; "
            f"training needs two classes or more: add recordings{lost}"
        )
    if task.kind in ("segments", "f0", "pairs"):
        return as_items(items), ragged(targets), task
    dtype = np.float64 if task.kind == "values" else np.int64
    return as_items(items), np.array(targets, dtype=dtype), task

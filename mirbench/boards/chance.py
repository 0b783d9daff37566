"""What the best answer that is the same for all items scores: chance, from the truth alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mirbench.boards.judge import Judge
from mirbench.boards.labels import prevalence
from mirbench.metrics.pairs import CORRESPONDENCE, CUTS, LOCALISATION, WAYS, box_share


def chance(judge: Judge) -> dict[str, float]:
    """Chance of the headline metrics that have one, over the board's pooled rows.

    Of classes 1/C of mean recall, with C the classes (or families) that are there, in episodes those of
    an episode, and the largest class's share of accuracy; of tags the mean prevalence (PR-AUC) and 50 % (ROC-AUC), plain means over the
    tags that have a positive; of values 0 (R2, CCC), and what their mean scores (MSE, RMSE, cosine); of sounds and videos k/N (R@k),
    the middle rank, 50 % (correspondence), and the box's share of the picture (localisation).
    """
    kind = judge.protocol.task.kind
    known = {"classes": _of_classes, "tags": _of_tags, "values": _of_values, "pairs": _of_pairs}
    levels = known[kind](judge) if kind in known else {}
    return {m.name: round(levels[m.name], 6) for m in judge.headline if m.name in levels}


def in_words(levels: dict[str, float], units: dict[str, str], n_classes: int = 0) -> str:
    """One sentence for under a table; ``""`` without a level."""
    said = [
        f"{name} {value:.1f} %" if units.get(name) == "%" else f"{name} {round(value, 3) + 0.0:g}"
        for name, value in levels.items()
    ]
    of = f" ({n_classes} classes)" if n_classes else ""
    same = "Chance, the best answer that is the same for all items"
    return f"{same}: {', '.join(said)}{of}." if said else ""


def _of_classes(judge: Judge) -> dict[str, float]:
    task = judge.protocol.task
    codes = [judge.truth[i] for i in np.flatnonzero(judge.main)]
    levels = {"accuracy": 100 * max(Counter(codes).values()) / len(codes)}
    for name, coarse in {"": task.labels, **task.levels}.items():
        share = 100 / _choices(judge, [coarse[code] for code in codes])
        at = f" ({name})" if name else ""
        levels |= {f"balanced accuracy{at}": share, f"balanced error{at}": 100 - share}
    return levels


def _choices(judge: Judge, labels: Sequence[str]) -> float:
    """How many classes there are to choose from; of episodes the mean (harmonic), as each has its own."""
    if not any(cell.support for cell in judge.protocol.cells):
        return len(set(labels))
    episodes: dict[tuple[str, str], set[str]] = {}
    rows = judge.rows[judge.main]
    for cell, test, label in zip(rows["cell"], rows["answered"], labels, strict=True):
        episodes.setdefault((cell, test), set()).add(label)
    return len(episodes) / sum(1 / len(own) for own in episodes.values())


def _of_tags(judge: Judge) -> dict[str, float]:
    known = [share for share in prevalence(judge).values() if share > 0]
    if not known:
        return {}
    return {"PR-AUC": float(np.mean(known)), "ROC-AUC": 50.0}


def _of_values(judge: Judge) -> dict[str, float]:
    truth = np.stack([judge.truth[i] for i in np.flatnonzero(judge.main)])
    spread = truth.var(axis=0)
    lengths = np.linalg.norm(truth, axis=1, keepdims=True)
    directions = truth[lengths[:, 0] > 0] / lengths[lengths[:, 0] > 0]
    levels = {"CCC": 0.0, "R2": 0.0, "MSE": spread.mean(), "RMSE": np.sqrt(spread).mean()}
    for label, own in zip(judge.protocol.task.labels, spread):
        levels |= {f"CCC ({label})": 0.0, f"R2 ({label})": 0.0}
        levels |= {f"MSE ({label})": own, f"RMSE ({label})": np.sqrt(own)}
    if len(directions):
        levels["cosine"] = np.linalg.norm(directions.mean(axis=0))
    return {name: float(value) for name, value in levels.items()}


def _of_pairs(judge: Judge) -> dict[str, float]:
    truth = [judge.truth[i] for i in np.flatnonzero(judge.main)]
    sizes = np.array([len(pair.ids) for pair in truth])
    levels = {CORRESPONDENCE: 50.0}
    for way in WAYS:
        levels |= {f"R@{k} ({way})": float(np.minimum(100 * k / sizes, 100).mean()) for k in CUTS}
        levels[f"median rank ({way})"] = float(np.median((sizes + 1) / 2))
    areas, frames = zip(*(box_share(pair) for pair in truth), strict=True)
    if sum(frames):
        levels[LOCALISATION] = 100 * sum(areas) / sum(frames)
    return levels

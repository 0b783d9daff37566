"""How many planted copies the audit finds among 2,000 clips, and how much of what it reports is one.

``MIRBENCH_DATA=... python benchmarks/audit_planted.py [--clips 2000] [--jobs 2] [--dir FOLDER]``

Prints recall by kind of copy, precision over all pairs reported as copies, then over all reported,
false pairs by where they come from, and the seconds of the audit with an empty cache and with a full one. What counts as a copy: see
`audit_clips.py`. Everything is seeded.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf
from audit_clips import OVERLAP_S, SR, Clip, copies, cover_clips, loop_clips, real_clips

from mirbench.audit import audit
from mirbench.home import data_root

LEAST_S = 5.0
"""Shorter clips (the notes) get no copies: what is left of them is too short for the audit."""


def make(folder: Path, clips: int) -> dict[str, tuple[Clip, float, str]]:
    """Write ``clips`` files; by path: the clip, its length (s) and its kind of copy."""
    root = data_root()
    if root is None:
        raise SystemExit("set MIRBENCH_DATA to the folder of real recordings")
    found = [*real_clips(root), *loop_clips(), *cover_clips()]
    rng = np.random.RandomState(0)
    share = 0.77 * clips / len(found)
    if share < 1:
        found = [found[i] for i in sorted(rng.permutation(len(found))[: int(0.77 * clips)])]
    made: dict[str, tuple[Clip, float, str]] = {}
    for i, clip in enumerate(found):
        path = folder / "clips" / f"{i:05d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, clip.signal, SR)
        made[str(path)] = (clip._replace(signal=np.zeros(0)), len(clip.signal) / SR, "")
    long = [clip for clip in found if len(clip.signal) >= LEAST_S * SR]
    chosen = rng.permutation(len(long))[: clips - len(found)]
    for k, i in enumerate(chosen):
        kind = list(copies())[k % len(copies())]
        path = folder / "copies" / f"{k:05d}"
        copy = copies()[kind](long[i], path, np.random.RandomState(k))
        file = folder / copy.name
        made[str(file)] = (copy, sf.info(file).duration, f"{kind}\t{long[i].name}")
    return made


def shared_s(a: tuple[Clip, float, str], b: tuple[Clip, float, str]) -> float:
    """Seconds that both took from one source."""
    if a[0].source != b[0].source:
        return 0.0
    ends = (a[0].start_s + a[1], b[0].start_s + b[1])
    return min(ends) - max(a[0].start_s, b[0].start_s)


def main() -> None:
    """Make the clips, audit them twice, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dir", type=Path, help="keep the clips there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.dir or Path(scratch)
        os.environ["MIRBENCH_HOME"] = str(Path(scratch) / "home")
        made = make(folder, arguments.clips)
        items = pd.DataFrame({"id": list(made), "path": list(made)})
        items["label"], items["group"] = "x", "x"
        print(f"{len(items)} clips, {sum(kind != '' for *_, kind in made.values())} planted copies")
        for cache in ("empty", "full"):
            start = time.perf_counter()
            report = audit(items, n_jobs=arguments.jobs)
            seconds = time.perf_counter() - start
            print(f"{seconds:.1f} s with an {cache} cache, load {os.getloadavg()[0]:.1f}")
    tell(made, {frozenset(pair.ids) for pair in report.pairs if not pair.alike})
    print("with pairs that are only alike:")
    tell(made, {frozenset(pair.ids) for pair in report.pairs})


def tell(made: dict[str, tuple[Clip, float, str]], reported: set[frozenset[str]]) -> None:
    """Print recall by kind, precision, and where false pairs come from."""
    by_name = {clip.name: path for path, (clip, _, kind) in made.items() if not kind}
    planted: dict[str, list[bool]] = {}
    for path, (_, _, kind) in made.items():
        if kind:
            what, _, base = kind.partition("\t")
            planted.setdefault(what, []).append(frozenset((path, by_name[base])) in reported)
    for what, hits in planted.items():
        print(f"{what:18} {sum(hits):4d} of {len(hits):4d} found, {np.mean(hits):.3f}")
    paths = list(made)
    there = [
        frozenset((a, b))
        for i, a in enumerate(paths)
        for b in paths[i + 1 :]
        if made[a][0].source == made[b][0].source and shared_s(made[a], made[b]) >= OVERLAP_S
    ]
    hits = [pair in reported for pair in there]
    print(f"{'all that overlap':18} {sum(hits):4d} of {len(hits):4d} found, {np.mean(hits):.3f}")
    true, same, wrong = set(there), 0, Counter()
    for pair in reported - true:
        a, b = (made[path][0] for path in pair)
        if a.track == b.track:
            same += 1
        else:
            wrong[" / ".join(sorted(c.name.partition("/")[0] for c in (a, b)))] += 1
    right = len(reported & true)
    share = right / max(1, right + wrong.total())
    print(f"precision {share:.4f}: {right} right, {wrong.total()} wrong {dict(wrong)}")
    print(f"left out: {same} reported pairs of one track that share less than {OVERLAP_S:g} s")


if __name__ == "__main__":
    main()

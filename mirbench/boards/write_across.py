"""Critical-difference diagrams of all protocols of a kind, written to a folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mirbench.boards.across import across
from mirbench.boards.judge import Judge
from mirbench.boards.text import to_csv
from mirbench.errors import RecordError
from mirbench.stats.critical import critical_difference


def write_across(judges: Sequence[Judge], directory: str | Path) -> list[Path]:
    """Write ``across.KIND.EVIDENCE`` as ``.csv`` (mean ranks, ties, scores), ``.txt`` (what the tests
    say), ``.svg`` and ``.png``, wherever three protocols of a kind and evidence share three methods.

    The same judges give the same bytes. Returns what was written.
    """
    from mirbench.boards.looks import image  # matplotlib: only here
    from mirbench.boards.plot_cd import plot_cd

    kinds: dict[tuple[str, str], list[Judge]] = {}
    for judge in judges:
        kinds.setdefault((judge.protocol.task.kind, judge.protocol.evidence), []).append(judge)
    files: dict[str, bytes] = {}
    for (kind, evidence), same in sorted(kinds.items()):
        with suppress(RecordError):  # too little is shared
            scores = across(same)
            found = critical_difference(scores)
            families = {
                spec: seeds[0].identity["family"] for j in same for spec, seeds in j.methods.items()
            }
            table = scores.T.loc[list(found.methods)].rename_axis("method")
            table.insert(0, "mean rank", found.mean_ranks)
            table.insert(1, "ties (Nemenyi)", found.nemenyi_letters)
            table.insert(2, "ties (Wilcoxon, Holm)", found.wilcoxon_letters)
            said = " ".join(filter(None, (found.sentence, scores.attrs["note"])))
            figure = plot_cd(found, scores.attrs, families)
            name = f"across.{kind}.{evidence}"
            files[f"{name}.csv"] = to_csv(table.reset_index()).encode()
            files[f"{name}.txt"] = f"{said}\n".encode()
            files |= {f"{name}.{end}": image(figure, end) for end in ("svg", "png")}
    root = Path(directory)
    if files:
        root.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (root / name).write_bytes(data)
    return sorted(root / name for name in files)

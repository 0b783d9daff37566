"""The best row of each board, what isn't separable from it, and the quickest of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mirbench.boards.cells import seconds, with_interval
from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.claims import judged as in_question
from mirbench.boards.judge import Judge
from mirbench.boards.table import whole_cost
from mirbench.boards.text import markdown_table

SHORT = """## In short

The best row of each board, how many others aren't separable from it (the 95 % interval of the paired difference
holds 0: of embedded sets Student's t over the sets, else resampled by group; not corrected for the number of
rows), and which of all these takes least time.
"""
ASKED = {
    "few-labels/instruments": "instrument of a real note",
    "few-labels/speech-music": "speech or music, from one corpus to another",
    "few-labels/embedded": "instrument of a synthetic note",
    "few-shot/instruments": "real instruments never trained on, 5 examples each",
    "few-shot/embedded": "synthetic instruments never trained on, 5 examples each",
    "metric/instruments": "real notes of unseen instruments, ranked",
    "metric/embedded": "synthetic notes of unseen instruments, ranked",
    "pitch/embedded": "pitch of a synthetic line",
    "audiovisual/embedded": "the video of a synthetic sound",
    "sequence/embedded": "notes of a synthetic line, written",
}
"""What each board is for."""


def in_short(known: Mapping[str, Mapping[str, Any]], judges: Mapping[str, Judge]) -> list[str]:
    """The table of the best rows; of curves for five labels a class and for all."""
    rows = []
    for name, data in known.items():
        judge, spent = judges[name], {r["method"]: whole_cost(r) for r in data["rows"]}
        sources = ("n=5", None) if name.startswith("few-labels/") else (None,)
        for source in sources if judge.methods else ():
            best, ties = best_and_ties(judge, source)
            metric, of = judge.headline[0], Claim("", best, "", source=source)
            found = judge.interval(best, metric, in_question(judge, of))
            least = min([best, *ties], key=lambda m: spent.get(m, np.inf))
            rows.append(
                {
                    "for": f"{ASKED[name]}{', 5 labels a class' if source else ''}",
                    "board": f"`{name}`",
                    "best": f"`{best}`",
                    "figure": f"{metric.name} {with_interval(found.value, found.lo, found.hi)}",
                    "not separable": f"{len(ties)} of {len(judge.methods) - 1}",
                    "least time of these": f"`{least}` ({seconds(spent.get(least, np.nan))})",
                }
            )
    return [SHORT, in_code(rows)] if rows else []


def best_and_ties(judge: Judge, source: str | None) -> tuple[str, list[str]]:
    """The best method over the rows of a training set, what the board pools for None; and those that
    aren't separable from it."""
    metric, where = judge.headline[0], in_question(judge, Claim("", "", "", source=source))
    sign = 1 if metric.greater_is_better else -1
    values = {m: sign * judge.interval(m, metric, where).value for m in sorted(judge.methods)}
    best = max(values, key=lambda m: values[m])
    claims = [Claim(m, best, m, source=source) for m in values if m != best]
    embedded = judge.protocol.evidence == "embedded"
    table = claims_table(judge, claims, cells=embedded).to_dict("records")
    return best, [row["claim"] for row in table if row["verdict"] != "reproduced"]


def in_code(rows: list[dict[str, str]]) -> str:
    """A table in Markdown whose cells may hold code."""
    return markdown_table(pd.DataFrame(rows, dtype=object)).replace("\\`", "`")

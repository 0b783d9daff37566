"""Make a listening test: what raters get in one folder, and apart from it the key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from mirbench.audio import info
from mirbench.errors import DataError, ProtocolError
from mirbench.home import write_atomically
from mirbench.items import Item, whereabouts
from mirbench.listen.lists import Answers, Query, by_name, draw, ranked_queries, top_lists
from mirbench.listen.page import SCALES, to_html
from mirbench.protocols import Protocol
from mirbench.running.items import protocol_items
from mirbench.running.progress import Progress

SCHEMA = 1


def make_test(
    answers: Answers,
    protocol: Protocol,
    folder: str | Path,
    *,
    queries: int | Sequence[Query] = 20,
    k: int = 5,
    scale: str = "0-4",
    other_groups: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> Path:
    """Write a blind listening test.

    For each query the first ``k`` tracks of every method's list are put together, a track that several
    methods found once, and shuffled. Raters hear copies under names that say nothing; the page knows
    neither methods nor titles.

    Parameters
    ----------
    answers : sequence of Record, or mapping of str to DataFrame
        What is compared, of one protocol; see `mirbench.listen.lists.Answers`. Of several seeds of a
        method the lowest is heard.
    protocol : Protocol
        Of a ranking task.
    folder : path-like
        Gets ``test/`` (``index.html`` and the sound: give this to raters, as it is or packed) and
        ``key.json`` (keep this).
    queries : int or sequence of (cell, test, id)
        How many are drawn, from as many groups as there are; or which.
    k : int
        Tracks of each list.
    scale : {"0-4", "yes-no"}
        How raters answer.
    other_groups : bool
        Leave tracks of the query's own group (its artist) out of the lists.
    seed : int
        Of the draw and of the shuffling.
    progress : bool
        Show progress on a terminal.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ProtocolError
        Not a ranking protocol, no method, too few queries, a list that is shorter than ``k``.
    DataError
        Another test lies in the folder, or a recording can't be read.
    """
    named = by_name(answers)
    if protocol.task.kind != "ranking" or not named:
        raise ProtocolError(
            f"{protocol.name}: a listening test compares methods of a ranking task; "
            "run some under a ranking protocol and name them"
        )
    if k < 1 or scale not in SCALES:
        raise ProtocolError(f"k {k}, scale {scale!r}: k is 1 or more, scale {' or '.join(SCALES)}")
    known = ranked_queries(named, protocol)
    chosen = draw(known, queries, protocol, seed) if isinstance(queries, int) else list(queries)
    unknown = [query for query in chosen if query not in known]
    if unknown or len(set(chosen)) < len(chosen) or not chosen:
        what = f"{unknown[0]} was not answered by every method" if unknown else "one stands twice"
        raise ProtocolError(f"queries: {what}; give (cell, test, id) triples that differ")
    lists = {
        name: top_lists(table, protocol, chosen, k, other_groups=other_groups)
        for name, table in named.items()
    }
    key = make_key(lists, chosen, protocol, k, scale, seed) | {"other_groups": other_groups}
    key["test"] = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:12]
    folder = Path(folder).expanduser()
    _refuse_another(folder / "key.json", key["test"])
    items = protocol_items(protocol)
    heard = [
        one
        for query in key["queries"]
        for one in (query["id"], *(c["id"] for c in query["candidates"].values()))
    ]
    sounds = {i: _sound_name(items[i], seed) for i in dict.fromkeys(heard)}
    with Progress(progress) as bars:
        advance = bars.task("sound", len(sounds))
        for i, name in sounds.items():
            _write_sound(items[i], folder / "test" / "audio" / name)
            advance(1)
    page = folder / "test" / "index.html"
    text = json.dumps(key, indent=1, ensure_ascii=False) + "\n"
    html = to_html(key["test"], scale, public(key, sounds))
    write_atomically(folder / "key.json", lambda part: part.write_text(text, encoding="utf-8"))
    write_atomically(page, lambda part: part.write_text(html, encoding="utf-8"))
    return page


def make_key(
    lists: Mapping[str, Mapping[Query, Sequence[str]]],
    queries: Sequence[Query],
    protocol: Protocol,
    k: int,
    scale: str,
    seed: int,
) -> dict[str, Any]:
    """Which candidate stands for which track, and where each method has it (rank from 1)."""
    rng = np.random.default_rng([seed, 1])
    groups = dict(zip(protocol.items["id"], protocol.items["group"], strict=True))
    asked = []
    for number, query in enumerate(queries, start=1):
        name = f"q{number:0{len(str(len(queries)))}}"
        merged = sorted({track for each in lists.values() for track in each[query]})
        candidates = {}
        for position, i in enumerate(rng.permutation(len(merged)), start=1):
            track = merged[i]
            ranks = {
                method: each[query].index(track) + 1
                for method, each in lists.items()
                if track in each[query]
            }
            candidates[f"{name}c{position:0{len(str(len(merged)))}}"] = {
                "id": track,
                "ranks": ranks,
            }
        cell, test, who = query
        asked.append(
            {
                "name": name,
                "cell": cell,
                "test": test,
                "id": who,
                "group": groups[who],
                "candidates": candidates,
            }
        )
    return {
        "schema": SCHEMA,
        "protocol": protocol.name,
        "protocol_hash": protocol.hash,
        "evidence": protocol.evidence,
        "scale": scale,
        "k": k,
        "seed": seed,
        "methods": list(lists),
        "queries": asked,
    }


def public(key: Mapping[str, Any], sounds: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the page may know: names of queries and candidates, and their sounds."""
    return [
        {
            "name": query["name"],
            "sound": f"audio/{sounds[query['id']]}",
            "candidates": [
                {"name": name, "sound": f"audio/{sounds[candidate['id']]}"}
                for name, candidate in query["candidates"].items()
            ],
        }
        for query in key["queries"]
    ]


def _refuse_another(path: Path, test: str) -> None:
    if not path.is_file():
        return
    try:
        there = json.loads(path.read_text(encoding="utf-8")).get("test")
    except (ValueError, AttributeError):
        there = None
    if there != test:
        raise DataError(
            f"{path}: the key of another test; name another folder, or its ratings lose their key"
        )


def _sound_name(item: Item, seed: int) -> str:
    return hashlib.sha256(f"{seed}|{item.key}".encode()).hexdigest()[:16] + ".flac"


def _write_sound(item: Item, path: Path) -> None:
    """The item as methods hear it: mono, its part and degradation, at its file's rate, no tags."""
    if path.is_file():
        return
    rate = info(whereabouts(item)).samplerate
    signal = np.clip(item.signal(rate), -1, 1)
    write_atomically(
        path, lambda part: sf.write(part, signal, rate, format="FLAC", subtype="PCM_16")
    )

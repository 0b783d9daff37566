"""Records of every kind of task, made up, under one root: what the tests of the site are made from."""

import numpy as np
import pandas as pd
from made_records import (
    good_to_bad,
    learner,
    learning_protocol,
    matrix_protocol,
    record,
    segment_protocol,
)

from mirbench.protocols.ranking import ranking_protocol
from mirbench.records import record_path, save_record
from mirbench.tasks import load_task


def ranking():
    """Twelve artists of two albums of two tracks, each album hummed at a frequency of its own."""
    rows = [(f"a{a}", f"b{b}", f"{a}{b}{t}") for a in range(12) for b in (0, 1) for t in (0, 1)]
    items = pd.DataFrame(rows, columns=["label", "album", "id"])
    items = items.assign(corpus="made", item=items["id"], key=items["id"], group=items["label"])
    items = items.assign(degradation="", start_s=0.0, duration_s=1.0)
    task = load_task("same-artist")
    protocol = ranking_protocol("similarity/made", task, [items], evidence="real")

    def answers(noise):
        rng = np.random.default_rng(0)
        place = np.arange(len(items)) + noise * rng.normal(size=len(items))

        def answer(cell, test, item):
            own = items["id"].tolist().index(item["id"])
            away = np.abs(place - place[own]).astype(np.float32)
            order = np.argsort(away, kind="stable")
            order = order[order != own].astype(np.int32)
            return order, away[order]

        return answer

    return [record(protocol, f"noise-{n}", answers(n)) for n in (1, 20)], protocol


def save_all(root):
    """Write records and protocols; returns the protocols."""
    matrix, learning, segments = matrix_protocol(), learning_protocol(), segment_protocol()
    made = [
        (good_to_bad(matrix), matrix),
        ([learner(learning), learner(learning, "n")], named(learning, "learning/made")),
        ([record(segments, s, shifted(by)) for s, by in SHIFTS], named(segments, "segments/made")),
        ranking(),
    ]
    for records, protocol in made:
        for one in records:
            who = one.identity | {"protocol": protocol.name, "protocol_hash": protocol.hash}
            one.header["identity"] = who
            path = record_path(root, who)
            save_record(one, path, small=False)
            protocol.save(path.parents[1] / "protocol.json")
    return [protocol for _, protocol in made]


SHIFTS = (("sharp", 0.0), ("late", 1.0))


def shifted(by):
    def answer(cell, test, item):
        return [(0.0, 10.0 + by, "music"), (10.0 + by, 20.0, "speech")]

    return answer


def named(protocol, name):
    import dataclasses

    return dataclasses.replace(protocol, name=name)

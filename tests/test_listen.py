"""Listening tests: blind pages, keys that fit them, and the command there and back."""

from __future__ import annotations

import dataclasses
import json
import re
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from test_listen_ratings import HEADER

from mirbench.corpora import load_folder
from mirbench.errors import DataError, MirbenchError, ProtocolError
from mirbench.frames import Grid
from mirbench.listen import command, make_test, score_ratings
from mirbench.listen.lists import by_name, draw, ranked_queries, top_lists
from mirbench.listen.page import to_html
from mirbench.listen.ratings import read_key
from mirbench.protocols.kept_items import protocol_items
from mirbench.protocols.protocol import Cell, Protocol
from mirbench.records import Record, record_path, save_record
from mirbench.tasks import load_task

SR = 8000


METHODS = ("first-secret-method", "second-secret-method", "<script>third")


@pytest.fixture
def protocol(tmp_path) -> Protocol:
    """Twelve short recordings of four artists, one collection; the last two are one recording."""
    root = tmp_path / "tones"
    root.mkdir()
    rows = []
    for i in range(12):
        wave = 0.2 * np.sin(2 * np.pi * (200 + 30 * min(i, 10)) * np.arange(SR // 4) / SR)
        sf.write(root / f"telltale-{i}.wav", wave, SR)
        rows.append({"path": f"telltale-{i}.wav", "artist": f"Artist {i % 4}"})
    pd.DataFrame(rows).to_csv(root / "index.csv", index=False)
    items = protocol_items(load_folder(root), load_task("same-artist"))
    task = dataclasses.replace(load_task("same-artist"), labels=tuple(sorted(set(items["label"]))))
    ids = tuple(items["id"])
    cells = (Cell("all", "tones", ids, {"tones": ids}),)
    places = {"tones": str(root)}
    return Protocol("similarity/tones", "1", task, Grid(), items, cells, places=places)


def outputs(protocol: Protocol, seed: int) -> pd.DataFrame:
    """Every query's list of the others, in an order of the seed's own."""
    rng = np.random.default_rng(seed)
    rows = []
    for cell in protocol.cells:
        for test, ids in cell.tests.items():
            for i, who in enumerate(ids):
                others = rng.permutation([j for j in range(len(ids)) if j != i]).astype(np.int32)
                far = np.sort(rng.random(len(others))).astype(np.float32)
                rows.append((cell.name, cell.source, test, who, (others, far)))
    return pd.DataFrame(rows, columns=["cell", "source", "test", "id", "ranked"])


@pytest.fixture
def answers(protocol) -> dict[str, pd.DataFrame]:
    return {name: outputs(protocol, seed) for seed, name in enumerate(METHODS)}


def test_the_page_is_blind(protocol, answers, tmp_path):
    page = make_test(answers, protocol, tmp_path / "out", queries=6, k=3)
    given = list((tmp_path / "out" / "test").rglob("*"))
    assert page == tmp_path / "out" / "test" / "index.html"
    text = page.read_text(encoding="utf-8")
    ids = [i.rpartition("/")[2] for i in protocol.items["id"]]
    for word in (*METHODS, "third", "telltale", *ids, "Artist", "tones", str(tmp_path), "rank"):
        assert word not in text
        assert not [path for path in given if word in str(path.relative_to(tmp_path / "out"))]
    assert not (tmp_path / "out" / "test" / "key.json").exists()
    key = read_key(tmp_path / "out" / "key.json")
    sounds = set(re.findall(r"audio/[0-9a-f]{16}\.flac", text))
    assert all((page.parent / sound).is_file() for sound in sounds)
    assert len(sounds) == len(list((page.parent / "audio").iterdir()))
    for sound in sounds:
        with sf.SoundFile(page.parent / sound) as file:
            assert (file.samplerate, file.channels) == (SR, 1)
            assert not file.copy_metadata()
    assert key["methods"] == list(METHODS)


def test_the_page_asks_nothing_of_the_network(protocol, answers, tmp_path):
    text = make_test(answers, protocol, tmp_path / "out", queries=2).read_text(encoding="utf-8")
    assert not re.search(
        r"https?:|//[a-z]|url\(|@import|fetch\(|XMLHttp|sendBeacon|WebSocket", text
    )
    assert not re.search(
        r"\son[a-z]+=|\sstyle=", text.partition("<body>")[2].partition("<script")[0]
    )
    assert "default-src 'none'" in text


def test_a_page_cannot_be_broken_out_of():
    text = to_html("t", "yes-no", [{"name": "</script><b>", "sound": "x", "candidates": []}])
    assert "</script><b>" not in text
    data = re.search(r'id="data">(.*?)</script>', text, re.S).group(1)
    assert json.loads(data)["queries"][0]["name"] == "</script><b>"


def test_the_key_holds_every_methods_list(protocol, answers, tmp_path):
    make_test(answers, protocol, tmp_path / "out", queries=8, k=4, seed=3)
    key = read_key(tmp_path / "out" / "key.json")
    keys = dict(zip(protocol.items["id"], protocol.items["key"]))
    assert len(key["queries"]) == 8
    for query in key["queries"]:
        tracks = [c["id"] for c in query["candidates"].values()]
        sounds = {keys[track] for track in tracks}
        assert len(sounds) == len(tracks), "a recording under two ids stands once"
        assert keys[query["id"]] not in sounds
        for method, table in answers.items():
            row = table[table["id"] == query["id"]].iloc[0]
            ids = [protocol.cells[0].tests["tones"][j] for j in row["ranked"][0]]
            heard = list(dict.fromkeys(keys[i] for i in ids if keys[i] != keys[query["id"]]))[:4]
            ranked = sorted(
                (c["ranks"][method], keys[c["id"]])
                for c in query["candidates"].values()
                if method in c["ranks"]
            )
            assert [sound for _, sound in ranked] == heard


def test_merged_candidates_stand_once_and_in_no_telling_order(protocol, tmp_path):
    same = {name: outputs(protocol, 0) for name in METHODS}
    make_test(same, protocol, tmp_path / "out", queries=12, k=5)
    key = read_key(tmp_path / "out" / "key.json")
    orders = []
    for query in key["queries"]:
        assert len(query["candidates"]) == 5
        orders.append([c["ranks"][METHODS[0]] for c in query["candidates"].values()])
        assert all(set(c["ranks"]) == set(METHODS) for c in query["candidates"].values())
    assert len({tuple(order) for order in orders}) > 6
    assert abs(np.mean(orders, axis=0) - 3).max() < 1.5


def test_same_seed_same_test(protocol, answers, tmp_path):
    pages = [make_test(answers, protocol, tmp_path / n, queries=5) for n in ("a", "b")]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert (tmp_path / "a/key.json").read_bytes() == (tmp_path / "b/key.json").read_bytes()
    assert make_test(answers, protocol, tmp_path / "a", queries=5) == pages[0]
    with pytest.raises(DataError, match="key of another test; name another folder"):
        make_test(answers, protocol, tmp_path / "a", queries=5, seed=1)


def test_queries_are_spread_over_groups(protocol, answers):
    queries = ranked_queries(answers, protocol)
    groups = dict(zip(protocol.items["id"], protocol.items["group"]))
    for seed in range(5):
        drawn = draw(queries, 6, protocol, seed)
        assert len(set(drawn)) == 6
        assert len({groups[i] for _, _, i in drawn[:4]}) == 4
    assert draw(queries, 6, protocol, 0) != draw(queries, 6, protocol, 1)


def test_other_groups_only(protocol, answers):
    queries = ranked_queries(answers, protocol)
    groups = dict(zip(protocol.items["id"], protocol.items["group"]))
    found = top_lists(answers[METHODS[0]], protocol, queries, 5, other_groups=True)
    assert all(groups[i] != groups[q[2]] for q, ids in found.items() for i in ids)
    with pytest.raises(ProtocolError, match=r"has 8 other recordings of other groups.*lower k"):
        top_lists(answers[METHODS[0]], protocol, queries[:1], 10, other_groups=True)


def test_of_several_seeds_the_lowest_is_heard(protocol):
    identity = {"spec": "m", "seed": 2}
    records = [
        Record({"identity": identity | {"seed": seed}}, outputs(protocol, seed))
        for seed in (2, 0, 1)
    ]
    assert by_name(records)["m"] is records[1].outputs


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"queries": 13}, "13 queries asked for, similarity/tones has 12"),
        ({"queries": 0}, "0 queries"),
        ({"queries": [("all", "tones", "nobody")]}, "not answered by every method"),
        ({"queries": []}, "give .* triples"),
        ({"k": 11}, "10 other recordings.*lower k"),
        ({"k": 0}, "k is 1 or more"),
        ({"scale": "stars"}, "scale 0-4 or yes-no"),
        ({"answers": {}}, "compares methods of a ranking task"),
    ],
)
def test_what_cannot_be_made(protocol, answers, tmp_path, change, words):
    call = {"answers": answers, "protocol": protocol, "folder": tmp_path / "out"} | change
    with pytest.raises(ProtocolError, match=words):
        make_test(**{"queries": 3} | call)
    assert not (tmp_path / "out").exists()


def rated(key: dict, rater: str, judge) -> str:
    lines = [
        f"{key['test']},{rater},{q['name']},{name},{judge(q, c)}"
        for q in key["queries"]
        for name, c in q["candidates"].items()
    ]
    return HEADER + "\n".join(lines) + "\n"


def test_there_and_back(protocol, answers, tmp_path):
    """A rater who likes what one method alone puts first gives that method the best mean."""
    make_test(answers, protocol, tmp_path, queries=8, k=2)
    key = read_key(tmp_path / "key.json")

    def judge(query, candidate):
        return 4 if METHODS[1] in candidate["ranks"] else 0

    (tmp_path / "r.csv").write_text(rated(key, "r", judge))
    scores = score_ratings([tmp_path / "r.csv"], tmp_path / "key.json")
    assert scores.methods["method"][0] == METHODS[1]
    assert scores.methods["rating"][0] == 4
    assert scores.methods["similar"][0] == 2
    assert len(scores.pairs) == 3
    assert any("share a group" in note for note in scores.notes)


def test_command(protocol, answers, tmp_path, monkeypatch, capsys, home):
    monkeypatch.setattr(command, "load_protocol", lambda name, root: protocol)
    for name, table in answers.items():
        identity = {
            "method": name,
            "params": {},
            "spec": name,
            "family": "user",
            "title": "",
            "seed": 0,
            "protocol": protocol.name,
            "protocol_hash": protocol.hash,
            "task": protocol.task.name,
            "kind": "ranking",
        }
        header = {"identity": identity, "provenance": {"cells": {}}, "status": "complete"}
        save_record(Record(header, table), record_path(tmp_path / "records", identity))
    options = Namespace(
        protocol=protocol.name,
        methods=list(METHODS[:2]),
        records=str(tmp_path / "records"),
        output=str(tmp_path / "out"),
        queries=4,
        k=3,
        scale="0-4",
        other_groups=False,
        seed=0,
    )
    assert command.make(options) == 0
    assert "give raters the folder" in capsys.readouterr().out
    key = read_key(tmp_path / "out" / "key.json")
    assert key["methods"] == list(METHODS[:2])
    (tmp_path / "r.csv").write_text(rated(key, "r", lambda q, c: min(c["ranks"].values())))
    scoring = Namespace(
        ratings=[str(tmp_path / "r.csv")], key=str(tmp_path / "out/key.json"), similar_from=None
    )
    assert command.score(scoring) == 0
    out = capsys.readouterr().out
    assert METHODS[0] in out
    assert "The unit is the query" in out
    options.methods = ["prior"]
    with pytest.raises(MirbenchError, match=r"no record of 'prior'.*mirbench run prior -p"):
        command.make(options)

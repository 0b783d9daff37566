"""Planted copies are found and nothing else is; a patch makes a protocol without them; the page plays."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from test_audit import SR, cell, collection, found, sound

from mirbench.audio import resample
from mirbench.audit import audit, audited, load_patch, make_patch
from mirbench.audit import listen as listening
from mirbench.audit.cells import column_findings
from mirbench.audit.copies import disagreement
from mirbench.audit.page import write_page
from mirbench.corpora import load_corpus
from mirbench.errors import DataError, ProtocolError
from mirbench.protocols import load_protocol, make_protocol
from mirbench.protocols.protocol import Protocol


def written(path, signal, sr=SR, **how):
    sf.write(path, signal, sr, **how)
    return str(path)


def as_mp3(path, signal):
    return written(
        path.with_suffix(".mp3"), signal, compression_level=0.63, bitrate_mode="CONSTANT"
    )


KINDS = {
    "MP3": as_mp3,
    "trimmed": lambda path, x: written(path, x[int(1.0137 * SR) :]),
    "12 dB softer": lambda path, x: written(path, 10 ** (-12 / 20) * x),
    "noise at 30 dB": lambda path, x: written(
        path, x + 10**-1.5 * x.std() * np.random.RandomState(1).standard_normal(len(x))
    ),
    "resampled": lambda path, x: written(path, resample(x, SR, 44100), 44100),
}


def tune(seed, partials, times=1.0, seconds=6.0):
    """Notes of one seed, each a decaying tone of these partials: covers share the seed."""
    rng = np.random.RandomState(seed)
    x = np.zeros(int(seconds * SR))
    t = np.arange(SR) / SR
    for start in np.arange(0, seconds - 1, 0.25):
        hz = 220 * 2 ** (rng.randint(0, 25) / 12)
        note = sum(a * np.sin(2 * np.pi * hz * (k + 1) * t) for k, a in enumerate(partials))
        begin = int(start * times * SR)
        note = (note * np.exp(-4 * t))[: max(0, len(x) - begin)]
        x[begin : begin + len(note)] += note
    return (0.1 * x / x.std() + 1e-4 * rng.standard_normal(len(x))).astype(np.float32)


def test_planted_copies_of_each_kind_and_no_cover_or_loop(tmp_path):
    """The small version of ``benchmarks/audit_planted.py``."""
    loop = np.tile(sound(99, 2.0), 3)
    bases = [sound(i, 6.0) for i in range(10)]
    covers = [tune(7, p) for p in ([1, 0.5, 0.2], [0.3, 1, 0.7, 0.5], [1, 0, 0.4, 0, 0.6])]
    loops = [0.7 * loop + tune(20 + i, [1, 0.5, 0.3]) for i in range(4)]
    rows = [(f"b/{i}", written(tmp_path / f"{i}.wav", x)) for i, x in enumerate(bases)]
    rows += [
        (f"other/{i}", written(tmp_path / f"other{i}.wav", x))
        for i, x in enumerate([*covers, *loops])
    ]
    wanted = set()
    for k, (kind, plant) in enumerate(KINDS.items()):
        for i in (2 * k, 2 * k + 1):
            rows.append((f"copy/{kind} of {i}", plant(tmp_path / f"copy{i}.wav", bases[i])))
            wanted.add((f"b/{i}", f"copy/{kind} of {i}"))
    report = audit(pd.DataFrame(rows, columns=["id", "path"]))
    assert {pair.ids for pair in report.pairs} == wanted
    assert not any(pair.alike for pair in report.pairs)


def takes(seed, n=2, seconds=8.0):
    """One score on one sampled instrument: onsets vary by 20 ms and strengths by 30 %."""
    score, tone = np.random.RandomState(seed), np.arange(2 * SR) / SR
    notes = [
        (at, 40 + score.randint(40), score.uniform(0.5, 1))
        for at in np.arange(0.1, seconds - 1, 0.4)
    ]
    for take in range(n):
        rng = np.random.RandomState(100 * seed + take)
        x = np.zeros(int(seconds * SR))
        for at, key, gain in notes:
            hz = 440 * 2 ** ((key - 69) / 12)
            note = sum(
                np.sin(2 * np.pi * hz * k * tone) * np.exp(-(2 + k) * tone) / k for k in range(1, 9)
            )
            begin = int(max(0, at + rng.normal(0, 0.02)) * SR)
            x[begin : begin + len(note)] += (gain * rng.uniform(0.7, 1.3) * note)[: len(x) - begin]
        yield (0.1 * x / x.std()).astype(np.float32)


def test_takes_of_one_score_are_alike_and_no_copies(tmp_path):
    rows = [
        (f"c/{seed}-{k}", written(tmp_path / f"{seed}{k}.wav", x), f"{seed}-{k}")
        for seed in range(4)
        for k, x in enumerate(takes(seed))
    ]
    items = pd.DataFrame(rows, columns=["id", "path", "group"])
    report = audit(items, [cell(items["id"][::2], items["id"][1::2])])
    assert [pair.ids for pair in report.pairs] == [(f"c/{k}-0", f"c/{k}-1") for k in range(4)]
    assert all(pair.alike for pair in report.pairs)
    assert "another take of the same score" in found(report, "alike")[0].detail
    assert not found(report, "near duplicate")
    assert not found(report, "group conflict")
    assert report.leaks == []
    assert [f.severity for f in found(report, "shared take")] == ["warning"]
    assert make_patch(report, items)["join"] == []


def test_what_was_heard_is_kept_by_content(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "home"))
    items = collection(tmp_path, 6)
    first = audit(items)
    monkeypatch.setattr(listening, "decode", None)  # calling it fails
    (tmp_path / "05.wav").rename(tmp_path / "elsewhere.wav")
    items.loc[5, "path"] = str(tmp_path / "elsewhere.wav")
    done = []
    again = audit(items, advance=done.append)
    assert again == first
    assert sum(done) == 6
    written(tmp_path / "04.wav", sound(77))
    with pytest.raises(TypeError):  # another sound is decoded
        audit(items)


def test_damaged_entry_is_decoded_again(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "home"))
    items = collection(tmp_path, 3)
    first = audit(items)
    row = items.to_dict("records")[1]
    listening._store().put(listening._key(row), np.zeros(10, np.uint8), 0.0)
    listening._store()._recent.clear()
    assert audit(items) == first


@pytest.mark.slow
def test_processes_hear_what_one_hears(tmp_path, monkeypatch):
    items = collection(tmp_path, 20)
    items.loc[3, "path"] = str(tmp_path / "none.wav")
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "one"))
    one = audit(items)
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "two"))
    assert audit(items, n_jobs=2) == one


def test_any_column_of_people_across_a_cell():
    items = pd.DataFrame(
        {
            "id": list("abcd"),
            "group": list("1234"),
            "artist": ["x", "y", "x", "z"],
            "album": ["best of", "best of", "first", "best of"],
        }
    )
    (shared,) = column_findings(items, [cell("ab", "cd")])
    assert (shared.check, shared.severity, shared.ids) == ("shared artist", "warning", ("a", "c"))
    assert column_findings(items.assign(artist=None), [cell("ab", "cd")])[0].check == "shared album"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A corpus in two classes: 01 and 02 hold one sound under two labels, 04 and 05 under one; 08 is
    a softer copy of 06; 11 is silent."""
    root = tmp_path_factory.mktemp("corpus") / "radio"
    root.mkdir()
    same = {2: 1, 5: 4}
    rows = []
    for i in range(16):
        x = sound(same.get(i, 6 if i == 8 else i), 3.0)
        written(root / f"{i:02d}.wav", 0.25 * x if i == 8 else x * (i != 11))
        rows.append((f"{i:02d}.wav", ("speech", "music")[(i // 2) % 2], f"g{i // 2}"))
    pd.DataFrame(rows, columns=["path", "label", "group"]).to_csv(root / "index.csv", index=False)
    return root


@pytest.fixture
def patch(folder):
    items = load_corpus(folder, strict=False).items
    return make_patch(audit(items), items, ["radio"])


def test_a_patch_says_what_to_drop_and_join(patch, tmp_path):
    drop = {row["id"]: row["reason"] for row in patch["drop"]}
    assert set(drop) == {f"radio/{i}" for i in ("01", "02", "05", "11")}
    assert drop["radio/05"] == "the same samples as radio/04"
    (conflict,) = [c for c in patch["conflicts"] if "radio/01" in c["ids"]]
    assert conflict["labels"] == ["speech", "music"]
    (join,) = patch["join"]
    assert (join["ids"], join["groups"]) == (["radio/06", "radio/08"], ["g3", "g4"])
    (tmp_path / "fix.json").write_text(json.dumps(patch))
    assert load_patch(tmp_path / "fix.json") == patch


def test_corpora_of_other_labels_do_not_disagree():
    items = pd.DataFrame({"id": ["a/1", "a/2", "b/1", "b/2"], "label": ["x", "y", "rock", "pop"]})
    disagree = disagreement(items)
    assert disagree("a/1", "a/2")
    assert not disagree("a/1", "b/1")
    assert disagreement(items.assign(label=["x", "y", "x", "z"]))("a/2", "b/1")


def test_a_protocol_without_what_a_patch_drops(folder, patch):
    protocol = make_protocol("speech-music-clip", [folder], folds=4)
    fixed = audited(protocol, patch)
    assert fixed.name == f"{protocol.name}-audited"
    assert fixed.hash != protocol.hash
    assert "4 of 16 items dropped" in fixed.description
    gone = {row["id"] for row in patch["drop"]}
    assert gone.isdisjoint(fixed.items["item"])
    of = dict(zip(fixed.items["id"], fixed.items["group"]))
    assert [i for i in of if of[i] == "g3 + g4"] == [f"radio/{i:02d}" for i in (6, 7, 8, 9)]
    for before, after in zip(protocol.cells, fixed.cells):
        for name, ids in after.tests.items():
            assert list(ids) == [i for i in before.tests[name] if i in of]  # test sets stay
            assert {of[i] for i in ids}.isdisjoint(of[i] for i in after.train)
    assert type(protocol).from_dict(fixed.to_dict()).hash == fixed.hash


def test_a_patch_of_something_else_is_refused(folder, patch, tmp_path):
    protocol = make_protocol("speech-music-clip", [folder], folds=4)
    other = patch | {"drop": [{"id": "tv/1", "reason": "by hand"}], "join": []}
    with pytest.raises(ProtocolError, match="names none of its items"):
        audited(protocol, other)
    everything = [{"id": i, "reason": "by hand"} for i in protocol.cells[0].train]
    with pytest.raises(ProtocolError, match="leaves nothing of set"):
        audited(protocol, patch | {"drop": everything})
    parts = [
        ('{"id": "a"}', ""),
        ('{"id": null, "reason": "x"}', ""),
        ("1", ""),
        ("", '{"ids": "abc"}'),
        ("", '{"ids": []}'),
        ("", '{"ids": ["a", 1]}'),
    ]
    texts = [f'{{"schema": 1, "drop": [{drop}], "join": [{join}]}}' for drop, join in parts]
    texts += [f'{{"schema": 1, "drop": {x}, "join": []}}' for x in ("{}", '""', "null")]
    for text in ("", "[]", '{"schema": 1}', "[" * 100_000, *texts):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(DataError, match="mirbench audit NAME --patch"):
            load_patch(tmp_path / "bad.json")
    with pytest.raises(DataError, match="not a patch"):
        load_patch(tmp_path / "none.json")


def test_page_links_excerpts_of_the_shared_part(folder, tmp_path):
    items = load_corpus(folder, strict=False).items
    items.loc[items["id"] == "radio/06", "group"] = "<script>alert(1)</script>"
    report = audit(items)
    page = write_page(report, items, tmp_path / "out", "radio & co")
    html = page.read_text()
    links = re.findall(r'src="([^"]+)"', html)
    assert len(links) == 2 * len(report.pairs) == 6
    for link in links:
        signal, sr = sf.read(page.parent / link)
        assert sr == 22050
        assert 2.0 < len(signal) / sr <= 8.0
    assert "radio &amp; co" in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert html.index("radio/01") < html.index("radio/04")  # labels that disagree come first


def test_a_named_corpus_is_audited_to_its_end(tmp_path, monkeypatch):
    from layouts import gtzan

    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    gtzan.make(tmp_path / "data")
    sounds = sorted(Path(tmp_path / "data").rglob("*.wav"))
    table = load_corpus("gtzan", strict=False).items
    there = [path for path in map(Path, table["path"]) if path.is_file()]
    assert sounds
    there[0].write_bytes(b"no sound")
    there[1].unlink()
    with pytest.raises(DataError):
        load_corpus("gtzan")
    report = audit(load_corpus("gtzan", strict=False).items)
    missing = len(table) - len(there) + 1
    assert len(found(report, "missing")) == missing
    assert str(there[0]) in found(report, "unreadable")[0].detail


def test_frozen_protocols_take_a_patch():
    protocol = load_protocol("speech-music/mini")
    first = protocol.items["item"].iloc[0]
    fixed = audited(protocol, {"drop": [{"id": first, "reason": "by hand"}], "join": []})
    assert len(fixed.items) < len(protocol.items)
    assert "unusable or by hand" in fixed.description


def test_few_label_protocols_keep_their_draws():
    protocol = load_protocol("few-labels/mini")
    (cell,) = protocol.cells
    gone = cell.labelled["n=1"][2][0]  # the one item of a class that this draw shows
    fixed = audited(protocol, {"drop": [{"id": gone, "reason": "by hand"}], "join": []})
    assert fixed.few_labels
    (after,) = fixed.cells
    assert list(after.labelled) == list(cell.labelled)
    assert after.labelled["n=1"] == tuple(d for i, d in enumerate(cell.labelled["n=1"]) if i != 2)
    assert gone not in {i for draws in after.labelled.values() for ids in draws for i in ids}
    assert Protocol.from_dict(fixed.to_dict()).hash == fixed.hash
    rows = [{"id": draw[0], "reason": "by hand"} for draw in cell.labelled["n=1"]]
    with pytest.raises(ProtocolError, match="nothing of the draws of n=1"):
        audited(protocol, {"drop": rows, "join": []})


def test_episodes_keep_their_support_apart_from_what_they_ask():
    protocol = load_protocol("few-shot/mini")
    cell = protocol.cells[0]
    group = dict(zip(protocol.items["id"], protocol.items["group"]))
    shown, asked = cell.support["n=5/3"][0], cell.tests["n=5/3"][0]
    assert group[shown] != group[asked]
    fixed = audited(protocol, {"drop": [], "join": [{"ids": [shown, asked]}]})
    after = fixed.cells[0]
    assert after.support
    assert set(after.support) == set(after.tests)
    of = dict(zip(fixed.items["id"], fixed.items["group"]))
    for test, ids in after.support.items():
        assert {of[i] for i in ids}.isdisjoint(of[i] for i in after.tests[test])
    assert Protocol.from_dict(fixed.to_dict()).hash == fixed.hash
    alone = cell.support["n=1/3"][0]
    fixed = audited(protocol, {"drop": [{"id": alone, "reason": "by hand"}], "join": []})
    assert {"n=1/3", "n=5/3"}.isdisjoint(fixed.cells[0].tests)  # it would ask for a class not shown
    assert Protocol.from_dict(fixed.to_dict()).hash == fixed.hash

"""The audit finds each planted defect, and nothing in a clean collection."""

import json
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from mirbench.audit import Finding, Report, audit, audit_cells, shortcuts
from mirbench.audit.duplicates import fingerprint, near_duplicates
from mirbench.audit.measure import measure
from mirbench.audit.shortcuts import probe
from mirbench.protocols.protocol import Cell

SR = 16000


@lru_cache(64)
def sound(seed, seconds=4.0):
    """Random chords with attacks: neither noise-like nor steady, and the same for a seed."""
    rng = np.random.RandomState(seed)
    t = np.arange(int(0.25 * SR)) / SR
    notes = []
    for _ in range(int(seconds / 0.25)):
        hz = rng.uniform(200, 2500, 6)[:, None]
        phases = rng.uniform(0, 1, 6)[:, None]
        notes.append((np.sin(2 * np.pi * (hz * t + phases)) * np.exp(-6 * t)).sum(0))
    x = np.concatenate(notes) + 0.01 * rng.standard_normal(int(seconds / 0.25) * len(t))
    x = (0.1 * x / np.sqrt(np.mean(x**2))).astype(np.float32)
    x.flags.writeable = False
    return x


def collection(folder, n=16, change=lambda i, x: x):
    """``n`` files in two classes, two items a group, and their item table."""
    rows = []
    for i in range(n):
        path = folder / f"{i:02d}.wav"
        sf.write(path, change(i, sound(i)), SR, subtype="FLOAT")
        rows.append((f"c/{i:02d}", str(path), ("music", "speech")[(i // 2) % 2], f"g{i // 2}"))
    return pd.DataFrame(rows, columns=["id", "path", "label", "group"])


@pytest.fixture
def items(tmp_path, monkeypatch):
    """A clean collection; intervals of shortcuts, which these tests don't ask for, of few draws."""
    monkeypatch.setattr(shortcuts, "DRAWS", 2)
    return collection(tmp_path)


def found(report, check):
    return [f for f in report.findings if f.check == check]


def cell(train, test):
    return Cell("fold 1", "c", tuple(train), {"c": tuple(test)})


def test_clean_collection_is_clean(items):
    report = audit(items, [cell(items["id"][:8], items["id"][8:])])
    assert [f.check for f in report.findings] == ["single-class groups"]
    assert report.leaks == []
    assert report.n_items == 16
    assert set(report.probes) >= {"level (dB)", "duration (s)", "sampling rate (Hz)"}


@pytest.mark.parametrize(
    ("plant", "check", "words"),
    [
        (lambda path: path.unlink(), "missing", "no such file"),
        (lambda path: path.write_bytes(b""), "unreadable", "empty file"),
        (lambda path: path.write_text("hello"), "unreadable", "not readable as audio"),
        (
            lambda path: sf.write(path, np.full(SR, np.nan), SR, subtype="FLOAT"),
            "unreadable",
            "NaN",
        ),
        (lambda path: sf.write(path, np.zeros(SR), SR), "silent", "all samples are zero"),
        (lambda path: sf.write(path, sound(3)[:800], SR), "short", "0.050 s"),
        (lambda path: sf.write(path, np.clip(30 * sound(3), -1, 1), SR), "clipped", "full scale"),
        (
            lambda path: sf.write(path, 1e-3 * sound(3), SR, subtype="FLOAT"),
            "low level",
            "-80.0 dB",
        ),
    ],
)
def test_faults_of_a_file(items, tmp_path, plant, check, words):
    plant(tmp_path / "03.wav")
    (finding,) = found(audit(items), check)
    assert finding.ids == ("c/03",)
    assert words in finding.detail
    assert finding.mend


def test_truncated_against_the_index(items):
    items["start_s"], items["duration_s"] = 0.0, [4.0] * 15 + [9.0]
    (finding,) = found(audit(items), "truncated")
    assert finding.ids == ("c/15",)
    assert "9.00 s are expected" in finding.detail


def test_parts_of_one_file_are_different_items(items):
    items.loc[1, "path"] = items.loc[0, "path"]
    items["start_s"], items["duration_s"] = [0.0, 2.0] + [0.0] * 14, 2.0
    report = audit(items)
    assert not found(report, "duplicate")
    assert not found(report, "near duplicate")


def test_exact_duplicate_with_conflicts_and_leak(items, tmp_path):
    sf.write(tmp_path / "02.flac", sound(0), SR, subtype="PCM_24")
    sf.write(tmp_path / "00.wav", sf.read(tmp_path / "02.flac")[0], SR, subtype="FLOAT")
    items.loc[2, "path"] = str(tmp_path / "02.flac")  # speech, g1; item 0 is music, g0
    report = audit(items, [cell(["c/00"], ["c/02", "c/05"])])
    (copies,) = found(report, "duplicate")
    assert copies.ids == ("c/00", "c/02")
    assert found(report, "label conflict")[0].severity == "error"
    assert found(report, "group conflict")
    assert [f.check for f in report.leaks] == ["leak: duplicate"]


COPIES = {
    "softer": lambda x: 0.2 * x,
    "noisy": lambda x: x + 0.003 * np.random.RandomState(0).standard_normal(len(x)),
    "trimmed": lambda x: x[int(1.137 * SR) : -int(0.3 * SR)],
    "low-passed": lambda x: np.convolve(x, np.hanning(9) / np.hanning(9).sum(), "same"),
}


@pytest.mark.parametrize("kind", list(COPIES))
def test_near_duplicates(items, tmp_path, kind):
    sf.write(tmp_path / "09.ogg", COPIES[kind](sound(4)).astype(np.float32), SR)  # and re-encoded
    items.loc[9, "path"] = str(tmp_path / "09.ogg")
    report = audit(items, [cell(items["id"][:8], items["id"][8:])])
    (near,) = found(report, "near duplicate")
    assert near.ids == ("c/04", "c/09")
    assert f"{1.1 if kind == 'trimmed' else 0.0:+.1f} s" in near.detail
    assert [f.check for f in report.leaks] == ["leak: near duplicate"]


def test_offset_and_length_of_a_match():
    long, other = sound(1, 12.0), sound(2, 12.0)
    part = long[int(5.0 * SR) : int(9.0 * SR)]
    prints = [fingerprint(x, SR) for x in (long, other, part)]
    (match,) = near_duplicates(prints)
    assert (match.first, match.second) == (0, 2)
    assert match.offset_s == pytest.approx(5.0, abs=0.05)
    assert match.seconds == pytest.approx(4.0 - 0.37, abs=0.1)


def test_items_too_short_to_be_compared_are_named(items, tmp_path):
    sf.write(tmp_path / "03.wav", sound(3)[: int(1.7 * SR)], SR)
    sf.write(tmp_path / "04.wav", sound(4)[: int(1.9 * SR)], SR)
    (note,) = found(audit(items), "not compared")
    assert (note.severity, note.ids) == ("note", ("c/03",))
    assert "1 of 16 items" in note.detail
    assert "under about 1.8 s" in note.detail


def test_channels_that_cancel_each_other_are_told_from_softness(items, tmp_path):
    x = sound(3)
    sf.write(tmp_path / "03.wav", np.stack([x, -x], axis=1), SR, subtype="FLOAT")
    sf.write(tmp_path / "04.wav", np.stack([x, 2e-4 - x], axis=1), SR, subtype="FLOAT")
    sf.write(tmp_path / "05.wav", np.stack([1e-4 * x, 1e-4 * x], axis=1), SR, subtype="FLOAT")
    report = audit(items)
    (silent,) = found(report, "silent")
    assert "cancel each other" in silent.detail
    cancelled, soft = found(report, "low level")
    assert cancelled.ids == ("c/04",)
    assert "cancel each other" in cancelled.detail
    assert "cancel each other" not in soft.detail


def test_silence_and_very_short_items_match_nothing():
    prints = [fingerprint(np.zeros(4 * SR, np.float32), SR) for _ in range(3)]
    prints += [fingerprint(sound(1)[:100], SR) for _ in range(3)]
    assert near_duplicates(prints) == []
    assert near_duplicates([]) == []


SHORTCUTS = {
    "level (dB)": lambda x: 0.5 * x,
    "DC offset (re RMS)": lambda x: x + 0.02,
    "duration (s)": lambda x: x[: -SR // 4],
    "95 % roll-off (Hz)": lambda x: np.convolve(x, np.hanning(13) / 6, "same"),
    "10th percentile of frame level (dB re level)": lambda x: (
        x * (np.arange(len(x)) % SR > SR // 5)
    ),
}


@pytest.mark.parametrize("name", list(SHORTCUTS))
def test_shortcuts(tmp_path, name):
    change = SHORTCUTS[name]
    items = collection(tmp_path, 32, lambda i, x: change(x) if (i // 2) % 2 else x)
    report = audit(items)
    assert report.probes[name] > 0.95
    assert any(name in f.detail for f in found(report, "shortcut"))


def test_sampling_rate_as_a_shortcut(items, tmp_path):
    for i in range(16):
        sf.write(tmp_path / f"{i:02d}.wav", sound(i), (SR, SR + 50)[(i // 2) % 2])
    assert audit(items).probes["sampling rate (Hz)"] == 1.0


def test_probe_sees_in_between_and_is_at_chance_on_noise():
    rng = np.random.RandomState(0)
    labels, groups = np.repeat(["a", "b"], 60), np.repeat(np.arange(40), 3).astype(str)
    between = np.r_[rng.uniform(-1, 1, 60), rng.choice([-1, 1], 60) * rng.uniform(1.2, 2, 60)]
    rows = [
        SimpleNamespace(numbers={"between": b, "noise": n}, codec="WAV")
        for b, n in zip(between, rng.standard_normal(120))
    ]
    aucs, luck = probe(rows, labels, groups)
    assert 0.5 < luck < 0.9
    assert aucs["between"].auc > 0.95
    assert 0.35 < aucs["noise"].auc < 0.65
    for found in aucs.values():
        assert found.low <= found.auc <= found.high


def test_probe_needs_two_groups_a_class(items):
    items["group"] = items["label"]
    report = audit(items)
    assert report.probes == {}
    assert len(found(report, "one group")) == 2
    assert found(report, "shortcuts not measured")


def test_labels_of_segments_are_left_alone(items):
    items["label"] = json.dumps([[0.0, 4.0, "music"]])
    items.loc[1, "path"] = items.loc[0, "path"]
    assert [f.check for f in audit(items).findings] == ["duplicate"]


def test_measured_numbers():
    t = np.arange(SR) / SR
    x = (0.5 * np.sin(2 * np.pi * 1000 * t) + 0.1).astype(np.float32)
    m = measure(x, SR, 2)
    rms = np.sqrt(0.125 + 0.01)
    assert m.level_db == pytest.approx(20 * np.log10(rms), abs=1e-3)
    assert m.numbers["DC offset (re RMS)"] == pytest.approx(0.1 / rms, rel=1e-3)
    assert m.numbers["99 % roll-off (Hz)"] == pytest.approx(1000, abs=20)
    assert m.numbers["crest factor (dB)"] == pytest.approx(20 * np.log10(0.6 / rms), abs=0.01)
    assert m.numbers["channels"] == 2
    assert m.clipped == 0


def plan_of(items, cells):
    return SimpleNamespace(
        items=items,
        cells=cells,
        is_collection=lambda cell: False,
        shares=(),
        task=SimpleNamespace(kind="classes"),
    )


def protocol(cells, **columns):
    table = pd.DataFrame({"id": list("abcdef"), "group": list("112233"), "key": list("uvwxyz")})
    return plan_of(table.assign(**columns), cells)


@pytest.mark.parametrize(
    ("train", "test", "columns", "leaks"),
    [
        ("abcd", "ef", {}, []),
        ("abcde", "ef", {}, ["item", "group"]),
        ("abcd", "ef", {"key": list("uuwxyz")}, []),
        ("abc", "def", {}, ["group"]),
        ("abcd", "ef", {"key": list("uvwxyu")}, ["recording"]),
        ("abcd", "ef", {"group": [None] * 6}, []),
    ],
)
def test_audit_cells(train, test, columns, leaks):
    sentences = audit_cells(protocol([cell(train, test)], **columns))
    assert len(sentences) == len(leaks)
    for sentence, what in zip(sentences, leaks):
        assert sentence.startswith(f"cell fold 1, test set c: {what} ")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("123"), st.sampled_from(["train", "test", "out"])), max_size=12
    )
)
def test_audit_cells_against_brute_force(rows):
    ids = [f"i{k}" for k in range(len(rows))]
    side = {name: [i for i, (_, s) in zip(ids, rows) if s == name] for name in ("train", "test")}
    group = dict(zip(ids, (g for g, _ in rows)))
    leaking = any(group[a] == group[b] for a in side["train"] for b in side["test"])
    items = pd.DataFrame({"id": ids, "group": [g for g, _ in rows], "key": ids})
    plan = plan_of(items, [cell(side["train"], side["test"])])
    assert bool(audit_cells(plan)) == leaking


def test_views_of_a_report():
    findings = [
        Finding("single-class groups", "note", (), "1 of 1", "nothing"),
        Finding("leak: group", "error", tuple("abcdefg"), "cell x | y", "split"),
        Finding("short", "warning", ("<img src=x>",), "<b>.wav: 0.1 s & less", "drop"),
    ]
    report = Report.of(findings, 7, {"level (dB)": 0.93})
    assert list(report.table["severity"]) == ["error", "warning", "note"]
    assert [f.check for f in report.leaks] == ["leak: group"]
    text = report.to_markdown()
    assert text.startswith("7 items: 1 error, 1 warning, 1 note.")
    assert "&lt;img src=x&gt;" in text
    assert "&lt;b&gt;.wav: 0.1 s &amp; less" in text
    assert "<img" not in text
    assert "a, b, c, d and 3 more" in text
    assert "cell x \\| y" in text
    assert "| level (dB) | 0.930 |" in text
    data = json.loads(report.to_json())
    assert data["findings"][0]["ids"] == list("abcdefg")
    assert data["probes"] == {"level (dB)": 0.93}

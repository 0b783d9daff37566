"""Cut-offs and rates are told, and a shortcut is more than luck."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf
from test_audit import SR, collection, found, sound

from mirbench.audio import resample
from mirbench.audit import audit, shortcuts
from mirbench.audit.faults import rate_findings
from mirbench.audit.measure import measure
from mirbench.audit.shortcuts import SUSPICIOUS, chance, probe


def written(path, signal, sr=SR, **how):
    sf.write(path, signal, sr, **how)
    return str(path)


def test_a_cut_off_is_told_from_a_fading_spectrum():
    rng = np.random.RandomState(0)
    noise = rng.standard_normal(4 * 44100).astype(np.float32) * 0.1
    upsampled = resample(resample(noise, 44100, 16000), 16000, 44100).astype(np.float32)
    fading = np.cumsum(noise - noise.mean())
    fading = (0.1 * fading / fading.std()).astype(np.float32)
    assert measure(upsampled, 44100).cut_off_hz == pytest.approx(7800, abs=400)
    assert measure(noise, 44100).cut_off_hz is None
    assert measure(fading, 44100).cut_off_hz is None
    assert measure(sound(3), SR).cut_off_hz is None
    t = np.arange(44100) / 44100
    flute = sum(0.2 / k**2 * np.sin(2 * np.pi * 880 * k * t) for k in (1, 2, 3, 4))
    assert measure(flute.astype(np.float32), 44100).cut_off_hz is None


def test_other_rates_and_bandwidths_are_named(tmp_path):
    items = collection(tmp_path, 8)
    written(tmp_path / "05.wav", sound(5), 14000)
    low = resample(resample(sound(6), SR, 8000), 8000, SR)
    written(tmp_path / "06.wav", low + 1e-6, subtype="FLOAT")
    report = audit(items)
    assert [f.ids for f in found(report, "sampling rate")] == [("c/05",)]
    (cut,) = found(report, "bandwidth")
    assert cut.ids == ("c/06",)
    assert cut.severity == "warning"
    assert "1 of 8 items end abruptly at 3" in cut.detail
    assert rate_findings({}, {}) == []


def simulated(seed, per_class, items=3):
    """Rows of two classes whose groups have numbers of their own, and of nothing else."""
    rng = np.random.RandomState(seed)
    rows, labels, groups = [], [], []
    for g in range(2 * per_class):
        own, codec = rng.standard_normal(4), ("WAV PCM_16", "OGG VORBIS")[rng.randint(2)]
        for _ in range(items):
            numbers = own + 0.2 * rng.standard_normal(4)
            named = {f"number {k}": x for k, x in enumerate(numbers)}
            rows.append(SimpleNamespace(numbers=named, codec=codec))
            labels.append("ab"[g % 2])
            groups.append(str(g))
    return rows, np.array(labels), np.array(groups)


@pytest.mark.slow
@pytest.mark.parametrize("per_class", [5, 6, 8])
def test_luck_raises_no_alarm(monkeypatch, per_class):
    """One of 20 corpora of numbers that say nothing may; of 20, seldom more than three do."""
    monkeypatch.setattr(shortcuts, "DRAWS", 2)
    alarms = bare = 0
    for seed in range(20):
        found, luck = probe(*simulated(seed, per_class))
        assert SUSPICIOUS - 0.1 < luck <= 1.0
        highest = max(p.auc for p in found.values())
        alarms += highest > max(SUSPICIOUS, luck)
        bare += highest > 0.75
    assert alarms <= 3
    assert bare > alarms  # a fixed threshold would raise more


def test_a_shortcut_is_told_from_six_groups_a_class(monkeypatch):
    monkeypatch.setattr(shortcuts, "DRAWS", 2)
    rows, labels, groups = simulated(0, 6)
    for row, label in zip(rows, labels):
        row.codec = label
    found, luck = probe(rows, labels, groups)
    assert found[shortcuts.CODEC].auc == 1.0 > luck


def test_too_few_groups_are_said(tmp_path):
    items = collection(tmp_path, 12)
    for i in range(2, 12, 4):
        for k in (i, i + 1):
            items.loc[k, "path"] = written(tmp_path / f"{k:02d}.flac", sound(k))
    report = audit(items)
    assert report.probes[shortcuts.CODEC] == 1.0
    assert report.chance == 1.0
    assert not found(report, "shortcut")
    assert "can't be told" in found(report, "too few groups")[0].detail


def test_coding_as_a_shortcut(tmp_path):
    items = collection(tmp_path, 32)
    for i in range(0, 32, 4):
        for k in (i, i + 1):  # one class, its groups of two
            items.loc[k, "path"] = written(tmp_path / f"{k:02d}.flac", sound(k))
    report = audit(items)
    assert report.probes[shortcuts.CODEC] == 1.0
    assert report.probes[shortcuts.MADE] == 1.0
    assert any(f.detail.startswith("codec alone") for f in found(report, "shortcut"))
    low, high = report.intervals["level (dB)"]
    assert low < report.probes["level (dB)"] < high
    assert 0.7 < report.chance < 1.0


def test_chance_falls_with_groups_and_rises_with_probes():
    rng = np.random.RandomState(0)

    def luck(groups, probes):
        labels, names = np.arange(groups) % 2, np.arange(groups).astype(str)
        scored = [rng.standard_normal((groups, 1)).repeat(2, axis=1) for _ in range(probes)]
        return chance(scored, labels.astype(str), names)

    assert 1.0 == luck(6, 10) > luck(16, 10) > luck(40, 10) > luck(400, 10) > 0.5
    assert luck(40, 20) > luck(40, 2)
    few, rest = 8, 8  # one probe: Mann and Whitney's statistic
    spread = np.sqrt((few + rest + 1) / (12 * few * rest))
    assert luck(16, 1) == pytest.approx(0.5 + 1.645 * spread, abs=0.03)

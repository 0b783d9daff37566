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
from mirbench.audit.shortcuts import SUSPICIOUS, chance, groups_a_class, probe


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


@pytest.mark.slow
def test_luck_raises_no_alarm(monkeypatch):
    """One of 20 corpora of numbers that say nothing may; of 30, seldom more than five do."""
    monkeypatch.setattr(shortcuts, "DRAWS", 2)
    alarms = bare = 0
    for seed in range(30):
        rng = np.random.RandomState(seed)
        n = rng.choice([8, 12, 24])
        groups, labels = np.arange(n).astype(str), (np.arange(n) % 2).astype(str)
        names = [f"number {k}" for k in range(4)]
        rows = [
            SimpleNamespace(numbers=dict(zip(names, rng.standard_normal(4))), codec="WAV PCM_16")
            for _ in range(n)
        ]
        found = probe(rows, labels, groups)
        luck = chance(groups_a_class(labels, groups), len(found))
        highest = max(p.auc for p in found.values())
        alarms += highest > max(SUSPICIOUS, luck)
        bare += highest > 0.75
    assert alarms <= 5
    assert bare > alarms  # a fixed threshold would raise more


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
    assert report.chance > 0.7


def test_chance_falls_with_groups():
    assert chance([4, 4], 10) > chance([20, 20], 10) > chance([200, 200], 10) > 0.5
    assert chance([20, 20], 20) > chance([20, 20], 10)

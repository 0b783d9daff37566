"""Tags and values of one recording, from a folder of recordings with an index."""

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from mirbench.apply.command import apply_method
from mirbench.apply.whole import Heard, hear_file
from mirbench.cli import main
from mirbench.corpora import load_folder
from mirbench.errors import DataError, MethodError
from mirbench.tasks import Task, load_task

SR = 16_000
METHOD = '''
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

def levels(X):
    signals = [item.signal(16_000) for item in X]
    spectra = [np.abs(np.fft.rfft(s[:8000])) for s in signals]
    return np.log(1e-3 + np.stack([s[:4000].reshape(8, 500).mean(axis=1) for s in spectra]))

class Levels(BaseEstimator):
    def fit(self, X, y):
        tags = np.asarray(y).dtype.kind == "i"
        base = OneVsRestClassifier(LogisticRegression(C=100)) if tags else LinearRegression()
        self.model_ = base.fit(levels(X), y)
        return self
    def predict_proba(self, X):
        return self.model_.predict_proba(levels(X))
    def predict(self, X):
        return self.model_.predict(levels(X))

def method():
    """Levels of bands."""
    return Levels()
'''


@pytest.fixture
def folder(tmp_path):
    """Low and high tones, alone or together; valence is how loud the low one is."""
    rng = np.random.default_rng(0)
    (tmp_path / "c").mkdir()
    rows = ["path,tags,valence,arousal,group"]
    t = np.arange(SR) / SR
    for i in range(40):
        low, high = i % 2, i // 2 % 2
        sound = 0.01 * rng.normal(size=SR)
        sound += 0.3 * low * np.sin(2 * np.pi * 300 * t) + 0.3 * high * np.sin(2 * np.pi * 5000 * t)
        sf.write(tmp_path / "c" / f"{i}.wav", sound, SR)
        tags = "|".join(name for name, on in (("high", high), ("low", low)) if on)
        rows.append(f"{i}.wav,{tags},{low},{high},g{i // 4}")
    (tmp_path / "c" / "index.csv").write_text("\n".join(rows))
    (tmp_path / "m.py").write_text(METHOD)
    sf.write(tmp_path / "low.wav", 0.3 * np.sin(2 * np.pi * 300 * t), SR)
    return tmp_path


def test_tags_of_a_recording(folder, tmp_path):
    spec, audio, train = f"{folder / 'm.py'}:method", folder / "low.wav", [str(folder / "c")]
    said = apply_method(spec, audio, "tags", train).splitlines()
    assert said[1].split("\t")[0] == "low"
    assert float(said[1].split("\t")[1]) >= 0.5
    assert len(said) == 2
    out = tmp_path / "out.txt"
    apply_method(spec, audio, "tags", train, output=out)
    assert out.read_text() == said[1] + "\n"


def test_values_of_a_recording(folder):
    said = apply_method(
        f"{folder / 'm.py'}:method", folder / "low.wav", "emotion", [str(folder / "c")]
    ).splitlines()
    values = dict(line.split("\t") for line in said[1:])
    assert float(values["valence"]) > 0.5 > float(values["arousal"])


def test_what_can_not_be_done_is_said(folder, monkeypatch):
    spec, audio, train = f"{folder / 'm.py'}:method", folder / "low.wav", [str(folder / "c")]
    with pytest.raises(MethodError, match="--train"):
        apply_method(spec, audio, "tags")
    with pytest.raises(MethodError, match="leave the stream out"):
        apply_method(spec, audio, "tags", train, stream=True)
    monkeypatch.setattr("mirbench.apply.command.training", lambda *_: pytest.fail("read corpora"))
    with pytest.raises(
        MethodError, match=r"doesn't suit task tags: it has no .*give --query FILE --catalogue DIR"
    ):
        apply_method("encoder-mfcc", audio, "tags", train)
    monkeypatch.undo()
    with pytest.raises(DataError, match="a recording, not a label file"):
        apply_method(spec, audio, "tags", train, output=audio)
    with pytest.raises(MethodError, match="of kind frames"):
        hear_file(None, audio, load_task("speech-music"))


def test_the_task_is_what_the_columns_are_for(folder, capsys):
    spec, audio = f"{folder / 'm.py'}:method", str(folder / "low.wav")
    index = (folder / "c" / "index.csv").read_text()
    command = ["apply", spec, audio, "--train", str(folder / "c")]
    assert main(command) == 1
    assert "could be for tags or emotion; name the task with --task" in capsys.readouterr().err
    lines = [line.split(",") for line in index.splitlines()]
    only_tags = "\n".join(",".join((row[0], row[1], row[4])) for row in lines)
    (folder / "c" / "index.csv").write_text(only_tags)
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("low\t")
    (folder / "c" / "index.csv").write_text(only_tags.replace("tags", "words"))
    assert main(command) == 1
    assert "have the columns of no task" in capsys.readouterr().err


def test_tags_with_another_separator_are_warned_of(folder):
    index = folder / "c" / "index.csv"
    index.write_text(index.read_text().replace("high|low", '"high, low"'))
    with pytest.warns(
        UserWarning, match=r"index.csv: tags of line 5 \('high, low', and 9 more such\)"
    ):
        load_folder(folder / "c")


def test_no_tag_over_its_threshold_is_an_answer():
    task = Task("tags", "tags", ("a", "b"), column="tags")
    assert str(Heard(task, np.array([0.2, 0.4]))) == "no tag reaches its threshold"
    assert Heard(task, np.array([0.6, 0.9])).tags == [("b", 0.9), ("a", 0.6)]


def test_a_class_with_its_probability(tmp_path):
    rng = np.random.default_rng(0)
    rows = ["path,genre,artist"]
    for i in range(12):
        tone = 0.3 * np.sin(2 * np.pi * (220 if i % 2 else 3000) * np.arange(16_000) / 8000)
        sf.write(tmp_path / f"{i}.wav", tone + 0.01 * rng.standard_normal(16_000), 8000)
        rows.append(f"{i}.wav,{'low' if i % 2 else 'high'},artist {i // 2}-{i % 2}")
    (tmp_path / "index.csv").write_text("\n".join(rows), encoding="utf-8")
    said = apply_method(
        "mfcc-lr", tmp_path / "3.wav", task="genre", train=[str(tmp_path)]
    ).splitlines()
    assert said[1].startswith("low\t")
    assert said[2].startswith("high\t")


@pytest.mark.parametrize("masked", [False, True])
def test_unknown_tags_are_shown_to_methods_that_take_them(folder, masked):
    index = folder / "c/index.csv"
    table = pd.read_csv(index, keep_default_na=False)
    table["unknown"] = ["high" if i < 8 and "high" not in t else "" for i, t in enumerate(table["tags"])]  # fmt: skip
    table.to_csv(index, index=False)
    seen = f"np.save({str(folder / 'y.npy')!r}, y) if len(X) == 40 else None"
    text = METHOD.replace("        tags = np", f"        {seen}\n        y = np.maximum(y, 0)\n        tags = np")  # fmt: skip
    (folder / "m.py").write_text(text + f"\nmethod.masked = {masked}\n")
    apply_method(
        f"{folder}/m.py:method", folder / "low.wav", task="tags", train=[str(folder / "c")]
    )
    y = np.load(folder / "y.npy")
    unknown = (table["unknown"] == "high").to_numpy()
    assert unknown.sum() == 4
    assert (y[unknown, 0] == (-1 if masked else 0)).all()
    assert (y[~unknown, 0] == table["tags"].str.contains("high")[~unknown]).all()

"""What a user is told: once, of the thing at fault, by the name it has for them."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mirbench
from deep.label_codes import label_codes
from mirbench.cli import main
from mirbench.errors import MethodError
from mirbench.methods import load_method
from mirbench.protocols import make_protocol
from mirbench.tasks import TASKS
from mirbench.testing import check_protocol

FAILING = '''
class Failing(GaussianNB):
    def fit(self, X, y):
        raise RuntimeError("out of cheese")

def method(how="mean", level=0.0):
    """Fails in every cell."""
    return make_pipeline(Extract(summary, sr=8000), Failing())
'''

CLIPS = '''
def method():
    """One decision an item."""
    return make_pipeline(Extract(summary, sr=8000), GaussianNB())
'''

FRAMES = '''
def method():
    """Frames into a classifier of vectors."""
    return make_pipeline(Extract(energy, sr=8000), GaussianNB())
'''

STORED = '''
from mirbench import Precomputed

def method():
    """Embeddings made elsewhere."""
    return make_pipeline(Precomputed({!r}, protocol={!r}), GaussianNB())
'''


def run(*arguments):
    return main([str(a) for a in arguments])


@pytest.fixture
def clips(make_corpus):
    return ("--task", "speech-music-clip", "--train", make_corpus("a"), "--folds", 3, "-j", 1)


def test_a_failed_method_is_one_error(home, clips, method_file, capsys):
    assert run("run", method_file(FAILING), *clips) == 1
    [line] = [x for x in capsys.readouterr().err.splitlines() if x.startswith("mirbench: ")]
    assert "(and 2 more): RuntimeError: out of cheese" in line


def test_a_leak_names_the_files(home, make_corpus, capsys):
    root = make_corpus("a")
    sound = (root / "music" / "0-0.wav").read_bytes()
    (root / "music" / "4-1.wav").write_bytes(sound)
    options = ("--task", "speech-music-clip", "--train", root, "--folds", 3)
    assert run("run", "prior", *options) == 1
    error = capsys.readouterr().err
    assert "a/music/0-0" in error
    assert "a/music/4-1" in error
    assert "drop the copies" in error


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.rename(columns={"label": "klass"}), "no label column 'label'"),
        (lambda t: t.assign(label="other"), "column 'label' holds other"),
    ],
)
def test_a_wrong_label_column_names_its_file(home, clips, make_corpus, capsys, change, words):
    index = make_corpus("a") / "index.csv"
    change(pd.read_csv(index)).to_csv(index, index=False)
    assert run("run", "prior", *clips) == 1
    error = capsys.readouterr().err
    assert f"mirbench: {index}: " in error
    assert words in error


def test_a_class_in_another_word_is_named_where_one_class_is_left(home, make_corpus, capsys):
    root = make_corpus("a")
    index = pd.read_csv(root / "index.csv")
    index.replace({"label": {"music": "Musik"}}).to_csv(root / "index.csv", index=False)
    wav = root / "music" / "0-0.wav"
    words = "12 items of a labelled 'Musik' left out: no label of task speech-music"
    for command in (
        ("run", "prior-frames", "--task", "speech-music"),
        ("apply", "prior-frames", wav),
    ):
        assert run(*command, "--train", root) == 1
        error = capsys.readouterr().err
        assert "are labelled 'speech'" in error
        assert words in error


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes_is_refused(home, clips, capsys, seed):
    assert run("run", "prior", *clips, "--seeds", seed) == 1
    assert f"seed {seed}: seeds are 0 to" in capsys.readouterr().err


def test_only_finite_numbers_are_numbers(method_file):
    spec = method_file(FAILING)
    for word in ("nan", "inf", "-inf", "NaN", "infinity"):
        assert load_method(f"{spec}:how={word}").params == {"how": word}
    assert load_method(f"{spec}:level=1e-3").params == {"level": 1e-3}


@pytest.mark.parametrize("word", ["false", "maybe", "1"])
def test_only_true_and_false_are_booleans(word):
    with pytest.raises(MethodError, match="write shuffled=True or shuffled=False"):
        load_method(f"encoder-word2vec:shuffled={word}")
    assert load_method("encoder-word2vec:shuffled=True").params == {"shuffled": True}


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (3, r"of shape \(\): "),
        ([[0, 1], [1, 0]], r"of shape \(2, 2\): "),
        ([np.nan, 0], "with nan: "),
        ([0.0, 1.0], r"with 0\.0: "),
        ([0, -1], r"with -1: "),
        (["flute", "oboe"], r"with 'flute': "),
        ([True, False], "got bool"),
        ([0, 1, 1], "2 items but 3 labels"),
        ([4], "2 items but 1 labels"),
        ([4, 4], "y shows 1 classes"),
    ],
)
def test_labels_that_are_no_codes_are_shown(y, words):
    with pytest.raises(MethodError, match=words):
        label_codes(np.zeros(2), y)


def test_labels_are_numbered_by_class():
    classes, codes = label_codes(np.zeros(4), [7, 0, 7, 3])
    assert (classes.tolist(), codes.tolist()) == ([0, 3, 7], [2, 0, 2, 1])


def test_freezing_a_protocol_warns_of_nothing():
    start = "import runpy; runpy.run_module('mirbench.protocols.ours', run_name='started')"
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""


def test_check_says_which_task_a_method_answers_for(home, method_file, capsys):
    spec = method_file(CLIPS)
    assert run("check", spec) == 0  # on the first task that it answers for
    assert "task speech-music-clip" in capsys.readouterr().out
    assert run("check", spec, "--task", "speech-music") == 1
    said = "FAIL  suits task speech-music: give --task "
    [line] = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith(said.strip())
    ]
    tasks = line.removeprefix(said).split(" or ")
    assert tasks == [name for name, task in TASKS.items() if task.kind == "classes"]
    assert run("check", spec, "--task", "speech-music-clip") == 0


def test_check_says_how_little_it_fits_on(home, method_file, capsys):
    spec = method_file(CLIPS.replace("GaussianNB()", "PCA(99)"), name="many.py")
    path = spec.rpartition(":")[0]
    text = Path(path).read_text()
    Path(path).write_text(f"from sklearn.decomposition import PCA\n{text}")
    assert run("check", spec) == 1
    said = capsys.readouterr().out
    assert "a check fits on 12 items of two classes" in said
    broken = method_file(FRAMES)
    assert run("check", broken, "--task", "speech-music-clip") == 1
    assert "a check fits on" not in capsys.readouterr().out, "the clause itself failed"


def test_run_and_apply_say_which_task_a_method_answers_for(home, make_corpus, method_file, capsys):
    root, spec = make_corpus("a"), method_file(CLIPS)
    words = (
        "mirbench: mine.py:method doesn't suit task speech-music: "
        "give --task speech-music-clip or instruments or genre or rhythm"
    )
    options = ("--task", "speech-music", "--train", root)
    assert run("run", spec, *options, "--folds", 3, "-j", 1) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("mirbench: ") == error.count("frames for 8.000 s") == 1
    assert run("apply", spec, root / "music" / "0-0.wav", *options) == 1
    assert words in capsys.readouterr().err
    with pytest.raises(MethodError, match=r"doesn't suit task .*cell a/\d: "):
        mirbench.run(spec, make_protocol("speech-music", [root], folds=3), progress=False)


def test_frames_where_vectors_are_due(home, clips, method_file, capsys):
    spec = method_file(FRAMES)
    words = "mine.py:method: task speech-music-clip asks for one answer an item"
    assert run("run", spec, *clips) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "pool the frames" in error
    assert run("check", spec, "--task", "speech-music-clip") == 1
    assert words in capsys.readouterr().out


def test_check_looks_at_stored_embeddings(home, make_corpus, method_file, tmp_path, capsys):
    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    protocol.save(tmp_path / "p.json")
    for name in protocol.items["id"]:
        file = tmp_path / "stored" / f"{name}.npy"
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, np.ones(2))
    spec = method_file(STORED.format(str(tmp_path / "stored"), str(tmp_path / "p.json")))
    assert run("check", spec) == 0
    assert f"{len(protocol.items)} of protocol" in capsys.readouterr().out
    file.unlink()
    assert run("check", spec) == 1
    assert str(file) in capsys.readouterr().out
    for other in (tmp_path / "stored").rglob("*.npy"):
        other.unlink()
    options = ("--task", "speech-music-clip", "--train", tmp_path / "a", "--folds", 3, "-j", 1)
    assert run("run", spec, *options) == 1
    [line] = [x for x in capsys.readouterr().err.splitlines() if x.startswith("mirbench: ")]
    assert "(and 2 more)" in line
    assert "24 of 24 embeddings" in line


FAULTS = {
    "an id twice": ("items", lambda p: {"items": p.items.assign(id="same")}),
    "a label of another task": ("items", lambda p: {"items": p.items.assign(label="opera")}),
    "items too short": ("items", lambda p: {"items": p.items.assign(duration_s=4.0)}),
    "an unknown metric": ("headline metrics exist", lambda p: {"headline": ("luck",)}),
    "another recording": ("recordings", lambda p: {"items": p.items.assign(key="other")}),
    "an item that isn't there": ("recordings", lambda p: {"items": p.items.assign(item="gone")}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_check_refuses_the_protocols_that_a_run_or_its_board_does(home, make_corpus, fault):
    protocol = make_protocol("speech-music", [make_corpus("a")], folds=3)
    assert all(c.passed for c in check_protocol(protocol, recordings=True))
    clause, change = FAULTS[fault]
    broken = dataclasses.replace(protocol, **change(protocol))
    failed = [c.name for c in check_protocol(broken, recordings=True) if not c.passed]
    assert clause in failed

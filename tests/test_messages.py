"""What a user is told: once, of the thing at fault, by the name it has for them."""

import subprocess
import sys

import pandas as pd
import pytest

from mirbench.cli import main
from mirbench.methods import load_method

FAILING = '''
class Failing(GaussianNB):
    def fit(self, X, y):
        raise RuntimeError("out of cheese")

def method(how="mean", level=0.0):
    """Fails in every cell."""
    return make_pipeline(Extract(summary, sr=8000), Failing())
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


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes_is_refused(home, clips, capsys, seed):
    assert run("run", "prior", *clips, "--seeds", seed) == 1
    assert f"seed {seed}: seeds are 0 to" in capsys.readouterr().err


def test_only_finite_numbers_are_numbers(method_file):
    spec = method_file(FAILING)
    for word in ("nan", "inf", "-inf", "NaN", "infinity"):
        assert load_method(f"{spec}:how={word}").params == {"how": word}
    assert load_method(f"{spec}:level=1e-3").params == {"level": 1e-3}


def test_freezing_a_protocol_warns_of_nothing():
    start = "import runpy; runpy.run_module('mirbench.protocols.ours', run_name='started')"
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""

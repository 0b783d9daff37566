"""The command line as a user meets it: every fault is one line that names the thing and the mend."""

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from mirbench.cli import main
from mirbench.protocols import Protocol, load_protocol, make_protocol


def run(*arguments):
    return main([str(a) for a in arguments])


def test_help_starts_quickly():
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mirbench.cli", "--help"],
        capture_output=True,
        text=True,
    )
    assert time.perf_counter() - start < 5, (
        "only a bound on hanging: the start-up itself is in benchmarks"
    )
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"numpy", "pandas", "torch", "librosa", "sklearn", "matplotlib"}
    for command in ("list", "run", "score", "compare", "board", "check", "audit", "apply"):
        assert command in done.stdout


@pytest.mark.parametrize("what", ["tasks", "corpora", "protocols", "methods", "metrics"])
def test_list(what, capsys, home):
    assert run("list", what) == 0
    out = capsys.readouterr().out
    assert "can't be loaded" not in out
    assert len(out.splitlines()) >= 3


@pytest.mark.parametrize("what", ["protocols", "methods"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lists_use_the_width_there_is(what, columns, capsys, home, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run("list", what) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 0.9 * columns < max(map(len, lines)) <= columns
    words = sum(len(line.split()) for line in lines)
    assert words / len(lines) > 3


def test_run_board_compare_from_folders(
    home, make_corpus, plain_method, capsys, tmp_path, method_file
):
    a, b = make_corpus("a"), make_corpus("b", seed=1)
    assert run("run", plain_method, "prior-frames", "--task", "speech-music", "--train", a, b,
               "--test", a, b, "--folds", 3, "-j", 1) == 0  # fmt: skip
    out = capsys.readouterr().out
    assert "frame error" in out
    assert "mine.py:method" in out.replace("\n", "")
    name = next((home / "records").glob("*/*/protocol.json")).parent.name
    saved = str(home / "records" / "speech-music" / name / "protocol.json")
    assert run("compare", plain_method, "prior-frames", "-p", saved) == 0
    out = capsys.readouterr().out
    assert "frame error" in out
    assert "boards correct theirs" in out
    assert "frame error (%) by class, a: mine.py:method, b: prior-frames; wins" in out
    assert run("board", "-p", saved, "--dir", tmp_path / "site") == 0
    assert list((tmp_path / "site").rglob("index.html"))
    assert run("board", "-p", saved, "--format", "csv") == 0
    first = capsys.readouterr().out
    assert run("board", "-p", saved, "--format", "csv") == 0
    assert capsys.readouterr().out in first


def break_file(root, how):
    victim = root / "music" / "0-0.wav"
    if how == "missing":
        victim.unlink()
    elif how == "empty":
        victim.write_bytes(b"")
    elif how == "text":
        victim.write_text("no audio at all\n" * 20)
    elif how == "truncated":
        sf.write(
            victim.with_suffix(".flac"), np.random.default_rng(0).uniform(-0.5, 0.5, 64_000), 8000
        )
        flac = victim.with_suffix(".flac")
        victim.write_bytes(flac.read_bytes()[: flac.stat().st_size // 3])
        flac.unlink()
    elif how == "nan":
        sf.write(victim, np.full(64_000, np.nan), 8000, subtype="FLOAT")
    return victim


def test_protocols_are_listed_by_task_and_many_of_one_form_in_a_line(home, capsys):
    assert run("list", "protocols", "tags") == 0
    said = capsys.readouterr().out
    assert "tags/jamendo-{all,genre,instrument,moodtheme,top50tags}-split{0..4}" in said
    assert "tags/embedded" in said
    assert "genre/" not in said
    assert run("list", "protocols", "--task", "same-artist") == 0
    assert "similarity/mini-artists" in capsys.readouterr().out
    assert run("list", "metrics", "emotion") == 0
    assert "CCC (valence)" in capsys.readouterr().out
    for what, task, words in (
        ("protocols", "emotoin", "task 'emotoin': did you mean emotion?"),
        ("methods", "genre", "aren't listed by task"),
    ):
        assert run("list", what, task) == 1
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("how", ["missing", "empty", "text", "truncated", "nan"])
def test_bad_files_end_the_run_with_their_name_and_the_mend(
    home, make_corpus, plain_method, capsys, how
):
    root = make_corpus("a", groups=3, per_group=1)
    victim = break_file(root, how)
    assert (
        run("run", plain_method, "--task", "speech-music", "--train", root, "--folds", 3, "-j", 1)
        == 1
    )
    error = capsys.readouterr().err
    assert str(victim) in error
    assert ";" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("sound", ["zeros", "eight channels", "8 kHz", "clipped"])
def test_odd_sounds_are_handled(home, make_corpus, plain_method, capsys, sound):
    root = make_corpus("a", sr=22_050, groups=3, per_group=1)
    rng = np.random.default_rng(0)
    signal, sr = rng.uniform(-0.5, 0.5, 8 * 22_050), 22_050
    if sound == "zeros":
        signal = np.zeros_like(signal)
    elif sound == "eight channels":
        signal = np.tile(signal[:, None], 8)
    elif sound == "8 kHz":
        signal, sr = signal[: 8 * 8000], 8000
    elif sound == "clipped":
        signal = np.sign(signal)
    sf.write(root / "music" / "0-0.wav", signal, sr)
    options = ("--task", "speech-music", "--train", root, "--folds", 3, "-j", 1)
    assert run("run", plain_method, "scheirer-slaney-gaussian", *options) == 0, (
        capsys.readouterr().err
    )


def test_one_sample_has_no_frame_to_score_but_makes_a_clip(home, make_corpus, plain_method, capsys):
    root = make_corpus("a", sr=22_050)
    sf.write(root / "music" / "0-0.wav", np.ones(1) * 0.1, 22_050)
    options = ("--train", root, "--folds", 3, "-j", 1)
    assert run("run", plain_method, "--task", "speech-music", *options) == 1
    assert "a/music/0-0: 0.00 s long" in capsys.readouterr().err
    assert run("run", "mfcc-svm", "--task", "speech-music-clip", *options) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "nothing", "-p", "speech-music/mini"), "unknown method 'nothing'"),
        (
            ("run", "prior-frames", "-p", "no/such"),
            "unknown protocol 'no/such'; see 'mirbench list",
        ),
        (("run", "prior-frames", "-p", "genre/mni"), "'genre/mni': did you mean genre/mini"),
        (("run", "mfcc_LR", "-p", "genre/mini"), "'mfcc_LR': did you mean mfcc-lr"),
        (("run", "fcn:layer=3", "-p", "genre/mini"), "no parameter layer: did you mean layers? It"),
        (
            ("run", "mfcc-lr", "--task", "genre", "--train", "embedded-genre"),
            "'embedded-genre': did you mean embedded-genres",
        ),
        (("run", "prior-frames"), "--task T --train"),
        (("run", "prior-frames", "--task", "opera", "--train", "."), "unknown task 'opera'"),
        (
            ("run", "prior-frames", "--task", "speech-music", "--train", "/nowhere"),
            "neither a folder",
        ),
        (("run", "prior-frames:k=3", "-p", "speech-music/mini"), "takes no parameter k"),
        (("run", "nofile.py:method", "-p", "speech-music/mini"), "no such file"),
        (("board", "-p", "speech-music/mini"), "run a method first"),
        (("compare", "a", "b", "-p", "speech-music/mini"), "no record of 'a'"),
        (("board", "--records", __file__), "no record"),
        (
            ("run", "prior-frames", "--task", "speech-music", "--train", ".", "--folds", "1"),
            "at least 2",
        ),
        (("score", "none.csv", "-p", "speech-music/mini"), "none.csv"),
        (("apply", "prior-frames", "none.ogg"), "none.ogg: no such file; correct the path\n"),
        (("apply", "prior-frames", __file__), "convert it to WAV, FLAC or Ogg\n"),
    ],
)
def test_mistakes_are_one_line(home, capsys, arguments, words):
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert words in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("apply", "ave-net", "--wrap"), "unknown option '--wrap': did you mean --warp? See"),
        (("run", "prior", "--sed=1"), "'--sed': did you mean --seeds? See 'mirbench run --help'"),
        (("list", "corpora", "tags", "more"), "unknown 'more'; see 'mirbench list --help'"),
    ],
)
def test_an_unknown_option_is_told_the_nearest(capsys, arguments, words):
    with pytest.raises(SystemExit, match="2"):
        run(*arguments)
    said = capsys.readouterr().err
    assert words in said
    assert f"usage: mirbench {arguments[0]}" in said


def test_score_takes_predictions_made_elsewhere(home, make_corpus, capsys, tmp_path):
    protocol = make_protocol("speech-music-clip", [make_corpus("a")], folds=3)
    path = tmp_path / "p.json"
    protocol.save(path)
    assert run("protocol", "export", path, "-o", tmp_path / "cells.csv") == 0
    cells = pd.read_csv(tmp_path / "cells.csv")
    answers = cells[cells["role"] == "test"][["cell", "test", "id", "label"]]
    answers.to_csv(tmp_path / "preds.csv", index=False)
    assert run("score", tmp_path / "preds.csv", "-p", path, "--name", "oracle") == 0
    out = capsys.readouterr().out
    assert "external" in out
    assert "100" in out
    answers.iloc[1:].to_csv(tmp_path / "preds.csv", index=False)
    assert run("score", tmp_path / "preds.csv", "-p", path) == 1
    assert "1 items without" in capsys.readouterr().err
    answers.assign(label=["music", "Musik"] * (len(answers) // 2)).to_csv(tmp_path / "preds.csv")
    assert run("score", tmp_path / "preds.csv", "-p", path) == 1
    error = capsys.readouterr().err
    assert f"{tmp_path / 'preds.csv'}: row 2 below the header: unknown label 'Musik'" in error


def test_score_takes_the_words_that_folders_may_use(home, capsys, tmp_path):
    protocol = load_protocol("instruments/mini")
    answers = protocol.export().query("role == 'test'")
    assert {"flute", "violin"} <= set(answers["label"])
    said = answers.replace({"label": {"flute": "Fl", "violin": "Vn"}})
    said.to_csv(tmp_path / "preds.csv", index=False)
    assert run("score", tmp_path / "preds.csv", "-p", "instruments/mini", "--name", "oracle") == 0
    assert " 100.0" in capsys.readouterr().out


def test_check_method_corpus_protocol(home, make_corpus, plain_method, capsys):
    assert run("check", plain_method) == 0
    assert run("check", make_corpus("a")) == 0
    assert run("check", "speech-music/mini") == 0
    assert "FAIL" not in capsys.readouterr().out


def test_audit_says_what_is_wrong(home, make_corpus, capsys):
    root = make_corpus("a", sr=22_050)
    (root / "music" / "0-1.wav").write_bytes((root / "music" / "0-0.wav").read_bytes())
    run("audit", root, "--format", "json", "-j", 1)
    report = json.loads(capsys.readouterr().out)
    assert any("duplicate" in finding["check"] for finding in report["findings"])


def test_an_audit_writes_a_page_and_a_patch_that_a_protocol_takes(
    home, make_corpus, capsys, tmp_path
):
    root = make_corpus("a", sr=22_050)
    (root / "music" / "0-1.wav").write_bytes((root / "music" / "0-0.wav").read_bytes())
    patch, made, out = (tmp_path / name for name in ("fix.json", "made.json", "audited.json"))
    run("audit", root, "--patch", patch, "--dir", tmp_path / "page", "-j", "1")
    capsys.readouterr()
    assert list((tmp_path / "page").glob("*.html"))
    of_ones_own = ("--task", "speech-music-clip", "--train", root, "--folds", 3)
    assert run("protocol", "export", *of_ones_own, "-o", made) == 0
    assert run("protocol", "export", *of_ones_own, "--patch", patch, "-o", out) == 0
    before, after = Protocol.load(made), Protocol.load(out)
    assert after.name == f"{before.name}-audited"
    assert len(after.items) == len(before.items) - 1
    assert after.hash != before.hash
    assert run("protocol", "export", made, "--patch", patch) == 0
    assert run("run", "prior", "-p", out, "-j", "1") == 0


def test_audit_of_two_folders_says_what_they_share(home, make_corpus, capsys):
    a, b = make_corpus("a"), make_corpus("b", seed=1)
    run("audit", a, b, "--format", "json", "-j", 1)
    report = json.loads(capsys.readouterr().out)
    assert report["n_items"] == 48
    assert not any(f["check"].startswith("leak") for f in report["findings"])
    (b / "music" / "0-1.wav").write_bytes((a / "music" / "0-0.wav").read_bytes())
    index = (b / "index.csv").read_text().replace("b-speech-3", "a-speech-3")
    (b / "index.csv").write_text(index)
    assert run("audit", a, b, "-j", 1) == 1
    out = capsys.readouterr().out
    assert "cell a, test set b: group a-speech-3 in training and in test" in out
    assert "cell a, test set b: recording a/music/0-0 = b/music/0-1" in out


BAD = ("missing", "unreadable", "truncated")


def test_audit_names_every_bad_file_and_goes_on(home, make_corpus, capsys):
    root = make_corpus("a", sr=22_050)
    sound = (root / "music" / "1-0.wav").read_bytes()
    bad = {"0-0": None, "0-1": b"", "1-0": b"no audio", "1-1": sound[: len(sound) // 2]}
    for name, content in bad.items():
        path = root / "music" / f"{name}.wav"
        path.unlink() if content is None else path.write_bytes(content)
    table = pd.read_csv(root / "index.csv")
    table["start_s"], table["duration_s"] = np.nan, np.nan
    table.loc[table["path"] == "music/2-0.wav", ["start_s", "duration_s"]] = (4.0, 6.0)
    table.to_csv(root / "index.csv", index=False)
    (root / "speech" / "0-1.wav").write_bytes((root / "speech" / "0-0.wav").read_bytes())
    assert run("audit", root, "--format", "json", "-j", 1) == 1
    report = json.loads(capsys.readouterr().out)
    errors = {f["ids"][0]: f for f in report["findings"] if f["check"] in BAD}
    assert set(errors) == {f"a/music/{name}" for name in [*bad, "2-0"]}
    assert all(".wav: " in f["detail"] and f["mend"] for f in errors.values())
    assert any(f["check"] == "duplicate" for f in report["findings"]), "the others are looked at"
    assert run("run", "prior-frames", "--task", "speech-music", "--train", root) == 1


def test_apply_writes_segments_and_a_picture(home, make_corpus, capsys, tmp_path):
    root = make_corpus("a", sr=22_050, groups=2)
    sound = tmp_path / "show.wav"
    parts = [sf.read(root / label / "0-0.wav")[0] for label in ("music", "speech")]
    sf.write(sound, np.concatenate(parts), 22_050)
    for options in ((), ("--stream", "-o", sound.with_suffix(".lab"))):
        assert run("apply", "scheirer-slaney-gaussian", sound, "--train", root, *options) == 0
        assert "x real time" in capsys.readouterr().out
        lab = pd.read_csv(sound.with_suffix(".lab"), sep="\t", header=None)
        assert lab[0].iloc[0] == 0
        assert abs(lab[1].iloc[-1] - 16.0) < 0.05
        assert sound.with_suffix(".png").stat().st_size > 5000
    before = sound.read_bytes(), sound.with_suffix(".lab").read_bytes()
    assert run("apply", "scheirer-slaney-gaussian", sound, "--train", root) == 1
    assert run("apply", "scheirer-slaney-gaussian", sound, "--train", root, "-o", sound) == 1
    assert capsys.readouterr().err.count("with -o") == 2
    assert (sound.read_bytes(), sound.with_suffix(".lab").read_bytes()) == before

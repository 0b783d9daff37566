"""MUSAN, GTZAN music/speech, Scheirer-Slaney and MIR-1K: loaders and protocols, on look-alikes."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from layouts import gtzan_music_speech as gtzan_layout
from layouts import mir1k as mir1k_layout
from layouts import musan as musan_layout
from layouts import scheirer_slaney as scheirer_layout

from mirbench.corpora import (
    corpus_names,
    gtzan_music_speech,
    load_corpus,
    mir1k,
    musan,
    scheirer_slaney,
)
from mirbench.corpora.corpus import Corpus
from mirbench.corpora.facts import facts
from mirbench.errors import DataError
from mirbench.protocols import published_names, published_speech
from mirbench.protocols.published_speech import MAKERS, middle

NAMES = ("musan", "gtzan-music-speech", "scheirer-slaney", "mir1k")


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def made_corpus(name, n_groups, durations=(20.0, 31.0)):
    """A corpus of no sound: music and speech, two items a group."""
    rows = [
        {
            "id": f"{name}/{label}{g}.{i}",
            "path": "",
            "duration_s": duration,
            "key": f"{name}{label}{g}{i}",
            "group": f"{name}/{label}{g}",
            "label": label,
        }
        for label in ("music", "speech", "noise")
        for g in range(n_groups)
        for i, duration in enumerate(durations)
    ]
    return Corpus(name, pd.DataFrame(rows))


@pytest.fixture
def no_sound(monkeypatch):
    for module, name in ((musan, "musan"), (gtzan_music_speech, "gtzan-music-speech")):
        corpus = made_corpus(name, 12)
        monkeypatch.setattr(module, "load", lambda partial=False, c=corpus: c)


@pytest.mark.parametrize("name", NAMES)
def test_facts_and_a_corpus_that_is_not_there(name, data):
    assert name in corpus_names()
    about = facts(name)
    assert all((about.title, about.licence, about.faults))
    assert about.bibtex.startswith("@")
    assert set(about.protocols) <= set(published_names())
    assert about.remotes or about.by_hand
    with pytest.raises(DataError, match=r"holds no .*; get "):
        load_corpus(name)


def test_every_protocol_is_named_by_a_corpus():
    named = {protocol for name in NAMES for protocol in facts(name).protocols}
    assert named >= set(MAKERS)


def test_musan(data):
    musan_layout.make(data)
    items = musan.load().items.set_index("id")
    assert items["label"].value_counts().to_dict() == {"music": 7, "speech": 3, "noise": 3}
    first = items.loc["musan/music-fma-0000"]
    assert first[["group", "genres", "vocals", "artist"]].tolist() == [
        "musan/Airglow",
        "electronic|pop",
        "yes",
        "Airglow",
    ]
    same = items.loc[["musan/music-jamendo-0000", "musan/music-jamendo-0001"], "group"]
    assert same.nunique() == 1
    spoken = items.loc["musan/speech-librivox-0001"]
    assert spoken[["group", "sex", "language"]].tolist() == [
        "musan/speech-librivox-0001",
        "f",
        "german",
    ]
    (data / "musan/musan/speech/us-gov/speech-us-gov-0000.wav").unlink()
    with pytest.raises(DataError, match=r"1 of 13 listed recordings .*speech-us-gov-0000.wav"):
        musan.load()
    assert len(musan.load(partial=True).items) == 12


@pytest.mark.parametrize(
    ("line", "kind"), [("music-fma-0002 pop Y", "music"), ("0002 m english", "speech")]
)
def test_musan_with_a_damaged_list(line, kind, data):
    musan_layout.make(data)
    folder = "fma" if kind == "music" else "librivox"
    path = data / f"musan/musan/{kind}/{folder}/ANNOTATIONS"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(DataError, match=rf"ANNOTATIONS: line 3 is '{line}', no {kind} annotation"):
        musan.load()
    path.unlink()
    with pytest.raises(DataError, match=r"ANNOTATIONS: isn't there; get"):
        musan.load()


def test_gtzan_music_speech(data):
    names = {label: names.split() for label, names in gtzan_music_speech.NAMES.items()}
    assert {label: len(set(each)) for label, each in names.items()} == {"music": 64, "speech": 64}
    assert [gtzan_music_speech.recording(n) for n in ("teachers2.wav", "nj105a", "my_voice")] == [
        "teachers",
        "nj",
        "my_voice",
    ]
    gtzan_layout.make(data, 0.01)
    (data / "gtzan_music_speech/music_speech/music_wav/._u2.wav").write_bytes(b"stray")
    items = gtzan_music_speech.load().items
    assert Counter(items["label"]) == {"music": 64, "speech": 64}
    by_group = items.groupby("group")["id"].apply(list)
    assert by_group["gtzan-music-speech/music/mingus"] == [
        "gtzan-music-speech/music/mingus",
        "gtzan-music-speech/music/mingus1",
    ]
    assert items.groupby("label")["group"].nunique().to_dict() == {"music": 53, "speech": 49}
    (data / "gtzan_music_speech/music_speech/speech_wav/god.wav").unlink()
    with pytest.raises(DataError, match=r"1 of 128 listed recordings .*speech_wav/god.wav"):
        gtzan_music_speech.load()
    made = MAKERS["speech-music/gtzan-clips"](partial=True)
    assert made.name == "speech-music/gtzan-clips-partial"
    assert made.task.name == "speech-music-clip"
    assert made.headline[0] == "balanced accuracy"
    assert Counter(i for cell in made.cells for i in cell.tests["gtzan-music-speech"]) == Counter(
        made.items["id"]
    )


def test_scheirer_slaney(data):
    scheirer_layout.make(data, 0.01)
    corpus = scheirer_slaney.load()
    counts = corpus.items.value_counts(["split", "label"]).to_dict()
    assert counts["train", "speech"] == counts["train", "music"] == 60
    assert counts["test", "music"] == 20
    kinds = corpus.items.groupby(["split", "label"])["kind"].agg(set).to_dict()
    assert kinds["test", "music"] == {"vocals", "novocals"}
    made = MAKERS["speech-music/scheirer-slaney"]()
    (cell,) = made.cells
    assert (len(cell.train), len(cell.tests["scheirer-slaney"])) == (120, 40)
    assert all("/wavfile/test/" in i for i in cell.tests["scheirer-slaney"])
    assert set(made.items["label"]) == {"music", "speech"}
    next((data / "scheirer_slaney/music-speech/wavfile/test/speech").glob("*.wav")).unlink()
    with pytest.raises(DataError, match=r"not the published excerpts \(test speech: 19 of 20\)"):
        scheirer_slaney.load()
    assert made.name != MAKERS["speech-music/scheirer-slaney"](partial=True).name


def test_mir1k(data):
    mir1k_layout.make(data)
    corpus = mir1k.load()
    items = corpus.items.set_index("id")
    assert items.loc["mir1k/abjones_1_01", ["singer", "song", "group"]].tolist() == [
        "abjones",
        "abjones_1",
        "mir1k/abjones",
    ]
    made = MAKERS["singing-voice/mir1k"]()
    assert len(made.cells) == len(mir1k_layout.SINGERS)
    group = made.items.set_index("id")["group"]
    for cell in made.cells:
        assert not set(group[list(cell.train)]) & set(group[list(cell.tests["mir1k"])])
    truth = json.loads(made.items["label"].iloc[0])
    assert truth == [[0.0, 0.05, "instrumental"], [0.05, 0.12, "vocal"]]
    assert made.task.target(made.items["label"].iloc[0]) == [(0.0, 0.05, 0), (0.05, 0.12, 1)]


@pytest.mark.parametrize(
    ("folder", "text", "message"),
    [
        ("vocal-nonvocalLabel", "0\n2\n", r"amy_1_01.vocal: holds '2', not 0 or 1"),
        ("vocal-nonvocalLabel", "", r"amy_1_01.vocal: holds 'nothing'"),
        ("vocal-nonvocalLabel", None, r"amy_1_01.vocal: isn't there"),
        ("PitchLabel", "a4\n", r"amy_1_01.pv: line 1 is 'a4', not one MIDI number"),
        ("PitchLabel", None, r"amy_1_01.pv: no such pitch annotation"),
        ("Wavfile", None, r"1 of 20 listed recordings aren't there \(Wavfile/amy_1_01.wav"),
    ],
)
def test_mir1k_damaged(folder, text, message, data):
    mir1k_layout.make(data)
    (data / "mir1k/MIR-1K/Wavfile/stray.wav").write_bytes(b"no sound")
    mir1k.load()
    (path,) = (data / "mir1k/MIR-1K" / folder).glob("amy_1_01.*")
    path.unlink()
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=message):
        mir1k.load()


def test_intervals_agree_with_the_frames():
    """At each frame's centre the interval says what the frame says, however long the sound is."""
    rng = np.random.RandomState(0)
    for _ in range(50):
        vocal = rng.rand(rng.randint(1, 40)) < 0.5
        duration = 0.02 * (len(vocal) + 1) + rng.uniform(-0.015, 0.05)
        told = json.loads(mir1k.segments(vocal, duration))
        assert told[0][0] == 0.0
        assert abs(told[-1][1] - duration) < 1e-3
        assert all(a[1] == b[0] for a, b in pairwise(told))
        assert all(a[2] != b[2] for a, b in pairwise(told))
        for i, says in enumerate(vocal):
            centre = 0.02 * (i + 1)
            if centre < duration:
                (label,) = [label for start, end, label in told if start <= centre < end]
                assert label == ("vocal" if says else "instrumental")


@pytest.mark.parametrize("name", ["speech-music/musan", "speech-music/gtzan"])
def test_folds_by_group(name, no_sound):
    made = MAKERS[name]()
    (corpus,) = set(made.items["corpus"])
    group = made.items.set_index("id")["group"]
    assert len(made.cells) == published_speech.K
    assert set(made.items["label"]) == {"music", "speech"}
    for cell in made.cells:
        assert not set(group[list(cell.train)]) & set(group[list(cell.tests[corpus])])
        assert len(cell.train) + len(cell.tests[corpus]) == len(made.items)
    tested = Counter(i for cell in made.cells for i in cell.tests[corpus])
    assert tested == Counter(made.items["id"])
    assert made.hash == MAKERS[name]().hash


@pytest.mark.parametrize(
    ("name", "source", "tested"),
    [("gtzan-to-musan", "gtzan-music-speech", "musan"), ("musan-to-gtzan", "musan", None)],
)
def test_one_corpus_to_another(name, source, tested, no_sound):
    made = MAKERS[f"speech-music/{name}"]()
    (cell,) = made.cells
    assert cell.source == source
    assert list(cell.tests) == [tested or "gtzan-music-speech"]
    assert len(cell.train) == len(next(iter(cell.tests.values()))) == 48
    groups = made.items.groupby("corpus")["group"].agg(set)
    assert not set.intersection(*groups)


def test_the_middle_of_a_recording():
    table = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "start_s": 0.0,
            "duration_s": [100.0, 30.0, 5.0],
            "key": list("xyz"),
        }
    )
    cut = middle(table, 30.0, 7.4)
    assert cut["id"].tolist() == ["a#35", "b"]
    assert cut["start_s"].tolist() == [35.0, 0.0]
    assert cut["duration_s"].tolist() == [30.0, 30.0]
    assert cut["key"].tolist()[1] == "y"
    assert cut["key"].iloc[0] not in table["key"].tolist()

"""A method that has no function that the task asks for is refused before a sound is looked for."""

import dataclasses

import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mirbench.cli import main
from mirbench.errors import MethodError
from mirbench.failures import sentences
from mirbench.protocols import load_protocol
from mirbench.running import execute, run_protocol
from mirbench.running.needs import needs_fault


class Pairs(LogisticRegression):
    predict = predict_proba = property()

    def match(self, X, V):
        raise NotImplementedError


SEARCH = make_pipeline(StandardScaler(), GridSearchCV(LogisticRegression(), {"C": [1, 2]}))
ENCODER = make_pipeline(StandardScaler(), PCA(2))


@pytest.mark.parametrize(
    ("estimator", "protocol", "words"),
    [
        (SEARCH, "genre/mini", ""),
        (SEARCH, "few-labels/mini", ""),
        (ENCODER, "few-labels/mini", ""),
        (ENCODER, "few-shot/mini", ""),
        (ENCODER, "metric/mini", ""),
        (Pairs(), "audiovisual/mini", ""),
        (ENCODER, "audiovisual/mini", "it has no match; .* -p few-labels/mini .* same-artist"),
        (ENCODER, "speech-music/mini", "it has no predict_proba or predict; "),
        (SEARCH, "similarity/mini", "it has no transform; 'mirbench check mine' finds"),
        (SEARCH, "audiovisual/mini", "doesn't suit task music-video of audiovisual/mini"),
        (Pairs(), "tags/mini", "--task music-video, such as -p audiovisual/mini"),
    ],
)
def test_what_shows_before_a_fit(estimator, protocol, words):
    fault = needs_fault("mine", estimator, load_protocol(protocol))
    if words:
        with pytest.raises(MethodError, match=words):
            raise MethodError(fault)
    else:
        assert fault == ""


def test_nothing_is_looked_for_before_the_refusal(home, monkeypatch, capsys):
    monkeypatch.setattr(execute, "protocol_items", lambda *_: pytest.fail("items were asked for"))
    assert main(["run", "encoder-mfcc", "-p", "audiovisual/mini"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "encoder-mfcc doesn't suit task music-video" in said
    with pytest.raises(MethodError, match="shot-mfcc doesn't suit task genre"):
        run_protocol(["shot-mfcc"], load_protocol("genre/mini"))


def test_an_encoder_that_fails_with_few_labels_is_not_sent_to_another_task():
    why = "items need a known class each; run it under few-shot/mini"
    failures = {"shot-mfcc seed 0 cell a": why}
    [said] = sentences(failures, ["shot-mfcc"], load_protocol("few-labels/mini"))
    assert said == f"shot-mfcc seed 0 cell a: {why}"


def test_few_labels_or_episodes_alike():
    few = load_protocol("few-labels/mini")
    every = dataclasses.replace(
        few, cells=tuple(dataclasses.replace(c, labelled={}) for c in few.cells)
    )
    assert needs_fault("mine", ENCODER, few) == ""
    assert "doesn't suit task instruments" in needs_fault("mine", ENCODER, every)

"""Protocols of latent factors: what they hold, and that the frozen one is what its maker makes."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from made_plays import tiny_protocol

from mirbench.corpora import embedded_listening, embedding
from mirbench.corpora.corpus import item_table
from mirbench.corpora.synthetic import listening
from mirbench.corpora.synthetic.catalogue_plan import draw_catalogue
from mirbench.errors import ProtocolError
from mirbench.protocols import Protocol, load_protocol
from mirbench.protocols.latent import mini
from mirbench.recommendation.__main__ import main
from mirbench.recommendation.data import listening_of


@pytest.fixture
def protocol():
    pytest.importorskip("implicit")
    return tiny_protocol()


@pytest.fixture(scope="module")
def noisy_home(tmp_path_factory):
    """A home where the embedded listening corpus is short noise: its plays don't depend on its sound."""
    path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIRBENCH_HOME", str(path))
        patch.setattr(listening, "cpu_count", lambda: 1)
        for name in ("Score", "perform", "draw_production"):
            patch.setattr(listening, name, lambda *_: None)
        patch.setattr(
            listening,
            "master",
            lambda dry, made, sr, rng: rng.randint(-999, 999, sr // 2).astype("<i2"),
        )
        patch.setattr(embedding, "verify", lambda *_: None)
        embedded_listening.load()
    return path


@pytest.fixture
def noisy(noisy_home, monkeypatch):
    monkeypatch.setenv("MIRBENCH_HOME", str(noisy_home))


def test_a_latent_protocol_holds_artists_out_and_unit_targets(protocol, tmp_path):
    assert protocol.task.labels == ("factor 0", "factor 1", "factor 2")
    assert protocol.headline == ("R2", "MSE", "cosine")
    groups = protocol.table["group"]
    cell = protocol.cells[0]
    assert set(groups[list(cell.train)]).isdisjoint(groups[list(cell.tests["tiny"])])
    truth = np.array([json.loads(label) for label in protocol.items["label"]])
    np.testing.assert_allclose(np.linalg.norm(truth, axis=1), 1, atol=1e-5)
    assert all(
        len(number.rpartition(".")[2]) <= 6
        for label in protocol.items["label"]
        for number in re.findall(r"\d+\.\d+", label)
    )
    protocol.save(tmp_path / "tiny.json")
    assert Protocol.load(tmp_path / "tiny.json").hash == protocol.hash


def test_another_protocol_makes_no_recommendations():
    from mirbench.protocols import load_protocol

    with pytest.raises(ProtocolError, match=r"need a protocol of latent factors"):
        listening_of(load_protocol("speech-music/mini"))


def test_the_frozen_protocol_is_what_its_maker_makes(noisy):
    """Labels may differ in the last digit only; of the sound, see the next test."""
    pytest.importorskip("implicit")
    frozen, again = load_protocol("latent/mini"), mini()
    assert frozen.cells == again.cells
    for column in ("id", "group", "corpus"):
        assert frozen.items[column].tolist() == again.items[column].tolist()
    both = (np.array([json.loads(v) for v in p.items["label"]]) for p in (frozen, again))
    np.testing.assert_allclose(*both, atol=2e-6)


def test_the_frozen_protocol_holds_the_sound_of_the_corpus(tmp_path):
    """The first and the last artist's tracks, rendered: their content is what the protocol names."""
    drawn = draw_catalogue(listening.OWNER, listening.ARTISTS, listening.TRACKS, 0)
    rows = [r for one in (drawn[0], drawn[-1]) for r in listening._artist(tmp_path, *one, 0)]
    found = item_table(pd.DataFrame(rows), tmp_path, "embedded_listening")
    frozen = load_protocol("latent/mini").items.set_index("id")["key"]
    prefix = frozen.index[0].partition("/")[0]
    names = [f"{prefix}/{i.partition('/')[2]}" for i in found["id"]]
    assert len(names) == 2 * listening.TRACKS
    assert frozen[names].tolist() == found["key"].tolist()


@pytest.mark.slow
def test_the_command_prints_the_tables(noisy, tmp_path, capsys):
    pytest.importorskip("implicit")
    main([str(tmp_path)])
    said = capsys.readouterr().out
    for row in ("true factors", "MFCC distance (nearest)", "factorisation at unit norm"):
        assert f"| {row} |" in said
    assert "no record of predicted: latent-cnn" in said

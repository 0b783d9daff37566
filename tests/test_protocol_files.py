"""Protocol files edited by hand: one error that names the file, or a protocol of another name."""

from __future__ import annotations

import copy
import json

import pytest

from mirbench.errors import ProtocolError
from mirbench.protocols import load_protocol
from mirbench.protocols.frozen_files import frozen_path


@pytest.fixture(scope="module")
def mini():
    return json.loads(frozen_path("speech-music/mini").read_text(encoding="utf-8"))


def _no_groups(data):
    data["items"]["group"] = [None] * len(data["items"]["group"])


def _blank_group(data):
    data["items"]["group"][3] = " "


def _no_label(data):
    del data["items"]["label"]


def _twice(data):
    data["items"]["id"][1] = data["items"]["id"][0]


def _negative(data):
    data["cells"][0]["train"][0] = -1


def _past_the_end(data):
    next(iter(data["cells"][0]["tests"].values()))[0] = len(data["items"]["id"])


def _item_twice(data):
    data["cells"][0]["train"][0] = data["cells"][0]["train"][1]


def _cell_twice(data):
    data["cells"].append(copy.deepcopy(data["cells"][0]))


def _no_hop(data):
    data["grid"]["hop_s"] = 0


def _short(data):
    del data["items"]["group"][-1]


def _no_cells(data):
    data["cells"] = []


def _no_test(data):
    next(iter(data["cells"][0]["tests"].values())).clear()


def _one_seed_twice(data):
    data["seeds"] = [0, 0]


def _unheard_of(data):
    data["evidence"] = "hearsay"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_short, "values of group for"),
        (_no_cells, "needs cells, and seeds that differ"),
        (_no_test, "one of its lists is empty"),
        (_one_seed_twice, "needs cells, and seeds that differ"),
        (_unheard_of, "evidence 'hearsay'; known: real"),
        (_no_groups, "item 0 has no group"),
        (_blank_group, "item 3 has no group"),
        (_no_label, "malformed protocol .*label"),
        (_twice, "two items are called"),
        (_negative, "position -1 is no item"),
        (_past_the_end, "is no item in one of its lists"),
        (_item_twice, "an item stands twice"),
        (_cell_twice, "two cells have one name"),
        (_no_hop, "hop_s must be over 0 s"),
    ],
)
def test_edits_that_can_not_be_meant_are_refused(mini, tmp_path, edit, words):
    data = copy.deepcopy(mini)
    data["name"] = "mine/edited"
    edit(data)
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ProtocolError, match=rf"edited\.json: .*{words}"):
        load_protocol(path)


def test_a_frozen_name_stays_with_the_frozen_protocol(mini, tmp_path):
    data = copy.deepcopy(mini)
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(data))
    assert load_protocol(path).hash == load_protocol("speech-music/mini").hash
    data["items"]["group"] = [f"g{i}" for i in range(len(data["items"]["group"]))]
    path.write_text(json.dumps(data))
    with pytest.raises(ProtocolError, match=r"edited\.json: named speech-music/mini, but differs"):
        load_protocol(path)
    data["name"] = "mine/edited"
    path.write_text(json.dumps(data))
    assert load_protocol(path).name == "mine/edited"

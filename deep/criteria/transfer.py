"""Whether what pictures taught an encoder of sound is of use where there are none."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score

from deep.audiovisual.estimator import AudioVisual
from deep.audiovisual.l3 import l3_net
from deep.criteria.notes import Notes
from deep.criteria.steps import given
from deep.representation.budget import recordings_of
from mirbench.protocols import load_protocol
from mirbench.running.few_labels import probe
from mirbench.running.items import protocol_items, select, targets

CLIPS = "audiovisual/embedded"
"""Its cell of the set's number trains the net; notes aren't heard."""


def transfer(notes: Notes, seed: int, steps: int | None = None) -> dict[str, float]:
    """Balanced accuracy of the linear probe on the frozen sound encoder of an L3-Net, with all labels; and on
    the same net that took its steps without learning, so that batch norm has heard as much."""
    protocol = load_protocol(CLIPS)
    items, train = protocol_items(protocol), protocol.cells[seed].train
    X, y = select(items, train), targets(protocol, train)
    nets = {
        "L3-Net's sound encoder": l3_net(seed).set_params(**given(steps)),
        "the same untrained": l3_net(seed).set_params(lr=0.0, **given(steps)),
    }
    return {f"probe (%), {name}": probed(net.fit(X, y), notes) for name, net in nets.items()}


def probed(net: AudioVisual, notes: Notes) -> float:
    """Balanced accuracy (%) on the notes that are asked about; the probe is fitted on the others."""
    rows, asked = (embedded(net, X) for X in (notes.X, notes.T))
    return 100 * float(balanced_accuracy_score(notes.t, probe(rows, notes.y).predict(asked)))


def embedded(net: AudioVisual, X: np.ndarray) -> np.ndarray:
    """What the sound encoder makes of items, the mean over their seconds: (n_items, n)."""
    with torch.no_grad():
        found = [net.task_.sound(net.tiled(r)).mean(dim=0) for r in recordings_of(net.extract, X)]
    return torch.stack(found).double().cpu().numpy()

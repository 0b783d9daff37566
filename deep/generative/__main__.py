"""What the nets that draw sound have learned of embedded notes: ``python -m deep.generative bits``.

``bits``: bits a sample of WaveNet and SampleRNN beside linear predictors. ``labels``: of a WaveNet under the
right instrument and under others. ``samples``: whether drawn patches sound like their label, to a classifier
of the notes themselves. Trained on the two corpora that ``few-labels/mini`` trains on, asked about the third;
all notes are synthesised, so no result. Each takes minutes of one core, the corpora's first rendering and
their features included; ``--steps 5`` shows in less that it runs. What is being done goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from deep.generative.bits import linear_bits, net_bits
from deep.generative.gan import STEPS, labelled_gan
from deep.generative.sample_check import Agreement, agreement, real_patches
from deep.generative.vae import class_codes, vae_draws
from deep.generative.wavenet import wavenet_by_instrument
from deep.representation.sample_rnn import encoder_samplernn
from deep.representation.vae import encoder_vae
from deep.representation.wavenet import encoder_wavenet
from deep.semisupervised.supervised import few_supervised
from mirbench.boards.text import markdown_table
from mirbench.items import as_items
from mirbench.protocols import load_protocol
from mirbench.running.items import protocol_items

PROTOCOL = "few-labels/mini"
DRAWN = 40
"""Patches a class."""


def notes() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training items and their labels' numbers, test items and theirs."""
    _tell(f"notes of {PROTOCOL} (rendered on first use)")
    protocol = load_protocol(PROTOCOL)
    [cell] = protocol.cells
    items, names = protocol_items(protocol, None), protocol.task.labels
    parts = (cell.train, next(iter(cell.tests.values())))
    X, T = (as_items(items[i] for i in ids) for ids in parts)
    y, t = (np.array([names.index(protocol.labels[i]) for i in ids]) for ids in parts)
    return X, y, T, t


def bits(steps: int | None, seed: int) -> list[dict[str, object]]:
    """A row a model: bits a sample of notes that weren't trained on."""
    X, _, T, _ = notes()
    rows: list[dict[str, object]] = []
    nets = {"WaveNet": encoder_wavenet(seed), "SampleRNN": encoder_samplernn(seed)}
    for name, net in nets.items():
        net.set_params(**_steps(steps))
        _tell(f"{name}: {net.steps} steps, then the bits of {len(T)} other notes")
        net.fit(X)
        rows.append({"model": name, "bits a sample": f"{net_bits(net, T):.2f}"})
    _tell("linear predictors")
    # of both nets the levels are the same
    rows += [
        {"model": f"linear, order 16, {how}", "bits a sample": f"{linear_bits(net, T, part):.2f}"}
        for how, part in (
            ("fitted to the training notes", X),
            ("fitted to the 512 samples before", None),
        )
    ]
    return [*rows, {"model": "256 levels, all alike", "bits a sample": "8.00"}]


def labels(steps: int | None, seed: int) -> list[dict[str, object]]:
    """Bits a sample under the right and under other instruments, and whose notes are named."""
    X, y, T, t = notes()
    net = wavenet_by_instrument(seed).set_params(**_steps(steps))
    _tell(f"WaveNet told the label: {net.steps} steps")
    net.fit(X, y)
    _tell(f"bits of {len(T)} other notes under each of {len(np.unique(y))} labels")
    found = net.bits(T)
    column = np.searchsorted(np.unique(y), t)
    right = found[np.arange(len(t)), column]
    wrong = (found.sum(axis=1) - right) / (found.shape[1] - 1)
    hit = found.argmin(axis=1) == column
    named = np.mean([hit[t == c].mean() for c in np.unique(t)])
    told = {
        "bits a sample, right label": f"{right.mean():.3f}",
        "bits a sample, mean of wrong labels": f"{wrong.mean():.3f}",
        "notes with fewer bits under the right label (%)": _percent((right < wrong).mean()),
        f"named right, mean over classes (%; chance {100 / found.shape[1]:.0f})": _percent(named),
    }
    return [{f"of {len(t)} notes": what, "figure": figure} for what, figure in told.items()]


def samples(steps: int | None, seed: int) -> list[dict[str, object]]:
    """What a classifier of the corpora's (synthesised) notes makes of patches that nets draw."""
    X, y, T, t = notes()
    judge = few_supervised(seed)
    _tell(f"the classifier: {judge.steps} steps on {len(X)} notes, whatever --steps says")
    judge.fit(X, y)
    wanted = np.repeat(np.unique(y), DRAWN)
    gan = labelled_gan(STEPS if steps is None else steps, seed)
    _tell(f"GAN: {gan.steps} steps")
    gan.fit(X, y)
    vae = encoder_vae(random_state=seed).set_params(**_steps(steps))
    _tell(f"VAE: {vae.steps} steps")
    codes = class_codes(vae.fit(X), X, y)
    _tell(f"{DRAWN} patches a class drawn and judged")
    told = {
        "not drawn: training notes": agreement(judge, *real_patches(judge, X, y)),
        "not drawn: other notes": agreement(judge, *real_patches(judge, T, t)),
        "GAN told the label": agreement(judge, gan.draw(wanted, seed), wanted),
        "the same, untrained": agreement(
            judge, labelled_gan(0, seed).fit(X, y).draw(wanted, seed), wanted
        ),
        "VAE, Gaussian of a class": agreement(judge, vae_draws(vae, wanted, codes, seed), wanted),
        "VAE, prior": agreement(judge, vae_draws(vae, wanted, None, seed), wanted),
    }
    return [_row(name, one, len(np.unique(y))) for name, one in told.items()]


TABLES: dict[str, Callable[[int | None, int], list[dict[str, object]]]] = {
    f.__name__: f for f in (bits, labels, samples)
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m deep.generative", description=__doc__)
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--steps", type=int, help="of the optimiser, instead of each model's own")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    rows = TABLES[asked.table](asked.steps, asked.seed)
    print(markdown_table(pd.DataFrame(rows)), end="")


def _tell(words: str) -> None:
    """A line on standard error: what takes its time now."""
    print(words, file=sys.stderr, flush=True)


def _steps(steps: int | None) -> dict[str, int]:
    return {} if steps is None else {"steps": steps}


def _row(name: str, one: Agreement, n_classes: int) -> dict[str, object]:
    return {
        "patches": name,
        "n": one.n,
        f"taken for their label (%; chance {100 / n_classes:.0f})": _percent(one.recall),
        "spread within a class": f"{one.spread:.2f}",
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    main()

"""Every published net with its size, the method that it serves and what its source leaves open.

``python -m deep.nets`` prints ``docs/architectures.md``.
"""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Sequence
from importlib import import_module

import deep.nets
from deep.nets.architecture import Architecture

SOURCES = {
    "published": "printed by its authors",
    "derived": "worked out from shapes or code that its authors give",
    "recalled": "from shapes recalled from memory",
    "ours": "a net of a published kind, its sizes our choice",
}
HEAD = """# Architectures

`python -m deep.nets` prints this page from the constants beside each net; the tests build every net at
full size and count its parameters. In the last column: {sources}.

Inputs are channels x frames x bins; of a waveform 1 x samples x 1. The method is what `mirbench run`
takes: by default with a smaller net, with the one below where `size=published` is added (`seq2seq` says its
width itself; encoders and lines have one size).

| net | method | file | input | outputs | parameters | count |
| --- | --- | --- | --- | --- | --- | --- |
"""
METHODS = {
    "attention": "attention-cnn",
    "crnn": "crnn",
    "FCN-3": "fcn:layers=3",
    "FCN-4": "fcn",
    "FCN-5": "fcn:layers=5",
    "FCN-6": "fcn:layers=6",
    "FCN-7": "fcn:layers=7",
    "FCN-4 STFT": "fcn:input=stft",
    "FCN-4 MFCC": "fcn:input=mfcc",
    "latent CNN 2014": "latent-cnn",
    "musicnn": "musicnn",
    "musicnn-big": "musicnn:net=musicnn-big",
    "Black-box 40x80": "pons2016:net=black-box",
    "Black-box 40x250": "pons2016:net=black-box,patch_frames=250",
    "Time 40x80": "pons2016:net=time",
    "Time 40x250": "pons2016:net=time,patch_frames=250",
    "Frequency 32": "pons2016:net=frequency",
    "Time-Frequency": "pons2016",
    "Time-FrequencyInit": "pons2016:net=time-frequency-init",
    "sample-cnn": "sample-cnn",
    "seq2seq": "seq2seq:width=1.0",
    "short-chunk": "short-chunk-cnn:residual=False",
    "short-chunk residual": "short-chunk-cnn",
    "VGG-128": "musicnn:net=vgg-128",
    "VGG-32": "musicnn:net=vgg-32",
    "1-D convolution": "musicnn:net=time",
    "track-mlp": "track-mlp",
    "track-gru": "track-rnn",
    "track-lstm": "track-rnn:cell=lstm",
    "track-transformer": "track-transformer",
    "wave-tcn": "wave-tcn",
}
"""Method that a net serves, by the net's name; the others are parts or variants that none does."""

WITHOUT_A_CHOICE = {
    "line-attention": "attention-line",
    "line-ctc": "ctc-line",
    "line-seq2seq": "seq2seq-line",
    "line-transformer": "transformer-line",
    "sample-rnn-small": "encoder-samplernn",
    "sinc-waves": "encoder-pase-published",
    "small-encoder": "encoder-autoencoder",
    "strided-waves": "encoder-cpc-published",
    "wavenet-small": "encoder-wavenet",
}
"""The same of methods that always have their net at this size."""


def architectures() -> list[tuple[str, Architecture]]:
    """(module, architecture) of every net in `deep.nets`, sorted by module."""
    found = []
    for info in pkgutil.iter_modules(deep.nets.__path__):
        if info.name != "__main__":
            module = import_module(f"deep.nets.{info.name}")
            found += [(info.name, one) for one in getattr(module, "ARCHITECTURES", ())]
    return found


def page() -> str:
    """The page, in Markdown."""
    every = architectures()
    said = "; ".join(f"{name}: {words}" for name, words in SOURCES.items())
    lines = [
        f"| {one.name} | {_method(one)} | `{module}.py` | {' x '.join(map(str, one.in_shape))} | {one.n_outputs} | "
        f"{one.n_params:,} | {one.source} |"
        for module, one in every
    ]
    choices: dict[str, list[str]] = {}
    for _, one in every:
        if one.free_choices:
            choices.setdefault(" ".join(_sentence(c) for c in one.free_choices), []).append(
                one.name
            )
    free = [f"- **{', '.join(names)}**: {words}" for words, names in choices.items()]
    head = HEAD.format(sources=said)
    return head + "\n".join(lines) + "\n\n## Free choices\n\n" + "\n".join(free) + "\n"


def _method(one: Architecture) -> str:
    method = METHODS.get(one.name) or WITHOUT_A_CHOICE.get(one.name)
    return f"`{method}`" if method else "–"


def _sentence(words: str) -> str:
    return words.strip().rstrip(".") + "."


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the page."""
    about = (
        "Print docs/architectures.md: every published net, its method, its size, its free choices."
    )
    argparse.ArgumentParser(prog="python -m deep.nets", description=about).parse_args(arguments)
    print(page(), end="")


if __name__ == "__main__":
    main()

"""Every published net with its size and what its source leaves open: ``python -m deep.nets``.

Prints ``docs/architectures.md``.
"""

from __future__ import annotations

import pkgutil
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
full size and count its parameters. In the source's column: {sources}.

Inputs are channels x frames x bins; of a waveform 1 x samples x 1.

| net | file | input | outputs | parameters | count |
| --- | --- | --- | --- | --- | --- |
"""


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
        f"| {one.name} | `{module}.py` | {' x '.join(map(str, one.in_shape))} | {one.n_outputs} | "
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


def _sentence(words: str) -> str:
    return words.strip().rstrip(".") + "."


if __name__ == "__main__":
    print(page(), end="")

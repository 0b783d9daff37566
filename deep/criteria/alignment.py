"""How monotone attention is: whether each note is read behind the one before."""

from __future__ import annotations

from deep.sequences.lines import STEPS, attention_line
from deep.sequences.monotone import forward_share
from mirbench.items import Item
from mirbench.protocols import Protocol
from mirbench.running.items import select, targets


def alignment(
    protocol: Protocol, items: dict[str, Item], cell: int, steps: int | None = None
) -> dict[str, float]:
    """Of a fit of ``attention-line`` on a cell's training lines: the share of the tested lines' notes that it
    reads behind the note before, as it is told the true ones."""
    asked = protocol.cells[cell]
    [ids] = asked.tests.values()
    writer = attention_line(steps=STEPS if steps is None else steps, random_state=cell)
    writer.fit(select(items, asked.train), targets(protocol, asked.train))
    rows = writer.alignment(select(items, ids), targets(protocol, ids))
    return {"read forward (%)": 100 * forward_share(rows)}

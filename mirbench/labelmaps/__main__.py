"""``python -m mirbench.labelmaps``: the tables of docs/labels.md."""

from mirbench.labelmaps.table import page

print(page())

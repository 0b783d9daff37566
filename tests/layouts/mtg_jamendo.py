"""A look-alike of MTG-Jamendo: the lists of split 0 of a subset, recordings of low quality."""

from pathlib import Path

import published_layouts as layouts

from mirbench.corpora.mtg_jamendo import SPLITS

ROWS = (
    (948, "genre---rock\tinstrument---piano\tmood/theme---calm"),
    (1001, "genre---pop"),
    (2048, "genre---jazz\tinstrument---saxophone\tmood/theme---dark"),
)


def make(data: Path, subset: str = "top50tags") -> None:
    lines = layouts.jamendo(data, ROWS)
    stem = "autotagging" if subset == "all" else f"autotagging_{subset}"
    folder = data / "mtg-jamendo/data/splits/split-0"
    folder.mkdir(parents=True)
    for part, line in zip(SPLITS, lines.values()):
        text = f"{layouts.JAMENDO_HEADER}\n{line}\n"
        (folder / f"{stem}-{part}.tsv").write_text(text, encoding="utf-8")
    (data / "mtg-jamendo/audio").rename(data / "mtg-jamendo/audio-low")
    for path in sorted((data / "mtg-jamendo/audio-low").rglob("*.mp3")):
        path.rename(path.with_suffix(".low.mp3"))

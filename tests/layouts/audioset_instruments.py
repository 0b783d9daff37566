"""A look-alike of AudioSet: its lists, sounds of the clips with instruments."""

from pathlib import Path

from published_layouts import sound

HEAD = (
    "# Segments csv created Sun Mar  5 10:54:31 2017",
    "# num_ytids={n}, num_segs={n}, num_unique_labels=5, num_positive_labels=6",
    "# YTID, start_seconds, end_seconds, positive_labels",
)
CLASSES = (
    "index,mid,display_name",
    "0,/m/09x0r,Speech",
    "27,/m/015lz1,Singing",
    "137,/m/04rlf,Music",
    "171,/m/01qbl,Cymbal",
    '180,/m/0dwsp,"Marimba, xylophone"',
    "425,/m/01d380,Drill",
)
CLIPS = {
    "balanced_train_segments.csv": (
        ("--AAAAAAAA1", 30, "/m/09x0r,/m/015lz1"),
        ("AAAAAAAAAA2", 0, "/m/09x0r"),
        ("AAAAAAAAAA3", 21.5, "/m/0dwsp,/m/01qbl"),
    ),
    "eval_segments.csv": (("AAAAAAAAAA4", 100, "/m/01d380"),),
}


def make(data: Path) -> None:
    root = data / "audioset_instruments"
    root.mkdir()
    (root / "class_labels_indices.csv").write_text("\n".join(CLASSES) + "\n", "utf-8")
    for name, clips in CLIPS.items():
        rows = [f'{v}, {start:.3f}, {start + 10:.3f}, "{mids}"' for v, start, mids in clips]
        head = [line.format(n=len(clips)) for line in HEAD]
        (root / name).write_text("\n".join([*head, *rows]) + "\n", "utf-8")
        for video, _, mids in clips:
            if mids != "/m/09x0r":
                sound(root / f"sounds/{video}.wav")

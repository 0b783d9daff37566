"""A look-alike of Medley-solos-DB: its list, clips of two songs an instrument and subset, short sounds."""

import uuid
from pathlib import Path

from published_layouts import sound

INSTRUMENTS = (
    *("clarinet", "distorted electric guitar", "female singer", "flute"),
    *("piano", "tenor saxophone", "trumpet", "violin"),
)


def make(data: Path) -> None:
    root = data / "medley_solos_db"
    lines, song = ["subset,instrument,instrument_id,song_id,uuid4"], 0
    for subset in ("test", "training", "validation"):
        for number, instrument in enumerate(INSTRUMENTS):
            for clip in range(2):
                song += clip == 0 or subset == "test"
                name = uuid.uuid5(uuid.NAMESPACE_OID, f"{subset} {number} {clip}")
                lines.append(f"{subset},{instrument},{number},{song},{name}")
                sound(root / f"audio/Medley-solos-DB_{subset}-{number}_{name}.wav", 0.01)
    (root / "Medley-solos-DB_metadata.csv").write_text("\n".join(lines) + "\n", "utf-8")

"""A look-alike of NSynth: three parts with their lists, two instruments a family, short sounds."""

import json
from pathlib import Path

from published_layouts import sound

FAMILIES = ("bass", "brass", "flute")
NUMBERS = {"train": (0, 1), "valid": (2,), "test": (2, 3)}
"""Instruments of each part: those of the validation part are in the test part too."""


def make(data: Path) -> None:
    for part, numbers in NUMBERS.items():
        root, notes = data / f"nsynth/nsynth-{part}", {}
        for code, family in enumerate(FAMILIES):
            for number in numbers:
                name = f"{family}_acoustic_{46 if (family, number) == ('brass', 3) else number:03d}"
                for pitch in (60, 84):
                    note = f"{name}-{pitch:03d}-{100 if part == 'test' else 50:03d}"
                    notes[note] = {
                        "note": len(notes),
                        "note_str": note,
                        "sample_rate": 16000,
                        "instrument": number,
                        "instrument_str": name,
                        "instrument_family": code,
                        "instrument_family_str": family,
                        "instrument_source": 0,
                        "instrument_source_str": "acoustic",
                        "pitch": pitch,
                        "velocity": 50,
                        "qualities": [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
                        "qualities_str": ["dark"],
                    }
                    sound(root / f"audio/{note}.wav", 0.01)
        (root / "examples.json").write_text(json.dumps(notes), "utf-8")

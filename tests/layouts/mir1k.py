"""A look-alike of MIR-1K: clips of two channels, their pitch and vocal frames, short sounds."""

from pathlib import Path

import numpy as np
import soundfile as sf

SINGERS = ("abjones", "amy", "Ani", "geniusturtle", "jmzen")


def make(data: Path, clips: int = 20, seconds: float = 0.12) -> None:
    root = data / "mir1k/MIR-1K"
    for folder in ("Wavfile", "PitchLabel", "vocal-nonvocalLabel", "Lyrics"):
        (root / folder).mkdir(parents=True)
    frames = int(seconds / 0.02) - 1
    rng = np.random.RandomState(0)
    for n in range(clips):
        name = f"{SINGERS[n % 5]}_{n // 50 + 1}_{n // 5 % 10 + 1:02d}"
        sf.write(
            root / f"Wavfile/{name}.wav", rng.uniform(-0.1, 0.1, (int(8000 * seconds), 2)), 8000
        )
        vocal = [int(i >= frames // 2) for i in range(frames)]
        pitch = [57.5 * v for v in vocal]
        write(root / f"vocal-nonvocalLabel/{name}.vocal", vocal)
        write(root / f"PitchLabel/{name}.pv", pitch)
        (root / f"Lyrics/{name}.txt").write_bytes("歌".encode("big5"))


def write(path: Path, values: list) -> None:
    path.write_text("".join(f"{v}\n" for v in values), "utf-8")

"""A look-alike of the music-speech corpus of LabROSA: its folders, short sounds."""

from pathlib import Path

from published_layouts import sound

FOLDERS = {
    "train/speech": 60,
    "train/music": 60,
    "train/m+s": 4,
    "train/other": 2,
    "test/speech": 20,
    "test/music/vocals": 10,
    "test/music/novocals": 10,
}


def make(data: Path, seconds: float = 0.1) -> None:
    for folder, count in FOLDERS.items():
        for n in range(count):
            part = folder.replace("/", "-")
            path = data / f"scheirer_slaney/music-speech/wavfile/{folder}/{part}{n + 1}.wav"
            sound(path, seconds)

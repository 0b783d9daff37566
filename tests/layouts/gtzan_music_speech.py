"""A look-alike of GTZAN music/speech: all its names, short sounds."""

from pathlib import Path

from published_layouts import sound

from mirbench.corpora.gtzan_music_speech import NAMES


def make(data: Path, seconds: float = 0.1) -> None:
    for label, names in NAMES.items():
        for name in names.split():
            path = data / f"gtzan_music_speech/music_speech/{label}_wav/{name}.wav"
            sound(path, seconds)

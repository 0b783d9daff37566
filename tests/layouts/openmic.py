"""A look-alike of OpenMIC-2018: its lists with gaps, one copied clip, short sounds."""

import json
import zlib
from pathlib import Path

import numpy as np
import soundfile as sf

INSTRUMENTS = (
    *("accordion", "banjo", "bass", "cello", "clarinet", "cymbals", "drums", "flute", "guitar"),
    *("mallet_percussion", "mandolin", "organ", "piano", "saxophone", "synthesizer"),
    *("trombone", "trumpet", "ukulele", "violin", "voice"),
)
FIRST = ("000046_3840", "007954_184320", "095253_134400", "120195_184320")


def make(data: Path, clips: int = 24, labelled: int = 7) -> None:
    """Of every clip a few instruments are labelled, present or not."""
    root = data / "openmic/openmic-2018"
    keys = sorted((*FIRST, *(f"{n:06d}_{3840 * n}" for n in range(200, 196 + clips))))
    labels = ["sample_key,instrument,relevance,num_responses"]
    about = ["track_id,artist_id,artist_name,sample_key,start_time,license_title"]
    for i, key in enumerate(keys):
        rng = np.random.RandomState(zlib.crc32(key.encode()))
        for j in sorted(rng.permutation(20)[:labelled]):
            relevance = (0.1, 0.5, 0.95, 0.15055)[rng.randint(4)]
            labels.append(f"{key},{INSTRUMENTS[j]},{relevance},3")
        about.append(f"{int(key[:6])},{i // 2},Artist {i // 2},{key},3.84,Attribution")
        path = root / f"audio/{key[:3]}/{key}.ogg"
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, 0.1 * rng.uniform(-1, 1, 400), 8000, format="OGG", subtype="VORBIS")
    texts = {
        "openmic-2018-aggregated-labels.csv": "\n".join(labels) + "\n",
        "openmic-2018-metadata.csv": "\n".join(about) + "\n",
        "class-map.json": json.dumps({name: i for i, name in enumerate(INSTRUMENTS)}),
        "partitions/split01_train.csv": "\n".join(keys[: clips // 2]) + "\n",
        "partitions/split01_test.csv": "\n".join(keys[clips // 2 :]) + "\n",
    }
    (root / "partitions").mkdir()
    for name, text in texts.items():
        (root / name).write_text(text, "utf-8")

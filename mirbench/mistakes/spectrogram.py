"""A small spectrogram as a PNG with a palette, in an address of its own."""

from __future__ import annotations

import base64
import io

import librosa
import matplotlib as mpl
import numpy as np
from PIL import Image

from mirbench.items import Item

SR = 22_050
COLUMNS = 480
BANDS = 64
RANGE_DB = 70.0


def spectrogram(item: Item, columns: int = COLUMNS) -> str:
    """``data:image/png;base64,...``: mel bands up to 11 kHz over the whole item, 70 dB below its peak."""
    power = librosa.feature.melspectrogram(
        y=item.signal(SR), sr=SR, n_fft=1024, hop_length=512, n_mels=BANDS
    )
    level = librosa.power_to_db(power, ref=max(float(power.max()), 1e-10), top_db=None)
    edges = np.arange(min(columns, level.shape[1])) * level.shape[1] // min(columns, level.shape[1])
    level = np.maximum.reduceat(level, edges, axis=1)[::-1]
    shades = np.round(255 * np.clip(1 + level / RANGE_DB, 0, 1)).astype(np.uint8)
    image = Image.fromarray(shades)
    image.putpalette(
        np.round(255 * mpl.colormaps["magma"](np.arange(256))[:, :3]).astype(np.uint8).tobytes()
    )
    sink = io.BytesIO()
    image.save(sink, "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(sink.getvalue()).decode()

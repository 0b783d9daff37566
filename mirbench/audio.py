"""Decode audio once: soundfile -> mono float32 -> soxr. Errors name the file and the mend."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from mirbench.errors import DataError
from mirbench.truncation import cut_short

RESAMPLER = "HQ"  # soxr's quality name, part of every feature's key


@dataclass(frozen=True)
class AudioInfo:
    """Header of an audio file: rate in Hz, number of frames, channels."""

    samplerate: int
    frames: int
    channels: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.samplerate


def info(path: str | Path) -> AudioInfo:
    """Read the header.

    Raises
    ------
    DataError
        The file is missing, empty, truncated, or isn't audio that libsndfile reads.
    """
    path = _whole(path)
    try:
        head = sf.info(str(path))
    except (sf.LibsndfileError, RuntimeError) as error:
        raise DataError(_unreadable(path, error)) from error
    if head.frames <= 0:
        raise DataError(
            f"{path}: holds no samples; replace the file or drop its row from the index"
        )
    return AudioInfo(head.samplerate, head.frames, head.channels)


def decode(
    path: str | Path,
    sr: int | None = None,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
) -> tuple[np.ndarray, int]:
    """Decode (part of) a file to mono.

    Parameters
    ----------
    path : path-like
    sr : int, optional
        Rate (Hz) to resample to with soxr "HQ"; the file's own by default.
    start_s, duration_s : float, optional
        Part to read (s); the whole file by default.

    Returns
    -------
    signal : ndarray of float32, shape (n,)
        Mean of the channels, full scale = 1.
    sr : int

    Raises
    ------
    DataError
        Missing, empty, truncated or not audio, fewer samples than its header or the index promise,
        or NaN/infinite samples.
    """
    path = _whole(path)
    try:
        with sf.SoundFile(str(path)) as file:
            rate = file.samplerate
            promised = len(file) / rate - start_s
            file.seek(min(round(start_s * rate), len(file)))
            wanted = -1 if duration_s is None else round(duration_s * rate)
            data = file.read(wanted, dtype="float32", always_2d=True)
    except (sf.LibsndfileError, RuntimeError) as error:
        raise DataError(_unreadable(path, error)) from error
    expected = promised if duration_s is None else duration_s
    if len(data) == 0 or len(data) / rate < expected - 0.05:
        raise DataError(
            f"{path}: truncated, {len(data) / rate:.2f} s decoded where {expected:.2f} s are expected; "
            "fetch the file again or correct start_s/duration_s in the index"
        )
    signal = data.mean(axis=1) if data.shape[1] > 1 else data[:, 0]
    if not np.isfinite(signal).all():
        raise DataError(f"{path}: holds NaN or infinite samples; write it again from its source")
    if sr is not None and sr != rate:
        signal, rate = resample(signal, rate, sr), sr
    return np.ascontiguousarray(signal, dtype=np.float32), rate


def resample(signal: np.ndarray, sr_in: int, sr_out: int) -> np.ndarray:
    """Resample a mono signal from ``sr_in`` to ``sr_out`` Hz (soxr, quality "HQ")."""
    if sr_in == sr_out:
        return np.asarray(signal)
    return np.asarray(soxr.resample(signal, sr_in, sr_out, quality=RESAMPLER))


def fit_length(signal: np.ndarray, n: int) -> np.ndarray:
    """Crop, or pad with zeros, to exactly ``n`` samples."""
    return signal[:n] if len(signal) >= n else np.pad(signal, (0, n - len(signal)))


def file_sha256(path: str | Path) -> str:
    """SHA-256 of the file's bytes, as hex."""
    with _existing(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file; correct the path or drop its row from the index")
    if path.stat().st_size == 0:
        raise DataError(
            f"{path}: empty file (0 bytes); fetch it again or drop its row from the index"
        )
    return path


def _whole(path: str | Path) -> Path:
    path = _existing(path)
    if cut_short(path):
        raise DataError(
            f"{path}: truncated, it ends before its format says; "
            "fetch the file again or drop its row from the index"
        )
    return path


def _unreadable(path: Path, error: Exception) -> str:
    reason = str(error).rsplit(":", 1)[-1].strip().rstrip(".") or type(error).__name__
    return (
        f"{path}: not readable as audio ({reason}); "
        "fetch it again, convert it to WAV, FLAC or Ogg, or drop its row from the index"
    )

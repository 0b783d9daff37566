"""Look-alikes of published corpora in their authors' layout: a handful of listed ids, tiny sounds."""

import dataclasses
import hashlib
import zlib

import numpy as np
import soundfile as sf

from mirbench.corpora.magnatagatune import TAGS


def sound(path, seconds=0.1):
    """A file of noise, another for every name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.RandomState(zlib.crc32(path.name.encode()))
    noise = 0.1 * rng.uniform(-1, 1, int(8000 * seconds))
    sf.write(path, noise, 8000, format="MP3" if path.suffix == ".mp3" else "WAV")


def publish(monkeypatch, data, lists, key, lines, header=""):
    """Write a list beside the data and let it be the published one."""
    which = lists[key]
    text = "".join(f"{line}\n" for line in ([header] if header else []) + list(lines))
    path = data.parent / "annotations" / which.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    changed = dataclasses.replace(which, sha256=sha256, count=len(lines))
    monkeypatch.setitem(lists, key, changed)
    return path


def gtzan(data, genres, numbers):
    for genre in genres:
        for number in numbers:
            sound(data / "gtzan/genres" / genre / f"{genre}.{number:05d}.wav")


def ballroom(data, styles, per_style=10, discs=10):
    """Excerpts of each style, one a disc, and a pair of replicas."""
    root = data / "ballroom/BallroomData"
    for s, style in enumerate(styles):
        folder = "Rumba-Misc" if style == "Rumba" else style
        for n in range(per_style):
            sound(root / folder / f"Media-1{n % discs:03d}{s:02d}.wav")
    sound(root / "ChaChaCha/Media-103402.wav")
    sound(root / "ChaChaCha/Media-103415.wav", 0.11)
    (data / "ballroom/Media-103402.bpm").write_text("124\n", encoding="utf-8")


MTAT_CLIPS = (  # path, artist, title, tags
    ("0/ann-a-01-one-0-29.mp3", "Ann", "One", ("guitar",)),
    ("1/bob-b-01-two-0-29.mp3", "Bob", "Two", ("no vocals", "techno")),
    ("c/cid-c-01-three-0-29.mp3", "Cid", "Three", ("techno",)),
    ("c/cid-c-01-three-29-58.mp3", "Cid", "Three", ()),
    ("d/ann-a-02-four-0-29.mp3", "Ann", "Four", ("guitar", "techno")),
    ("f/dee-d-01-five-0-29.mp3", "Dee", "Five", ("techno",)),
    ("f/dee-d-01-five-29-58.mp3", "Dee", "Five", ()),
)


def magnatagatune(data, clips=MTAT_CLIPS):
    root, tags = data / "magnatagatune", TAGS
    listed = ["\t".join(f'"{c}"' for c in ("clip_id", *tags, "mp3_path"))]
    about = ["clip_id\ttrack_number\ttitle\tartist\talbum"]
    for i, (path, artist, title, given) in enumerate(clips):
        sound(root / path)
        listed.append("\t".join([f'"{i}"', *(f'"{int(t in given)}"' for t in tags), f'"{path}"']))
        about.append("\t".join([str(i), "1", title, artist, "Album"]))
    (root / "annotations_final.csv").write_text("\n".join(listed) + "\n", encoding="utf-8")
    (root / "clip_info_final.csv").write_text("\n".join(about) + "\n", encoding="utf-8")


def fma(data, tracks, subset):
    """``tracks``: (number, subset, split, genre, artist); three rows of header as published."""
    columns = [
        *(("album", "id"), ("artist", "id"), ("artist", "name")),
        *(("set", "split"), ("set", "subset"), ("track", "genre_top"), ("track", "title")),
    ]
    lines = [
        "," + ",".join(a for a, _ in columns),
        "," + ",".join(b for _, b in columns),
        "track_id" + "," * len(columns),
    ]
    for number, kind, split, genre, artist in tracks:
        lines.append(f'{number},7,{artist},"A, B",{split},{kind},{genre},Title')
        if subset == "medium" or kind == "small":
            sound(data / "fma" / f"fma_{subset}" / f"{number // 1000:03d}" / f"{number:06d}.mp3")
    path = data / "fma/fma_metadata/tracks.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def deam(data, songs):
    root = data / "deam"
    folder = root / "annotations/annotations averaged per song/song_level"
    folder.mkdir(parents=True, exist_ok=True)
    header = "song_id, valence_mean, valence_std, arousal_mean, arousal_std"
    short = [f"{s}, {1 + s % 8}.5, 1.0, {1 + s % 7}.25, 1.0" for s in songs if s <= 2000]
    long = [f"{s},{1 + s % 8}.5,1.0,9,1,{1 + s % 7}.25,1.0,9,1" for s in songs if s > 2000]
    other = (
        "song_id,valence_mean,valence_std, valence_max_mean, valence_min_mean,"
        "arousal_mean, arousal_std, arousal_max_mean, arousal_min_mean"
    )
    for name, rows, top in (("1_2000", short, header), ("2000_2058", long, other)):
        path = folder / f"static_annotations_averaged_songs_{name}.csv"
        path.write_text("\n".join([top, *rows]) + "\n", encoding="utf-8")
    for song in songs:
        sound(root / f"MEMD_audio/{song}.mp3")


def pmemo(data, songs):
    root = data / "pmemo/PMEmo2019"
    (root / "annotations").mkdir(parents=True)
    rows = [f"{s},0.{s + 10},0.{s + 40}" for s in songs]
    text = "\n".join(["musicId,Arousal(mean),Valence(mean)", *rows]) + "\n"
    (root / "annotations/static_annotations.csv").write_text(text, encoding="utf-8")
    rows = [f'{s},{s}.mp3,"Song, the {s}",Artist {s // 2},Album,30.0,00:00,00:30' for s in songs]
    top = "musicId,fileName,title,artist,album,duration,chorus_start_time,chorus_end_time"
    (root / "metadata.csv").write_text("\n".join([top, *rows]) + "\n", encoding="utf-8")
    for song in songs:
        sound(root / f"chorus/{song}.mp3")


def giantsteps(data):
    root = data / "giantsteps"
    for name, what, stem, text in (
        ("giantsteps-tempo-dataset", "annotations/tempo", "1.LOFI.bpm", "128"),
        ("giantsteps-tempo-dataset", "annotations_v2/tempo", "1.LOFI.bpm", "127.5\n"),
        ("giantsteps-tempo-dataset", "annotations/genre", "1.LOFI.genre", "techno"),
        ("giantsteps-key-dataset", "annotations/key", "2.LOFI.key", "A minor\n"),
    ):
        (root / name / what).mkdir(parents=True, exist_ok=True)
        (root / name / what / stem).write_text(text, encoding="utf-8")
    sound(root / "giantsteps-tempo-dataset/audio/1.LOFI.mp3")
    sound(root / "giantsteps-key-dataset/audio/2.LOFI.mp3")


def msd_lastfm(data, rows):
    root = data / "msd-lastfm"
    root.mkdir(parents=True, exist_ok=True)
    lines = ["path,track_id,artist,split,tags"]
    for track, artist, split, tags in rows:
        sound(root / f"{track}.mp3")
        lines.append(f"{track}.mp3,{track},{artist},{split},{tags}")
    (root / "index.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


JAMENDO_HEADER = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS"


def jamendo(data, rows):
    """Recordings of ``rows``: (number, tags); returns the lines of a list by number."""
    lines = {}
    for number, tags in rows:
        path = f"{number % 100:02d}/{number}.mp3"
        sound(data / "mtg-jamendo/audio" / path)
        lines[number] = f"track_{number:07d}\tartist_{number:06d}\talbum_1\t{path}\t0.1\t{tags}"
    return lines

"""A look-alike of Good-sounds: its database, sessions of six players, short sounds."""

import sqlite3
from contextlib import closing
from pathlib import Path

from published_layouts import sound

TABLES = """
CREATE TABLE packs (id INTEGER PRIMARY KEY, name TEXT, description TEXT);
CREATE TABLE sounds (id INTEGER PRIMARY KEY, instrument TEXT, note TEXT, octave INTEGER, dynamics TEXT,
  recorded_at TEXT, location TEXT, player TEXT, string INTEGER, pack_filename TEXT, pack_id INTEGER,
  reference INTEGER, klass TEXT, semitone INTEGER, pitch_reference INTEGER);
CREATE TABLE takes (id INTEGER PRIMARY KEY, microphone TEXT, filename TEXT, original_filename TEXT,
  freesound_id INTEGER, sound_id INTEGER, goodsound_id INTEGER);
CREATE TABLE ratings (id INTEGER PRIMARY KEY, mark REAL, type TEXT, sound_id INTEGER, rater TEXT);
"""
PACKS = (  # name, player, instrument
    ("flute_almudena_reference", "almudena", "flute"),
    ("flute_josep_reference", "josep", "flute"),
    ("cello_nico_improvement_recordings", "nico", "cello"),
    ("cello_margarita_reference", "margarita", "cello"),
    ("bass_alejandro_recordings", "alejandro", "bass"),
    ("saxo_raul_recordings", "raul", "sax_alto"),
    ("saxo_raul_recordings", "raul", "sax_tenor"),
    ("saxo_bariton_raul_recordings", None, "sax_baritone"),
)
SOUNDS = (("C", 4, "good-sound"), ("C#", 4, "bad-richness"), ("C", 4, "scale-good"))


def make(data: Path) -> None:
    root = data / "good_sounds/good-sounds"
    root.mkdir(parents=True)
    names = list(dict.fromkeys(name for name, _, _ in PACKS))
    with closing(sqlite3.connect(root / "database.sqlite")) as database:
        database.executescript(TABLES)
        for i, name in enumerate(names, start=1):
            database.execute("INSERT INTO packs VALUES (?, ?, ?)", (i, name, "Play notes"))
        n_sounds = n_takes = 0
        for name, player, instrument in PACKS:
            for note, octave, klass in SOUNDS:
                n_sounds += 1
                pack = names.index(name) + 1
                place = ("2013-10-28", "upf studio", player, None, f"{n_sounds:04d}.wav", pack)
                row = (n_sounds, instrument, note, octave, "mf", *place, 1, klass, 48, 442)
                database.execute(f"INSERT INTO sounds VALUES ({','.join('?' * 15)})", row)
                for microphone in ("akg", "neumann"):
                    n_takes += 1
                    path = f"sound_files/{name}/{microphone}/{n_sounds:04d}.wav"
                    take = (n_takes, microphone, path, "render", None, n_sounds, None)
                    database.execute("INSERT INTO takes VALUES (?, ?, ?, ?, ?, ?, ?)", take)
                    sound(root / path, 0.01)
        database.commit()

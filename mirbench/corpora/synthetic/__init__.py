"""Embedded corpora: synthesised, seeded, rendered in seconds, the same bytes on every machine.

They are for a first run and for tests, and no substitute for real recordings.

`render` makes the speech/music clips of one domain, `render_programmes` radio programmes,
`render_songs` vocal/instrumental songs, `render_notes` a database of instrument notes, `render_note_sets` five sets of three,
`render_fingerprint` the corpus of the leak test, `render_catalogue` and `render_catalogues` artists,
albums and tagged tracks, `render_listening` the same with listening counts, `render_rhythm` and
`render_rhythms` dances, `render_genres` artists nested in genres, `render_emotion` clips of known
valence and arousal, `render_lines` single lines of known pitch, `render_scene`, `render_scenes` and `render_films` sounds with
their videos, `render_tunes` such with their notes in order; `verify` compares the sound with what this version must give.
"""

from pathlib import Path

import pandas as pd

from mirbench.corpora.synthetic.catalogue import render_catalogue, render_catalogues
from mirbench.corpora.synthetic.clips import render
from mirbench.corpora.synthetic.emotion import render_emotion
from mirbench.corpora.synthetic.films import render_films
from mirbench.corpora.synthetic.fingerprint import render_fingerprint
from mirbench.corpora.synthetic.genres import render_genres
from mirbench.corpora.synthetic.lines import render_lines
from mirbench.corpora.synthetic.listening import render_listening
from mirbench.corpora.synthetic.note_sets import render_note_sets
from mirbench.corpora.synthetic.notes import render_notes
from mirbench.corpora.synthetic.programmes import render_programmes, render_songs
from mirbench.corpora.synthetic.rhythms import render_rhythm, render_rhythms
from mirbench.corpora.synthetic.scenes import render_scene, render_scenes
from mirbench.corpora.synthetic.store import pcm_sha256
from mirbench.corpora.synthetic.tunes import render_tunes
from mirbench.errors import DataError

__all__ = [
    "EXPECTED_SHA256",
    "render",
    "render_catalogue",
    "render_catalogues",
    "render_emotion",
    "render_films",
    "render_fingerprint",
    "render_genres",
    "render_lines",
    "render_listening",
    "render_note_sets",
    "render_notes",
    "render_programmes",
    "render_rhythm",
    "render_rhythms",
    "render_scene",
    "render_scenes",
    "render_songs",
    "render_tunes",
    "verify",
]

# SHA-256 over the 16-bit samples of all files in index order, seed 0
EXPECTED_SHA256 = {
    "studio": "7244bb08b1fdceed2c09834bc0e687199caa581c3ef9fa07d81decdcd6716761",
    "phone": "3d9b144fbfa1ecc31316dd38cce0abbbc4371341c8240fe64b62f765dc000a79",
    "programmes": "d7ca87cb71ce5861d41e0a676a895324279ed343fcb4d343252358ff44167b65",
    "songs": "2583155c575d77caf34e4680fe154e4c322349721506338abd994462d83fd6eb",
    "fingerprint": "a8ae443993707efa54a573e566b502c9a9fa4a99d5355a5b85803a13846c7316",
    "hall": "1590bd08adb2d7d810140a6e71590b43ede8065f81e870ea71f17aa7fbad4daa",
    "booth": "4395c4cac1ad13ba6971527bf20b0e647068b296eaa68f1c8385109d9a09db31",
    "attic": "5d1284c31939be290f4dd7ca63b0bc3b8147c913e52f8f1ff68c4479bb943653",
    "notes": "bd098964dba34fa5fa028659f30632c656444e89453f8d3d1556dbb58de8b492",
    "catalogue": "2ce159fb2b76155ec093b3aad8352f9d90a71fb474ef556b08e4b4e7d29508ae",
    "catalogues": "409e8e80991a73f3be2cea35fcf6c9cc7b8c2de837b457b5cfac5eb99647945a",
    "listening": "cc3d282836f0ec7ab210ca13034f891920799016670a29a43f864913e4d057ef",
    "lines": "f7624ed72a5acd51af9f1a4a97a702f92a67ab00e27d299c044a743e0f307474",
    "tunes": "e202ec7b90302558330b3a5d74a441a839aaf811e24295c58266b65566975cd6",
    "rhythm": "759764bec2a72f7f51f151e687ae9f682553931e43b5301e473b3963761c3b6d",
    "rhythms": "0c957b5a65a52295f6e15eb3c67c9dbfc41e7d6c6829c091ef6d9b0558ed3729",
    "genres": "5c4b71ee845a85347bf2497d409047c4988ec2edebe630a7de8c8d382e783ed4",
    "scene": "749e94735352e93b917f1770567b28f96ac3d8811814a46a869ee7eea4127ef6",
    "scenes": "3871c3b60327eb63ceba9753764be47a523201851e7a31fe7a5612cb184e3b38",
    "films": "df78ec01431d050ce4f97f2f5838a58b5f1d9ec07467df36ab30aae08d7342b0",
    "emotion": "b96d220cb9cb36a32f55fa1c3b1c8b73ad0d8c3986c5ba98699650b8e20df02e",
}


def verify(name: str, root: str | Path, index: pd.DataFrame) -> None:
    """Check the rendered sound of corpus ``name`` (seed 0) against `EXPECTED_SHA256`.

    Raises
    ------
    DataError
        The samples differ, or a file is missing or damaged.
    """
    found = pcm_sha256(Path(root), index)
    if found != EXPECTED_SHA256[name]:
        raise DataError(
            f"{root}: the rendered samples have SHA-256 {found[:12]}..., expected "
            f"{EXPECTED_SHA256[name][:12]}...; delete the folder to render it again"
        )

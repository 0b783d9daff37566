"""GTZAN music/speech: 64 excerpts of music and 64 of speech, 30 s each (Tzanetakis 1999)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from mirbench.corpora.corpus import Corpus, item_table
from mirbench.corpora.facts import Remote
from mirbench.corpora.published import corpus_folder, with_audio

TITLE = "64 excerpts of music and 64 of speech, 30 s, grouped as their names tell"
LICENCE = "none given; for research (from memory)"
HOW = (
    "get music_speech.tar.gz of the GTZAN music/speech collection (Tzanetakis, Marsyas) and unpack it "
    "there: music_speech/speech_wav/god.wav"
)
FAULTS = (
    "artists and speakers aren't named; several files are of one recording by their names (copland and "
    "copland2, teachers, teachers1 and teachers2), which is how they are grouped here (our choice)",
    "the authors' host doesn't answer any more (from memory); copies have other file dates and formats",
    "music may recur in GTZAN's genres, whose author took both from his own discs (not tested here)",
    "128 excerpts are few: one that is wrong is 0.8 points of accuracy",
)
BIBTEX = r"""@misc{tzanetakis1999musicspeech,
  author = {Tzanetakis, George},
  title  = {{GTZAN} music/speech collection},
  year   = {1999},
  note   = {Marsyas, http://marsyas.info}
}"""
PROTOCOLS = (
    "speech-music/gtzan",
    "speech-music/gtzan-clips",
    "speech-music/gtzan-to-musan",
    "speech-music/musan-to-gtzan",
)
REMOTES = (
    Remote(
        "music_speech.tar.gz",
        ("http://opihi.cs.uvic.ca/sound/music_speech.tar.gz",),
        "sha256:8753bc4129fc0a916d6efcf25dbcaf30e06b41acb44ad7c3d0b5c9d9c90ff546",
        297_055_930,
        ".",
    ),
)
"""Sum and size as TensorFlow Datasets keeps them (gtzan_music_speech/checksums.tsv)."""
BY_HAND = ""
NAMES = {
    "music": (
        "bagpipe ballad bartok beat beatles bigband birdland blues bmarsalis brahms canonaki caravan "
        "chaka classical classical1 classical2 copland copland2 corea corea1 cure debussy deedee deedee1 "
        "duke echoes eguitar georose gismonti glass glass1 gravity gravity2 guitar hendrix ipanema jazz "
        "jazz1 led loreena madradeus magkas march marlene mingus mingus1 misirlou moanin narch ncherry "
        "nearhou opera opera1 pop prodigy redhot rock rock2 russo tony u2 unpoco vlobos winds"
    ),
    "speech": (
        "acomic acomic2 allison amal austria bathroom1 chant charles china comedy comedy1 conversion "
        "danie danie1 dialogue dialogue1 dialogue2 diamond ellhnika emil fem_rock female fire geography "
        "geography1 georg god greek greek1 india jony jvoice kedar kid lena male my_voice nether news1 "
        "news2 nj105 nj105a oneday psychic pulp pulp1 pulp2 relation serbian shannon sleep smoke1 smoking "
        "stupid teachers teachers1 teachers2 thlui undergrad vegetables vegetables1 vegetables2 voice "
        "voices"
    ),
}
"""Names of the files, as a model trained on the collection by its author's software lists them (Marsyas)."""


def load(*, partial: bool = False) -> Corpus:
    """The corpus under ``MIRBENCH_DATA/gtzan_music_speech``.

    The folders ``music_wav`` and ``speech_wav`` are in the folder itself or in its ``music_speech``.
    Column ``label`` is music or speech; ``group`` is a file's name without its last number.

    Parameters
    ----------
    partial : bool
        Load what is there where some recordings are missing, instead of an error.

    Raises
    ------
    DataError
        The folder or a recording isn't there, or one can't be read.
    """
    root = corpus_folder("gtzan_music_speech", HOW)
    base = root / "music_speech" if (root / "music_speech").is_dir() else root
    index = with_audio(_index(), base, HOW, partial)
    return Corpus(
        "gtzan-music-speech",
        item_table(index, base, "gtzan-music-speech"),
        title=TITLE,
        licence=LICENCE,
        faults=FAULTS,
        bibtex=BIBTEX,
        source=str(base),
    )


def recording(name: str) -> str:
    """What a file's name tells of its recording: ``teachers2`` and ``nj105a`` are parts of ``teachers``
    and ``nj``."""
    return re.sub(r"\d+[a-z]?$", "", Path(name).stem)


def _index() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "id": f"{label}/{name}",
                "path": f"{label}_wav/{name}.wav",
                "label": label,
                "group": f"gtzan-music-speech/{label}/{recording(name)}",
            }
            for label, names in NAMES.items()
            for name in names.split()
        ]
    )

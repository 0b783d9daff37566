r"""Works that several compilations of openly licensed recordings draw on, as BibTeX.

Papers are cited from memory of their repositories' own citations; a repository without a paper is named
with the commit that recordings were taken from, where its year isn't known.
"""

from __future__ import annotations

LIBRISPEECH = r"""@inproceedings{panayotov2015librispeech,
  author    = {Panayotov, Vassil and Chen, Guoguo and Povey, Daniel and Khudanpur, Sanjeev},
  title     = {{LibriSpeech}: an {ASR} corpus based on public domain audio books},
  booktitle = {Proc. IEEE Int. Conf. Acoustics, Speech and Signal Processing (ICASSP)},
  pages     = {5206--5210},
  year      = {2015}
}"""
JAMENDO_LYRICS = r"""@inproceedings{stoller2019end,
  author    = {Stoller, Daniel and Durand, Simon and Ewert, Sebastian},
  title     = {End-to-end lyrics alignment for polyphonic music using an audio-to-character recognition model},
  booktitle = {Proc. IEEE Int. Conf. Acoustics, Speech and Signal Processing (ICASSP)},
  pages     = {181--185},
  year      = {2019}
}"""
MDB_DRUMS = r"""@inproceedings{southall2017mdb,
  author    = {Southall, Carl and Wu, Chih-Wei and Lerch, Alexander and Hockman, Jason},
  title     = {{MDB Drums}: an annotated subset of {MedleyDB} for automatic drum transcription},
  booktitle = {Late-breaking demos, Int. Society for Music Information Retrieval Conf. (ISMIR)},
  year      = {2017}
}"""
ULTRASTAR = r"""@misc{ultrastar_songs,
  author       = {{UltraStar Deluxe contributors}},
  title        = {Songs under Creative Commons licences with karaoke notes},
  howpublished = {\url{https://github.com/UltraStar-Deluxe/songs}},
  note         = {commit c9246c799050}
}"""
OPEN_SURGE = r"""@misc{opensurge_music,
  author       = {{Open Surge contributors}},
  title        = {Music of the game {Open Surge}},
  howpublished = {\url{https://github.com/alemart/opensurge}},
  note         = {commit bcb3466e1091}
}"""
LIBROSA_DATA = r"""@misc{librosa_data,
  author       = {{librosa contributors}},
  title        = {Example recordings of librosa},
  howpublished = {\url{https://github.com/librosa/data}},
  note         = {commit 450cdd8a002c}
}"""
PHONOGRAPHS = r"""@misc{minetest_phonographs,
  author       = {{C-C-Minetest-Server contributors}},
  title        = {Phonograph albums: free music for {Minetest}},
  howpublished = {\url{https://github.com/C-C-Minetest-Server}},
  note         = {commits 1f8cc82a444a, a5fa35433827, c9abe5564455, ce09fb19ea9a}
}"""
MUSIC = (ULTRASTAR, PHONOGRAPHS, MDB_DRUMS, JAMENDO_LYRICS, OPEN_SURGE, LIBROSA_DATA)
"""Where the music of all these compilations is from."""

HOW = (
    "set MIRBENCH_DATA to the folder of whoever compiled it, or make one in the same layout: an "
    "index.csv that names the source of each recording"
)
BY_HAND = (
    "compiled from many openly licensed sources for development and not published as a whole: index.csv "
    "(instruments: provenance.csv) names the source of each recording"
)


def compiled(key: str, title: str, *sources: str) -> str:
    """BibTeX of a compilation (ours, without a paper), then of its sources."""
    own = "\n".join(
        [
            f"@misc{{{key},",
            "  author = {{The mirbench authors}},",
            f"  title  = {{{title}}},",
            "  note   = {compiled from the sources cited beside it}",
            "}",
        ]
    )
    return "\n\n".join([own, *sources])

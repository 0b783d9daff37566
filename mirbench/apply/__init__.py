"""Use a fitted method on a recording of one's own.

- :mod:`mirbench.apply.offline`: a whole file at once, to frame scores and segments.
- :mod:`mirbench.apply.stream`: block by block, in bounded memory, with its latency.
- :mod:`mirbench.apply.segments`: from frame scores to segments.
- :mod:`mirbench.apply.lab`: write ``.lab`` files.
- :mod:`mirbench.apply.whole`: tags or values of a whole file.
- :mod:`mirbench.apply.picture`: waveform, scores and segments in one picture.

Use a ranking method on a catalogue of one's own.

- :mod:`mirbench.apply.ranking`: a catalogue by its distance to a recording.
- :mod:`mirbench.apply.playlist`: the tracks nearest to a recording, as a table and an M3U playlist.
- :mod:`mirbench.apply.catalogue_page`: the same on a page with players and a map.

Use a method of sounds and videos.

- :mod:`mirbench.apply.videos`: which part of which video goes with each second of a music.
- :mod:`mirbench.apply.alignment`: the best path through its scores, with and without time warping.
"""

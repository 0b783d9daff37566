"""Tasks: what is to be said about an item, and in which words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mirbench.errors import ProtocolError
from mirbench.pitch import from_label
from mirbench.taxonomy import canonical, level, load_taxonomy
from mirbench.token_lines import as_truth

REST = "the rest"
"""Name of a training set that holds every corpus but the tested one."""

UNKNOWN = -1
"""What stands for a tag of an item that nobody looked for, in place of 0 or 1."""

KINDS = ("classes", "tags", "frames", "segments", "ranking", "values", "f0", "sequence", "pairs")


@dataclass(frozen=True)
class Task:
    """A task.

    Attributes
    ----------
    name : str
    kind : str
        What a row of the output is, one of ``KINDS``.
    labels : tuple of str
        The label set; a method's integer codes are positions in it.
    column : str
        Column of a corpus's item table that holds the label.
    positive : str or None
        Class whose precision, recall and F are named beside the macro figures.
    levels : mapping of str to tuple of str
        Coarser views of the labels: for each name of a level the coarse label of each label.
    oracle : str
        Of ranking tasks whose truth is a similarity of tags: its name in `mirbench.oracle`.
        Other ranking tasks hold tracks of one label to be alike.

    Labels that are left empty are those of the items that a protocol is made of. Of a task of kind
    ``values`` they name its dimensions, each a column of numbers; of kind ``f0`` the two columns of an
    answer (`mirbench.pitch`).
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    column: str = "label"
    positive: str | None = None
    title: str = ""
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    oracle: str = ""

    def code(self, label: str) -> int:
        """Position of ``label`` in the label set; ProtocolError if it isn't there."""
        if label not in self.labels:
            raise ProtocolError(
                f"task {self.name}: unknown label {label!r}; its labels are {', '.join(self.labels)}"
            )
        return self.labels.index(label)

    def named(self, word: Any) -> str | None:
        """The label behind a collection's word for it; None if the task has no such label.

        A task without labels of its own has those of its collection: artists, genres, or tags
        (``a|b|c``, kept as JSON). An item without any tag is one of a tagging task all the same.
        """
        text = word.strip() if isinstance(word, str) else ""
        if self.holds_tags:
            tags = sorted({tag.strip() for tag in text.split("|")} - {""})
            kept = [tag for tag in tags if not self.labels or tag in self.labels]
            return json.dumps(kept, ensure_ascii=False) if kept or self.kind == "tags" else None
        if self.kind == "sequence":
            return as_truth(text, self.labels)
        if not self.labels:
            return text or None
        if word in self.labels or not isinstance(word, str):
            return word if word in self.labels else None
        return canonical(word) if self.name == "instruments" else None

    @property
    def holds_tags(self) -> bool:
        """Whether an item's truth is a set of tags."""
        return self.kind == "tags" or bool(self.oracle)

    def target(self, label: str, unknown: Any = None) -> Any:
        """What a method is trained on: the code; for segments a list of (start_s, end_s, code), for
        tags a list of 0 and 1, one a tag, for values a list of floats, one a label, for f0 an array of
        times (s) and frequencies (Hz, 0 where unvoiced), shape (n, 2), for a sequence a list of codes, for
        pairs the `mirbench.video.VideoItem` that belongs to the sound.

        ``label`` is as it stands in a protocol: a word, or JSON for segments, tags and values. So is
        ``unknown``: the tags of which nobody said whether they hold, as JSON, or nothing; theirs is
        ``UNKNOWN``, and names that are no tags of the task don't matter.

        Raises
        ------
        ProtocolError
            A label that the task doesn't have, or a tag that holds and is unknown.
        """
        if self.kind == "f0":
            return from_label(label)
        if self.kind == "pairs":
            from mirbench.pairs import (
                from_label as video_of,  # opens files: judging has no need of it
            )

            return video_of(label)
        if self.kind == "sequence":
            return [self.code(token) for token in json.loads(label)]
        if self.kind == "values":
            return [float(value) for value in json.loads(label)]
        if self.holds_tags:
            tags = {self.code(tag) for tag in json.loads(label)}
            row = [int(code in tags) for code in range(len(self.labels))]
            if not isinstance(unknown, str):
                return row
            left = set(json.loads(unknown)).intersection(self.labels)
            if both := sorted(left & {self.labels[code] for code in tags}):
                raise ProtocolError(
                    f"task {self.name}: an item has the tag {both[0]!r}, and it is unknown of it; "
                    "say one of the two"
                )
            return [UNKNOWN if tag in left else y for tag, y in zip(self.labels, row)]
        if self.kind != "segments":
            return self.code(label)
        return [(float(s), float(e), self.code(name)) for s, e, name in json.loads(label)]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as it stands in a protocol file."""
        data = asdict(self) | {"labels": list(self.labels)}
        levels = {name: list(coarse) for name, coarse in data.pop("levels").items()}
        oracle = data.pop("oracle")
        return (
            data | ({"levels": levels} if levels else {}) | ({"oracle": oracle} if oracle else {})
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Task:
        """Inverse of :meth:`to_dict`."""
        levels = {name: tuple(coarse) for name, coarse in data.get("levels", {}).items()}
        return cls(**(data | {"labels": tuple(data["labels"]), "levels": levels}))


INSTRUMENTS = tuple(sorted(load_taxonomy("instrument-families")))
FAMILY, SUSTAIN = (level("instrument-families", depth) for depth in (1, 0))

TASKS = {
    task.name: task
    for task in (
        Task(
            "speech-music",
            "frames",
            ("music", "speech"),
            positive="speech",
            title="Speech/music discrimination, frame by frame",
        ),
        Task(
            "speech-music-clip",
            "classes",
            ("music", "speech"),
            positive="speech",
            title="Speech/music discrimination, one decision an item",
        ),
        Task(
            "speech-music-segments",
            "segments",
            ("music", "speech", "speech+music"),
            column="labels",
            positive="speech",
            title="Speech and music segmentation of whole programmes",
        ),
        Task(
            "singing-voice",
            "segments",
            ("instrumental", "vocal"),
            column="labels",
            positive="vocal",
            title="Singing voice segmentation of whole songs",
        ),
        Task(
            "instruments",
            "classes",
            INSTRUMENTS,
            column="instrument",
            title="Instrument of an isolated note",
            levels={
                "family": tuple(FAMILY[label] for label in INSTRUMENTS),
                "sustain": tuple(SUSTAIN[label] for label in INSTRUMENTS),
            },
        ),
        Task("genre", "classes", (), column="genre", title="Genre of a track or an excerpt"),
        Task("rhythm", "classes", (), column="rhythm", title="Rhythm (dance style) of an excerpt"),
        Task("tags", "tags", (), column="tags", title="Auto-tagging: which tags hold"),
        Task("actions", "classes", (), title="Action that is heard in a clip of a video"),
        Task(
            "emotion",
            "values",
            ("valence", "arousal"),
            column="valence and arousal",
            title="Emotion: valence and arousal, each a number",
        ),
        Task(
            "latent",
            "values",
            (),
            column="factors",
            title="Latent factors of listening, from the sound alone",
        ),
        Task(
            "pitch",
            "f0",
            ("f0", "voicing"),
            column="f0_path",
            title="Pitch of a single line, each 10 ms",
        ),
        Task(
            "note-line",
            "sequence",
            ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"),
            column="notes",
            title="Notes of a single line by name, in order",
        ),
        Task(
            "music-video",
            "pairs",
            ("match",),
            column="video_path",
            title="Sound and picture: which video belongs to a sound, and which sound to a video",
        ),
        Task(
            "same-artist",
            "ranking",
            (),
            column="artist",
            title="Music similarity: tracks of the same artist come first",
        ),
        Task(
            "same-genre",
            "ranking",
            (),
            column="genre",
            title="Music similarity: tracks of the same genre come first",
        ),
        Task(
            "same-instrument",
            "ranking",
            (),
            column="label",
            title="Metric learning: notes of the same instrument come first",
        ),
        Task(
            "tag-similarity",
            "ranking",
            (),
            column="tags",
            title="Music similarity: other artists' tracks with the most similar tags come first",
            oracle="idf-cosine",
        ),
    )
}


def load_task(name: str) -> Task:
    """Task of that name; ProtocolError lists the known ones."""
    if name not in TASKS:
        raise ProtocolError(f"unknown task {name!r}; known: {', '.join(TASKS)}")
    return TASKS[name]

"""A method on recordings of one's own, and listening tests."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from mirbench.commands.common import width
from mirbench.errors import DataError


def apply(options: Namespace) -> int:
    """Train a method, then label a recording, list the tracks most like it, or choose videos for it."""
    try:
        return _applied(options)
    except DataError as error:
        raise DataError(_of_one_file(str(error), options)) from error


def _of_one_file(said: str, options: Namespace) -> str:
    """An error about the recording itself: it has no row in an index that could be dropped."""
    named = [str(Path(f)) for f in (options.audio, options.music, options.query) if f]
    if not said.startswith(tuple(f"{name}: " for name in named)):
        return said
    return re.sub(r",? or drop its row from the index$", "", said)


def _applied(options: Namespace) -> int:
    if options.music or options.videos:
        return _videos(options)
    if not options.method:
        raise DataError("name a method to apply (mirbench list methods)")
    if options.query or options.catalogue:
        return _playlist(options)
    from mirbench.apply.command import apply_method, task_of

    if not options.audio:
        raise DataError("name the recording to label, or --query and --catalogue for a playlist")
    print(
        apply_method(
            options.method,
            options.audio,
            options.task or task_of(options.train),
            options.train,
            output=options.output,
            picture=not options.no_picture,
            stream=options.stream,
            block_s=options.block,
        )
    )
    return 0


def _playlist(options: Namespace) -> int:
    """The tracks of a catalogue nearest to a recording: a table, a playlist, a page."""
    from mirbench.apply.playlist import listing
    from mirbench.apply.playlist import playlist as make_playlist
    from mirbench.boards.console import text_table

    if options.audio or not (options.query and options.catalogue):
        raise DataError("a playlist needs --query FILE and --catalogue NAME_OR_DIR, nothing else")
    table = make_playlist(
        options.method,
        options.query,
        options.catalogue,
        options.k,
        train=options.train,
        task=options.task or "same-artist",
        output=options.output,
        page=options.page,
        colour=options.colour,
    )
    print(text_table(listing(table), width=width()))
    for path in filter(None, (options.output, options.page)):
        print(path)
    return 0


def _videos(options: Namespace) -> int:
    """Which part of which video goes with each second of a music."""
    from mirbench.apply.videos import METHOD, videos_for

    if not (options.music and options.videos):
        given, missing = (
            ("--music", "--videos DIR") if options.music else ("--videos", "--music FILE")
        )
        raise DataError(f"{given} is given, {missing} is missing; videos for a music need both")
    if options.audio or options.query or options.catalogue:
        raise DataError("videos for a music need --music FILE and --videos DIR, nothing else")
    if options.stream:
        raise DataError("videos are chosen by the whole music; leave --stream out")
    spec = options.method or METHOD
    print(
        videos_for(
            spec,
            options.music,
            options.videos,
            options.train,
            warp=options.warp,
            output=options.output,
        )
    )
    return 0


def listen(options: Namespace) -> int:
    """Make a listening test from records, or score its ratings."""
    from mirbench.listen import command

    return getattr(command, options.action)(options)

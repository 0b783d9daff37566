"""Recommendations from latent factors, after van den Oord et al. (2013): ``python -m mirbench.recommendation``.

Rows on cold tracks (artists that nobody was known to play) and on warm ones; then what the paper
found, as claims: factors predicted from the sound beat guessing and the mean factor, convolutions on spectrograms beat a
bag of words with a linear regression. Intervals: 95 %, by artist (decides) and by user.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mirbench.boards.claims import Claim, claims_table
from mirbench.boards.judge import Judge
from mirbench.boards.text import markdown_table
from mirbench.protocols import load_protocol
from mirbench.recommendation import table
from mirbench.recommendation.data import Listening, listening_of
from mirbench.records import load_records

PROTOCOL = "latent/mini"
NET, WORDS, MEAN = "latent-cnn", "codebook-lr", "track-prior"
"""Specs of the paper's convolutional net and bag of words, and of the training targets' mean."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m mirbench.recommendation", description=__doc__)
    parser.add_argument("records", nargs="?", default="leaderboards/records", type=Path)
    parser.add_argument("--protocol", default=PROTOCOL, help="a protocol of latent factors")
    parser.add_argument(
        "--no-sound", action="store_true", help="leave out the rows that listen (MFCC distances)"
    )
    options = parser.parse_args(arguments)
    protocol = load_protocol(options.protocol)
    judge = Judge(load_records(options.records, protocol=protocol.name), protocol)
    records = [record for seeds in judge.methods.values() for record in seeds]
    data = listening_of(protocol)
    s = data.setting
    sound = None if options.no_sound else _sound(data)

    cold = table.judged_cold(data, table.cold_scores(data, records, sound))
    warm = table.judged_warm(data, table.warm_scores(data, sound))
    for title, judged, tracks, plays in (
        ("Cold tracks", cold, s.cold, s.asked),
        ("Warm tracks, held-out plays", warm, s.warm, s.train),
    ):
        artists = data.artists(tracks)
        left_out = next(iter(judged.values())).left_out
        print(
            f"## {title}\n\n{len(tracks)} tracks of {len(set(artists))} artists, {len(s.users)} users "
            f"({left_out} with nothing to find are left out); percent.\n"
        )
        print(markdown_table(table.board(judged, artists, s.users)))
        print("Recall@20 by tenth of the tracks, the least played first:\n")
        listeners = np.asarray((plays > 0).sum(axis=0)).ravel()
        print(markdown_table(table.deciles(judged, listeners)))
    print("## Claims about cold tracks\n")
    print(markdown_table(table.compare(cold, _claims(judge), data.artists(s.cold), s.users)))
    print("## Claims about the factors\n")
    print(markdown_table(claims_table(judge, _factor_claims(judge))))


def _claims(judge: Judge) -> list[tuple[str, str]]:
    each = [table.named(spec) for spec in judge.methods]
    guesses = [(row, other) for row in each for other in (table.RANDOM, table.MEAN)]
    return [*guesses, (table.named(NET), table.named(WORDS))]


def _factor_claims(judge: Judge) -> list[Claim]:
    above = [Claim(f"{spec} above the mean", spec, MEAN) for spec in judge.methods if spec != MEAN]
    return [*above, Claim("convolutions above a bag of words", NET, WORDS)]


def _sound(data: Listening) -> dict[str, np.ndarray]:
    from mirbench.recommendation.sound import sounds

    s = data.setting
    return {
        "warm": sounds(data.items.loc[list(s.warm)]),
        "cold": sounds(data.items.loc[list(s.cold)]),
    }


if __name__ == "__main__":
    main()

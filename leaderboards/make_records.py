"""Run every row of the leaderboards on the real corpora; finished cells are kept, so it resumes.

    MIRBENCH_DATA=... python leaderboards/make_records.py [PROTOCOL...]

Audio is never copied: what is written under ``leaderboards/records`` are answers and their costs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mirbench.boards import board
from mirbench.boards.console import to_text
from mirbench.protocols import load_protocol
from mirbench.running import run_protocol

ROOT = Path(__file__).parent / "records"

SETS = ("best8", "best3", "fast5")
CLASSIFIERS = ("gaussian", "gmm", "knn", "kd")

THREE_WAYS = (
    "label-then-segment:frames={},median_s=0,min_s=0",
    "label-then-segment:frames={}",
    "segment-then-label:frames={},detector=novelty",
    "segment-then-label:frames={},detector=bic",
    "joint-viterbi:frames={}",
    "joint-viterbi:frames={},scale=0.02",
)


def three_ways(*frames: str) -> list[str]:
    """Strategies A, B and C over the scores of each frame method."""
    return [way.format(name) for name in frames for way in THREE_WAYS]


PEETERS = [
    "peeters-gaussian",
    "peeters-gaussian:search=True",
    "peeters-gaussian:tree=families",
    "peeters-gaussian:tree=peeters",
    "peeters-gaussian:n_features=20",
    "peeters-gaussian:n_features=20,tree=peeters",
    "peeters-knn",
    "peeters-knn:tree=families",
    "peeters-tree",
]
SELECTIONS = [
    f"peeters-gaussian:selection={name}" for name in ("none", "ratio", "mutual-information", "cfs")
] + [
    f"peeters-gaussian:n_features=20,selection={name}"
    for name in ("ratio", "mutual-information", "cfs", "sequential")
]  # a sequential search for 150 features takes hours a cell
NOTE_NETS = ["note-cnn", "note-timbre", "note-tcn", "note-rnn", "note-transformer"]

SWEPT = ["mfcc-svm", "peeters-gaussian", "peeters-knn", "note-lda", "note-cnn", "note-timbre"]
FLAT_AND_TREES = [row for row in PEETERS if "search" not in row]  # folds know one corpus only

TIMBRE = [
    *["random-order", "mfcc-stats"],
    *["aucouturier-pachet-2002", "aucouturier-pachet-2002-mp"],
    *["mandel-ellis", "mandel-ellis-mp", "gaussian-js", "gaussian-js-mp"],
    *["logan-salomon", "g1c"],
]
CEILING = [
    *[f"aucouturier-pachet-2004:n_components={k}" for k in (1, 3, 10, 20, 30)],
    *["aucouturier-pachet-2004", "aucouturier-pachet-2004:n_components=100"],
    *[f"aucouturier-pachet-2004:n_mfcc={d}" for d in (5, 8, 12, 30, 40)],
]
"""The search of 2004 for a better model of timbre: more Gaussians, more coefficients."""
LEARNED = [
    *["lda-similarity", "lmnn-similarity", "tagger-similarity"],
    *[f"triplet-{name}" for name in ("neighbors", "random", "distance", "autopool")],
    *[f"triplet-distance:pooling={name}" for name in ("max", "softmax", "attention")],
    *["contrastive-similarity", "proxy-similarity"],
]

TRACKS = ["track-prior", "mfcc-lr", "mfcc-chroma-svm", "codebook-lr", "peeters-gbt"]
"""The last takes hours on 74 tags."""
RHYTHM = [
    *["tempo-knn", "onset-autocorrelation-svm", "tempogram-svm", "scale-transform"],
    *["modulation-svm", "rhythm-svm"],
]
TRACK_NETS = [
    *["track-mlp", "track-rnn", "crnn", "short-chunk-cnn", "attention-cnn", "track-transformer"],
    *["latent-cnn", "fcn", "musicnn"],
]
SHAPES = [f"pons2016:net={net}" for net in ("time", "frequency", "time-frequency-init")]
AUGMENTED = [f"track-mlp:augment={name}" for name in ("mixup", "specaugment", "noise")]

ENCODERS = [
    f"encoder-{name}"
    for name in (
        *("untrained", "pca", "mfcc", "peeters"),
        *("autoencoder", "denoising", "sparse", "contractive", "vae", "gan", "inpainting"),
        *("masked-frames", "frame-prediction", "simclr", "cpc", "past-future", "pase"),
        *("patch-order", "rotation", "word2vec", "wavenet", "samplernn"),
    )
]
CONTROLS = ["encoder-word2vec:shuffled=True"] + [
    f"encoder-pase:worker={name}"
    for name in (
        *("spectrum", "mfcc", "prosody", "chroma", "tempogram"),
        *("lim", "gim", "order"),
    )
]
"""What the claims of their papers compare with."""
FEW = [
    f"few-{name}"
    for name in (
        *("supervised", "pseudo-labels", "consistency", "vat", "entropy", "noisy-student"),
        *("mean-teacher", "gan", "finetuned"),
    )
]
FEW_LABELS = ["prior", *ENCODERS, *FEW]
SHOT = ["encoder-untrained"] + [
    f"shot-{name}"
    for name in ("mfcc", "peeters", "prototypes", "prototypes-cosine", "matching", "finetune")
]
METRIC = ["encoder-untrained", "lda-similarity", "lmnn-similarity"] + [
    f"metric-{name}"
    for name in (
        *("raw", "pca", "contrastive"),
        *("triplet-easy", "triplet-semihard", "triplet-hard", "triplet-all"),
    )
]
SEQUENCE = [
    *["prior-line", "hmm-line", "ctc-line", "seq2seq-line", "attention-line"],
    *["attention-line:beam=4", "transformer-line", "transformer-line:pe=False"],
]
POSITIONS = ["transformer-bag", "transformer-bag:positions=False"]
PAIRS = ["prior-pairs", "cca-pairs", "l3-net", "ave-net", "avol-net", "vm-net", "vm-net-bce"]
PITCH = ["prior-pitch", "yin", "pyin", "swipe", "crepe-small", "spice"]

ROWS: dict[str, list[str]] = {
    "genre/styles": [*TRACKS, *RHYTHM, *TRACK_NETS, "pons2016", *AUGMENTED],
    "genre/mini": [*TRACKS, "track-mlp", "short-chunk-cnn"],
    "rhythm/embedded": [*TRACKS, *RHYTHM, "pons2016", *SHAPES, "short-chunk-cnn"],
    "tags/embedded": [
        *TRACKS[:-1],
        "modulation-svm",
        "track-mlp",
        "short-chunk-cnn",
        "crnn",
        "seq2seq",
        *POSITIONS,
    ],
    "emotion/mini": [*TRACKS, "rhythm-svm", "track-mlp", "short-chunk-cnn"],
    "latent/mini": ["track-prior", "mfcc-lr", "codebook-lr", "latent-cnn", "track-mlp"],
    "few-labels/instruments": FEW_LABELS,
    "few-labels/speech-music": FEW_LABELS,
    "few-labels/embedded": [*FEW_LABELS, *CONTROLS],
    "few-shot/instruments": SHOT,
    "few-shot/embedded": SHOT,
    "metric/instruments": METRIC,
    "metric/embedded": METRIC,
    "pitch/embedded": PITCH,
    "audiovisual/embedded": PAIRS,
    "audiovisual/segments": PAIRS,
    "sequence/embedded": SEQUENCE,
    "similarity/albums": [*TIMBRE, *CEILING],
    "similarity/genres": [*TIMBRE, "aucouturier-pachet-2004"],
    "similarity/mini-artists": TIMBRE,
    "similarity/embedded": [*TIMBRE, *LEARNED],
    "instruments/lodo": [
        *["prior", "mfcc-svm", "essentia-svm", "note-lda"],
        *PEETERS,
        *SELECTIONS,
        *NOTE_NETS,
    ],
    "instruments/robustness": SWEPT,
    "instruments/matrix": ["prior", "mfcc-svm", *FLAT_AND_TREES, "note-lda", "note-cnn"],
    "instruments/random": ["mfcc-svm", "peeters-gaussian", "peeters-knn"],
    "instruments/66-33": ["mfcc-svm", "peeters-gaussian", "peeters-knn"],
    "speech-music/matrix": [
        "prior-frames",
        "mfcc-svm-frames",
        *[f"scheirer-slaney-{c}" for c in CLASSIFIERS],
        *[f"scheirer-slaney-{c}:recipe=printed" for c in ("gaussian", "gmm", "knn")],
        *[f"scheirer-slaney-{c}:features={s}" for s in SETS for c in ("gmm", "knn")],
        "cnn-frames",
        "tcn-frames",
    ],
    "speech-music/5s": [
        "prior",
        "mfcc-svm",
        "flat-svm",
        "flat-rf",
        "mlp-5s",
        *[f"cnn-5s:input={i}" for i in ("mfcc", "chroma", "cm", "cmd", "cqt", "stft")],
    ],
    "segmentation/programmes": three_ways("gmm", "knn", "mfcc", "cnn"),
    "segmentation/leave-one-programme-out": three_ways("gmm", "mfcc"),
    "singing-voice/leave-one-artist-out": three_ways("gmm", "mfcc", "cnn"),
}


# artists recur from programme to programme, near copies lie in both parts of random splits: marked
LEAKING = (
    "segmentation/leave-one-programme-out",
    "instruments/random",
    "instruments/66-33",
)


def main() -> int:
    """Run the named protocols, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocols", nargs="*", metavar="PROTOCOL", help=", ".join(ROWS))
    parser.add_argument("-m", "--methods", nargs="*", help="these rows only")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    failed = False
    for name in options.protocols or ROWS:
        protocol = load_protocol(name)
        done, failures = run_protocol(
            [row for row in ROWS[name] if row in (options.methods or ROWS[name])],
            protocol,
            n_jobs=options.jobs,
            records=ROOT,
            allow_leaks=name in LEAKING,
        )
        print(to_text(board(done, protocol)), flush=True)
        for what, why in failures.items():
            failed |= not why.startswith("skipped")  # essentia is optional
            print(f"{what}: {why}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

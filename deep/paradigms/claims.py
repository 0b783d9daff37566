"""What each way of learning is said to do, as comparisons of rows.

Written before any record of them was made, with these exceptions: the claims of pitch; PASE beside its single
workers, word2vec on shuffled tokens, WaveNet and SampleRNN came after the rows of PASE and word2vec, before the
others; that VM-Net and AVE-Net are above chance came after their records.

All are judged on embedded corpora, five seeds of frozen generators. "At least" allows two points.
"""

from __future__ import annotations

from deep.representation.pase import WORKERS
from deep.sequences.claims import CLAIMS as SEQUENCES
from mirbench.boards.claims import Claim

SLACK = 2.0
"""Points within which one row isn't worse than another; our choice."""
FEW = "n=5"
SOME = "n=10"
"""Labels a class at which learning from unlabelled sound is judged, and the nearest to the 10 of papers."""

LEARNED = (
    *("autoencoder", "denoising", "sparse", "contractive", "vae", "gan", "inpainting"),
    *("masked-frames", "frame-prediction", "word2vec", "simclr", "cpc", "past-future"),
    *("pase", "patch-order", "rotation", "wavenet", "samplernn"),
)
UNLABELLED = (
    *("pseudo-labels", "consistency", "vat", "entropy", "noisy-student", "mean-teacher"),
    *("gan", "finetuned"),
)
FLOORS = ("encoder-untrained", "encoder-mfcc")


def at_least(words: str, better: str, worse: str, source: str | None = None) -> Claim:
    """``better`` isn't worse by two points."""
    return Claim(words, better, worse, slack=SLACK, source=source)


REPRESENTATION = (
    *(Claim(f"{name} above {floor.removeprefix('encoder-')}", f"encoder-{name}", floor) for name in LEARNED for floor in FLOORS),
    Claim("the auto-encoder above principal components", "encoder-autoencoder", "encoder-pca"),
    *(at_least(f"{name} at least the plain auto-encoder", f"encoder-{name}", "encoder-autoencoder") for name in ("denoising", "sparse", "contractive")),
    Claim("word2vec above itself with its context shuffled", "encoder-word2vec", "encoder-word2vec:shuffled=True"),
    at_least("the untrained encoder at least word2vec with its context shuffled", "encoder-untrained", "encoder-word2vec:shuffled=True"),
    *(Claim(f"pase above its worker {name} alone", "encoder-pase", f"encoder-pase:worker={name}") for name in WORKERS),
)  # fmt: skip
LOW_LABEL = tuple(
    Claim(f"{name}, 5 labels a class, above learning from the labels alone", f"encoder-{name}", "few-supervised", source=FEW)
    for name in LEARNED
)  # fmt: skip
SEMI_SUPERVISED = tuple(
    Claim(f"{name}, {source[2:]} labels a class, above the labels alone", f"few-{name}", "few-supervised", source=source)
    for name in UNLABELLED for source in (FEW, SOME)
) + (at_least("the mean teacher, 5 labels a class, at least consistency with the net itself", "few-mean-teacher", "few-consistency", FEW),)  # fmt: skip
SHOTS = {"n=1": "1 shot", "n=5": "5 shots"}
FEW_SHOT = (
    at_least("prototypes at least matching, 5 shots", "shot-prototypes", "shot-matching"),
    Claim("Euclidean prototypes above cosine ones, 5 shots", "shot-prototypes", "shot-prototypes-cosine"),
    *(
        Claim(f"{name} above the nearest mean of MFCC statistics, {SHOTS[shots]}", f"shot-{name}", "shot-mfcc", source=shots)
        for name in ("prototypes", "matching", "finetune") for shots in SHOTS
    ),
    *(
        Claim(f"{name} above the untrained encoder, {SHOTS[shots]}", f"shot-{name}", "encoder-untrained", source=shots)
        for name in ("prototypes", "matching") for shots in SHOTS
    ),
)  # fmt: skip
METRIC = (
    Claim("LDA above principal components", "lda-similarity", "metric-pca"),
    Claim("LMNN above the raw features", "lmnn-similarity", "metric-raw"),
    at_least("LMNN at least LDA", "lmnn-similarity", "lda-similarity"),
    Claim("contrastive above the raw features, classes unseen", "metric-contrastive", "metric-raw"),
    Claim("semi-hard triplets above the raw features, classes unseen", "metric-triplet-semihard", "metric-raw"),
    at_least("semi-hard triplets at least all triplets", "metric-triplet-semihard", "metric-triplet-all"),
    Claim("semi-hard triplets above easy ones", "metric-triplet-semihard", "metric-triplet-easy"),
    Claim("semi-hard triplets above hard ones, which may collapse", "metric-triplet-semihard", "metric-triplet-hard"),
)  # fmt: skip
PITCH = (
    Claim("SPICE, without labels, above YIN", "spice", "yin"),
    at_least("SPICE at least the small CREPE, which sees labels", "spice", "crepe-small"),
)
FOUND = "R@10 (sound to video)"
PICTURES = (
    Claim("L3-Net tells true pairs from false ones", "l3-net", "prior-pairs", "correspondence"),
    Claim("AVE-Net tells true pairs from false ones", "ave-net", "prior-pairs", "correspondence"),
    Claim("VM-Net finds the video of a sound above chance", "vm-net", "prior-pairs", FOUND),
    Claim("AVE-Net finds videos better than L3-Net, whose embeddings aren't aligned", "ave-net", "l3-net", FOUND),
    *(Claim(f"{name} above statistics of sound and picture", name, "cca-pairs", FOUND) for name in ("ave-net", "vm-net")),
    Claim("triplets above a cross entropy, music and video", "vm-net", "vm-net-bce", FOUND),
    Claim("AVOL-Net shows what sounds better than AVE-Net", "avol-net", "ave-net", "localisation"),
)  # fmt: skip

CLAIMS = {
    "few-labels/embedded": (*REPRESENTATION, *LOW_LABEL, *SEMI_SUPERVISED),
    "few-shot/embedded": FEW_SHOT,
    "metric/embedded": METRIC,
    "pitch/embedded": PITCH,
    "audiovisual/embedded": PICTURES,
    **SEQUENCES,
}
"""Criteria of success by protocol."""

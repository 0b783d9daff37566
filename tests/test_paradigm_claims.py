"""Claims of the course: which row each says is better, read from its words."""

import re

import pytest

from deep.paradigms.claims import CLAIMS, SLACK

ROWS = {
    "the auto-encoder": "encoder-autoencoder",
    "the plain auto-encoder": "encoder-autoencoder",
    "principal components": "pca",
    "the mean teacher": "few-mean-teacher",
    "consistency with the net itself": "few-consistency",
    "learning from the labels alone": "few-supervised",
    "the labels alone": "few-supervised",
    "Euclidean prototypes": "shot-prototypes",
    "cosine ones": "shot-prototypes-cosine",
    "the nearest mean of MFCC statistics": "shot-mfcc",
    "the untrained encoder": "encoder-untrained",
    "LDA": "lda-similarity",
    "LMNN": "lmnn-similarity",
    "the raw features": "metric-raw",
    "contrastive": "metric-contrastive",
    "semi-hard triplets": "metric-triplet-semihard",
    "easy ones": "metric-triplet-easy",
    "hard ones": "metric-triplet-hard",
    "all triplets": "metric-triplet-all",
    "SPICE": "spice",
    "YIN": "yin",
    "the small CREPE": "crepe-small",
    "statistics of sound and picture": "cca-pairs",
    "triplets": "vm-net",
    "a cross entropy": "vm-net-bce",
}
"""What words of a claim stand for, where they aren't a method's own name."""
FAMILIES = {
    "few-labels/embedded": ("encoder-", "few-"),
    "few-shot/embedded": ("shot-",),
    "metric/embedded": ("metric-",),
    "audiovisual/embedded": ("",),
    "pitch/embedded": ("",),
}
OTHERS = {
    "L3-Net tells true pairs from false ones": ("l3-net", "prior-pairs"),
    "AVE-Net tells true pairs from false ones": ("ave-net", "prior-pairs"),
    "VM-Net finds the video of a sound above chance": ("vm-net", "prior-pairs"),
    "the untrained encoder at least word2vec with its context shuffled": ("encoder-untrained", "encoder-word2vec:shuffled=True"),
    "AVE-Net finds videos better than L3-Net, whose embeddings aren't aligned": ("ave-net", "l3-net"),
    "AVOL-Net shows what sounds better than AVE-Net": ("avol-net", "ave-net"),
    "error of the plain encoder-decoder grows with length": ("seq2seq-line", ""),
    "attention: less error at the same size": ("attention-line", "seq2seq-line"),
    "attention: its gain grows with length": ("attention-line", "seq2seq-line"),
    "positions: without them a Transformer errs more": ("transformer-line", "transformer-line:pe=False"),
    "a beam of 4 isn't worse than the likeliest note": ("attention-line:beam=4", "attention-line"),
    "word2vec above itself with its context shuffled": ("encoder-word2vec", "encoder-word2vec:shuffled=True"),
    "positions: tags don't need them": ("transformer-bag:positions=False", "transformer-bag"),
}  # fmt: skip
"""Claims in words of their own."""
ALL = [(protocol, claim) for protocol, claims in CLAIMS.items() for claim in claims]


def rows_of(protocol, side):
    """Specs that a side of a claim may mean; what follows a comma tells of it and is no name."""
    name = side.partition(",")[0]
    return {f + ROWS.get(name, name) for f in ("", *FAMILIES[protocol])}


def test_at_least_allows_two_points():
    assert SLACK == 2


@pytest.mark.parametrize(("protocol", "claim"), ALL, ids=[claim.words for _, claim in ALL])
def test_a_claim_means_what_its_words_say(protocol, claim):
    assert claim.tie == 0
    assert claim.slack == (2 if re.search("at least|isn't worse|don't need", claim.words) else 0)
    shown = re.search(r"(\d+) (labels a class|shots?)\b", claim.words)
    if shown and claim.source is None:
        assert protocol == "few-shot/embedded"
        assert shown[1] == "5", "the first headline column"
    else:
        assert claim.source == (shown and f"n={shown[1]}")
    if claim.words in OTHERS:
        assert (claim.better, claim.worse) == OTHERS[claim.words]
    elif reader := re.fullmatch("(.*): token error below the majority's", claim.words):
        assert (claim.better, claim.worse) == (reader[1], "prior-line")
    elif worker := re.fullmatch("pase above its worker (.*) alone", claim.words):
        assert (claim.better, claim.worse) == ("encoder-pase", f"encoder-pase:worker={worker[1]}")
    else:
        better, _, worse = re.split(" (above|at least) ", claim.words)
        assert claim.better in rows_of(protocol, better)
        assert claim.worse in rows_of(protocol, worse)
        if claim.worse == "few-supervised":
            family = "encoder-" if worse.startswith("learning") else "few-"
            assert claim.better.startswith(family)

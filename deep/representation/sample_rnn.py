"""SampleRNN as an encoder: a net of its own, which learns what `deep.representation.wavenet` learns.

Mehri et al. 2017: the next sample by cross entropy over 256 levels; the mean of the hidden states is the
embedding. The paper carries states on from one part of 512 samples to the next and cuts the gradient there;
here the patches are drawn at random, so that each starts anew, and the gradient runs through all of its
2048 samples.
"""

from __future__ import annotations

from deep.nets.sample_rnn import SampleRNN
from deep.representation.encoder import Representation
from deep.representation.wavenet import next_sample


def encoder_samplernn(random_state: int = 0) -> Representation:
    """SampleRNN: the next sample of the waveform, by tiers of GRUs; its own net.

    Parameters
    ----------
    random_state : int
    """
    return next_sample(SampleRNN, random_state)


encoder_samplernn.family = "deep"  # type: ignore[attr-defined]
encoder_samplernn.cite = "mehri2017samplernn"  # type: ignore[attr-defined]

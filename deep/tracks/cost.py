"""What a net costs: multiply-adds of one patch."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


def multiply_adds(net: nn.Module, in_shape: tuple[int, int, int]) -> int:
    """Multiply-adds of matrix products, convolutions and attention for one patch.

    Half of what torch's counter says, which counts a multiplication and an addition as two. What
    costs less is not counted: activations, norms, pooling. Layers run in their plain form, as their
    fused ones (LSTM, transformer) are unknown to the counter. The net is left as it was.

    Parameters
    ----------
    net : nn.Module
    in_shape : tuple (channels, frames, bins)
    """
    training, device = net.training, next((p.device for p in net.parameters()), None)
    counter: Any = FlopCounterMode(display=False)
    net.eval()
    with (
        torch.enable_grad(),
        warnings.catch_warnings(action="ignore"),  # TF32 on hardware that isn't there
        torch.backends.mkldnn.flags(enabled=False),
        sdpa_kernel(SDPBackend.MATH),
        counter,
    ):
        net(torch.zeros(1, *in_shape, device=device))
    net.train(training)
    return int(counter.get_total_flops()) // 2

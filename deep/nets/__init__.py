"""Architectures: plain torch modules, built by ``Net(in_shape, n_classes, **options)``.

``in_shape`` is (channels, frames, bins) of a patch; the forward pass takes (batch, channels,
frames, bins) and gives logits, (batch, n_classes) for items or (batch, n_classes, frames) for
frames. Nets that answer on frames say in ``context`` how many frames before and after a frame
its logits look at.
"""

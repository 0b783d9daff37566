"""Learning to learn from a few notes a class: episodes in training, a support set to adapt to."""

"""Released encoders, frozen: their embeddings under the head of the hand-crafted baselines."""

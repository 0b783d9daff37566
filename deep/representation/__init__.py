"""Ways to learn a representation of sound without labels: one encoder and one budget for all."""

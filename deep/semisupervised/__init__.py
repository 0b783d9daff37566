"""Ways to learn from few labels and many sounds without one: one encoder and one budget for all."""

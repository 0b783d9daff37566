"""Three ways from frame scores to segments (Royo-Letelier, 2015), around any frame method.

- A, :mod:`.label_then_segment`: label the frames, then cut.
- B, :mod:`.segment_then_label`: find boundaries in the features, then label what lies between.
- C, :mod:`.joint`: both at once, a hidden Markov model.
"""

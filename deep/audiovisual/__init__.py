"""Sound and sight of one instant: who belongs together, learnt without labels.

One encoder of sound, one of pictures and one budget for all; a file a loss.
"""

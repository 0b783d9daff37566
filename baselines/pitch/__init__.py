"""Pitch of single lines without training: YIN, pYIN, SWIPE', and a constant."""

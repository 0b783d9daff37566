"""Models that draw sound by its label, and how well they know it."""

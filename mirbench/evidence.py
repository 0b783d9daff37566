"""What recordings a figure stands on, the strongest first."""

EVIDENCE = ("real", "look-alike", "embedded")

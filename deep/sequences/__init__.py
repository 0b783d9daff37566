"""Systems that answer with a sequence of tokens."""

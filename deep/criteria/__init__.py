"""Criteria of success that no board shows, since they look into a fitted model: measured over embedded sets."""

"""Lines of notes from sound, without a net."""

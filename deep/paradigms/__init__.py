"""The course's ways of learning side by side: what each claims, and which is for what."""

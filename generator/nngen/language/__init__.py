"""TODO: what may stand in language, and what it may import."""

"""TODO: what may stand in description, and what it may import."""

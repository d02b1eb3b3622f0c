"""TODO: what may stand in validate, and what it may import."""

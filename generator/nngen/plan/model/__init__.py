"""TODO: what may stand in model, and what it may import."""

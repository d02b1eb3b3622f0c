"""TODO: what may stand in training, and what it may import."""

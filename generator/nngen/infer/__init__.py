"""TODO: what may stand in infer, and what it may import."""

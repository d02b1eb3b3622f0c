"""TODO: what may stand in symbolic, and what it may import."""

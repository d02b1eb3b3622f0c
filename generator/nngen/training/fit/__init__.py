"""TODO: what may stand in fit, and what it may import."""

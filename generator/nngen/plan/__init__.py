"""TODO: what may stand in plan, and what it may import."""

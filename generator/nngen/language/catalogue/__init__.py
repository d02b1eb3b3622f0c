"""TODO: what may stand in catalogue, and what it may import."""

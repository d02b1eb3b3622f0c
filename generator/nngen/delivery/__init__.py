"""TODO: what may stand in delivery, and what it may import."""

"""TODO: what may stand in network, and what it may import."""

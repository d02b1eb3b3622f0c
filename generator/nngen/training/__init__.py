"""Tasks, losses, metrics, optimizers and schedulers as facts, and whether they fit a network and its data.

It may import ``network`` and what lies below; it prints no code.
"""

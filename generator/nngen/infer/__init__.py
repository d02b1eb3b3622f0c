"""Stages 3 and 4: a description becomes graphs in which every tensor has a name, then a shape.

It may import ``network`` and what lies below; neither ``validate`` nor ``plan``.
"""

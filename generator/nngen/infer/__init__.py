"""Stages 3 and 4: a description becomes graphs in which every tensor has a name, and then a shape.

The package may import ``network`` and the packages below it, but neither ``validate`` nor ``plan``.
"""

"""Sizes that vary, such as a length or a batch, and conditions on them.

The package may import ``language``.
"""

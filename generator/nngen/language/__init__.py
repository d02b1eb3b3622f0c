"""YAML text with positions, names, expressions and torch's catalogue: everything that is independent of a network.

The package imports nothing of nngen but ``paths``.
"""

"""Text, positions, names, expressions and torch's catalogue: what can be said of a line without knowing any network.

It imports nothing of nngen but ``paths``.
"""

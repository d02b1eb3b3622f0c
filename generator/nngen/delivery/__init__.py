"""All that touches the disk: copier, git, the bundle of templates, merges, and what becomes of trained weights.

It may import ``pipeline`` and the stages; not ``cli``.
"""

"""Random descriptions over the whole language of networks, and what they mean: ``make fuzz-language``.

Nothing here imports nngen but ``comparison.py``, which emits the model that an interpreter of its own is compared with.
"""

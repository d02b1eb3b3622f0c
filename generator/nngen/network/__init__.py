"""The network as typed graphs: tensors and their symbolic sizes, layers and operations with their rules.

It may import ``description`` and ``language``.
"""

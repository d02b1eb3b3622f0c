"""The network as typed graphs: tensors and their symbolic sizes, layers and operations with their rules.

The package may import ``description`` and ``language``.
"""

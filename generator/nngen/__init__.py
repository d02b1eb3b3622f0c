"""nngen: from a YAML architecture description to a standalone PyTorch project."""

__version__ = "0.1.0"

"""The command line and its output: tables, JSON, pages on layers, examples, the JSON Schema.

The package may import every other one. ``main`` is the command ``nngen``, so importing the package stays fast: each
command imports what it needs.
"""

from .commands import main

__all__ = ["main"]

"""The command line, and what only it prints: tables, JSON, pages on layers, examples, the JSON Schema.

It may import every other package. ``main`` is what the command ``nngen`` runs, so importing this package stays light:
each command imports what it needs.
"""

from .commands import main

__all__ = ["main"]

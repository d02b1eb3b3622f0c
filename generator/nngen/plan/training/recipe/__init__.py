"""How a network is trained: everything that the templates need beside the network itself.

The description is checked by now. What is decided here is which lines the emitted project needs, so that the
templates hold text and simple choices only.
"""

from .build import Recipe, build_recipe

__all__ = ["Recipe", "build_recipe"]

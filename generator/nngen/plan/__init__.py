"""Stage 5: what the templates print. ``model`` plans model.py, ``training`` plans everything else.

It may import the stages before it; ``model`` and ``training`` do not import each other.
"""

"""The plan of model.py: its classes with their constructors, ``forward`` and docstrings as values.

The package does not import ``plan.training``.
"""

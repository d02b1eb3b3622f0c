"""The classes of model.py as values: constructors, ``forward``, docstrings.

It does not import ``plan.training``.
"""

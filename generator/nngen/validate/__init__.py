"""Stage 2: values with positions become a ``Description``, or mistakes with positions.

The package may import ``training`` and the packages below it, but not ``infer``, since no shape is known here.
"""

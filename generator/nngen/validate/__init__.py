"""Stage 2: values with positions become a ``Description``, or mistakes at their places.

It may import ``training`` and what lies below; not ``infer``, since no shape is known here.
"""

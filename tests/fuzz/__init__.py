"""The search for descriptions that nngen does not cope with: mutated ones, judged by nngen's own errors and by torch.

``python -m fuzz --count 20000 --seed 7`` in ``tests/`` runs it; `mutations` draws the descriptions, `judge` takes one
through all stages and through torch, `minimise` makes one that fails small.
"""

"""Proof that the emitted ``model.py`` is what the description says: both are evaluated, and their results compared.

The text is read and never run (`emitted`), the description is unrolled by itself (`reference`). It may import
``network`` and what lies below, and the evaluation of expressions of ``infer``; it knows nothing of ``plan``.
"""

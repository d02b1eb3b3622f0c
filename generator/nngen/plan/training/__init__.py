"""Training, evaluation and prediction as values: the recipe, losses, optimizers, schedulers, imports.

It does not import ``plan.model``.
"""

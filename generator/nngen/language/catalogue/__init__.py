"""The catalogue of torch's layers, losses, optimizers and schedulers, with their arguments, as data.

Only ``refresh``, which a developer runs, imports torch.
"""

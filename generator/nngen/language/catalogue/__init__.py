"""What torch offers: every layer, loss, optimizer and scheduler with its arguments, as data.

Only ``refresh``, which a developer runs, imports torch.
"""

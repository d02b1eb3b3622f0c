"""Do network, losses, optimizers and data fit together? Each module notes what does not.

It may import what ``training`` may.
"""

"""The description as frozen dataclasses, and the settings under ``data`` and ``training``.

The package imports only ``language``; nothing in it reads a file or knows the shapes inside a network.
"""

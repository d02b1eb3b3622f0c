"""What the author wrote, as frozen dataclasses, and what can be set under ``data`` and ``training``.

It may import ``language``; nothing here reads a file or knows a shape.
"""

"""Where nngen keeps what it can make again: compiled templates, and copies of its own template."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return nngen's folder in the user's cache folder; without a home directory one that cannot be written to."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "nngen"
    except RuntimeError:
        return Path(os.devnull) / "nngen"

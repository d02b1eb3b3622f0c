"""Python files as black formats them.

It has a module of its own, since copier loads ``copier_extension.py`` anew for each version that it renders: what is
formatted once is kept here for the whole run, and most files of the two versions of an update are the same.
"""

from __future__ import annotations

import gc
from functools import lru_cache


@lru_cache(maxsize=1024)
def formatted(source: str) -> str:
    """Return the source as black formats it."""
    from black import Mode, format_file_contents
    from black.mode import TargetVersion
    from black.report import NothingChanged

    mode = Mode(target_versions={TargetVersion.PY310}, line_length=88)
    collecting = gc.isenabled()
    gc.disable()  # black makes many small objects that live on: the collector would double its time
    try:
        return format_file_contents(source, fast=True, mode=mode)
    except NothingChanged:
        return source
    finally:
        if collecting:
            gc.enable()

"""Writes the schema, or with ``--check`` compares it with the registries."""

from __future__ import annotations

import sys

from . import path
from .whole import text


def main() -> int:
    """Write the schema, or with ``--check`` tell whether it is up to date; return the exit code."""
    if "--check" in sys.argv[1:]:
        if path().exists() and path().read_text(encoding="utf-8") == text():
            return 0
        print(f"{path()} is out of step with nngen; run make schema")
        return 1
    path().write_text(text(), encoding="utf-8", newline="\n")
    print(f"{path()}: {len(text()) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

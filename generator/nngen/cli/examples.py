"""The examples that ``nngen init`` writes, descriptions to start from."""

from __future__ import annotations

from pathlib import Path

from ..paths import EXAMPLES


def kinds() -> dict[str, str]:
    """Return the names of the examples with their titles, which are their first comments."""
    return {path.stem: _title(path) for path in sorted(EXAMPLES.glob("*.yaml"))}


def example(kind: str) -> str:
    """Return the description of an example.

    Raises:
        KeyError: when there is no such example.
    """
    if kind not in kinds():
        raise KeyError(kind)
    return (EXAMPLES / f"{kind}.yaml").read_text(encoding="utf-8")


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.lstrip("# ").strip() if first.startswith("#") else ""

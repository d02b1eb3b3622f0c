"""The JSON Schema of descriptions, for editors: made from the registries that the checker uses.

    python -m nngen.cli.schema            # write schemas/architecture.schema.json
    python -m nngen.cli.schema --check    # exit code 1 when it is out of step

A schema sees no shapes, no names of blocks and no expressions; what it accepts is checked by ``nngen check``.
"""

from __future__ import annotations

from pathlib import Path

from ...paths import SCHEMA_NAME, SCHEMAS


def path() -> Path:
    """Return where the schema lies."""
    return SCHEMAS / SCHEMA_NAME


def modeline(name: str = SCHEMA_NAME) -> str:
    """Return the first line of a description, by which yaml-language-server finds the schema beside it."""
    return f"# yaml-language-server: $schema={name}"


def write(file: Path) -> None:
    """Write the schema to a file, or over the schema of another version.

    Raises:
        FileExistsError: when the file is something else, such as a description.
        OSError: when it cannot be written.
    """
    content = path().read_bytes()
    start = content[: content.index(b",")]  # `{"$schema": ...`
    if file.exists() and not file.read_bytes().startswith(start):
        raise FileExistsError(file)
    file.write_bytes(content)

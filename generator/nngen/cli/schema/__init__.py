"""The JSON Schema of descriptions, for editors, generated from the registries that ``nngen check`` uses.

    python -m nngen.cli.schema            # write schemas/architecture.schema.json
    python -m nngen.cli.schema --check    # exit code 1 when it is out of step

A schema knows no shapes, names of blocks or expressions; ``nngen check`` has to check what it accepts.
"""

from __future__ import annotations

from pathlib import Path

from ...paths import SCHEMA_NAME, SCHEMAS


def path() -> Path:
    """Return the path of the schema."""
    return SCHEMAS / SCHEMA_NAME


def modeline(name: str = SCHEMA_NAME) -> str:
    """Return the first line of a description, which tells yaml-language-server the name of the schema beside it."""
    return f"# yaml-language-server: $schema={name}"


def write(file: Path) -> None:
    """Write the schema to a file, which may hold the schema of another version.

    Raises:
        FileExistsError: when the file holds something else, such as a description.
        OSError: when the file cannot be written.
    """
    content = path().read_bytes()
    start = content[: content.index(b",")]  # `{"$schema": ...`
    if file.exists() and not file.read_bytes().startswith(start):
        raise FileExistsError(file)
    file.write_bytes(content)

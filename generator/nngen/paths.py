"""Where the files that come with the package lie: inside it in a wheel, in its checkout otherwise."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent.parent
SCHEMAS = PACKAGE / "schemas" if (PACKAGE / "schemas").is_dir() else CHECKOUT / "schemas"
EXAMPLES = PACKAGE / "examples"
SCHEMA_NAME = "architecture.schema.json"  # of the JSON Schema, in SCHEMAS and beside descriptions

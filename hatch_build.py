"""Puts the bundle of the template's versions into the wheel, and into the source distribution."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds nngen/templates.bundle, unless the source distribution brought it along."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling; an editable install renders from the checkout itself and needs no bundle."""
        root = Path(self.root)
        bundle = _bundle_module(root)
        if version == "editable" or (root / "generator/nngen" / bundle.NAME).is_file():
            return
        self._temporary = tempfile.TemporaryDirectory(prefix="nngen-build-")
        path = Path(self._temporary.name) / bundle.NAME
        bundle.build(root, path, self.metadata.version)
        folder = "nngen" if self.target_name == "wheel" else "generator/nngen"
        build_data["force_include"][str(path)] = f"{folder}/{bundle.NAME}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes what was built on the way."""
        if hasattr(self, "_temporary"):
            self._temporary.cleanup()


def _bundle_module(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("nngen_bundle", root / "generator/nngen/delivery/bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

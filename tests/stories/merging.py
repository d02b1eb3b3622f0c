"""Whole projects rendered in memory, as copier renders them, and merged as `nngen update` merges them."""

from __future__ import annotations

import hashlib
import subprocess
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from nngen.delivery.git import Scratch, Tree
from nngen.delivery.merge import Merged, merge, moved
from nngen.infer.kept_names import KEY
from rendering import ANSWERS, Files


def record_in(files: Files) -> Mapping[str, Any]:
    """The names that a rendered project records."""
    record: Mapping[str, Any] = yaml.safe_load(files[ANSWERS]).get(KEY) or {}
    return record


class Merger:
    """Merges projects in a scratch repository, by the very code that an update runs."""

    def __init__(self, folder: Path) -> None:
        self.scratch = Scratch(folder)
        self.objects = folder / "scratch.git/objects"
        self._known: dict[str, str] = {}

    def merge(self, base: Files, ours: Files, theirs: Files, names: tuple[str, str]) -> tuple[Files, Merged]:
        """The merged files, those in conflict with markers, and what git said."""
        start, place, end = (self._tree(files) for files in (base, ours, theirs))
        if names[0] != names[1]:
            place, start = moved(place, start, *names), moved(start, start, *names)
        merged = merge(self.scratch, start, place, end)
        known = {name: text for text, name in self._known.items()}
        files = {path: known[name] if name in known else self._read(name) for path, (_, name) in merged.tree.items()}
        return files, merged

    def _tree(self, files: Files) -> Tree:
        return {path: ("100644", self._blob(text)) for path, text in files.items()}

    def _blob(self, text: str) -> str:
        if text not in self._known:
            content = text.encode()
            whole = b"blob %d\0" % len(content) + content
            name = hashlib.sha1(whole).hexdigest()
            path = self.objects / name[:2] / name[2:]
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                path.write_bytes(zlib.compress(whole, 1))
            self._known[text] = name
        return self._known[text]

    def _read(self, name: str) -> str:
        return self.scratch.git("cat-file", "blob", name)


def merge_files(folder: Path, base: Files, ours: Files, theirs: Files) -> tuple[Files, set[str]]:
    """`git merge-file` on each file by its path, as people do by hand: the files, and which are in conflict."""
    result: Files = {}
    conflicts = set()
    for path in {*ours, *theirs}:
        if path not in theirs or path not in ours:
            if path not in base:  # new on one side
                result[path] = ours.get(path, theirs.get(path, ""))
            continue  # removed on one side
        versions = [files.get(path, "") for files in (ours, base, theirs)]
        if versions[0] == versions[2] or versions[2] == versions[1]:
            result[path] = versions[0]
        elif versions[0] == versions[1]:
            result[path] = versions[2]
        else:
            places = [folder / name for name in ("ours", "base", "theirs")]
            for place, text in zip(places, versions):
                place.write_text(text)
            command = ["git", "merge-file", "-p", *map(str, places)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            result[path] = done.stdout
            if done.returncode:
                conflicts.add(path)
    return result, conflicts

"""Renames that a person made through the whole project, replayed on what nngen generates.

Otherwise each generated line with the old name would be in conflict with the person's, or would come back under it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import PurePosixPath

from .git import Scratch, Tree
from .project import ANSWERS, DESCRIPTION

SHARE = 0.8  # of the lines with a name that have to stand there under the new one
SHORTEST = 4  # letters of a name that is no everyday word
LARGEST = 1 << 20  # bytes of a file that people write

_RECORDS = (ANSWERS, DESCRIPTION)  # they keep the name that the description has
_WORD = re.compile(r"[^\W\d]\w*")
Files = Mapping[str, str]  # texts by path


def replayed(scratch: Scratch, base: Tree, ours: Tree, theirs: Tree) -> tuple[Tree, Tree, dict[str, str]]:
    """Return base and theirs with the names that ours has by now, and those names by their old ones.

    Raises:
        GitError: when git fails.
    """
    if not _may_rename(scratch, base, ours):
        return base, theirs, {}
    texts = _read(scratch, {blob for tree in (base, ours, theirs) for mode, blob in tree.values() if mode[:3] == "100"})
    versions = [
        {path: texts[name] for path, (_, name) in tree.items() if name in texts and path not in _RECORDS}
        for tree in (base, ours, theirs)
    ]
    names = renames(*versions)
    if not names:
        return base, theirs, {}
    return _renamed(scratch, base, versions[0], names), _renamed(scratch, theirs, versions[2], names), names


def _may_rename(scratch: Scratch, base: Tree, ours: Tree) -> bool:
    """Return whether a definition or a file of the base is no longer where it was; else this is all."""
    changed = [path for path, entry in base.items() if path.endswith(".py") and ours.get(path) != entry]
    if any(path not in ours for path in changed):
        return True
    texts = _read(scratch, {tree[path][1] for tree in (base, ours) for path in changed}) if changed else {}
    before, now = ([_definitions(texts.get(tree[path][1], "")) for path in changed] for tree in (base, ours))
    return any(one - other for one, other in zip(before, now))


def renames(base: Files, ours: Files, theirs: Files) -> dict[str, str]:
    """Return the new names of folders, classes and functions of the base that ours renamed and theirs still has."""
    before, now, generated = (_mentions(files) for files in (base, ours, theirs))
    defined = _defined(ours)
    gone = {name for name in _defined(base) - now if name in generated and len(name) >= SHORTEST}
    fresh = {name for name in defined - before - generated if len(name) >= SHORTEST}
    if not gone or not fresh:
        return {}
    there = Counter(line for text in ours.values() for line in text.split("\n"))
    found = {old: [new for new in sorted(fresh) if _explains(old, new, base, ours, there)] for old in sorted(gone)}
    unique = {old: new for old, (new, *others) in ((old, new) for old, new in found.items() if new) if not others}
    taken = Counter(unique.values())
    return {old: new for old, new in unique.items() if taken[new] == 1}


def _explains(old: str, new: str, base: Files, ours: Files, there: Mapping[str, int]) -> bool:
    """Return whether what had the old name has the new one now."""
    word = re.compile(rf"\b{old}\b")
    lines = [line for text in base.values() if old in text for line in text.split("\n") if word.search(line)]
    kept = sum(word.sub(new, line) in there for line in lines)
    folders = [path for path in base if old in PurePosixPath(path).parts[:-1]]
    moved = [path for path in folders if _path(path, {old: new}) in ours]
    if folders and not moved:
        return False
    return kept + len(moved) >= max(2, SHARE * (len(lines) + len(folders)))


def _mentions(files: Files) -> set[str]:
    return {word for path, text in files.items() for part in (path, text) for word in _WORD.findall(part)}


def _defined(files: Files) -> set[str]:
    names = {part for path in files for part in PurePosixPath(path).parts[:-1]}
    for path, text in files.items():
        if path.endswith(".py"):
            names |= _definitions(text)
    return names


def _definitions(text: str) -> set[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def _path(path: str, names: Mapping[str, str]) -> str:
    *folders, file = PurePosixPath(path).parts
    return "/".join([*(names.get(folder, folder) for folder in folders), file])


def _renamed(scratch: Scratch, tree: Tree, texts: Files, names: Mapping[str, str]) -> Tree:
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    renamed: Tree = {}
    for path, (mode, blob) in tree.items():
        text = texts.get(path, "")
        if path not in _RECORDS and word.search(text):
            given = word.sub(lambda match: names[match[0]], text)
            blob = scratch.git("hash-object", "-w", "--stdin", given=given).strip()
        renamed[_path(path, names)] = (mode, blob)
    return renamed


def _read(scratch: Scratch, blobs: Iterable[str]) -> dict[str, str]:
    """Return the texts among some objects, data aside."""
    checked = scratch.git("cat-file", "--batch-check", given="".join(f"{blob}\n" for blob in sorted(blobs)))
    sizes = [line.split() for line in checked.splitlines()]
    small = "".join(f"{blob}\n" for blob, kind, *size in sizes if kind == "blob" and int(size[0]) <= LARGEST)
    content = scratch.git("cat-file", "--batch", given=small).encode("utf-8", "surrogateescape")
    texts = {}
    while content:
        header, _, content = content.partition(b"\n")
        blob, _, size = header.decode().split(" ")
        part, content = content[: int(size)], content[int(size) + 1 :]
        if b"\0" not in part:
            with suppress(UnicodeDecodeError):
                texts[blob] = part.decode()
    return texts

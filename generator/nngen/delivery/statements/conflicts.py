"""The files that git left in conflict, each merged statement by statement where that is sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..git import Entry, Scratch, Tree, git
from .merging import merge_text
from .units import Unmergeable

_BOTH_CHANGED = {1, 2, 3}  # stages: the base, and both sides


def resolved(scratch: Scratch, by_git: Tree, conflicts: Mapping[str, Mapping[int, Entry]], label: str) -> Tree:
    """Return the files of which no conflict is left.

    Args:
        scratch: knows all objects.
        by_git: the files as git merged them, with markers.
        conflicts: the stages of each file in conflict.
        label: what git's markers call our side.

    Raises:
        GitError: when git fails.
    """
    files: Tree = {}
    left_alone = _with_drivers(scratch, conflicts)
    for path, stages in conflicts.items():
        modes = {mode for mode, _ in stages.values()}
        texts = stages.keys() == _BOTH_CHANGED and len(modes) == 1 and modes <= {"100644", "100755"}
        if texts and path in by_git and path not in left_alone:
            names = (stages[1][1], stages[2][1], stages[3][1], by_git[path][1])
            base, ours, theirs, merged = (scratch.git("cat-file", "blob", name) for name in names)
            try:
                "".join((base, ours, theirs)).encode()  # only text, and only in UTF-8
                text = merge_text(path, base, ours, theirs, merged, label)
            except (UnicodeEncodeError, Unmergeable):
                continue
            name = scratch.git("hash-object", "-w", "--stdin", given=text).strip()
            files[path] = (by_git[path][0], name)
    return files


def _with_drivers(scratch: Scratch, paths: Iterable[str]) -> set[str]:
    """Return the files for which the project's .gitattributes ask for a merge of their own, or for none."""
    if scratch.repository is None:
        return set()
    given = "".join(f"{path}\0" for path in paths)
    fields = git("check-attr", "-z", "--stdin", "merge", cwd=scratch.repository.project, given=given).split("\0")
    return {path for path, value in zip(fields[::3], fields[2::3]) if value not in ("unspecified", "set", "text")}

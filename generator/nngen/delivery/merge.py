"""A three-way merge of whole projects: what was generated, what it is now, and what would be generated.

git does the merging, with its detection of renames, so that edits follow a file which was moved. What it leaves in
conflict is merged statement by statement, where that is sound.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .aftermath import GENERATED, OURS, Stages, stage
from .git import Entry, GitError, Scratch, Tree
from .journal import changed
from .replay import replayed

FILE_MODES = ("100644", "100755")


class ChangedMeanwhile(Exception):
    """A file of the project was changed while the update was made, or is in its way."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge: what the project becomes."""

    tree: Tree
    conflicts: dict[str, Stages]
    stay_deleted: tuple[str, ...]  # by a person, though the generator still writes them
    stay: tuple[str, ...]  # edited by a person, though the generator no longer writes them
    stay_links: tuple[str, ...]  # made a link by a person, though the generator writes a file
    by_statements: tuple[str, ...]  # merged statement by statement, where git has a conflict
    renamed: Mapping[str, str]  # names that a person changed through the whole project, and what is generated with them


def merge(scratch: Scratch, base: Tree, ours: Tree, theirs: Tree) -> Merged:
    """Merge three trees, whose objects the scratch repository knows.

    Raises:
        GitError: when git does.
    """
    base, theirs, renamed = replayed(scratch, base, ours, theirs)
    base, theirs = _with_line_ends_of(scratch, ours, base, theirs)
    links = {path: entry for path, entry in ours.items() if path in base and entry[0] not in FILE_MODES}
    ours = {path: ours[path] for path in ours if path not in links}  # what was moved away is found as for a deleted one
    root = _commit(scratch, base)
    for name, tree in ((OURS, ours), (GENERATED, theirs)):
        scratch.git("update-ref", f"refs/heads/{name}", _commit(scratch, tree, root))
    # files that a person put into a folder follow it when it is moved, as new generated files do
    settings = ["-c", "merge.directoryRenames=true", "-c", "merge.renames=true"]
    try:
        output = scratch.git(
            *settings, "merge-tree", "--write-tree", "-z", "--no-messages", OURS, GENERATED, fine=(0, 1)
        )
    except GitError as error:
        if "usage:" in str(error):
            raise GitError("git 2.38 or newer is needed") from None
        raise
    name, *entries = output.rstrip("\0").split("\0")
    found: dict[str, Stages] = {}
    for entry in entries:
        fields, _, path = entry.partition("\t")
        mode, blob, stage = fields.split()
        found.setdefault(path, {})[int(stage)] = (mode, blob)
    tree = read_tree(scratch, name)
    gone = [path for path, stages in found.items() if stages.keys() == {1, 3}]
    for path in gone:
        tree.pop(path, None)
    tree |= links
    stay = [path for path, stages in found.items() if stages.keys() == {1, 2}]
    conflicts = {path: stages for path, stages in found.items() if path not in (*gone, *stay)}
    by_statements = _by_statements(scratch, tree, conflicts)
    tree |= by_statements
    stay_deleted, stay_links = set(gone) - links.keys(), set(gone) & links.keys()
    return Merged(
        tree=tree,
        conflicts={path: stages for path, stages in conflicts.items() if path not in by_statements},
        stay_deleted=tuple(sorted(stay_deleted)),
        stay=tuple(sorted(stay)),
        stay_links=tuple(sorted(stay_links)),
        by_statements=tuple(sorted(by_statements)),
        renamed=renamed,
    )


def _by_statements(scratch: Scratch, tree: Tree, conflicts: dict[str, Stages]) -> Tree:
    if not conflicts:
        return {}
    from .statements.conflicts import resolved  # only for conflicts

    return resolved(scratch, tree, conflicts, OURS)


def read_tree(scratch: Scratch, name: str) -> Tree:
    """Return the files of a tree."""
    tree: Tree = {}
    for line in filter(None, scratch.git("ls-tree", "-r", "-z", name).split("\0")):
        fields, _, path = line.partition("\t")
        mode, _, blob = fields.split()
        tree[path] = (mode, blob)
    return tree


def moved(tree: Tree, generated: Tree, old: str, new: str) -> Tree:
    """Return a tree whose package has another name: folders that were generated as `old` are `new`."""
    folders = {parent.as_posix() for path in generated for parent in Path(path).parents if parent.name == old}
    renamed: Tree = {}
    for path, entry in tree.items():
        above = next((folder for folder in folders if path.startswith(f"{folder}/")), None)
        target = path if above is None else f"{above[: -len(old)]}{new}{path[len(above) :]}"
        if target != path and target in tree:
            return tree  # something of that name is there
        renamed[target] = entry
    return renamed


def _with_line_ends_of(scratch: Scratch, ours: Tree, *others: Tree) -> tuple[Tree, ...]:
    """Return the other trees with CRLF in files to which an editor gave it, so that not every line of them differs."""
    base = others[0]
    edited = {path: entry for path, entry in ours.items() if path in base and base[path] != entry}
    lone_newline = "[^\r]$"
    command = ["grep", "-z", "-I", "--files-without-match", "--extended-regexp", "-e", lone_newline]
    listed = scratch.git(*command, scratch.write(edited), fine=(0, 1)) if edited else ""
    paths = {line.partition(":")[2] for line in listed.split("\0") if line}
    return tuple(
        {path: _with_crlf(scratch, tree[path]) if path in paths else tree[path] for path in tree} for tree in others
    )


def _with_crlf(scratch: Scratch, entry: Entry) -> Entry:
    text = scratch.git("cat-file", "blob", entry[1])  # read as text, its lines end in \n
    return entry[0], scratch.git("hash-object", "-w", "--stdin", given=text.replace("\n", "\r\n")).strip()


def changes(before: Tree, after: Tree) -> list[str]:
    """Return the paths where two trees differ."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def apply(scratch: Scratch, before: Tree, merged: Merged, still: Callable[[], Tree]) -> None:
    """Change the project's files, and with conflicts git's index as a merge does; or leave everything as it was.

    Args:
        scratch: knows the objects of both trees.
        before: the project as it is.
        merged: what it becomes.
        still: reads the project again.

    Raises:
        ChangedMeanwhile: when the project is not as it was, or a file that git ignores is in the way.
        GitError: when git fails.
        OSError: when a file cannot be written.
    """
    assert scratch.repository is not None
    project = scratch.repository.project
    differing = changes(before, merged.tree)
    for path in differing:
        if path not in before:
            _check_free(project, path, before)
    if still() != before:
        raise ChangedMeanwhile("files of the project were changed while the update was made; nothing was written")
    after = {path: merged.tree.get(path) for path in differing}
    staged = {*differing, *merged.conflicts} if merged.conflicts else ()
    with changed(scratch, after, last=".copier-answers.yml", staged=staged):
        if merged.conflicts:
            stage(scratch, differing, merged.tree, merged.conflicts)


def _commit(scratch: Scratch, tree: Tree, *parents: str) -> str:
    options = [part for parent in parents for part in ("-p", parent)]
    return scratch.git("commit-tree", scratch.write(tree), *options, "-m", "nngen").strip()


def _check_free(project: Path, path: str, before: Tree) -> None:
    if os.path.lexists(project / path):
        raise ChangedMeanwhile(f"{path} is new in this version, and git ignores a file of yours there; move it away")
    for parent in Path(path).parents:
        link = project / parent
        blocked = link.is_symlink() or (link.exists() and not link.is_dir())
        if parent != Path(".") and blocked and parent.as_posix() not in before:
            raise ChangedMeanwhile(f"{path} is new in this version, and {parent} is no folder; move it away")

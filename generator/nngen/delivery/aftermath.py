"""What is left in git's index after an update with conflicts, what to do then, and the way back.

It is as after ``git merge``: what merged is staged, conflicts are unmerged entries, and the edited description is left
as it was. So ``git reset --merge`` takes the update back, and ``git add`` and ``git commit`` finish it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from .errors import DestinationError
from .git import Entry, Repository, Scratch, Tree, git

Stages = dict[int, Entry]  # of a file in conflict: 1 what was generated, 2 what it is, 3 what would be generated
OURS, GENERATED = "yours", "generated"  # the labels of conflict markers

_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


def stage(scratch: Scratch, differing: Collection[str], merged: Tree, conflicts: dict[str, Stages]) -> None:
    """Stage what an update changed, and mark what is in conflict.

    Args:
        scratch: knows all objects.
        differing: the files that the update changed.
        merged: all files after it.
        conflicts: the stages of those in conflict.

    Raises:
        GitError: when git fails.
    """
    repository = scratch.repository
    assert repository is not None
    clean = [path for path in differing if path not in conflicts]
    ignored = _ignored(repository, clean)
    clean = [path for path in clean if path not in ignored]
    staged = {path: merged[path] for path in clean if path in merged}
    entries = [f"0 {'0' * _hash_length(repository)}\t{path}" for path in (*clean, *conflicts)]
    entries += [f"{mode} {name} 0\t{path}" for path, (mode, name) in staged.items()]
    entries += [
        f"{mode} {name} {number}\t{path}"
        for path, stages in conflicts.items()
        for number, (mode, name) in sorted(stages.items())
    ]
    names = {name for _, name in staged.values()}
    scratch.hand_over(names | {name for stages in conflicts.values() for _, name in stages.values()})
    given = "".join(
        f"{fields}\t{repository.prefix}{path}\0" for fields, path in (each.split("\t", 1) for each in entries)
    )
    git("update-index", "-z", "--index-info", cwd=repository.top, given=given)
    git("update-index", "-q", "--refresh", cwd=repository.top, fine=(0, 1))  # 1: there are conflicts


def _hash_length(repository: Repository) -> int:
    return 64 if repository.hash == "sha256" else 40


def _ignored(repository: Repository, paths: Iterable[str]) -> set[str]:
    """Return the files that git ignores and does not track."""
    given = "".join(f"{path}\0" for path in paths)
    listed = git("check-ignore", "-z", "--stdin", cwd=repository.project, given=given, fine=(0, 1))
    return set(filter(None, listed.split("\0")))


def marked_lines(scratch: Scratch, merged: Tree, conflicts: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return the lines in which conflicts begin, of the files where they have markers."""
    found = {}
    for path in conflicts:
        text = scratch.git("cat-file", "blob", merged[path][1]) if path in merged else ""
        lines = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith(f"<<<<<<< {OURS}")]
        if lines:
            found[path] = tuple(lines)
    return found


def without_markers(conflicts: Mapping[str, Stages], marked: Collection[str]) -> dict[str, str]:
    """Return what to do about each conflict that leaves no lines to choose from in the file."""
    advice = {}
    for path, stages in conflicts.items():
        if stages.keys() <= {1}:
            advice[path] = (
                f"it has two new names, yours and the generated one: keep one file, git rm the other and {path}"
            )
        elif stages.keys() == {2}:
            advice[path] = _alone(path, "your file", "what is generated")
        elif stages.keys() == {3}:
            advice[path] = _alone(path, "the generated file", "yours")
        elif path not in marked:
            advice[path] = (
                f"both changed it, and it is no text or another kind of file: yours stands there; "
                f"git checkout --theirs {path} takes the generated one"
            )
    return advice


def _alone(path: str, what: str, other: str) -> str:
    if "~" in path.rpartition("/")[2]:
        return f"{what} is called so since a folder of that name is in {other}: move it, or git rm it"
    return f"{what}, which is called otherwise in {other}: keep one of the two, git rm the other"


def take_back(project: Path, repository: Repository) -> int:
    """Take an update with conflicts back, and return of how many files; the edited description stays.

    Raises:
        DestinationError: when there is none, or more than the update would go.
        GitError: when git fails.
    """
    conflicts = repository.unmerged()
    if not conflicts:
        raise DestinationError(f"no update of {project} is in conflict, so there is nothing to take back")
    for name in _UNDER_WAY:
        if Path(git("rev-parse", "--path-format=absolute", "--git-path", name, cwd=project).rstrip("\n")).exists():
            raise DestinationError(
                "what is in conflict comes from git merge, rebase or the like; take that back by git"
            )
    staged = git("diff", "--cached", "--name-only", "--no-renames", "-z", cwd=project).split("\0")
    changed = sorted(filter(None, staged))
    if others := [path for path in changed if not path.startswith(repository.prefix)]:
        raise DestinationError(
            f"{others[0]} is staged, outside of the project, and would be lost; commit or unstage it"
        )
    git("reset", "--quiet", "--merge", cwd=repository.top)
    return len({*changed, *conflicts})

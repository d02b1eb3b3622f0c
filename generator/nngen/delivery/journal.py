"""Files of a project change all together or not at all, also when the process is killed while it writes.

All new files are made aside, in git's folder, and so are copies of those that they replace; then a plan is written,
which says what goes where. Only then each file takes its place in one step. A plan that is still there tells the next
call that an update did not come to its end, and how the project was.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .git import Entry, Repository, Scratch, git

_PLAN, _DONE = "plan.json", "done.json"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a file, by the digests of its content; None: there is no file."""

    path: str
    before: str | None
    after: str | None


@contextmanager
def changed(
    scratch: Scratch, after: Mapping[str, Entry | None], last: str, staged: Collection[str] = ()
) -> Iterator[None]:
    """Change files of the project, and undo it when what follows fails; or else the next call does.

    Args:
        scratch: knows the objects.
        after: the files that change, by path; None where one goes.
        last: the file that records the update.
        staged: those whose entries in git's index change in what follows.
    """
    assert scratch.repository is not None
    repository = scratch.repository
    try:
        _prepare(scratch, after, last, staged)
        _write(repository)
        yield
        _end(repository)
    except BaseException:
        with _undisturbed():
            undo(repository)
        raise


def undo(repository: Repository) -> list[str]:
    """Bring the project back to how it was before an update that was interrupted; return what was edited since."""
    plan = folder_of(repository) / _PLAN
    edited = []
    if plan.exists():
        values = json.loads(plan.read_text(encoding="utf-8"))
        changes = [Change(*values_of) for values_of in values["changes"]]
        for change in sorted(changes, key=lambda change: change.before is not None):  # a new file may be in the way
            if not _undo(repository, change):
                edited.append(change.path)
        if values["index"]:
            git("update-index", "-z", "--index-info", cwd=repository.top, given=values["index"])
    _end(repository)
    return edited


def _prepare(scratch: Scratch, after: Mapping[str, Entry | None], last: str, staged: Collection[str]) -> None:
    repository = scratch.repository
    assert repository is not None
    folder = folder_of(repository)
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("before", "new"):
        (folder / name).mkdir(parents=True)
    scratch.check_out({path: entry for path, entry in after.items() if entry is not None}, folder / "new")
    changes = []
    for path, entry in after.items():
        made = folder / "new" / f"{repository.prefix}{path}"
        kept = _copied(repository.project / path, folder / "before" / _name(path))
        changes.append(Change(path, kept, None if entry is None else _digest(made)))
    # what goes makes room for what comes; the record of the update comes when all the rest is there
    changes.sort(key=lambda change: (change.after is not None, change.path == last))
    plan = {"changes": [[change.path, change.before, change.after] for change in changes]}
    plan["index"] = _entries(repository, staged) if staged else ""  # type: ignore[assignment]
    (folder / "plan.new").write_text(json.dumps(plan), encoding="utf-8")
    os.replace(folder / "plan.new", folder / _PLAN)


def _write(repository: Repository) -> None:
    folder = folder_of(repository)
    for path, _, after in json.loads((folder / _PLAN).read_text(encoding="utf-8"))["changes"]:
        if after is None:
            remove(repository.project, path)
        else:
            _move(folder / "new" / f"{repository.prefix}{path}", repository.project / path)


def _undo(repository: Repository, change: Change) -> bool:
    """Bring one file back; return False for one that somebody edited since, which stays."""
    path = repository.project / change.path
    found = _digest(path)
    if found == change.before:
        return True
    if found not in (None, change.after):
        return False
    if change.before is None:
        remove(repository.project, change.path)
        return True
    kept = folder_of(repository) / "before" / _name(change.path)
    _copied(kept, again := kept.with_suffix(".again"))
    _move(again, path)
    return True


def _end(repository: Repository) -> None:
    folder = folder_of(repository)
    with suppress(FileNotFoundError):
        os.replace(folder / _PLAN, folder / _DONE)  # from here on there is nothing to undo
    shutil.rmtree(folder, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != 18:  # EXDEV: git's folder is on another disk
            raise
        beside = target.with_name(f".nngen-{_name(target.name)[:8]}")
        _copied(source, beside)
        os.replace(beside, target)


def remove(project: Path, path: str) -> None:
    """Remove a file, and the folders that are empty then."""
    (project / path).unlink(missing_ok=True)
    for parent in (project / path).parents:
        if parent == project or not parent.is_dir() or any(parent.iterdir()):
            break
        parent.rmdir()


def _copied(source: Path, target: Path) -> str | None:
    """Copy a file or a link, and return its digest; None when there is none."""
    if not source.is_symlink() and not source.is_file():
        return None
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)
    return _digest(target)


def _digest(path: Path) -> str | None:
    try:
        if path.is_symlink():
            return f"link {os.readlink(path)}"
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    except FileNotFoundError:
        return None


def _entries(repository: Repository, paths: Collection[str]) -> str:
    """Return git's index entries of files, as ``git update-index --index-info`` reads them."""
    given = [f":(literal){path}" for path in sorted(paths)]
    listed = git("ls-files", "--stage", "-z", "--full-name", "--", *given, cwd=repository.project)
    width = 40 if repository.hash == "sha1" else 64
    gone = "".join(f"0 {'0' * width}\t{repository.prefix}{path}\0" for path in sorted(paths))
    return gone + listed


def folder_of(repository: Repository) -> Path:
    """Return where a project's journal lies: in git's folder, which the index is in, by the place of the project."""
    return repository.index.parent / f"nngen-{_name(repository.prefix)[:8]}"


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nobody interrupt what takes a moment: the terminal's Ctrl-C, pressed three times."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    try:
        before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

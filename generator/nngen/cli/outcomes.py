"""What ``nngen update`` tells of conflicts and of many projects, and how commands fail."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from ..delivery.update import Result


def fail(message: str, code: int) -> NoReturn:
    """Print an error in one line, and end with an exit code."""
    print(f"nngen: error: {message}", file=sys.stderr)
    raise typer.Exit(code)


def update_each(folders: list[Path], below: bool, one: Callable[[Path], Result], dry_run: bool) -> None:
    """Update several projects, a line each, and end with what is in conflict."""
    from ..delivery import many

    projects = [project for folder in folders for project in many.projects_below(folder)] if below else folders
    if not projects:
        fail(f"there is no project of nngen in {', '.join(map(str, folders))} or below", 2)
    conflicts, failed = [], 0
    for outcome in many.update_each(projects, one):
        print(f"{outcome.project}: {outcome.text}", flush=True)
        for note in outcome.result.notes if outcome.result else ():
            print(f"nngen: note: {outcome.project}: {note}", file=sys.stderr)
        conflicts += [str(outcome.project / path) for path in (outcome.result.conflicts if outcome.result else ())]
        failed += outcome.result is None
    if conflicts:
        print("nngen: in conflict:", file=sys.stderr)
        print("".join(f"    {path}\n" for path in conflicts), end="", file=sys.stderr)
        if not dry_run:
            print("Choose in each file and git add it, or take a project back: nngen update --abort.", file=sys.stderr)
    if conflicts or failed:
        raise typer.Exit(1)


def tell_conflicts(result: Result, dry_run: bool) -> None:
    """Print where the conflicts of an update are, what to do about each, and the way back."""
    marked = [path for path in result.conflicts if path not in result.without_markers]
    if marked:
        print("nngen: in conflict, your lines and the generated ones both stand there:", file=sys.stderr)
        for path in marked:
            print(f"    {path}:{', '.join(map(str, result.lines[path]))}", file=sys.stderr)
    if result.without_markers:
        print("nngen: in conflict, with no lines to choose from:", file=sys.stderr)
        for path, advice in result.without_markers.items():
            print(f"    {path}: {advice}", file=sys.stderr)
    if not dry_run:
        print("Choose in each file and git add it, then git commit; what merged is staged.", file=sys.stderr)
        print("Or take it all back: nngen update --abort, which is git reset --merge.", file=sys.stderr)

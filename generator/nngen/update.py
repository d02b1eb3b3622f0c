"""``nngen update``: takes a changed description, a newer nngen or both over into a project that people have edited.

Everything is rendered and merged in a temporary folder: the old description by the generator of its time, and the
present one. Then the project is changed, or, when anything goes wrong, left as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from . import delivery, kept_names, pipeline
from .delivery import DeliveryError, DestinationError, Notes, Template
from .merge import ChangedMeanwhile, Merged, apply, changes, merge, moved
from .repository import GitError, Repository, Scratch, Tree, git

ANSWERS = ".copier-answers.yml"
DESCRIPTION = "architecture.yaml"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a project was generated from."""

    source: str
    commit: str
    answers: Mapping[str, Any]  # its description


@dataclass(frozen=True, slots=True)
class Result:
    """What an update did, or would do."""

    before: str  # the template's version
    after: str
    changed: tuple[str, ...]  # files that were written or removed
    conflicts: tuple[str, ...]
    diff: str
    notes: Notes


def recorded(project: Path) -> Recorded:
    """Reads what a project was generated from.

    Raises:
        DestinationError: when there is no project, or what it records is damaged.
    """
    path = project / ANSWERS
    back = f"git has it: git checkout HEAD -- {ANSWERS}"
    if not project.is_dir():
        raise DestinationError(f"{project} is no folder")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        above = next((each for each in project.resolve().parents if (each / ANSWERS).is_file()), None)
        hint = f"the project is {above}" if above else f"if nngen made it, {back}"
        raise DestinationError(f"{project} has no {ANSWERS}, so nobody knows what it was made from; {hint}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise DestinationError(f"{path}{line}: this file is damaged; {back}") from None
    if not isinstance(values, dict) or not isinstance(values.get("_src_path"), str):
        raise DestinationError(f"{path} does not say which template made the project; {back}")
    commit = values.get("_commit")
    if not isinstance(commit, (str, int, float)):
        raise DestinationError(f"{path} records no version: the template was not in git, so there is no update")
    answers = {key: value for key, value in values.items() if isinstance(key, str) and not key.startswith("_")}
    return Recorded(values["_src_path"], str(commit), answers)


def update(project: Path, to: str | None = None, dry_run: bool = False) -> Result:
    """Merges what nngen would generate now into a project.

    Args:
        project: its folder.
        to: the version of the template; None is this nngen's own, or the latest of a template of one's own.
        dry_run: whether only to find out.

    Raises:
        DestinationError: when the project cannot be updated as it is.
        DescriptionError: when its description has mistakes.
        DeliveryError: when the update failed; the project is as it was.
    """
    before = recorded(project)
    try:
        repository = Repository.around(project)
        if repository is None:
            raise DestinationError(
                f"{project} is in no git repository, which an update needs to merge: "
                "git init && git add --all && git commit --message 'as generated'"
            )
        _check_committed(repository)
        names = kept_names.read_record(before.answers.get(kept_names.KEY))
        _, checked = pipeline.read_file(project / DESCRIPTION, names)
        target = target_template(before, to)
        with delivery.temporary_folder(None, "nngen-update-") as folder:
            scratch = Scratch(folder, repository)
            merged, ours, notes, after = _merged(
                scratch, before, {**pipeline.answers(checked), kept_names.KEY: names}, target
            )
            changed = changes(ours, merged.tree)
            diff = _diff(scratch, ours, merged.tree) if dry_run else ""
            if changed and not dry_run:
                apply(scratch, ours, merged, lambda: scratch.on_disk(ours))
    except (GitError, ChangedMeanwhile) as error:
        raise DeliveryError(str(error)) from error
    except OSError as error:
        raise DeliveryError(f"cannot write {error.filename or project}: {error.strerror or error}") from error
    return Result(before.commit, after, tuple(changed), tuple(sorted(merged.conflicts)), diff, notes)


def target_template(before: Recorded, to: str | None) -> Template:
    """The version of the project's template that an update takes.

    Raises:
        DestinationError: when there is no version `to`.
        DeliveryError: when the template cannot be read.
    """
    own = None
    if before.source == delivery.KEPT_BUNDLE or Path(before.source) == delivery.CHECKOUT:
        own = delivery.own_template()
    if to is None:
        return own if own and own.source == before.source else Template(before.source)
    known = _versions(before.source)
    if found := next((each for each in (to, f"v{to}") if each in known), None):
        return Template(before.source, found)
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    raise DestinationError(f"the template {before.source} has no version {to!r}; {there_are}")


def _versions(source: str) -> list[str]:
    listed = git("ls-remote", "--tags", "--refs", "--", str(Path(source).expanduser()), cwd=Path.cwd())
    return [line.partition("\trefs/tags/")[2] for line in listed.splitlines()]


def _check_committed(repository: Repository) -> None:
    uncommitted = repository.uncommitted()
    if ANSWERS in uncommitted or not repository.tracks(ANSWERS):
        raise DestinationError(f"{ANSWERS} is not committed; commit the project first, so that git can bring it back")
    others = [path for path in uncommitted if path != DESCRIPTION]
    if others:
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        listed = ", ".join(others[:SHOWN]) + more
        raise DestinationError(f"uncommitted changes in {listed}; commit or stash them, then update")


def _merged(
    scratch: Scratch, before: Recorded, answers: Mapping[str, Any], target: Template
) -> tuple[Merged, Tree, Notes, str]:
    """What the project becomes, what it is, what to say of it, and the version that it becomes one of."""
    new = delivery.run_copier(answers, scratch.folder / "new", target)
    if new.commit is None:
        raise DeliveryError(f"the template {target.source} is not in git, so it has no versions")
    _check_no_downgrade(before.commit, new.commit)
    try:
        old_template = Template(before.source, before.commit)
        delivery.run_copier(before.answers, scratch.folder / "old", old_template, new.exclude)
    except DeliveryError as error:
        reason = f"version {before.commit} of the template, which generated the project, cannot be rendered: {error}"
        raise DeliveryError(reason) from error
    base, theirs = scratch.rendered(scratch.folder / "old"), scratch.rendered(scratch.folder / "new")
    ours = scratch.on_disk(base)
    place = ours
    names = str(before.answers.get("name")), str(answers["name"])
    if names[0] != names[1]:
        place, base = moved(ours, base, *names), moved(base, base, *names)
    for path in [path for path in place if new.belongs_to_author(Path(path))]:
        for tree in (base, theirs):
            tree.pop(path, None)
    merged = merge(scratch, base, place, theirs)
    if ANSWERS in merged.conflicts:  # nobody's handwriting: it records what was generated
        merged.tree[ANSWERS] = theirs[ANSWERS]
        merged = replace(merged, conflicts={path: each for path, each in merged.conflicts.items() if path != ANSWERS})
    return merged, ours, (*new.notes, *_notes(merged, new)), new.commit


def _notes(merged: Merged, new: delivery.Rendered) -> Notes:
    notes = [f"{path} was deleted, and stays so; nngen would have changed it" for path in merged.stay_deleted]
    notes += [f"nngen no longer writes {path}; it was edited, so it stays" for path in merged.stay]
    if new.migrates:
        notes.append("the template has migrations, which only copier's own update runs")
    return tuple(notes)


def _diff(scratch: Scratch, before: Tree, after: Tree) -> str:
    return scratch.git("diff", "--no-color", "--no-ext-diff", scratch.write(before), scratch.write(after))


def _check_no_downgrade(before: str, after: str) -> None:
    old, new = version_of(before), version_of(after)
    if old and new and new < old:
        raise DestinationError(
            f"the project was made by version {before}, and {after} is older; an update only goes forward. "
            "Take a newer nngen: pip install --upgrade nngen"
        )


def version_of(commit: str) -> Any:
    """The version that a recorded commit stands for, or None for a commit without tags."""
    from packaging.version import InvalidVersion, Version

    described = re.fullmatch(r"(.+)-(\d+)-g[0-9a-f]+", commit)
    try:
        return Version(f"{described[1]}.post{described[2]}" if described else commit)
    except InvalidVersion:
        return None

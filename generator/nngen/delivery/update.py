"""``nngen update``: takes a changed description, a newer nngen or both over into a project that people have edited.

Everything is rendered and merged in a temporary folder: the old description by the generator of its time, and the
present one. Then the project is changed, or, when anything goes wrong, left as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .. import pipeline
from ..infer import kept_names
from ..language.errors import DescriptionError
from ..paths import SCHEMA_NAME
from ..plan.project import Checked
from . import weights as keys
from .aftermath import marked_lines, take_back, without_markers
from .errors import DeliveryError, DestinationError
from .git import GitError, Repository, Scratch, Tree
from .journal import folder_of, undo
from .lock import locked
from .merge import ChangedMeanwhile, Merged, apply, changes, merge, moved
from .project import ANSWERS, DESCRIPTION, Recorded, check_no_downgrade, recorded, target_template
from .render import Notes, Rendered, run_copier
from .shown import shown
from .template import Template, located
from .temporary import temporary_folder
from .trust import check_trusted

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What an update did, or would do."""

    version: str  # of the template
    changed: tuple[str, ...]  # files that were written or removed
    new: tuple[str, ...]  # those of them that were not there
    conflicts: tuple[str, ...]
    lines: Mapping[str, tuple[int, ...]]  # where markers begin in them
    without_markers: Mapping[str, str]  # conflicts that leave no lines to choose from, and what to do about them
    diff: str
    weights: str  # what becomes of those in a checkpoint
    notes: Notes


@dataclass(frozen=True, slots=True)
class Comparison:
    """A project between the version that made it and the one that would be made now."""

    base: Tree  # as it was generated
    ours: Tree  # as it is
    theirs: Tree  # as it would be generated
    merged: Merged
    version: str  # of the template that would make it
    notes: Notes


def update(
    project: Path, to: str | None = None, dry_run: bool = False, trust: bool = False, source: str | None = None
) -> Result:
    """Merge what nngen would generate now into a project.

    Args:
        project: its folder.
        to: the version of the template; None is this nngen's own, or the latest of a template of one's own.
        dry_run: whether only to find out.
        trust: whether the code of its template may run, if it is not nngen's own.
        source: where its template is by now; None: where the project says.

    Raises:
        DestinationError: when the project cannot be updated as it is.
        DescriptionError: when its description has mistakes.
        DeliveryError: when the update failed; the project is as it was.
    """
    recorded_and_trusted(project, trust, source)
    with failures(project):
        repository = repository_of(project)
        with locked(repository), temporary_folder(None, "nngen-update-") as folder:
            undone = undo_interrupted(repository)
            before = recorded_and_trusted(project, trust, source)
            _check_committed(repository)
            checked = read_description(project, before)
            target = target_template(before, to)
            scratch = Scratch(folder, repository)
            found = compare(scratch, before, checked, target)
            _check_committed(repository)  # what was saved meanwhile would be merged though git does not have it
            changed = changes(found.ours, found.merged.tree)
            diff = text_of_diff(scratch, found.ours, found.merged.tree) if dry_run else ""
            lines = marked_lines(scratch, found.merged.tree, found.merged.conflicts)
            advice = without_markers(found.merged.conflicts, lines)
            if changed and not dry_run:
                apply(scratch, found.ours, found.merged, lambda: scratch.on_disk(found.ours))
    return Result(
        version=found.version,
        changed=tuple(changed),
        new=tuple(path for path in changed if path not in found.ours),
        conflicts=tuple(sorted(found.merged.conflicts)),
        lines=lines,
        without_markers=advice,
        diff=diff,
        weights=_weights(before, checked),
        notes=(*undone, *found.notes),
    )


def abort(project: Path) -> int:
    """Take an update with conflicts back, and return of how many files.

    Raises:
        DestinationError: when there is none.
        DeliveryError: when git fails.
    """
    recorded(project)
    with failures(project):
        repository = repository_of(project)
        with locked(repository):
            return take_back(project, repository)


def undo_interrupted(repository: Repository) -> Notes:
    """Undo an update that was killed while it wrote, if there is one; return what to say of it. The lock is held.

    Raises:
        DestinationError: when a file was edited since, which stays as it is.
    """
    if not folder_of(repository).exists():
        return ()
    edited = undo(repository)
    if edited:
        raise DestinationError(
            f"an update that was interrupted is undone, but {_listed(edited)} was edited since, and stays as it is; "
            "commit or discard that, then update"
        )
    return ("an update that was interrupted is undone; the project is as it was before",)


def recorded_and_trusted(project: Path, trust: bool, source: str | None) -> Recorded:
    """Read what a project was generated from, by a template whose code may run.

    Raises:
        DestinationError: when there is no project, or nobody has trusted its template.
    """
    before = recorded(project)
    if source is not None:
        before = replace(before, source=located(source))
    check_trusted(before.source, trust)
    return before


def read_description(project: Path, before: Recorded) -> Checked:
    """Read a project's description; its layers keep their names.

    Raises:
        DescriptionError: when it has mistakes.
    """
    names = kept_names.read_record(before.answers.get(kept_names.KEY))
    checked = pipeline.read_file(project / DESCRIPTION, names)[1]
    pipeline.remember(checked, names)
    return checked


def repository_of(project: Path) -> Repository:
    """Return the git repository of a project.

    Raises:
        DestinationError: when there is none.
        GitError: when git fails.
    """
    repository = Repository.around(project)
    if repository is None:
        raise DestinationError(
            f"{project} is in no git repository, which an update needs to merge: "
            "git init && git add --all && git commit --message 'as generated'"
        )
    return repository


@contextmanager
def failures(project: Path) -> Iterator[None]:
    """Turn what goes wrong with git or the disk into a ``DeliveryError`` that says so."""
    try:
        yield
    except (GitError, ChangedMeanwhile) as error:
        raise DeliveryError(str(error)) from error
    except OSError as error:
        raise DeliveryError(f"cannot write {error.filename or project}: {error.strerror or error}") from error


def _check_committed(repository: Repository) -> None:
    if unmerged := repository.unmerged():
        raise DestinationError(
            f"{_listed(unmerged)} is in conflict still; choose there, git add it, and commit, or nngen update --abort"
        )
    uncommitted = repository.uncommitted()
    if ANSWERS in uncommitted or not repository.tracks(ANSWERS):
        raise DestinationError(f"{ANSWERS} is not committed; commit the project first, so that git can bring it back")
    # the schema is nngen's own and in no template: an update does not touch it
    others = [path for path in uncommitted if path not in (DESCRIPTION, SCHEMA_NAME)]
    if others:
        raise DestinationError(f"uncommitted changes in {_listed(others)}; commit or stash them, then update")


def _listed(paths: list[str]) -> str:
    return ", ".join(map(shown, paths[:SHOWN])) + (f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else "")


def compare(scratch: Scratch, before: Recorded, checked: Checked, target: Template) -> Comparison:
    """Render what was generated and what would be now, and merge both with the project as it is.

    Raises:
        DestinationError: when the target is older than the project.
        DeliveryError: when the template cannot be rendered.
        GitError: when git fails.
    """
    names = before.answers.get(kept_names.KEY) or {}
    answers = {**pipeline.answers(checked), kept_names.KEY: names}
    new = run_copier(answers, scratch.folder / "new", target)
    if new.commit is None:
        raise DeliveryError(f"the template {target.source} is not in git, so it has no versions")
    check_no_downgrade(before.commit, new.commit)
    base = generated(scratch, before, new.exclude)
    theirs = scratch.rendered(scratch.folder / "new")
    ours = scratch.on_disk(base)
    place, start = ours, base
    called = str(before.answers.get("name")), str(answers["name"])
    if called[0] != called[1]:
        place, start = moved(ours, base, *called), moved(base, base, *called)
    for path in [path for path in place if new.belongs_to_author(Path(path))]:
        start, theirs = ({key: tree[key] for key in tree if key != path} for tree in (start, theirs))
    merged = merge(scratch, start, place, theirs)
    if ANSWERS in merged.tree:  # nobody's handwriting: it records what was generated, and from where
        merged.tree[ANSWERS] = theirs[ANSWERS]
        conflicts = {path: stages for path, stages in merged.conflicts.items() if path != ANSWERS}
        by_statements = tuple(path for path in merged.by_statements if path != ANSWERS)
        merged = replace(merged, conflicts=conflicts, by_statements=by_statements)
    return Comparison(base, ours, theirs, merged, new.commit, (*new.notes, *_notes(merged, new)))


def generated(scratch: Scratch, before: Recorded, exclude: tuple[str, ...] = ()) -> Tree:
    """Return the project as nngen generated it, rendered by the generator of that time.

    Raises:
        DeliveryError: when that version of the template cannot be rendered.
    """
    template = Template(before.source, before.commit, code=True)  # that it may run was checked
    try:
        run_copier(before.answers, scratch.folder / "old", template, exclude)
    except DeliveryError as error:
        reason = f"version {before.commit} of the template, which generated the project, cannot be rendered: {error}"
        raise DeliveryError(reason) from error
    return scratch.rendered(scratch.folder / "old")


def _weights(before: Recorded, checked: Checked) -> str:
    try:
        old = pipeline.read_answers(before.answers)
    except DescriptionError:  # of an earlier language
        return ""
    return keys.report(keys.compare(old.network, checked.network), checked.description.name)


def _notes(merged: Merged, new: Rendered) -> Notes:
    notes = [f"{path} was deleted, and stays so; nngen would have changed it" for path in merged.stay_deleted]
    notes += [f"{path} is a link by now, and stays so; nngen would have changed it" for path in merged.stay_links]
    notes += [f"nngen no longer writes {path}; it was edited, so it stays" for path in merged.stay]
    notes += [f"{path} is merged statement by statement, where git has a conflict" for path in merged.by_statements]
    notes += [f"{old} is {name} here by now, and in what is generated too" for old, name in merged.renamed.items()]
    if new.migrates:
        notes.append("the template has migrations, which only copier's own update runs")
    return tuple(notes)


def text_of_diff(scratch: Scratch, before: Tree, after: Tree, *options: str) -> str:
    """Return how two trees differ, as git shows it."""
    trees = scratch.write(before), scratch.write(after)
    return scratch.git("diff", "--no-color", "--no-ext-diff", *options, *trees)

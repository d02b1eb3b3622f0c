"""Stories: a project is generated, people edit it, then the description or the template changes, and it is updated."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path

from nngen.delivery.merge import Merged
from rendering import ANSWERS, Files, render_text

from .changes import CHANGES, DESCRIPTIONS, Change
from .changes import drawn as drawn_change
from .edits import EDITS, Edit
from .edits import drawn as drawn_edit
from .judging import independent, lost_lines
from .merging import Merger, merge_files, record_in
from .projects_edits import LARGE


@dataclass(frozen=True)
class Story:
    """What happens, and all versions of the files."""

    name: str
    names: tuple[str, str]  # of the project, before and after
    base: Files
    ours: Files
    theirs: Files  # with the names that layers had
    renamed: Files  # with names by position, as a plain template gives


@dataclass(frozen=True)
class Outcome:
    """What came of a story."""

    story: Story
    independent: bool
    merged: Files
    conflicts: tuple[str, ...]
    lost: tuple[str, ...]
    detail: Merged


# Edits with changes that leave them alone, and some ("*") in the same place: those leave both versions to choose from.
WRITTEN = """
    another seed: a layer in front
    a setting at the end: template: a setting more
    a setting after the seed: another optimizer
    a setting at the start: more epochs
    a comment of a setting: clipped gradients
    another learning rate: a scheduler
    another output folder: template: a setting more
    the device: a wider layer
    label smoothing: a layer between
    a comment above the loss: another name
    a helper for a metric: another kernel
    noise on the data: a layer removed
    a constant: another name
    another split: template: a docstring
    a function at the end of the data: another optimizer
    a print in forward: a wider layer
    a print in forward: a layer between
    a method of the model: a layer in front
    a method of the model: dropout
    a comment above a layer: a layer in front
    a comment above a layer: another kernel
    a line in the constructor: a layer between
    a counter in forward: dropout
    an import of the model: another activation
    a class beside the model: a layer removed
    the model's docstring: a wider layer
    an import of the training: template: a helper more
    a logger: template: a setting more
    gradients clipped: a scheduler
    gradients looked at: more epochs
    a tracker: a scheduler
    the tracker begun: another optimizer
    a class for it: clipped gradients
    the size of the figure: template: a helper more
    a grid: another name
    one metric more: a wider layer
    noise in training: clipped gradients
    a layer called otherwise: a layer in front
    a function called otherwise: a scheduler
    lines of 120 characters: another name
    weight decay: a scheduler
    the parameters counted: another optimizer
    a line after training: template: a name in the loop
    more in a checkpoint: a scheduler
    the evaluation's digits: another name
    a line of a prediction: template: digits of a metric
    a text below the title: a wider layer
    a section at the end: template: a new file
    a dependency: another name
    a version: another name
    a line in .gitignore: template: a dependency
    a file of one's own: another name
    a test: a wider layer
    a weaker test: a wider layer
    another learning rate: another optimizer *
    the device: another name
    a text below the title: another name
    a section at the end: template: a section of the README *
    a comment in the checkpoint: template: a comment in the checkpoint *
""".strip().splitlines()


def written() -> Iterator[Story]:
    """The written stories, all of one small network for images."""
    edits = {edit.name: edit for edit in EDITS}
    changes = {change.name: change for change in CHANGES}
    text = DESCRIPTIONS["cnn"]
    for line in WRITTEN:
        edit, _, change = line.strip().removesuffix(" *").partition(": ")
        yield _story(
            line.strip(),
            text,
            lambda files, package, make=edits[edit].make: make(files, package),
            changes[change].description or (lambda same: same),
            changes[change].template,
        )


def large() -> Iterator[Story]:
    """Larger edits, each with changes of the description, of the template and of both, in turn."""
    text = DESCRIPTIONS["cnn"]
    described = [change for change in CHANGES if change.description]
    rendered = [change for change in CHANGES if change.template]
    for number, edit in enumerate(LARGE):
        one, other = described[number % len(described)], rendered[number % len(rendered)]
        far = described[(5 * number + 3) % len(described)]
        for told, change, template in (
            (one.name, one, None),
            (f"{far.name}, {other.name}", far, other),
            (other.name, None, other),
        ):
            yield _large(edit, f"{edit.name}: {told}", text, change, template)


def _large(edit: Edit, name: str, text: str, change: Change | None, template: Change | None) -> Story:
    describe = change.description if change and change.description else lambda same: same
    return _story(name, text, edit.make, describe, template.template if template else None)


def drawn(count: int, seed: int = 0) -> Iterator[Story]:
    """Random edits, realistic ones, times random changes, of several networks."""
    for number in range(count):
        source = random.Random(f"{seed} {number}")
        kind = source.choice(list(DESCRIPTIONS))
        text = DESCRIPTIONS[kind]
        told, changed, template = drawn_change(text, source)
        package = text.split()[1]
        edit, ours = drawn_edit(_rendered(text), package, source)
        yield _story(
            f"{number} {kind}: {edit}: {told}",
            text,
            lambda _, __, ours=ours: ours,
            lambda _, new=changed: new,
            template,
        )


_KEPT: dict[str, Files] = {}


def _rendered(text: str) -> Files:
    if text not in _KEPT:
        _KEPT[text] = render_text(text)
    return _KEPT[text]


def _story(
    name: str,
    text: str,
    edit: Callable[[Files, str], Files | None],
    change: Callable[[str], str],
    template: Callable[[Files, str], Files] | None,
) -> Story:
    base = _rendered(text)
    after = change(text)
    names = _name(text), _name(after)
    ours = edit(base, names[0])
    if ours is None:
        raise AssertionError(f"{name}: there is nothing to edit so")
    theirs, renamed = (render_text(after, record) for record in (record_in(base), None))
    if template:
        theirs, renamed = template(theirs, names[1]), template(renamed, names[1])
    return Story(name, names, base, ours, theirs, renamed)


def _name(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("name:")).split()[1]


def update(merger: Merger, story: Story) -> Outcome:
    """What an update makes of a story."""
    merged, detail = merger.merge(story.base, story.ours, story.theirs, story.names)
    conflicts = tuple(path for path in detail.conflicts if path != ANSWERS)
    base, ours = (_moved(files, story.names) for files in (story.base, story.ours))
    return Outcome(
        story=story,
        independent=not story.name.endswith("*") and independent(base, ours, story.theirs),
        merged=merged,
        conflicts=conflicts,
        lost=tuple(lost_lines(base, ours, story.theirs, merged)),
        detail=detail,
    )


def by_hand(folder: Path, story: Story) -> tuple[bool, int]:
    """What `git merge-file` makes of it with names by position: whether there are conflicts, and how many lines go."""
    merged, conflicts = merge_files(folder, story.base, story.ours, story.renamed)
    lost = lost_lines(story.base, story.ours, story.renamed, merged)
    return bool(conflicts - {ANSWERS}), len(lost)


def regenerated(story: Story) -> int:
    """How many lines that a person wrote plain regeneration loses; files of one's own stay."""
    own = {path: text for path, text in story.ours.items() if path not in story.base}
    return len(lost_lines(story.base, story.ours, story.theirs, {**own, **story.theirs}))


def changed_lines(story: Story) -> tuple[int, int]:
    """How many lines of the model an update changes, and how many it does when names go by position."""
    base = _moved(story.base, story.names)
    path = f"{story.names[1]}/model.py"
    return _differing(base[path], story.theirs[path]), _differing(base[path], story.renamed[path])


def _differing(one: str, other: str) -> int:
    return sum(line[:2] in ("+ ", "- ") for line in ndiff(one.splitlines(), other.splitlines()))


def _moved(files: Files, names: tuple[str, str]) -> Files:
    old, new = names
    return {
        f"{new}/{path.removeprefix(f'{old}/')}" if path.startswith(f"{old}/") else path: files[path] for path in files
    }
